//! Bytes that were written once must be readable for ever: every format, committed.
//!
//! `STRONGROOM_REWRITE_VECTORS=1 cargo test --test vectors` writes them anew; a difference in
//! them is a break with every vault that exists, and needs a new format version.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::PathBuf;

use strongroom::crypto::{
    Acceptance, Anchor, Batch, Binding, CommonKey, Granted, Identity, InvitationCode, KdfCost, Key, MachineKey,
    Manifest, PartTag, PersonalKey, RecoveryKey, Ring, SealedInvitation, SetHash, Slot, SlotKind, SlotSecret, Subkeys,
    VaultFile, VaultKey, digest, fingerprint, open, seal, statement,
};
use strongroom::domain::organization::{Act, MemberKey, PublicKeys};
use strongroom::domain::{InvitationId, MemberId, SecretBytes, SecretId, SlotId, Timestamp, VaultId};
use strongroom::host::SeededEntropy;
use strongroom::vault::{MembershipLog, Pin, fingerprint_of};

const VAULT: VaultId = VaultId([0x11; 16]);
const EPOCH: u64 = 7;
const BINDING: Binding =
    Binding { format: 1, vault: VAULT, epoch: EPOCH, record: [0x22; 16], part: PartTag::HEADER, revision: 3 };

fn subkeys() -> Subkeys {
    root().subkeys(VAULT, EPOCH)
}

/// The committed text of `name`, after it has been compared with (or replaced by) `now`.
fn committed(name: &str, now: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    if std::env::var_os("STRONGROOM_REWRITE_VECTORS").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text == now, "{name}: what is written today differs from the committed vector");
    text
}

/// As [`committed`], for bytes: stored as hex, 32 bytes to a line.
fn committed_bytes(name: &str, now: &[u8]) -> Vec<u8> {
    let mut hex = String::new();
    for line in now.chunks(32) {
        line.iter().for_each(|byte| write!(hex, "{byte:02x}").unwrap());
        hex.push('\n');
    }
    bytes_of(&committed(name, &hex))
}

/// What was committed as `name` by an older version, which nobody can write any more.
fn of_old(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    bytes_of(&std::fs::read_to_string(path).unwrap())
}

