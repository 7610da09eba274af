//! What is done to the bytes of a membership log, by somebody who has the vault's key and perhaps a member's.

use super::log::MembershipLog;
use super::pin::Pin;
use crate::crypto::wire::{Reader, Writer};
use crate::crypto::{Identity, SIGNATURE_LEN, SignatureContext, digest};
use crate::domain::organization::{Act, Entry, MemberKey, PublicKeys, Role, Tampering, Unlawful};
use crate::domain::{InvitationId, MemberId, SecretBytes, SlotId, Timestamp, VaultId};
use crate::host::SeededEntropy;
use crate::vault::VaultError;

const VAULT: VaultId = VaultId([7; 16]);
const AT: Timestamp = Timestamp(1_790_000_000);
const HANNA: MemberId = MemberId([1; 16]);
const OTTO: MemberId = MemberId([2; 16]);
const HANNAS: SlotId = SlotId([1; 5]);
const OTTOS: SlotId = SlotId([2; 5]);

/// Everybody's keys. Hanna is Account Holder, Otto a Member, Mallory nobody.
struct People {
    entropy: SeededEntropy,
    hanna: Identity,
    otto: Identity,
    mallory: Identity,
}

fn people() -> People {
    let entropy = SeededEntropy::new(1);
    let [hanna, otto, mallory] = [(); 3].map(|()| Identity::generate(&entropy).unwrap());
    People { entropy, hanna, otto, mallory }
}

fn public(identity: &Identity) -> PublicKeys {
    PublicKeys(identity.public().to_bytes())
}

fn key(slot: SlotId, identity: &Identity) -> MemberKey {
    MemberKey { slot, public: public(identity) }
}

fn founded(identity: &Identity) -> Act {
    Act::Founded { organization: "Acme".into(), member: HANNA, name: "Hanna".into(), keys: vec![key(HANNAS, identity)] }
}

fn invited(role: Role, people: &People) -> Act {
    let (name, public) = ("Otto".into(), public(&people.mallory));
    Act::Invited { invitation: InvitationId([3; 5]), name, role, uid: None, expires: AT, public }
}

fn admitted(people: &People) -> Act {
    Act::Admitted { invitation: InvitationId([3; 5]), member: OTTO, key: key(OTTOS, &people.otto) }
}

fn bound(uid: u32) -> Act {
    Act::Bound { member: OTTO, uid: Some(uid) }
}

/// Four entries: Hanna founds, invites and admits Otto, and begins an epoch.
fn acme(people: &People) -> MembershipLog {
    let People { entropy, hanna, .. } = people;
    let mut log = MembershipLog::found(VAULT, founded(hanna), AT, HANNAS, hanna, entropy).unwrap();
    let begun = Act::EpochBegun { epoch: 2, key: [1; 32], taken_over: [0; 32] };
    let acts = [invited(Role::Member, people), admitted(people), begun];
    for act in acts {
        log.append(act, AT, HANNAS, hanna, entropy).unwrap();
    }
    log
}

/// The stored form in pieces: each entry and its signature.
fn pieces(log: &MembershipLog) -> Vec<(Vec<u8>, Vec<u8>)> {
    let bytes = log.encode();
    let mut from = Reader::new(bytes.expose());
    assert_eq!(from.u8(), Ok(1));
    let count = from.count(usize::MAX, 1).unwrap();
    let mut piece = || (from.bytes(usize::MAX).unwrap().to_vec(), from.raw(SIGNATURE_LEN).unwrap().to_vec());
    (0..count).map(|_| piece()).collect()
}

fn whole(pieces: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut to = Writer::new();
    to.u8(1);
    to.count(pieces.len());
    for (entry, signature) in pieces {
        to.bytes(entry);
        to.raw(signature);
    }
    to.as_bytes().to_vec()
}

/// Adds an entry as somebody does who keeps no rule, signed with `identity`.
fn forge(pieces: &mut Vec<(Vec<u8>, Vec<u8>)>, act: Act, by: SlotId, identity: &Identity, people: &People) {
    let previous = pieces.last().map_or([0; 32], |(entry, signature)| digest(&[&entry[..], signature].concat()));
    let entry = Entry { number: pieces.len() as u64, previous, at: AT, by, act };
    let entry = super::codec::encode(&entry).expose().to_vec();
    let message = [&VAULT.0[..], &entry].concat();
    let signature = identity.sign(SignatureContext::Membership, &message, &people.entropy).unwrap();
    let mut written = Writer::new();
    signature.write(&mut written);
    pieces.push((entry, written.as_bytes().to_vec()));
}

fn refused(bytes: &[u8], pin: Option<&Pin>) -> Tampering {
    MembershipLog::decode(bytes, VAULT, pin).map(drop).unwrap_err()
}

