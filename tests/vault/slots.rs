//! Machine keys: they open the vault without a passphrase, until they are removed.

use std::env;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use strongroom::crypto::{
    self, Binding, Granted, KdfCost, MAX_SLOTS, MachineKey, RecoveryKey, Slot, SlotKind, SlotSecret, Unsealed,
    VaultFile,
};
use strongroom::domain::SlotId;
use strongroom::domain::organization::{Act, MemberKey, PublicKeys, Tampering};
use strongroom::host::SeededEntropy;
use strongroom::service::{
    Credential, CredentialKind, Door, DoorError, Request, Response, SlotInfo, Step, VaultStatus, Verdict,
};
use strongroom::vault::MembershipLog;
use tempfile::TempDir;

use crate::support::{self, Bench, PASSPHRASE, copy_tree, draft, files};

fn current() -> Option<Credential> {
    Some(passphrase(PASSPHRASE))
}

fn passphrase(text: &str) -> Credential {
    Credential::Passphrase(text.into())
}

/// Opens with the passphrase: the recovery key would oblige to a new one.
fn open() -> Bench {
    let mut bench = Bench::locked();
    bench.unlock_with(passphrase(PASSPHRASE)).unwrap();
    bench
}

fn add(bench: &mut Bench, label: Option<&str>) -> (SlotInfo, Credential) {
    let request = Request::AddSlot { current: current(), label: label.map(Into::into) };
    let Response::SlotAdded { slot, key } = bench.call(request).unwrap() else { panic!("no slot") };
    (slot, Credential::Machine(key))
}

fn slots(bench: &mut Bench) -> Vec<SlotInfo> {
    let Response::Slots(slots) = bench.call(Request::Slots).unwrap() else { panic!("no slots") };
    slots
}

fn remove(bench: &mut Bench, id: SlotId) -> Result<Response, DoorError> {
    bench.call(Request::RemoveSlot { id, current: current() })
}

fn header(bench: &Bench) -> VaultFile {
    VaultFile::decode(&fs::read(bench.place().header()).unwrap()).unwrap()
}

fn wrong(answer: &Result<strongroom::service::OpenReport, DoorError>) -> bool {
    matches!(answer, Err(DoorError::WrongCredential { kind: CredentialKind::Machine, .. }))
}

#[test]
fn a_machine_key_opens_the_vault_as_its_member_and_changes_no_store() {
    let mut bench = open();
    let kept = bench.register(draft("kept", "s3cr3t"));
    let before = header(&bench).epoch;
    let (slot, key) = add(&mut bench, Some("nightly"));
    assert_eq!(header(&bench).epoch, before, "only the header is written");
    assert_eq!((slot.kind, slot.label.as_deref()), (CredentialKind::Machine, Some("nightly")));
    assert_eq!((&*slot.member, slot.added), ("Canary Member", Some(bench.clock_now())));

    bench.call(Request::Lock).unwrap();
    let steps = std::cell::RefCell::new(Vec::new());
    bench.service.call(Request::Unlock(key.clone()), &|progress| steps.borrow_mut().push(progress.step)).unwrap();
    assert!(!steps.borrow().contains(&Step::DerivingKey), "no passphrase is stretched");
    assert_eq!(bench.reveal(&kept, "value").unwrap(), "s3cr3t");
    let Response::Status(VaultStatus::Unlocked(session)) = bench.call(Request::Status).unwrap() else { panic!() };
    assert_eq!(&*session.member, "Canary Member");
    let report = bench.unlock_with(key).unwrap();
    assert!(!report.needs_new_passphrase, "somebody who comes while it is open proves who they are, and that is all");
}

