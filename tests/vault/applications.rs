//! Applications and settings: the rules at the door, and what becomes of them when the store is tampered with.

use std::cell::RefCell;
use std::sync::Arc;

use strongroom::domain::{Application, ApplicationDraft, Binding, BindingTarget, SecretId, Settings};
use strongroom::service::{DoorError, Request, Response, StoreTrouble};
use strongroom::store::sled::SledStore;
use strongroom::store::{Batch, Store};

use crate::support::{Bench, START, changed, draft, target};

fn variable(name: &str, secret: SecretId) -> Binding {
    Binding { target: BindingTarget::Variable(name.into()), secret, field: "value".into() }
}

fn app(name: &str, bindings: Vec<Binding>) -> ApplicationDraft {
    ApplicationDraft { name: name.into(), description: "".into(), bindings }
}

fn application(answer: Result<Response, DoorError>) -> Result<Arc<Application>, DoorError> {
    match answer? {
        Response::Application(application) => Ok(application),
        other => panic!("{other:?}"),
    }
}

fn add(bench: &mut Bench, draft: ApplicationDraft) -> Result<Arc<Application>, DoorError> {
    application(bench.call(Request::AddApplication(draft)))
}

fn applications(bench: &mut Bench) -> Vec<Arc<Application>> {
    let Response::Applications(applications) = bench.call(Request::Applications).unwrap() else { panic!() };
    applications
}

fn settings(bench: &mut Bench) -> Settings {
    let Response::Settings(settings) = bench.call(Request::Settings).unwrap() else { panic!() };
    settings
}

#[test]
fn applications_come_back_by_name_and_know_what_they_need() {
    let mut bench = Bench::open();
    assert_eq!((applications(&mut bench), settings(&mut bench)), (Vec::new(), Settings::default()));
    let secret = bench.register(draft("key", "1"));
    let worker = add(&mut bench, app("worker", vec![variable("KEY", secret.id)])).unwrap();
    let host = Binding { target: BindingTarget::Host("Git.Example.com/".into()), ..variable("", secret.id) };
    let deploy = add(&mut bench, app("deploy", vec![host])).unwrap();
    assert_eq!(deploy.bindings[0].target, BindingTarget::Host("git.example.com".into()), "as it is compared");
    assert_eq!((worker.revision, &*worker.created.by), (1, "Canary Member"));
    assert_eq!(bench.reopen().trouble, None);
    assert_eq!(applications(&mut bench), [deploy.clone(), worker.clone()]);
    let Response::Uses(uses) = bench.call(Request::Uses(secret.id)).unwrap() else { panic!() };
    assert_eq!(uses.applications, [deploy.clone(), worker]);

    let edit = |revision, draft| Request::EditApplication { id: deploy.id, revision, draft };
    let renamed = application(bench.call(edit(1, app("zeta", Vec::new())))).unwrap();
    assert_eq!((renamed.revision, &renamed.created), (2, &deploy.created));
    let Err(DoorError::ApplicationConflict { current }) = bench.call(edit(1, app("mine", Vec::new()))) else {
        panic!()
    };
    assert_eq!(current, renamed);
    let remove = |revision| Request::RemoveApplication { id: deploy.id, revision };
    assert!(matches!(bench.call(remove(1)), Err(DoorError::ApplicationConflict { .. })));
    bench.call(remove(2)).unwrap();
    assert!(matches!(bench.call(remove(2)), Err(DoorError::NoApplication)));
    assert_eq!(bench.reopen().trouble, None);
    assert_eq!(applications(&mut bench).len(), 1);
}