#[test]
fn comes_back_with_and_without_a_pin() {
    let log = acme(&people());
    let (bytes, pin) = (log.encode(), log.pin());
    for pin in [None, Some(Pin::to_foundation(log.foundation())), Some(pin)] {
        let read = MembershipLog::decode(bytes.expose(), VAULT, pin.as_ref()).unwrap();
        assert_eq!(read.organization(), log.organization());
        assert_eq!((read.len(), read.foundation(), read.pin()), (4, log.foundation(), log.pin()));
        assert!(read.entries().eq(log.entries()) && read.encode() == bytes);
    }
    assert_eq!(pin, Pin { foundation: log.foundation(), number: 3, head: pin.head });
    assert_eq!(log.organization().by_name("Otto").unwrap().keys, [OTTOS]);
}

#[test]
fn goes_on_from_what_was_seen() {
    let people = people();
    let mut log = acme(&people);
    let pin = log.pin();
    log.append(Act::KeyAdded(key(SlotId([4; 5]), &people.mallory)), AT, OTTOS, &people.otto, &people.entropy).unwrap();
    let read = MembershipLog::decode(log.encode().expose(), VAULT, Some(&pin)).unwrap();
    assert_eq!(read.pin().number, 4);
    assert_eq!(read.organization().member(OTTO).unwrap().keys.len(), 2);
}

#[test]
fn what_is_unlawful_is_not_signed() {
    let people = people();
    let mut log = acme(&people);
    let before = log.encode();
    let mut refused = |act, by, identity: &Identity, unlawful: Unlawful| {
        let done = log.append(act, AT, by, identity, &people.entropy);
        assert!(matches!(&done, Err(VaultError::Unlawful(rule)) if *rule == unlawful), "{unlawful:?}: {done:?}");
        assert_eq!(log.encode(), before);
    };
    refused(bound(7), OTTOS, &people.otto, Unlawful::NeedsRole(Role::AccountManager));
    refused(Act::Removed(HANNA), HANNAS, &people.hanna, Unlawful::LastHolder);
    refused(bound(7), SlotId([9; 5]), &people.hanna, Unlawful::UnknownKey);
    // By the right slot, with somebody else's key.
    refused(bound(7), HANNAS, &people.otto, Unlawful::UnknownKey);
    let founded = |act, by, identity| MembershipLog::found(VAULT, act, AT, by, identity, &people.entropy);
    assert!(matches!(founded(bound(7), HANNAS, &people.hanna), Err(VaultError::Unlawful(Unlawful::Foundation))));
    let other = founded(self::founded(&people.hanna), HANNAS, &people.otto);
    assert!(matches!(other, Err(VaultError::Unlawful(Unlawful::UnknownKey))));
}

#[test]
fn a_key_that_cannot_be_read_back_is_refused() {
    let people = people();
    let mut log = acme(&people);
    let mut short = key(SlotId([4; 5]), &people.mallory);
    short.public = PublicKeys(short.public.0[1..].into());
    let added = log.append(Act::KeyAdded(short.clone()), AT, HANNAS, &people.hanna, &people.entropy);
    assert!(matches!(added, Err(VaultError::Damaged(_))), "{added:?}");
    assert_eq!(log.len(), 4);
    let mut act = founded(&people.hanna);
    let Act::Founded { keys, .. } = &mut act else { unreachable!() };
    keys.push(short.clone());
    let founded = MembershipLog::found(VAULT, act, AT, HANNAS, &people.hanna, &people.entropy);
    assert!(matches!(founded, Err(VaultError::Damaged(_))));
    let mut pieces = pieces(&log);
    forge(&mut pieces, Act::KeyAdded(short), HANNAS, &people.hanna, &people);
    assert_eq!(refused(&whole(&pieces), None), Tampering::LogMalformed(4));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let log = acme(&people());
    let bytes = log.encode().expose().to_vec();
    for pin in [None, Some(log.pin())] {
        for at in (0..bytes.len()).step_by(61) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x10;
            assert!(MembershipLog::decode(&flipped, VAULT, pin.as_ref()).is_err(), "byte {at}");
        }
    }
}

#[test]
fn a_flipped_bit_in_an_entry_breaks_the_chain_or_its_signature() {
    let log = acme(&people());
    // In the time, which breaks no rule.
    let flip = |n: usize| {
        let mut pieces = pieces(&log);
        pieces[n].0[41] ^= 1;
        whole(&pieces)
    };
    assert_eq!(refused(&flip(1), None), Tampering::LogBroken(2));
    assert_eq!(refused(&flip(3), None), Tampering::LogUnsigned(3));
    assert_eq!(refused(&flip(3), Some(&log.pin())), Tampering::LogForked(3));
}

