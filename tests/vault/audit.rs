//! The audit log: every event is there before anybody is answered, and whatever is done to the file is noticed.

use std::fs;
use std::path::PathBuf;

use strongroom::crypto::VaultFile;
use strongroom::domain::audit::{Action, Event, Origin, Outcome, Subject};
use strongroom::domain::{ApplicationDraft, Delivery, Order, Reference};
use strongroom::service::{AuditQuery, AuditVerdict, DoorError, OpenReport, Request, Response, Uses, Verdict, Want};

use crate::support::{Bench, DAY, PASSPHRASE, START, changed, draft, target};

fn events(bench: &mut Bench) -> Vec<Event> {
    asked(bench, AuditQuery::default())
}

fn asked(bench: &mut Bench, query: AuditQuery) -> Vec<Event> {
    match bench.call(Request::Audit(query)).unwrap() {
        Response::Events(events) => events,
        other => panic!("{other:?}"),
    }
}

fn verify(bench: &mut Bench) -> AuditVerdict {
    match bench.call(Request::VerifyAudit).unwrap() {
        Response::AuditVerdict(verdict) => verdict,
        other => panic!("{other:?}"),
    }
}

fn words(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.action.word()).collect()
}

/// The log of the only epoch there is.
fn file(bench: &Bench) -> PathBuf {
    let names = fs::read_dir(bench.place().vault).unwrap().map(|entry| entry.unwrap().path());
    let is_log = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap().strip_prefix("audit-");
        name.is_some_and(|rest| rest.parse::<u64>().is_ok())
    };
    let found: Vec<PathBuf> = names.filter(is_log).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

/// What this machine remembers of it.
fn mark(bench: &Bench) -> PathBuf {
    let header = VaultFile::decode(&fs::read(bench.place().header()).unwrap()).unwrap();
    bench.place().mark_file(header.vault)
}

/// A vault with events 1 to 6, locked: unlock, register, deactivate, refused, reactivate, lock.
fn with_events() -> Bench {
    let mut bench = Bench::open();
    let header = bench.register(draft("deploy-key", "1"));
    let off = changed(bench.call(Request::Deactivate(target(&header)))).unwrap();
    assert!(matches!(bench.reveal(&off, "value"), Err(DoorError::Unavailable(_))));
    changed(bench.call(Request::Reactivate(target(&off)))).unwrap();
    bench.call(Request::Lock).unwrap();
    bench
}

/// Numbers of the blank vault's own events: made, and locked.
const BEFORE: u64 = 2;
/// Of those of [`with_events`], with the blank vault's.
const COUNT: u64 = BEFORE + 6;

/// What an opening says, and a look over the log after that.
fn opened(bench: &mut Bench) -> (OpenReport, AuditVerdict) {
    let report = bench.unlock().unwrap();
    assert_eq!(report.trouble, None, "nobody is kept out");
    assert_eq!(bench.headers().len(), 1);
    let verdict = verify(bench);
    (report, verdict)
}

#[test]
fn everything_that_was_done_is_there() {
    let mut bench = with_events();
    bench.unlock().unwrap();
    let events = events(&mut bench);
    let expected = ["create", "lock", "unlock", "register", "deactivate", "reveal", "reactivate", "lock", "unlock"];
    assert_eq!(words(&events), expected);
    assert!(events.iter().zip(1..).all(|(event, n)| event.number == n));
    assert!(events.iter().all(|event| &*event.member == "Canary Member" && event.at.0 == START));
    let ours = &events[3].origin;
    assert_eq!(ours.pid, std::process::id());
    assert!(!ours.user.is_empty() && !ours.host.is_empty());
    let secret = |event: &Event| match &event.subject {
        Some(Subject::Secret { name, revision, field, .. }) => (name.to_string(), *revision, field.clone()),
        other => panic!("{other:?}"),
    };
    assert_eq!(secret(&events[3]), ("deploy-key".into(), 1, None));
    assert_eq!(secret(&events[5]), ("deploy-key".into(), 2, Some("value".into())));
    assert!(matches!(&events[5].outcome, Outcome::Refused(why) if why.contains("Inactive")), "{:?}", events[5]);
    assert_eq!(events[6].outcome, Outcome::Done);
    let verdict = verify(&mut bench);
    assert_eq!((verdict.events, verdict.first, verdict.troubles), (9, 1, Vec::new()));
}