#[test]
fn who_came_with_the_key_can_let_nobody_in() {
    let mut bench = open();
    let (other, _) = add(&mut bench, None);
    let (slot, key) = add(&mut bench, None);
    bench.call(Request::Lock).unwrap();
    bench.unlock_with(key).unwrap();
    let needs = |answer: Result<Response, DoorError>| matches!(answer, Err(DoorError::Invalid { field, .. }) if &*field == "current_passphrase");
    assert!(needs(bench.call(Request::AddSlot { current: None, label: None })));
    assert!(needs(bench.call(Request::RemoveSlot { id: other.id, current: None })));
    let own = remove(&mut bench, slot.id);
    assert!(matches!(own, Err(DoorError::Invalid { ref field, .. }) if &**field == "slot"), "it signs: {own:?}");
    assert!(needs(bench.call(Request::ChangeRecoveryKey { current: None })));
    assert!(needs(bench.call(Request::ChangePassphrase { current: None, new: "another passphrase".into() })));
    for current in ["a guess", "another"] {
        let answer = bench.call(Request::AddSlot { current: Some(passphrase(current)), label: None });
        assert!(matches!(answer, Err(DoorError::WrongCredential { kind: CredentialKind::Passphrase, .. })));
    }
    assert_eq!(slots(&mut bench).len(), 4);
    // After the recovery key a new passphrase comes first: nobody has proven that they know one.
    bench.call(Request::Lock).unwrap();
    bench.unlock().unwrap();
    assert!(needs(bench.call(Request::AddSlot { current: current(), label: None })));
}

#[test]
fn a_removed_key_opens_nothing_but_earlier_backups() {
    let mut bench = open();
    let kept = bench.register(draft("kept", "1"));
    let (gone, old) = add(&mut bench, Some("gone"));
    let (stays, other) = add(&mut bench, Some("stays"));
    let backup = bench.dir.path().join("backup");
    bench.call(Request::Backup(backup.clone())).unwrap();
    let before = header(&bench).epoch;
    remove(&mut bench, gone.id).unwrap();
    assert_eq!(header(&bench).epoch, before + 1, "all is sealed anew");
    assert_eq!(bench.reveal(&kept, "value").unwrap(), "1");
    assert_eq!(
        slots(&mut bench).iter().filter(|slot| slot.kind == CredentialKind::Machine).collect::<Vec<_>>(),
        [&stays]
    );
    bench.call(Request::Lock).unwrap();
    assert!(wrong(&bench.unlock_with(old.clone())));
    assert!(!bench.place().store(before).exists(), "the store that it opened is gone");
    bench.unlock_with(other).unwrap();
    assert!(matches!(remove(&mut bench, gone.id), Err(DoorError::NoSlot(id)) if id == gone.id));

    let restore = Request::Restore { file: backup, credential: old.clone(), replace: true };
    let Response::Restored { machine_slots, .. } = bench.call(restore).unwrap() else { panic!() };
    assert_eq!(machine_slots, 2, "what opened it on that day opens it again");
    bench.unlock_with(old).unwrap();
    assert_eq!(
        slots(&mut bench).iter().filter_map(|slot| slot.label.as_deref()).collect::<Vec<_>>(),
        ["gone", "stays"]
    );
}

#[test]
fn labels_and_dates_outlive_every_rewrite() {
    let mut bench = open();
    let start = bench.clock_now();
    let (added, key) = add(&mut bench, Some("ci runner"));
    bench.clock.advance(60);
    let later = bench.clock_now();
    bench.change_passphrase("a passphrase of today").unwrap();
    let new = Some(passphrase("a passphrase of today"));
    let Response::RecoveryKey(recovery) = bench.call(Request::ChangeRecoveryKey { current: new }).unwrap() else {
        panic!()
    };
    bench.call(Request::Lock).unwrap();
    bench.unlock_with(Credential::Recovery(recovery)).unwrap();
    bench.call(Request::Lock).unwrap();
    bench.unlock_with(key).unwrap();
    let found = slots(&mut bench);
    assert!(found.contains(&added) && found.len() == 3, "{found:?}");
    let times: Vec<_> = found.iter().map(|slot| slot.added.unwrap()).collect();
    assert!(times.contains(&start) && times.iter().filter(|at| **at == later).count() == 2, "{found:?}");
}

#[test]
fn nobody_is_left_without_a_way_in() {
    let mut bench = open();
    for slot in slots(&mut bench) {
        let answer = remove(&mut bench, slot.id);
        assert!(matches!(answer, Err(DoorError::Invalid { field, .. }) if &*field == "slot"), "{slot:?}");
    }
    assert!(matches!(remove(&mut bench, SlotId([0; 5])), Err(DoorError::NoSlot(_))));
}

#[test]
fn what_cannot_be_a_label_or_a_slot_is_refused() {
    let mut bench = open();
    let try_one =
        |bench: &mut Bench, label: &str| bench.call(Request::AddSlot { current: current(), label: Some(label.into()) });
    for label in ["", " edge", "a\u{202E}b", &"ü".repeat(129)] {
        assert!(matches!(try_one(&mut bench, label), Err(DoorError::Invalid { field, .. }) if &*field == "label"));
    }
    assert_eq!(header(&bench).slots.len(), 2);
}