#[test]
fn a_stripped_signature_is_noticed() {
    let log = acme(&people());
    let mut zeros = pieces(&log);
    zeros[3].1.fill(0);
    assert_eq!(refused(&whole(&zeros), None), Tampering::LogUnsigned(3));
    let mut gone = pieces(&log);
    gone[3].1.clear();
    assert_eq!(refused(&whole(&gone), None), Tampering::LogMalformed(3));
    let mut of_another = pieces(&log);
    of_another[3].1 = of_another[2].1.clone();
    assert_eq!(refused(&whole(&of_another), None), Tampering::LogUnsigned(3));
}

#[test]
fn entries_stay_in_their_order_and_none_is_left_out() {
    let log = acme(&people());
    let mut swapped = pieces(&log);
    swapped.swap(1, 2);
    assert_eq!(refused(&whole(&swapped), None), Tampering::LogBroken(1));
    let mut dropped = pieces(&log);
    dropped.remove(2);
    assert_eq!(refused(&whole(&dropped), None), Tampering::LogBroken(2));
    let mut twice = pieces(&log);
    twice.push(twice[3].clone());
    assert_eq!(refused(&whole(&twice), None), Tampering::LogBroken(4));
    let mut beheaded = pieces(&log);
    beheaded.remove(0);
    assert_eq!(refused(&whole(&beheaded), None), Tampering::LogBroken(0));
}

#[test]
fn an_older_log_is_noticed_where_a_newer_one_was_seen() {
    let log = acme(&people());
    let mut older = pieces(&log);
    older.pop();
    assert_eq!(refused(&whole(&older), Some(&log.pin())), Tampering::LogOlder { found: 3, last_seen: 4 });
    assert_eq!(MembershipLog::decode(&whole(&older), VAULT, None).unwrap().len(), 3, "nobody else can know");
}

#[test]
fn no_log_is_no_organization() {
    let pin = acme(&people()).pin();
    for pin in [None, Some(&pin)] {
        assert_eq!(refused(&whole(&[]), pin), Tampering::LogMissing);
    }
    assert_eq!(refused(&[], None), Tampering::LogMalformed(0));
    assert_eq!(refused(b"\x02\0\0\0\0", None), Tampering::LogMalformed(0), "another version");
}

#[test]
fn a_log_that_goes_on_otherwise_is_forked() {
    let people = people();
    let mut log = acme(&people);
    let mut other = log.clone();
    log.append(bound(7), AT, HANNAS, &people.hanna, &people.entropy).unwrap();
    let pin = log.pin();
    other.append(bound(8), AT, HANNAS, &people.hanna, &people.entropy).unwrap();
    other.append(bound(9), AT, HANNAS, &people.hanna, &people.entropy).unwrap();
    assert_eq!(refused(other.encode().expose(), Some(&pin)), Tampering::LogForked(4));
    assert!(MembershipLog::decode(other.encode().expose(), VAULT, None).is_ok(), "each is lawful");
}

#[test]
fn another_organization_is_foreign() {
    let people = people();
    let log = acme(&people);
    let mallorys =
        MembershipLog::found(VAULT, founded(&people.mallory), AT, HANNAS, &people.mallory, &people.entropy).unwrap();
    assert_eq!(refused(mallorys.encode().expose(), Some(&log.pin())), Tampering::LogForeign);
    let invited = Pin::to_foundation(log.foundation());
    assert_eq!(refused(mallorys.encode().expose(), Some(&invited)), Tampering::LogForeign);
}

#[test]
fn the_log_of_another_vault_is_not_signed_for_this_one() {
    let log = acme(&people());
    let decoded = MembershipLog::decode(log.encode().expose(), VaultId([8; 16]), None);
    assert_eq!(decoded.map(drop).unwrap_err(), Tampering::LogUnsigned(0));
}

#[test]
fn an_unlawful_entry_is_refused_though_the_right_key_signed_it() {
    let people = people();
    let log = acme(&people);
    let with = |act, by, identity: &Identity| {
        let mut pieces = pieces(&log);
        forge(&mut pieces, act, by, identity, &people);
        // Seen or not: what is done is looked at each time.
        let head = pieces.last().map(|(entry, signature)| digest(&[&entry[..], signature].concat())).unwrap();
        let seen = Pin { foundation: log.foundation(), number: 4, head };
        assert_eq!(refused(&whole(&pieces), Some(&seen)), refused(&whole(&pieces), None));
        refused(&whole(&pieces), None)
    };
    let unlawful = |rule| Tampering::LogUnlawful(4, rule);
    let manager = Unlawful::NeedsRole(Role::AccountManager);
    let holder = Unlawful::NeedsRole(Role::AccountHolder);
    let promoted = |role| Act::RoleChanged { member: OTTO, role };
    assert_eq!(with(promoted(Role::AccountManager), OTTOS, &people.otto), unlawful(manager.clone()));
    assert_eq!(with(promoted(Role::AccountHolder), OTTOS, &people.otto), unlawful(holder));
    assert_eq!(with(Act::Removed(HANNA), OTTOS, &people.otto), unlawful(manager));
    assert_eq!(with(admitted(&people), HANNAS, &people.hanna), unlawful(Unlawful::NoInvitation));
    assert_eq!(with(founded(&people.mallory), HANNAS, &people.hanna), unlawful(Unlawful::Foundation));
    assert_eq!(with(bound(7), SlotId([9; 5]), &people.mallory), unlawful(Unlawful::UnknownKey));
}