#[test]
fn events_are_asked_for_by_secret_and_time_and_number() {
    let mut bench = Bench::open();
    let one = bench.register(draft("one", "1"));
    bench.register(draft("other", "1"));
    bench.clock.advance(60);
    bench.reveal(&one, "value").unwrap();
    let nobody = Order::of(Delivery::Get, Reference { secret: "gone".into(), field: None });
    assert!(matches!(bench.call(Request::Deliver(nobody)), Err(DoorError::NoSecret(_))));
    let by = |bench: &mut Bench, secret: &str| {
        words(&asked(bench, AuditQuery { secret: Some(secret.into()), ..AuditQuery::default() }))
    };
    assert_eq!(by(&mut bench, "one"), ["register", "reveal"]);
    assert_eq!(by(&mut bench, "gone"), ["get"]);
    let late = AuditQuery { since: Some(bench.clock_now()), ..AuditQuery::default() };
    assert_eq!(words(&asked(&mut bench, late)), ["reveal", "get"]);
    let last = AuditQuery { most: 3, ..AuditQuery::default() };
    assert_eq!(words(&asked(&mut bench, last)), ["register", "reveal", "get"]);
}

#[test]
fn an_order_leaves_an_event_for_each_thing_or_for_the_one_that_was_refused() {
    let mut bench = Bench::open();
    let (one, two) = (bench.register(draft("one", "1")), bench.register(draft("two", "2")));
    let want = |name: &str| Want { reference: Reference { secret: name.into(), field: None }, revision: None };
    let order = Order {
        application: Some("billing-worker".into()),
        command: Some("deploy.sh".into()),
        ..Order::new(Delivery::Run, vec![want("one"), want("two")])
    };
    bench.call(Request::Deliver(order.clone())).unwrap();
    let seen = asked(&mut bench, AuditQuery { most: 2, ..AuditQuery::default() });
    assert_eq!(words(&seen), ["run", "run"]);
    assert_eq!(
        (seen[0].application.as_deref(), seen[1].command.as_deref()),
        (Some("billing-worker"), Some("deploy.sh"))
    );
    changed(bench.call(Request::Deactivate(target(&two)))).unwrap();
    let Err(DoorError::Unavailable(refusal)) = bench.call(Request::Deliver(order)) else { panic!("handed over") };
    assert_eq!((&*refusal.name, refusal.application.as_deref()), ("two", Some("billing-worker")));
    let seen = asked(&mut bench, AuditQuery { most: 2, ..AuditQuery::default() });
    assert_eq!(words(&seen), ["deactivate", "run"]);
    assert!(matches!(&seen[1].subject, Some(Subject::Secret { id, .. }) if *id == Some(two.id) && *id != Some(one.id)));
}

#[test]
fn a_secret_tells_where_it_was_handed_to() {
    let mut bench = Bench::open();
    let header = bench.register(draft("one", "1"));
    let uses = |bench: &mut Bench| match bench.call(Request::Uses(header.id)).unwrap() {
        Response::Uses(Uses { deliveries, .. }) => deliveries,
        other => panic!("{other:?}"),
    };
    let give = |bench: &mut Bench, how, command: Option<&str>| {
        let reference = Reference { secret: header.id.into(), field: None };
        let order = Order { command: command.map(Into::into), ..Order::of(how, reference) };
        bench.call(Request::Deliver(order)).unwrap();
    };
    give(&mut bench, Delivery::Run, Some("deploy.sh"));
    give(&mut bench, Delivery::Run, Some("deploy.sh"));
    assert_eq!(uses(&mut bench).len(), 1, "looked through");
    give(&mut bench, Delivery::Get, None);
    give(&mut bench, Delivery::Run, Some("other"));
    let told = |bench: &mut Bench| {
        let seen = uses(bench);
        seen.iter().map(|seen| (seen.how, seen.command.clone(), seen.times, seen.old_value)).collect::<Vec<_>>()
    };
    let expected = vec![
        (Delivery::Run, Some("other".into()), 1, false),
        (Delivery::Get, None, 1, false),
        (Delivery::Run, Some("deploy.sh".into()), 2, false),
    ];
    assert_eq!(told(&mut bench), expected);
    bench.reopen();
    assert_eq!(told(&mut bench), expected, "the same, from the log");
    let change = strongroom::domain::Change {
        name: header.name.clone(),
        public: header.public.clone(),
        parts: vec![("value".into(), strongroom::domain::PartChange::Set("2".into()))],
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    };
    changed(bench.call(Request::Edit { id: header.id, revision: header.revision, change })).unwrap();
    give(&mut bench, Delivery::Run, Some("other"));
    let old: Vec<bool> = told(&mut bench).iter().map(|(.., old)| *old).collect();
    assert_eq!(old, [false, true, true]);
}