#[test]
fn what_breaks_a_rule_is_refused_by_the_field() {
    let mut bench = Bench::open();
    let secret = bench.register(draft("key", "1"));
    let gone = bench.register(draft("gone", "1"));
    changed(bench.call(Request::Delete(target(&gone)))).unwrap();
    add(&mut bench, app("taken", Vec::new())).unwrap();
    let one = || variable("KEY", secret.id);
    let at = |target| Binding { target, ..one() };
    let taken = add(&mut bench, app("taken", Vec::new()));
    assert!(matches!(&taken, Err(DoorError::ApplicationNameTaken(name)) if **name == *"taken"), "{taken:?}");
    let refused: [(&str, ApplicationDraft); 9] = [
        ("name", app("", Vec::new())),
        ("description", ApplicationDraft { description: "two\nlines".into(), ..app("new", Vec::new()) }),
        ("bindings", app("new", vec![variable("PATH", secret.id)])),
        ("bindings", app("new", vec![at(BindingTarget::Header("X Key".into()))])),
        ("bindings", app("new", vec![at(BindingTarget::Host("https://a.example".into()))])),
        ("bindings", app("new", vec![one(), at(BindingTarget::File("KEY".into()))])),
        ("bindings", app("new", vec![Binding { field: "other".into(), ..one() }])),
        ("bindings", app("new", vec![variable("KEY", gone.id)])),
        ("bindings", app("new", (0..65).map(|n| variable(&format!("A{n}"), secret.id)).collect())),
    ];
    for (field, draft) in refused {
        let told = format!("{draft:?}");
        let Err(DoorError::Invalid { field: found, .. }) = add(&mut bench, draft) else { panic!("{told}") };
        assert_eq!(&*found, field, "{told}");
    }
    assert_eq!(applications(&mut bench).len(), 1);
    let header = Binding { field: "header_name".into(), ..one() };
    add(&mut bench, app("new", vec![header])).expect("what is not secret can be needed, too");
}

#[test]
fn a_binding_whose_secret_was_deleted_since_stays_until_it_is_taken_out() {
    let mut bench = Bench::open();
    let secret = bench.register(draft("key", "1"));
    let bound = vec![variable("KEY", secret.id)];
    let old = add(&mut bench, app("worker", bound.clone())).unwrap();
    changed(bench.call(Request::Delete(target(&secret)))).unwrap();
    let edit = |revision, draft| Request::EditApplication { id: old.id, revision, draft };
    let renamed = application(bench.call(edit(1, app("renamed", bound)))).unwrap();
    assert_eq!(renamed.bindings, old.bindings);
    let moved = app("renamed", vec![variable("OTHER", secret.id)]);
    assert!(matches!(bench.call(edit(2, moved)), Err(DoorError::Invalid { .. })), "that is a new one");
}

#[test]
fn settings_have_their_bounds() {
    let mut bench = Bench::open();
    let good = Settings { kept_revisions: 2, audit_days: 0, audit_mib: 256 };
    for (field, bad) in [
        ("kept_revisions", Settings { kept_revisions: 101, ..good }),
        ("audit_mib", Settings { audit_mib: 0, ..good }),
        ("audit_mib", Settings { audit_mib: 257, ..good }),
    ] {
        let Err(DoorError::Invalid { field: found, .. }) = bench.call(Request::ChangeSettings(bad)) else { panic!() };
        assert_eq!(&*found, field);
    }
    assert_eq!(settings(&mut bench), Settings::default());
    bench.call(Request::ChangeSettings(good)).unwrap();
    assert_eq!(bench.reopen().trouble, None);
    assert_eq!(settings(&mut bench), good);
}

#[test]
fn many_applications_take_more_than_one_entry_and_survive_a_new_passphrase_and_a_backup() {
    let mut bench = Bench::open();
    let secret = bench.register(draft("key", "1"));
    for n in 0..20 {
        let bindings = (0..64).map(|m| variable(&format!("A_VARIABLE_WITH_A_LONG_NAME_{m}"), secret.id)).collect();
        add(&mut bench, app(&format!("application {n:02}"), bindings)).unwrap();
    }
    let good = Settings { kept_revisions: 2, ..Settings::default() };
    bench.call(Request::ChangeSettings(good)).unwrap();
    let all = applications(&mut bench);
    bench.change_passphrase("another passphrase").unwrap();
    assert_eq!(bench.reopen().trouble, None);
    assert_eq!(applications(&mut bench), all);

    let file = bench.dir.path().join("backup");
    bench.call(Request::Backup(file.clone())).unwrap();
    let first = &all[0];
    bench.call(Request::RemoveApplication { id: first.id, revision: first.revision }).unwrap();
    let credential = bench.recovery.clone();
    bench.call(Request::Restore { file, credential, replace: true }).unwrap();
    assert_eq!(bench.unlock().unwrap().trouble, None);
    assert_eq!((applications(&mut bench), settings(&mut bench)), (all, good));
}