#[test]
fn nobody_signs_for_another() {
    let people = people();
    let mut pieces = pieces(&acme(&people));
    forge(&mut pieces, Act::RoleChanged { member: OTTO, role: Role::AccountHolder }, HANNAS, &people.otto, &people);
    assert_eq!(refused(&whole(&pieces), None), Tampering::LogUnsigned(4));
}

#[test]
fn a_removed_key_signs_nothing_more() {
    let people = people();
    let mut log = acme(&people);
    log.append(Act::Removed(OTTO), AT, HANNAS, &people.hanna, &people.entropy).unwrap();
    let mut pieces = pieces(&log);
    forge(&mut pieces, Act::KeyAdded(key(SlotId([4; 5]), &people.mallory)), OTTOS, &people.otto, &people);
    assert_eq!(refused(&whole(&pieces), None), Tampering::LogUnlawful(5, Unlawful::UnknownKey));
}

#[test]
fn a_role_edited_in_an_invitation_is_noticed() {
    let people = people();
    let log = acme(&people);
    let edit = |n: usize, entry: Entry| {
        let mut pieces = pieces(&log);
        pieces[n].0 = super::codec::encode(&entry).expose().to_vec();
        pieces
    };
    let first = log.entries().nth(1).unwrap().clone();
    let mut edited = edit(1, Entry { act: invited(Role::AccountHolder, &people), ..first });
    assert_eq!(refused(&whole(&edited), None), Tampering::LogBroken(2));
    // The chain made anew after it, with the signatures that there are.
    for n in 2..4 {
        let before = digest(&[&edited[n - 1].0[..], &edited[n - 1].1].concat());
        edited[n].0[9..41].copy_from_slice(&before);
    }
    assert_eq!(refused(&whole(&edited), None), Tampering::LogUnsigned(1));
    assert_eq!(refused(&whole(&edited), Some(&log.pin())), Tampering::LogForked(3));
}

#[test]
fn a_key_put_in_the_place_of_the_founders_is_noticed() {
    let people = people();
    let log = acme(&people);
    let first = log.entries().next().unwrap().clone();
    let mut pieces = pieces(&log);
    pieces[0].0 = super::codec::encode(&Entry { act: founded(&people.mallory), ..first }).expose().to_vec();
    pieces.truncate(1);
    assert_eq!(refused(&whole(&pieces), None), Tampering::LogUnsigned(0));
    assert_eq!(refused(&whole(&pieces), Some(&log.pin())), Tampering::LogForeign);
}

#[test]
fn only_the_signatures_that_were_seen_are_taken_on_trust() {
    let people = people();
    let log = acme(&people);
    // A pin to what was never signed, as only whoever can write the pin makes one: it shows which are skipped.
    let mut pieces = pieces(&log);
    pieces[3].1.fill(0);
    let head = digest(&[&pieces[3].0[..], &pieces[3].1].concat());
    let pin = |number, head| Pin { foundation: log.foundation(), number, head };
    assert!(MembershipLog::decode(&whole(&pieces), VAULT, Some(&pin(3, head))).is_ok());
    let before = digest(&[&pieces[2].0[..], &pieces[2].1].concat());
    assert_eq!(refused(&whole(&pieces), Some(&pin(2, before))), Tampering::LogUnsigned(3));
}

#[test]
fn what_is_cut_or_grown_is_malformed() {
    let log = acme(&people());
    let bytes: SecretBytes = log.encode();
    for cut in (0..bytes.len()).step_by(131) {
        let told = refused(&bytes.expose()[..cut], None);
        assert!(matches!(told, Tampering::LogMalformed(_)), "{cut}: {told:?}");
    }
    assert_eq!(refused(&[bytes.expose(), &[0]].concat(), None), Tampering::LogMalformed(4));
    let liar = [1, 0xFF, 0xFF, 0xFF, 0xFF];
    assert_eq!(refused(&liar, None), Tampering::LogMalformed(0));
}