#[test]
fn the_log_goes_through_a_rewrite_and_its_chain_holds() {
    let mut bench = with_events();
    bench.unlock().unwrap();
    let before = (file(&bench), events(&mut bench));
    let current = Some(bench.recovery.clone());
    bench.call(Request::ChangePassphrase { current, new: "a new passphrase".into() }).unwrap();
    assert_ne!(file(&bench), before.0);
    let after = events(&mut bench);
    assert_eq!(after[..before.1.len()], before.1);
    assert_eq!(words(&after[before.1.len()..]), ["passphrase"]);
    assert_eq!(verify(&mut bench).troubles, Vec::new());
    bench.reopen();
    assert_eq!(verify(&mut bench).troubles, Vec::new());
}

#[test]
fn frames_of_another_epoch_count_for_nothing() {
    let mut bench = with_events();
    bench.unlock().unwrap();
    let old = fs::read(file(&bench)).unwrap();
    let current = Some(bench.recovery.clone());
    bench
        .call(Request::ChangePassphrase { current, new: PASSPHRASE.to_owned().replace('c', "k").as_str().into() })
        .unwrap();
    bench.call(Request::Lock).unwrap();
    fs::write(file(&bench), old).unwrap();
    let (report, verdict) = opened(&mut bench);
    assert!(report.audit.unwrap().contains("set aside"));
    assert!(verdict.troubles[0].contains("could not be read"), "{verdict:?}");
    let Response::Examined(findings) = bench.call(Request::Doctor(None)).unwrap() else { panic!("not examined") };
    for what in ["audit log", "audit logs set aside"] {
        let finding = findings.iter().find(|finding| &*finding.what == what).unwrap();
        assert!(matches!(finding.verdict, Verdict::Warning { .. }), "{finding:?}");
    }
}

#[test]
fn an_older_log_that_is_put_back_is_noticed() {
    let mut bench = with_events();
    let older = fs::read(file(&bench)).unwrap();
    bench.unlock().unwrap();
    bench.call(Request::Lock).unwrap();
    let newer = fs::read(file(&bench)).unwrap();
    fs::write(file(&bench), &older).unwrap();
    let (report, verdict) = opened(&mut bench);
    assert!(report.audit.unwrap().contains(&format!(
        "Events {} to {} of the audit log are gone",
        COUNT + 1,
        COUNT + 2
    )));
    assert!(verdict.troubles[0].contains("missing"), "{verdict:?}");
    bench.call(Request::Lock).unwrap();
    // Another one with as many events, and more.
    fs::write(file(&bench), &newer).unwrap();
    assert!(opened(&mut bench).0.audit.is_some());
}

#[test]
fn a_log_that_is_gone_is_missed() {
    let mut bench = with_events();
    fs::remove_file(file(&bench)).unwrap();
    let (report, verdict) = opened(&mut bench);
    assert!(report.audit.unwrap().contains("gone"));
    assert_eq!(verdict.first, COUNT + 1);
    assert!(!verdict.troubles.is_empty());
}

#[test]
fn a_vault_that_never_had_a_log_begins_one_without_a_word() {
    let mut bench = with_events();
    fs::remove_file(file(&bench)).unwrap();
    forget_everything(&bench);
    let (report, verdict) = opened(&mut bench);
    assert_eq!((report.audit, verdict.first, verdict.troubles), (None, 1, Vec::new()));
}

/// As on another machine.
fn forget_everything(bench: &Bench) {
    fs::remove_dir_all(bench.place().state).unwrap();
}

#[test]
fn on_another_machine_the_log_goes_on_without_a_word() {
    let mut bench = with_events();
    forget_everything(&bench);
    let (report, verdict) = opened(&mut bench);
    assert_eq!((report.audit, verdict.troubles), (None, Vec::new()));
}