/// Puts machine slots into the header and the membership log until there are `count` slots: through the door each would take
/// a key derivation.
fn fill_up(bench: &Bench, count: usize) {
    let Credential::Recovery(text) = &bench.recovery else { panic!() };
    let (recovery, entropy) = (RecoveryKey::parse(text.expose()).unwrap(), SeededEntropy::new(8));
    let mut file = header(bench);
    let slot = file.slots.iter().find(|slot| slot.kind() == SlotKind::Recovery).unwrap();
    let (id, member) = (slot.id(), slot.member());
    let Unsealed { identity, anchor } = slot.open(file.vault, SlotSecret::Recovery(&recovery)).unwrap();
    let Ok(Granted::Root(root)) = slot.granted(file.vault, file.epoch, &identity) else { panic!() };
    let common = root.common(file.vault, file.epoch);
    let (keys, binding) = (common.subkeys(file.vault, file.epoch), Binding::membership_log(file.vault, file.epoch));
    let bytes = crypto::open(&keys.log, &binding, &file.log).unwrap();
    let mut log = MembershipLog::decode(bytes.expose(), file.vault, None).unwrap();
    while file.slots.len() < count {
        let machine = MachineKey::generate(&entropy).unwrap();
        let secret = SlotSecret::Machine(&machine);
        let made = Slot::create(file.vault, member, secret, KdfCost::DEFAULT, &anchor, &entropy);
        let mut slot = made.unwrap();
        slot.grant_root(file.vault, file.epoch, &root, &entropy).unwrap();
        let key = MemberKey { slot: slot.id(), public: PublicKeys(slot.public().to_bytes()) };
        log.append(Act::KeyAdded(key), bench.clock_now(), id, &identity, &entropy).unwrap();
        file.slots.push(slot);
    }
    file.log = crypto::seal(&keys.log, &binding, log.encode().expose(), &entropy).unwrap();
    fs::write(bench.place().header(), file.encode_with(&common, &anchor).unwrap()).unwrap();
}

#[test]
fn a_vault_takes_so_many_slots_and_no_more() {
    let mut bench = Bench::locked();
    fill_up(&bench, MAX_SLOTS - 1);
    bench.unlock_with(passphrase(PASSPHRASE)).unwrap();
    let (_, key) = add(&mut bench, Some(&"ü".repeat(128)));
    let answer = bench.call(Request::AddSlot { current: current(), label: None });
    assert!(matches!(answer, Err(DoorError::Invalid { field, .. }) if &*field == "slot"));
    assert_eq!(slots(&mut bench).len(), MAX_SLOTS);
    bench.change_passphrase("another passphrase").unwrap();
    bench.call(Request::Lock).unwrap();
    bench.unlock_with(key).unwrap();
}

#[test]
fn a_wrong_machine_key_makes_nobody_wait_nor_does_a_torn_one() {
    let mut bench = open();
    let (slot, key) = add(&mut bench, None);
    remove(&mut bench, slot.id).unwrap();
    bench.call(Request::Lock).unwrap();
    let Credential::Machine(text) = &key else { panic!() };
    for torn in [&text.expose()[..40], b"", b"correct horse battery"] {
        let answer = bench.unlock_with(Credential::Machine(torn.into()));
        assert!(matches!(answer, Err(DoorError::Invalid { field, .. }) if &*field == "machine_key"));
    }
    for _ in 0..5 {
        assert!(wrong(&bench.unlock_with(key.clone())), "nobody can guess such a key");
    }
    bench.unlock_with(passphrase(PASSPHRASE)).unwrap();
}

#[test]
fn a_header_put_back_from_before_the_removal_opens_no_store() {
    let mut bench = open();
    bench.register(draft("kept", "1"));
    let (slot, key) = add(&mut bench, None);
    let before = fs::read(bench.place().header()).unwrap();
    remove(&mut bench, slot.id).unwrap();
    bench.call(Request::Lock).unwrap();
    fs::write(bench.place().header(), before).unwrap();
    let seen_here = bench.unlock_with(key.clone());
    assert!(matches!(seen_here, Err(DoorError::Tampered(Tampering::LogOlder { .. }))), "{seen_here:?}");
    // Also where nobody has seen how far the membership log goes.
    fs::remove_dir_all(bench.place().state).unwrap();
    let report = bench.unlock_with(key).unwrap();
    assert!(report.trouble.is_some() && bench.headers().is_empty(), "{report:?}");
}