fn bytes_of(hex: &str) -> Vec<u8> {
    let hex = hex.replace('\n', "");
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn recovery_key() {
    let text = RecoveryKey::generate(&SeededEntropy::new(1)).unwrap().to_text();
    let text = committed("recovery-key.txt", &(text.expose_text().unwrap().to_owned() + "\n"));
    let read = RecoveryKey::parse(text.as_bytes()).unwrap();
    assert_eq!(read.to_text().expose_text().unwrap(), text.trim_end());
}

#[test]
fn machine_key() {
    let text = MachineKey::generate(&SeededEntropy::new(5)).unwrap().to_text();
    let text = committed("machine-key.txt", text.expose_text().unwrap());
    let read = MachineKey::parse(text.as_bytes()).unwrap();
    assert_eq!(read.to_text().expose_text().unwrap(), text);
}

#[test]
fn sealed_parts() {
    let (keys, value) = (subkeys(), root().old_value_key(VAULT, EPOCH));
    let parts = [
        ("sealed-header.hex", &keys.header, BINDING),
        ("sealed-value.hex", &value, Binding { part: PartTag::VALUE, ..BINDING }),
        ("sealed-audit.hex", &keys.audit, Binding { record: [0x44; 16], ..BINDING }),
    ];
    for (name, key, binding) in parts {
        let now = seal(key, &binding, name.as_bytes(), &SeededEntropy::new(2)).unwrap();
        let bytes = committed_bytes(name, &now);
        assert_eq!(open(key, &binding, &bytes).unwrap().expose(), name.as_bytes());
    }
}

#[test]
fn manifest() {
    let key = subkeys().manifest;
    let mut set = SetHash::new(&key);
    set.toggle(&[0x22; 16], 3, &digest(b"a record"));
    set.toggle(&[0x55; 16], 1, &digest(b"another"));
    let manifest = Manifest { generation: 9, records: 2, set: set.value(), last_seen: 1_790_000_000 };
    let now = manifest.seal(&key, &BINDING, &SeededEntropy::new(3)).unwrap();
    let bytes = committed_bytes("manifest.hex", &now);
    assert_eq!(Manifest::open(&key, &BINDING, &bytes), Ok(manifest));
}

/// A founder with a key, and what they do next.
#[test]
fn membership_log() {
    let (entropy, slot) = (SeededEntropy::new(6), SlotId([0x66; 5]));
    let identity = Identity::generate(&entropy).unwrap();
    let (member, at) = (MemberId([0x77; 16]), Timestamp(1_790_000_000));
    let keys = vec![MemberKey { slot, public: PublicKeys(identity.public().to_bytes()) }];
    let act = Act::Founded { organization: "Example Ltd".into(), member, name: "Ada".into(), keys };
    let mut log = MembershipLog::found(VAULT, act, at, slot, &identity, &entropy).unwrap();
    let begun = Act::EpochBegun { epoch: EPOCH, key: [0x77; 32], taken_over: [0x88; 32] };
    let acts = [Act::Bound { member, uid: Some(1000) }, begun];
    acts.into_iter().for_each(|act| log.append(act, at, slot, &identity, &entropy).unwrap());
    let bytes = committed_bytes("membership-log.hex", log.encode().expose());
    let pin = Pin::decode(&committed_bytes("pin.hex", &log.pin().encode())).unwrap();
    for pin in [None, Some(&pin)] {
        let read = MembershipLog::decode(&bytes, VAULT, pin).unwrap();
        assert_eq!((read.organization(), read.pin()), (log.organization(), log.pin()));
    }
    committed("fingerprint.txt", &(fingerprint_of(&pin.foundation) + "\n"));
}

/// How the machine slot of the header is called, for ever.
const SLOT_ID: &str = "45931408cd";

/// A header with a slot of each kind, at the real cost.
fn write_header(secrets: [SlotSecret<'_>; 3]) -> Vec<u8> {
    let entropy = SeededEntropy::new(4);
    let key = VaultKey::generate(&entropy).unwrap();
    let anchor = Anchor::generate(&entropy).unwrap();
    let mut file = VaultFile::new(VAULT, EPOCH, &key);
    for (member, secret) in (1..).zip(secrets) {
        let (member, cost) = (MemberId([member; 16]), KdfCost::DEFAULT);
        let mut slot = Slot::create(VAULT, member, secret, cost, &anchor, &entropy).unwrap();
        slot.grant(VAULT, EPOCH, &key, &entropy).unwrap();
        file.slots.push(slot);
    }
    file.profile = seal(&key.subkeys(VAULT, EPOCH).profile, &BINDING, b"Example Ltd", &entropy).unwrap();
    file.encode(&key, &anchor).unwrap()
}

/// Opens every slot of the header `bytes` with its secret, and checks all that is in it.
fn read_header(bytes: &[u8], secrets: &[SlotSecret<'_>]) -> VaultFile {
    let file = VaultFile::decode(bytes).unwrap();
    assert_eq!((file.vault, file.epoch, file.slots.len()), (VAULT, EPOCH, secrets.len()));
    assert_eq!((file.slots[0].kind(), file.slots[0].cost()), (SlotKind::Passphrase, Some(KdfCost::DEFAULT)));
    assert_eq!((file.slots[1].kind(), file.slots[1].member()), (SlotKind::Recovery, MemberId([2; 16])));
    for (slot, secret) in file.slots.iter().zip(secrets) {
        let unsealed = slot.open(VAULT, *secret).unwrap();
        let key = slot.vault_key(VAULT, EPOCH, &unsealed.identity).unwrap();
        assert_eq!(file.verify(&key, &unsealed.anchor), Ok(()));
        let profile = open(&key.subkeys(VAULT, EPOCH).profile, &BINDING, &file.profile).unwrap();
        assert_eq!(profile.expose(), b"Example Ltd");
        let written = file.encode(&key, &unsealed.anchor).unwrap();
        assert_eq!(written[8..10], 2_u16.to_le_bytes(), "what is written anew is of version 2");
        assert_eq!(VaultFile::decode(&written).unwrap().verify(&key, &unsealed.anchor), Ok(()));
        assert!(bytes[8..10] == 1_u16.to_le_bytes() || written == bytes);
    }
    file
}

#[test]
fn vault_header_of_version_1() {
    let passphrase = SecretBytes::from("correct horse battery staple");
    let recovery = RecoveryKey::generate(&SeededEntropy::new(1)).unwrap();
    let secrets = [SlotSecret::Passphrase(&passphrase), SlotSecret::Recovery(&recovery)];
    read_header(&of_old("vault-header.hex"), &secrets);
}

#[test]
fn vault_header() {
    let passphrase = SecretBytes::from("correct horse battery staple");
    let recovery = RecoveryKey::generate(&SeededEntropy::new(1)).unwrap();
    let machine = MachineKey::generate(&SeededEntropy::new(5)).unwrap();
    let secrets = [SlotSecret::Passphrase(&passphrase), SlotSecret::Recovery(&recovery), SlotSecret::Machine(&machine)];
    let file = read_header(&committed_bytes("vault-header-2.hex", &write_header(secrets)), &secrets);
    assert_eq!((file.slots[2].kind(), file.slots[2].cost()), (SlotKind::Machine, None));
    assert_eq!(file.slots[2].id().to_string(), SLOT_ID);
}

const MEMBER: MemberId = MemberId([2; 16]);
const INVITATION: InvitationId = InvitationId([0x66; 5]);
const FOUNDATION: [u8; 32] = [0x77; 32];
const SECRETS: [SecretId; 2] = [SecretId([0x22; 16]), SecretId([0x88; 16])];

fn root() -> VaultKey {
    Key::copy_of(&[0x33; 32]).into()
}

fn common() -> CommonKey {
    root().common(VAULT, EPOCH)
}

fn anchor() -> Anchor {
    Key::copy_of(&[0x99; 32]).into()
}

fn personal() -> PersonalKey {
    Key::copy_of(&[0xAA; 32]).into()
}

fn recovery() -> RecoveryKey {
    RecoveryKey::generate(&SeededEntropy::new(1)).unwrap()
}

fn code() -> InvitationCode {
    InvitationCode::generate(&SeededEntropy::new(6)).unwrap()
}

/// The identity of the invitation.
fn invited() -> Identity {
    Identity::generate(&SeededEntropy::new(7)).unwrap()
}

/// A slot of `member`, called "Zoë", with a personal key and no grant for the epoch yet.
fn members_slot(member: MemberId, entropy: &SeededEntropy) -> Slot {
    let key = recovery();
    let secret = SlotSecret::Recovery(&key);
    let mut slot = Slot::create(VAULT, member, secret, KdfCost::DEFAULT, &anchor(), entropy).unwrap();
    slot.grant_personal(VAULT, &personal(), entropy).unwrap();
    slot.set_hint(Slot::hint_of(VAULT, "Zoë"));
    slot
}

/// One byte of every key that a subkey or a member's key gives: what is derived today must be derived for ever.
fn first_bytes<'a>(keys: impl IntoIterator<Item = &'a Key>) -> String {
    keys.into_iter().map(|key| format!("{:02x}", key.expose()[0])).collect()
}

#[test]
fn keys_of_members() {
    let (k, values, personal) = (common().subkeys(VAULT, EPOCH), root().values(VAULT, EPOCH), personal());
    let member = values.member(MEMBER);
    let shared = [&k.header, &k.manifest, &k.audit, &k.profile, &k.forms, &k.documents, &k.log];
    let own = [member.ring(), member.registered(SECRETS[0]), personal.header(), personal.value(SECRETS[0])];
    let all = [first_bytes(shared), first_bytes([&values.secret(SECRETS[0])]), first_bytes(&own)].join(" ");
    let hint = Slot::hint_of(VAULT, "Zoë");
    let leaf = statement(VAULT, 1, EPOCH, SECRETS[0], b"a block");
    committed("members.txt", &format!("keys {all}\nhint {hint:02x}\nleaf {}\n", fingerprint(&leaf)));
}

#[test]
fn rings() {
    let values = root().values(VAULT, EPOCH);
    let member = values.member(MEMBER);
    let named = Ring::Named(SECRETS.map(|id| (id, values.secret(id))).to_vec());
    for (name, ring) in [("ring-all.hex", Ring::All(values.clone())), ("ring-named.hex", named)] {
        let now = ring.seal(&member, VAULT, EPOCH, MEMBER, &SeededEntropy::new(8)).unwrap();
        let read = Ring::open(&member, VAULT, EPOCH, MEMBER, &committed_bytes(name, &now)).unwrap();
        assert_eq!(matches!(read, Ring::All(_)), name == "ring-all.hex");
        for id in SECRETS {
            assert_eq!(read.key(id).unwrap().expose(), values.secret(id).expose());
        }
    }
}

#[test]
fn invitation_code() {
    let text = committed("invitation-code.txt", &(code().to_text().expose_text().unwrap().to_owned() + "\n"));
    let read = InvitationCode::parse(text.as_bytes()).unwrap();
    assert_eq!(read.to_text().expose_text().unwrap(), text.trim_end());
}

#[test]
fn acceptance() {
    let entropy = SeededEntropy::new(9);
    let made = Acceptance::create(VAULT, INVITATION, members_slot(MEMBER, &entropy), &invited(), &entropy).unwrap();
    let read = Acceptance::decode(&committed_bytes("acceptance.hex", &made.encode())).unwrap();
    assert_eq!((read.vault, read.invitation, read.slot().member()), (VAULT, INVITATION, MEMBER));
    assert_eq!(read.verify(invited().public()), Ok(()));
    assert_eq!(committed("acceptance-fingerprint.txt", &(read.fingerprint() + "\n")).trim_end(), read.fingerprint());
    let key = recovery();
    let unsealed = read.slot().open(VAULT, SlotSecret::Recovery(&key)).unwrap();
    let own = read.slot().personal(VAULT, &unsealed.identity).unwrap().unwrap();
    assert_eq!(own.header().expose(), personal().header().expose());
}

#[test]
fn batch() {
    let leaves = SECRETS.map(|id| statement(VAULT, 1, EPOCH, id, b"a block")).to_vec();
    let slot = SlotId([0xBB; 5]);
    let made = Batch::sign(VAULT, EPOCH, slot, leaves.clone(), &invited(), &SeededEntropy::new(10)).unwrap();
    let read = Batch::decode(&committed_bytes("batch.hex", &made.encode())).unwrap();
    assert_eq!((read.slot, read.epoch, &read.leaves), (slot, EPOCH, &leaves));
    assert_eq!(read.verify(VAULT, invited().public()), Ok(()));
}

/// A header with a slot of an Account Holder and one of a Member, and one of everything else.
fn write_header_of_members() -> Vec<u8> {
    let entropy = SeededEntropy::new(11);
    let (common, values) = (common(), root().values(VAULT, EPOCH));
    let member = values.member(MEMBER);
    let mut file = VaultFile::found(VAULT, EPOCH, &common);
    file.slots = [MemberId([1; 16]), MEMBER].map(|id| members_slot(id, &entropy)).to_vec();
    file.slots[0].grant_root(VAULT, EPOCH, &root(), &entropy).unwrap();
    file.slots[1].grant_member(VAULT, EPOCH, &common, &member, &entropy).unwrap();
    let ring = Ring::All(values).seal(&member, VAULT, EPOCH, MEMBER, &entropy).unwrap();
    file.set_ring(MEMBER, Some(ring));
    let invitation =
        SealedInvitation::create(VAULT, INVITATION, &code(), &invited(), &anchor(), &FOUNDATION, &entropy).unwrap();
    file.invitations.push(invitation);
    let (keys, place) = (common.subkeys(VAULT, EPOCH), Binding::membership_log(VAULT, EPOCH));
    file.log = seal(&keys.log, &place, b"a log", &entropy).unwrap();
    file.profile = seal(&keys.profile, &BINDING, b"Example Ltd", &entropy).unwrap();
    file.encode_with(&common, &anchor()).unwrap()
}

#[test]
fn vault_header_of_members() {
    let bytes = committed_bytes("vault-header-3.hex", &write_header_of_members());
    let file = VaultFile::decode(&bytes).unwrap();
    assert_eq!((file.vault, file.epoch, file.version(), file.slots.len()), (VAULT, EPOCH, 3, 2));
    for slot in &file.slots {
        let key = recovery();
        let unsealed = slot.open(VAULT, SlotSecret::Recovery(&key)).unwrap();
        let (common, member) = match slot.granted(VAULT, EPOCH, &unsealed.identity).unwrap() {
            Granted::Root(root) => (root.common(VAULT, EPOCH), root.values(VAULT, EPOCH).member(MEMBER)),
            Granted::Member { common, member } => (common, member),
        };
        assert_eq!(file.verify_with(&common, &unsealed.anchor), Ok(()));
        assert_eq!(file.encode_with(&common, &unsealed.anchor).as_deref(), Ok(&bytes[..]));
        let ring = Ring::open(&member, VAULT, EPOCH, MEMBER, file.ring(MEMBER).unwrap());
        assert!(matches!(ring, Ok(Ring::All(_))));
        let log = open(&common.subkeys(VAULT, EPOCH).log, &Binding::membership_log(VAULT, EPOCH), &file.log);
        assert_eq!(log.unwrap().expose(), b"a log");
        assert!(slot.personal(VAULT, &unsealed.identity).unwrap().is_some());
        assert_eq!(slot.hint(), Some(Slot::hint_of(VAULT, "zoë")));
    }
    let opened = file.invitations[0].open(VAULT, &code()).unwrap();
    assert_eq!((opened.foundation, opened.identity.public()), (FOUNDATION, invited().public()));
    assert_eq!(file.verify_with(&common(), &opened.anchor), Ok(()));
}