#[test]
fn a_memory_of_the_log_that_was_torn_or_removed_is_told_and_the_log_goes_on() {
    let mut bench = with_events();
    let torn: [Option<&[u8]>; 3] = [Some(b""), Some(b"torn"), None];
    for (n, torn) in (1..).zip(torn) {
        match torn {
            Some(bytes) => fs::write(mark(&bench), bytes).unwrap(),
            None => fs::remove_file(mark(&bench)).unwrap(),
        }
        let (report, verdict) = opened(&mut bench);
        assert!(report.audit.unwrap().contains("nobody can tell whether its last events are there"));
        assert_eq!(verdict.troubles.len(), n, "one more is noted: {verdict:?}");
        bench.call(Request::Lock).unwrap();
    }
    assert_eq!(opened(&mut bench).0.audit, None, "it is remembered again");
}

#[test]
fn a_log_that_is_gone_with_the_memory_of_it_is_missed() {
    let mut bench = with_events();
    fs::remove_file(file(&bench)).unwrap();
    fs::remove_file(mark(&bench)).unwrap();
    let (report, verdict) = opened(&mut bench);
    assert!(report.audit.unwrap().contains("nobody can tell"));
    assert_eq!(verdict.troubles.first().map(|told| &**told), Some("The log before its first event is lost."));
}

#[test]
fn a_torn_memory_of_the_vault_hides_no_log_that_is_gone() {
    let mut bench = with_events();
    fs::remove_file(file(&bench)).unwrap();
    fs::remove_file(mark(&bench)).unwrap();
    fs::write(mark(&bench).with_extension("witness"), "torn").unwrap();
    assert!(opened(&mut bench).0.audit.unwrap().contains("nobody can tell"));
}

#[test]
fn a_removed_application_is_recorded_by_its_name() {
    let mut bench = Bench::open();
    let draft = ApplicationDraft { name: "billing".into(), description: "".into(), bindings: Vec::new() };
    let Response::Application(added) = bench.call(Request::AddApplication(draft)).unwrap() else { panic!() };
    bench.call(Request::RemoveApplication { id: added.id, revision: added.revision }).unwrap();
    assert_eq!(events(&mut bench).last().unwrap().subject, Some(Subject::Other("billing".into())));
}

#[test]
fn a_log_that_is_removed_under_an_open_vault_stops_every_delivery_until_it_is_opened_again() {
    let mut bench = with_events();
    bench.unlock().unwrap();
    let header = bench.headers()[0].clone();
    assert!(bench.reveal(&header, "value").is_ok());
    fs::remove_file(file(&bench)).unwrap();
    let refused = bench.reveal(&header, "value").unwrap_err();
    assert!(
        matches!(&refused, DoorError::NotRecorded(why) if why.contains("removed while it was open")),
        "{refused:?}"
    );
    assert_eq!(verify(&mut bench).troubles, ["The audit log is gone.".into()]);
    bench.call(Request::Lock).unwrap();
    assert!(bench.unlock().unwrap().audit.unwrap().contains("The audit log is gone"));
    assert!(bench.reveal(&header, "value").is_ok());
}

#[test]
fn an_order_for_more_than_anybody_needs_is_refused_before_anything_is_read() {
    let mut bench = Bench::open();
    let small = bench.register(draft("small", "1"));
    let large = bench.register(draft("large", &"x".repeat(1 << 20)));
    let before = events(&mut bench).len();
    for (header, count) in [(&small, 1025), (&large, 65)] {
        let reference = Reference { secret: header.id.into(), field: None };
        let wants = vec![Want { reference, revision: None }; count];
        let refused = bench.call(Request::Deliver(Order::new(Delivery::Inject, wants))).unwrap_err();
        assert!(matches!(&refused, DoorError::Invalid { cause, .. } if cause.contains("At most 1024")), "{refused:?}");
    }
    assert_eq!(events(&mut bench).len(), before);
}

