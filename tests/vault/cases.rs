//! The use cases, one by one.

use strongroom::crypto::RecoveryKey;
use strongroom::domain::{Change, Kind, PartChange, PublicField, SecretBytes, State, Status, Timestamp, Value};
use strongroom::host::SeededEntropy;
use strongroom::service::{Credential, CredentialKind, DoorError, Request, Response, VaultStatus};

use crate::support::{Bench, DAY, PASSPHRASE, START, changed, draft, files, target};

fn passphrase(text: &str) -> Credential {
    Credential::Passphrase(SecretBytes::from(text))
}

fn status(bench: &mut Bench) -> VaultStatus {
    let Response::Status(status) = bench.call(Request::Status).unwrap() else { panic!("no status") };
    status
}

/// A change that leaves everything as it is.
fn same(header: &strongroom::domain::Header) -> Change {
    Change {
        name: header.name.clone(),
        public: header.public.clone(),
        parts: header.parts.iter().map(|part| (part.name.clone(), PartChange::Keep)).collect(),
        expires: header.expires,
        not_before: header.not_before,
        write_only: header.write_only,
        encrypted_key: header.encrypted_key,
    }
}

#[test]
fn a_created_vault_opens_with_the_passphrase_and_tells_whose_it_is() {
    let mut bench = Bench::locked();
    assert_eq!(status(&mut bench), VaultStatus::Locked);
    assert!(matches!(bench.call(Request::List), Err(DoorError::Locked)));
    let report = bench.unlock_with(passphrase(PASSPHRASE)).unwrap();
    assert!(!report.needs_new_passphrase);
    let VaultStatus::Unlocked(session) = status(&mut bench) else { panic!("still locked") };
    assert_eq!((&*session.organization, &*session.member), ("Canary Organization", "Canary Member"));
    assert_eq!((session.rights.role.label(), session.read_only), ("Account Holder", false));
}

#[test]
fn what_was_registered_is_there_after_opening_again() {
    let mut bench = Bench::open();
    let header = bench.register(draft("payments", "s3cr3t"));
    assert_eq!(bench.reopen().trouble, None);
    assert_eq!(bench.headers(), std::slice::from_ref(&header));
    assert_eq!(bench.reveal(&header, "value").unwrap(), "s3cr3t");
    assert!(matches!(bench.reveal(&header, "other"), Err(DoorError::NoField { .. })));
}

#[test]
fn large_values_and_large_headers_are_cut_and_put_together() {
    let mut bench = Bench::open();
    let large = "x".repeat(1024 * 1024);
    let mut big = draft("big", &large);
    big.kind = Kind::ClientCredentials;
    big.public = [("client_id", "me".to_owned()), ("scopes", "y".repeat(300_000))]
        .map(|(key, text)| PublicField { key: key.into(), text: text.into() })
        .to_vec();
    big.value.0[0].0 = "client_secret".into();
    let header = bench.register(big);
    let small = changed(bench.call(Request::Edit {
        id: header.id,
        revision: 1,
        change: Change {
            parts: vec![("client_secret".into(), PartChange::Set(SecretBytes::from("z")))],
            ..same(&header)
        },
    }))
    .unwrap();
    assert_eq!(bench.reopen().trouble, None);
    assert_eq!(bench.headers(), std::slice::from_ref(&small));
    assert_eq!(bench.reveal(&small, "client_secret").unwrap(), "z");

    let back = bench.register(draft("big again", &large));
    bench.reopen();
    assert_eq!(bench.reveal(&back, "value").unwrap(), large);
}

#[test]
fn names_are_unique_among_the_living() {
    let mut bench = Bench::open();
    let first = bench.register(draft("same", "1"));
    let again = bench.call(Request::Register(draft("same", "2")));
    assert!(matches!(again, Err(DoorError::NameTaken(name)) if &*name == "same"));
    changed(bench.call(Request::Delete(target(&first)))).unwrap();
    bench.register(draft("same", "3"));
}