/// Changes the closed store behind the vault's back.
fn tamper(bench: &mut Bench, change: impl FnOnce(&dyn Store, &mut Batch)) {
    bench.call(Request::Lock).unwrap();
    let (store, _) = SledStore::open(&bench.place().store(1), START).unwrap();
    let mut store: Box<dyn Store> = Box::new(store);
    let mut batch = Batch::default();
    change(&*store, &mut batch);
    store.commit(batch).unwrap();
    store.close().unwrap();
}

/// The entries of documents.
fn documents(store: &dyn Store) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    store
        .scan(b"d/", &mut |key, entry| {
            found.push((key.to_vec(), entry.bytes));
            true
        })
        .unwrap();
    found
}

/// What somebody does to a store.
type Fault<'f> = &'f dyn Fn(&dyn Store, &mut Batch);

#[test]
fn a_document_that_is_changed_lost_swapped_or_older_is_noticed() {
    let older: RefCell<Vec<(Vec<u8>, Vec<u8>)>> = RefCell::default();
    let faults: [(&str, Fault<'_>); 5] = [
        ("flipped", &|store, batch| {
            for (key, mut bytes) in documents(store) {
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                batch.put(key, bytes);
            }
        }),
        ("another revision", &|store, batch| {
            for (key, mut bytes) in documents(store) {
                bytes[3] ^= 1;
                batch.put(key, bytes);
            }
        }),
        ("lost", &|store, batch| batch.remove(documents(store)[0].0.clone())),
        ("swapped", &|store, batch| {
            let [(one, of_one), (two, of_two)] = &documents(store)[..] else { panic!() };
            batch.put(one.clone(), of_two.clone());
            batch.put(two.clone(), of_one.clone());
        }),
        ("older", &|_, batch| {
            for (key, bytes) in older.borrow().iter() {
                batch.put(key.clone(), bytes.clone());
            }
        }),
    ];
    for (fault, change) in faults {
        let mut bench = Bench::open();
        let secret = bench.register(draft("key", "1"));
        let keeping = |n| Settings { kept_revisions: n, ..Settings::default() };
        add(&mut bench, app("one", vec![variable("KEY", secret.id)])).unwrap();
        bench.call(Request::ChangeSettings(keeping(1))).unwrap();
        tamper(&mut bench, |store, _| *older.borrow_mut() = documents(store));
        bench.unlock().unwrap();
        add(&mut bench, app("two", Vec::new())).unwrap();
        bench.call(Request::ChangeSettings(keeping(2))).unwrap();
        tamper(&mut bench, change);
        let report = bench.unlock().unwrap();
        assert!(
            matches!(report.trouble, Some(StoreTrouble::Damaged { expected: 1, found: 1, .. })),
            "{fault}: {report:?}"
        );
        assert!(matches!(add(&mut bench, app("three", Vec::new())), Err(DoorError::ReadOnly)));

        bench.call(Request::Repair).unwrap();
        assert_eq!(bench.reopen().trouble, None, "{fault}");
        assert_eq!(bench.reveal(&secret, "value").unwrap(), "1");
        add(&mut bench, app("three", Vec::new())).unwrap();
    }
}

#[test]
fn a_repair_brings_lost_applications_back_from_the_copy() {
    let mut bench = Bench::open();
    bench.register(draft("key", "1"));
    add(&mut bench, app("one", Vec::new())).unwrap();
    bench.call(Request::Lock).unwrap();
    // Not closed cleanly: the next opening copies it first.
    std::fs::remove_file(bench.place().store(1).join("clean")).unwrap();
    bench.unlock().unwrap();
    let all = applications(&mut bench);
    tamper(&mut bench, |store, batch| batch.remove(documents(store)[0].0.clone()));
    let report = bench.unlock().unwrap();
    assert!(matches!(report.trouble, Some(StoreTrouble::Damaged { copy_from: Some(_), .. })), "{report:?}");
    assert_eq!(applications(&mut bench), []);
    bench.call(Request::Repair).unwrap();
    assert_eq!(applications(&mut bench), all);
    assert_eq!(bench.reopen().trouble, None);
    assert_eq!(applications(&mut bench), all);
}