fn named(event: &Event) -> &str {
    match &event.subject {
        Some(Subject::Secret { name, .. }) => name,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_import_leaves_an_event_for_each_secret() {
    let mut bench = Bench::open();
    let drafts = vec![draft("one", "1"), draft("two", "2"), draft("one", "3")];
    for dry_run in [true, false] {
        bench.call(Request::Import { drafts: drafts.clone(), dry_run }).unwrap();
    }
    let imported: Vec<Event> =
        events(&mut bench).into_iter().filter(|event| event.action == Action::Imported).collect();
    let names: Vec<_> = imported.iter().map(named).collect();
    assert_eq!(names, ["one", "two"]);
    let about = AuditQuery { secret: Some("two".into()), ..AuditQuery::default() };
    assert_eq!(words(&asked(&mut bench, about)), ["import"]);
}

#[test]
fn a_directory_or_a_link_in_its_place_keeps_nobody_out() {
    for n in 0..2 {
        let mut bench = with_events();
        let path = file(&bench);
        fs::rename(&path, bench.dir.path().join("elsewhere")).unwrap();
        match n {
            0 => fs::create_dir(&path).unwrap(),
            _ => std::os::unix::fs::symlink("/dev/zero", &path).unwrap(),
        }
        let (report, verdict) = opened(&mut bench);
        assert!(report.audit.is_some() && !verdict.troubles.is_empty());
    }
}

#[test]
fn a_change_without_its_event_is_noted_at_the_next_unlocking() {
    let mut bench = with_events();
    let before = (fs::read(file(&bench)).unwrap(), fs::read(mark(&bench)).unwrap());
    bench.unlock().unwrap();
    bench.register(draft("unnoticed", "1"));
    bench.call(Request::Lock).unwrap();
    // As if the program had been killed before the first event of that session.
    fs::write(file(&bench), before.0).unwrap();
    fs::write(mark(&bench), before.1).unwrap();
    assert_eq!(bench.unlock().unwrap().audit, None);
    let seen = asked(&mut bench, AuditQuery { most: 2, ..AuditQuery::default() });
    assert_eq!(words(&seen), ["unrecorded", "unlock"]);
    assert_eq!(seen[0].outcome, Outcome::Done);
    bench.reopen();
    assert_eq!(words(&events(&mut bench)).iter().filter(|word| **word == "unrecorded").count(), 1);
}

#[test]
fn a_restored_vault_begins_a_new_log_and_no_number_comes_twice() {
    let mut bench = with_events();
    bench.unlock().unwrap();
    let backup = bench.dir.path().join("backup");
    bench.call(Request::Backup(backup.clone())).unwrap();
    let last = events(&mut bench).last().unwrap().number;
    let credential = bench.recovery.clone();
    bench.call(Request::Restore { file: backup, credential, replace: true }).unwrap();
    let (report, verdict) = opened(&mut bench);
    assert_eq!((report.audit, verdict.troubles), (None, Vec::new()));
    let events = events(&mut bench);
    assert_eq!(words(&events), ["restore", "unlock"]);
    assert_eq!(events[0].number, last + 1);
}

#[test]
fn a_lock_is_recorded_whether_asked_for_or_due() {
    let mut bench = Bench::open();
    bench.clock.pass(15 * 60 * 1000);
    assert!(matches!(bench.call(Request::List), Err(DoorError::Locked)));
    bench.unlock().unwrap();
    let seen = events(&mut bench);
    assert_eq!(words(&seen), ["create", "lock", "unlock", "lock", "unlock"]);
    assert_eq!((seen[1].subject.is_none(), seen[3].subject.is_some()), (true, true));
}

#[test]
fn who_asks_is_told_by_the_caller_and_bounded() {
    let mut bench = Bench::open();
    let long = "ä".repeat(1000);
    let who = || Origin { user: long.as_str().into(), parent: Some("evil\u{1b}[2J".into()), ..Origin::default() };
    bench.service.call_for(Request::Register(draft("one", "1")), &who, &|_| {}).unwrap();
    bench.service.call_for(Request::List, &|| panic!("nobody needs to know"), &|_| {}).unwrap();
    let seen = events(&mut bench).pop().unwrap();
    assert_eq!((&*seen.origin.user, seen.origin.parent.as_deref()), (&*"ä".repeat(256), Some("evil\u{1b}[2J")));
    assert_eq!(seen.action, Action::Registered);
}

#[test]
fn old_events_go_when_their_days_are_over() {
    let mut bench = Bench::open();
    bench.register(draft("one", "1"));
    // 400 days are kept, and not many more.
    for _ in 0..90 {
        bench.clock.advance(6 * DAY);
        bench.reopen();
    }
    let verdict = verify(&mut bench);
    assert_eq!(verdict.troubles, Vec::new());
    let kept = (bench.clock_now().0 - verdict.since.unwrap().0) / DAY;
    assert!((400 - 6..=430).contains(&kept), "{kept} days");
    assert!(words(&events(&mut bench)).contains(&"trim"));
}

#[test]
fn a_clock_that_jumped_ahead_takes_no_event() {
    let mut bench = Bench::open();
    bench.clock.advance(4000 * DAY);
    bench.reopen();
    let verdict = verify(&mut bench);
    assert_eq!((verdict.first, verdict.troubles), (1, Vec::new()));
}