#[test]
fn what_breaks_a_rule_is_refused_with_its_field() {
    let mut bench = Bench::open();
    let field = |answer: Result<Response, DoorError>| match answer {
        Err(DoorError::Invalid { field, .. }) => field.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(field(bench.call(Request::Register(draft("", "1")))), "name");
    assert_eq!(field(bench.call(Request::Register(draft("a\u{202E}b", "1")))), "name");
    assert_eq!(field(bench.call(Request::Register(draft("ok", "")))), "value");
    let twice = Value(vec![("a".into(), SecretBytes::from("1")), ("a".into(), SecretBytes::from("2"))]);
    let pairs =
        strongroom::domain::Draft { kind: Kind::KeyValue, value: twice, public: Vec::new(), ..draft("pairs", "") };
    assert_eq!(field(bench.call(Request::Register(pairs))), "pairs");
    assert_eq!(field(bench.change_passphrase("short")), "passphrase");
    assert!(bench.headers().is_empty());
}

#[test]
fn an_edit_keeps_what_it_does_not_name() {
    let mut bench = Bench::open();
    let header = bench.register(draft("old", "kept"));
    bench.clock.advance(60);
    let change = Change { name: "new".into(), expires: Some(Timestamp(START + 90 * DAY)), ..same(&header) };
    let edited = changed(bench.call(Request::Edit { id: header.id, revision: 1, change })).unwrap();
    assert_eq!((&*edited.name, edited.revision), ("new", 2));
    assert_eq!((edited.value_set, edited.modified.at), (Timestamp(START), Timestamp(START + 60)));
    bench.reopen();
    assert_eq!(bench.reveal(&edited, "value").unwrap(), "kept");

    let change = Change { parts: vec![("value".into(), PartChange::Set(SecretBytes::from("set")))], ..same(&edited) };
    let set = changed(bench.call(Request::Edit { id: header.id, revision: 2, change })).unwrap();
    assert_eq!(set.value_set, Timestamp(START + 60));
    assert_eq!(bench.reveal(&set, "value").unwrap(), "set");
}

#[test]
fn an_edit_from_an_old_revision_is_told_the_present_one() {
    let mut bench = Bench::open();
    let header = bench.register(draft("contested", "1"));
    let edit = |header: &strongroom::domain::Header, name: &str| Request::Edit {
        id: header.id,
        revision: header.revision,
        change: Change { name: name.into(), ..same(header) },
    };
    changed(bench.call(edit(&header, "first"))).unwrap();
    let Err(DoorError::Conflict { current }) = bench.call(edit(&header, "second")) else { panic!("no conflict") };
    assert_eq!(&*current.name, "first");
}

#[test]
fn write_only_hides_the_value_for_good() {
    let mut bench = Bench::open();
    let header = bench.register(strongroom::domain::Draft { write_only: true, ..draft("hidden", "1") });
    assert!(matches!(bench.reveal(&header, "value"), Err(DoorError::WriteOnly)));
    let change = Change { write_only: false, ..same(&header) };
    let answer = bench.call(Request::Edit { id: header.id, revision: 1, change });
    assert!(matches!(answer, Err(DoorError::Invalid { field, .. }) if &*field == "write_only"));
}

#[test]
fn nothing_but_an_active_secret_is_delivered() {
    let mut bench = Bench::open();
    let refused = |bench: &mut Bench, header: &strongroom::domain::Header| match bench.reveal(header, "value") {
        Err(DoorError::Unavailable(refusal)) => refusal,
        other => panic!("{other:?}"),
    };
    let header = bench.register(draft("switched", "1"));
    let off = changed(bench.call(Request::Deactivate(target(&header)))).unwrap();
    let refusal = refused(&mut bench, &off);
    assert_eq!((refusal.status, refusal.by.as_deref()), (Status::Inactive, Some("Canary Member")));
    assert!(matches!(bench.call(Request::Deactivate(target(&off))), Err(DoorError::Transition(_))));
    let on = changed(bench.call(Request::Reactivate(target(&off)))).unwrap();
    assert_eq!(bench.reveal(&on, "value").unwrap(), "1");
    let gone = changed(bench.call(Request::Delete(target(&on)))).unwrap();
    assert_eq!(refused(&mut bench, &gone).status, Status::Deleted);

    let timed = |from, to| strongroom::domain::Draft {
        not_before: Some(Timestamp(from)),
        expires: Some(Timestamp(to)),
        ..draft("timed", "1")
    };
    let later = bench.register(timed(START + DAY, START + 2 * DAY));
    assert_eq!(refused(&mut bench, &later).status, Status::NotYetValid);
    bench.clock.advance(3 * DAY);
    assert_eq!(refused(&mut bench, &later).status, Status::Expired);
}

#[test]
fn deleting_takes_the_value_out_at_once_and_the_sweep_takes_the_rest_after_30_days() {
    let mut bench = Bench::open();
    bench.register(draft("stays", "1"));
    let header = bench.register(draft("goes", &"2".repeat(100_000)));
    let gone = changed(bench.call(Request::Delete(target(&header)))).unwrap();
    assert!(matches!(&gone.state, State::Deleted(stamp) if &*stamp.by == "Canary Member"));
    assert!(gone.parts.is_empty() && gone.public.is_empty());

    for _ in 0..5 {
        bench.clock.advance(6 * DAY - 1);
        assert_eq!(bench.reopen().swept, 0);
    }
    bench.clock.advance(5);
    let report = bench.reopen();
    assert_eq!((report.swept, report.clock, report.trouble), (1, None, None));
    assert_eq!(bench.headers().len(), 1);
    let stores: Vec<_> = std::fs::read_dir(bench.place().vault).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(stores.contains(&"store-2".into()) && !stores.contains(&"store-1".into()), "{stores:?}");
    assert_eq!(bench.reopen().trouble, None);
}

#[test]
fn a_slip_in_the_recovery_key_is_no_guess() {
    let mut bench = Bench::locked();
    for _ in 0..5 {
        let answer = bench.unlock_with(Credential::Recovery(SecretBytes::from("NOT-THE-KEY")));
        assert!(matches!(answer, Err(DoorError::Invalid { field, .. }) if &*field == "recovery_key"));
    }
    assert!(bench.unlock().unwrap().needs_new_passphrase);
}

#[test]
fn a_new_passphrase_ends_the_old_one_and_not_the_recovery_key() {
    let mut bench = Bench::open();
    let header = bench.register(draft("kept", "1"));
    bench.change_passphrase("another passphrase").unwrap();
    assert_eq!(bench.reveal(&header, "value").unwrap(), "1");
    bench.call(Request::Lock).unwrap();
    let old = bench.unlock_with(passphrase(PASSPHRASE));
    assert!(matches!(old, Err(DoorError::WrongCredential { .. })));
    assert_eq!(bench.unlock_with(passphrase("another passphrase")).unwrap().trouble, None);
    bench.reopen();
    assert_eq!(bench.headers(), [header]);
}

#[test]
fn whoever_finds_the_vault_open_cannot_lock_its_owner_out() {
    let mut bench = Bench::locked();
    bench.unlock_with(passphrase(PASSPHRASE)).unwrap();
    let mut change = |current: Option<&str>, new: &str| {
        bench.call(Request::ChangePassphrase { current: current.map(passphrase), new: SecretBytes::from(new) })
    };
    let new = "another passphrase";
    assert!(matches!(change(None, new), Err(DoorError::Invalid { field, .. }) if &*field == "current_passphrase"));
    let same = change(Some(PASSPHRASE), PASSPHRASE);
    assert!(matches!(same, Err(DoorError::Invalid { field, .. }) if &*field == "passphrase"));
    let waits = ["guess 1", "guess 2", "guess 3"].map(|guess| match change(Some(guess), new) {
        Err(DoorError::WrongCredential { kind: CredentialKind::Passphrase, wait_seconds }) => wait_seconds,
        other => panic!("{other:?}"),
    });
    assert_eq!(waits, [0, 0, 1], "they count as guesses");
    assert!(matches!(change(Some(PASSPHRASE), new), Err(DoorError::TooSoon { .. })));
    bench.clock.advance(1);
    bench.change_passphrase(new).unwrap();
    bench.call(Request::Lock).unwrap();
    bench.unlock_with(passphrase(new)).unwrap();
}

#[test]
fn a_new_passphrase_is_owed_until_it_is_set() {
    let mut bench = Bench::locked();
    assert!(bench.unlock().unwrap().needs_new_passphrase);
    let Response::Unlocked { report, .. } = bench.call(Request::SweepAnyway).unwrap() else { panic!() };
    assert!(report.needs_new_passphrase, "an answer to another question does not pay it");
    bench.change_passphrase("another passphrase").unwrap();
    let Response::Unlocked { report, .. } = bench.call(Request::SweepAnyway).unwrap() else { panic!() };
    assert!(!report.needs_new_passphrase);
}

#[test]
fn a_passphrase_that_is_owed_is_set_by_whoever_proves_the_recovery_key_or_knows_the_old_one() {
    let mut bench = Bench::open();
    let (recovery, new) = (bench.recovery.clone(), SecretBytes::from("another passphrase"));
    let another = RecoveryKey::generate(&SeededEntropy::new(9)).unwrap().to_text();
    let set = |current| Request::ChangePassphrase { current, new: new.clone() };
    let slot = strongroom::domain::SlotId([0; 5]);
    assert!(matches!(bench.call(Request::RemoveSlot { id: slot, current: None }), Err(DoorError::NoSlot(_))));
    for request in
        [set(None), Request::ChangeRecoveryKey { current: None }, Request::AddSlot { current: None, label: None }]
    {
        let answer = bench.call(request);
        assert!(
            matches!(&answer, Err(DoorError::Invalid { field, .. }) if &**field == "current_passphrase"),
            "{answer:?}"
        );
    }
    assert!(matches!(bench.call(set(Some(Credential::Recovery(another)))), Err(DoorError::WrongCredential { .. })));
    bench.call(set(Some(recovery.clone()))).unwrap();
    let answer = bench.call(set(Some(recovery)));
    assert!(matches!(answer, Err(DoorError::Invalid { .. })), "no passphrase is owed any more: {answer:?}");
    bench.reopen();
    bench.change_passphrase("wrong, and owed").unwrap_err();
    let report = bench.unlock_with(passphrase("another passphrase")).unwrap();
    assert!(!report.needs_new_passphrase, "who knows the passphrase owes none");
}

#[test]
fn a_second_opener_is_told_and_leaves_everything_alone() {
    let mut first = Bench::open();
    let mut second = crate::support::service(&first.place(), &first.clock, 3);
    let answer = strongroom::service::Door::call(&mut second, Request::Unlock(first.recovery.clone()), &|_| {});
    let Err(DoorError::Held(holder)) = answer else { panic!("two have it") };
    assert_eq!((holder.pid, holder.since), (std::process::id(), Timestamp(START)));
    first.register(draft("still mine", "1"));
}

#[test]
fn there_is_one_vault_at_a_place() {
    let mut bench = Bench::locked();
    let create =
        Request::Create { organization: "O".into(), member: "M".into(), passphrase: SecretBytes::from("long enough") };
    assert!(matches!(bench.call(create.clone()), Err(DoorError::VaultExists)));
    bench.register_and_lose_the_header();
    assert!(matches!(bench.call(create), Err(DoorError::Damaged(_))), "records without a header are not overwritten");
    assert!(matches!(bench.unlock(), Err(DoorError::NoVault)));
}

impl Bench {
    fn register_and_lose_the_header(&mut self) {
        self.unlock().unwrap();
        self.register(draft("orphan", "1"));
        self.call(Request::Lock).unwrap();
        std::fs::remove_file(self.place().header()).unwrap();
    }
}

#[test]
fn an_interrupted_creation_is_begun_again() {
    let mut bench = Bench::locked();
    std::fs::remove_file(bench.place().header()).unwrap();
    let create =
        Request::Create { organization: "O".into(), member: "M".into(), passphrase: SecretBytes::from("long enough") };
    bench.call(create).unwrap();
    bench.register(draft("first", "1"));
}

#[test]
fn a_backup_brings_everything_back() {
    let mut bench = Bench::open();
    let header = bench.register(draft("kept", &"1".repeat(50_000)));
    let file = bench.dir.path().join("backup");
    let Response::BackedUp { records, bytes } = bench.call(Request::Backup(file.clone())).unwrap() else { panic!() };
    assert_eq!((records, bytes), (1, std::fs::metadata(&file).unwrap().len()));
    assert!(matches!(bench.call(Request::Backup(file.clone())), Err(DoorError::FileExists(_))));
    bench.register(draft("after the backup", "2"));
    bench.call(Request::Lock).unwrap();

    let restore = |replace| Request::Restore { file: file.clone(), credential: bench_recovery(&bench), replace };
    let (without, with) = (restore(false), restore(true));
    assert!(matches!(bench.call(without), Err(DoorError::VaultExists)));
    let Response::Restored { records: 1, set_aside: Some(aside), .. } = bench.call(with.clone()).unwrap() else {
        panic!()
    };
    assert!(aside.join("vault.header").is_file());
    assert_eq!(bench.unlock().unwrap().trouble, None, "a restored vault is a later state, not an older one");
    assert_eq!(bench.headers(), std::slice::from_ref(&header));
    assert_eq!(bench.reveal(&header, "value").unwrap(), "1".repeat(50_000));

    bench.call(Request::Lock).unwrap();
    std::fs::remove_dir_all(bench.place().vault).unwrap();
    let Response::Restored { set_aside: None, .. } = bench.call(with).unwrap() else { panic!() };
    assert_eq!(bench.unlock().unwrap().trouble, None);
}

fn bench_recovery(bench: &Bench) -> Credential {
    bench.recovery.clone()
}

#[test]
fn a_backup_that_was_cut_or_changed_restores_nothing() {
    let mut bench = Bench::open();
    bench.register(draft("kept", "1"));
    let file = bench.dir.path().join("backup");
    bench.call(Request::Backup(file.clone())).unwrap();
    bench.call(Request::Lock).unwrap();
    let good = std::fs::read(&file).unwrap();
    let before = files(bench.dir.path());
    for at in (0..good.len()).step_by(97) {
        let mut flipped = good.clone();
        flipped[at] ^= 4;
        for bad in [&flipped[..], &good[..at], &[&good[..], b"x"].concat()] {
            std::fs::write(&file, bad).unwrap();
            let credential = bench_recovery(&bench);
            let answer = bench.call(Request::Restore { file: file.clone(), credential, replace: true });
            assert!(answer.is_err(), "byte {at}");
            bench.clock.advance(60);
        }
    }
    assert_eq!(files(bench.dir.path()), before, "nothing is left over");
    assert_eq!(bench.unlock().unwrap().trouble, None);
    assert_eq!(bench.headers().len(), 1);
}

#[test]
fn the_demo_needs_no_disk_and_opens_to_anything() {
    use strongroom::host::{FixedClock, SeededEntropy};
    use strongroom::service::{Door, Service};
    let clock = std::sync::Arc::new(FixedClock::at(START));
    let mut demo = Service::demo(clock, std::sync::Arc::new(SeededEntropy::new(1))).unwrap();
    let Response::Headers(headers) = demo.call(Request::List, &|_| {}).unwrap() else { panic!() };
    let gateway = headers.iter().find(|header| &*header.name == "gateway.northwind.example").unwrap();
    let Response::Details(details) = demo.call(Request::Details(gateway.id.into()), &|_| {}).unwrap() else { panic!() };
    let chain = details.chain.unwrap();
    assert_eq!(chain.certificates.len(), 2);
    assert_eq!(Some(chain.certificates[0].not_after), gateway.expires);
    assert_eq!(Some(chain.certificates[0].not_before), gateway.not_before);
    demo.call(Request::Lock, &|_| {}).unwrap();
    demo.call(Request::Unlock(passphrase("anything")), &|_| {}).unwrap();
    let Response::Headers(again) = demo.call(Request::List, &|_| {}).unwrap() else { panic!() };
    assert_eq!(headers, again);
}