#[test]
fn the_doctor_names_the_machine_keys() {
    let mut bench = open();
    let told = |bench: &mut Bench| {
        let Response::Examined(findings) = bench.call(Request::Doctor(None)).unwrap() else { panic!() };
        let found = findings.into_iter().find(|finding| &*finding.what == "machine keys").unwrap();
        let Verdict::Good(detail) = found.verdict else { panic!() };
        detail
    };
    assert_eq!(&*told(&mut bench), "none");
    let (slot, _) = add(&mut bench, Some("nightly"));
    assert_eq!(&*told(&mut bench), format!("{} (nightly)", slot.id));
}

#[test]
fn no_label_and_no_key_is_on_the_disk() {
    let mut bench = open();
    let (slot, Credential::Machine(key)) = add(&mut bench, Some("canary-label")) else { panic!() };
    bench.call(Request::Backup(bench.dir.path().join("backup"))).unwrap();
    let text = key.expose_text().unwrap().lines().nth(1).unwrap().to_owned();
    let check = |bench: &Bench| {
        for file in files(bench.dir.path()) {
            let bytes = fs::read(&file).unwrap();
            let has = |needle: &str| bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!has("canary-label") && !has(&text) && !has(&text.replace('-', "")), "in {}", file.display());
        }
    };
    check(&bench);
    remove(&mut bench, slot.id).unwrap();
    check(&bench);
}

/// The process that is killed: run by the test below only.
#[test]
fn victim() {
    let Some(dir) = env::var_os(DIR).map(PathBuf::from) else { return };
    let deadly: u32 = env::var(STEP).unwrap().parse().unwrap();
    let clock = std::sync::Arc::new(strongroom::host::FixedClock::at(support::START));
    let mut service = support::service(&support::place_in(&dir), &clock, 5);
    service.call(Request::Unlock(passphrase(PASSPHRASE)), &|_| {}).unwrap();
    let Response::Slots(slots) = service.call(Request::Slots, &|_| {}).unwrap() else { panic!() };
    let id = slots.iter().find(|slot| slot.kind == CredentialKind::Machine).unwrap().id;
    let step = std::cell::Cell::new(0);
    let answer = service.call(Request::RemoveSlot { id, current: current() }, &|progress| {
        if progress.step == Step::Rewriting {
            if step.get() == deadly {
                rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
            }
            step.set(step.get() + 1);
        }
    });
    answer.unwrap();
}

const DIR: &str = "STRONGROOM_TEST_SLOT_DIR";
const STEP: &str = "STRONGROOM_TEST_SLOT_STEP";

/// A vault's directory with a secret in it, and a machine key that opens it.
fn prepared() -> (TempDir, Credential) {
    let mut bench = open();
    bench.register(draft("kept", "1"));
    let (_, key) = add(&mut bench, Some("doomed"));
    bench.call(Request::Lock).unwrap();
    let Bench { dir, .. } = bench;
    (dir, key)
}

fn kill_at(sample: &Path, step: u32) -> (Bench, bool) {
    let dir = TempDir::new().unwrap();
    copy_tree(sample, dir.path());
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "slots::victim", "--test-threads=1"]);
    let ended = child.env(DIR, dir.path()).env(STEP, step.to_string()).output().unwrap();
    let survived = ended.status.success();
    assert!(survived || ended.status.signal() == Some(9), "{}", String::from_utf8_lossy(&ended.stdout));
    (Bench::at(dir, support::START), survived)
}

#[test]
fn a_removal_killed_at_any_step_has_happened_or_not() {
    let (sample, key) = prepared();
    let mut removed = Vec::new();
    for step in 0.. {
        let (mut bench, survived) = kill_at(sample.path(), step);
        let is_removed = wrong(&bench.unlock_with(key.clone()));
        assert_eq!(header(&bench).slots.iter().any(|slot| slot.kind() == SlotKind::Machine), !is_removed);
        let report = bench.unlock().unwrap();
        assert_eq!((report.trouble, bench.headers().len()), (None, 1), "killed at step {step}");
        removed.push(is_removed);
        if survived {
            break;
        }
    }
    assert!(removed.is_sorted() && removed.len() >= 4 && !removed[0] && removed[removed.len() - 1], "{removed:?}");
}
