//! A vault that was written once must be readable for ever: committed backups hold every form of record, `backup.bin` under
//! a header of version 1 and `backup-2.bin` under one of version 2, which nobody can write any more, and `backup-3.bin`
//! under one of version 3, which has members; `backup-used.bin` and `backup-used-3.bin` hold what there is besides records.
//!
//! `STRONGROOM_REWRITE_VECTORS=1 cargo test --test vault formats` writes it anew; a difference is a
//! break with every vault and backup that exists, and needs a new format version.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use strongroom::crypto::KdfCost;
use strongroom::domain::{
    ApplicationDraft, Binding, BindingTarget, Change, Delivery, Draft, Kind, Order, PartChange, PublicField, Reference,
    SecretBytes, Settings, State, Timestamp, Value, Want,
};
use strongroom::host::{FixedClock, SeededEntropy};
use strongroom::service::{Credential, OpenReport, Request, Response, StoreTrouble};
use strongroom::vault::{Founding, MemoryHome, Refusal, Tools, Vault};
use tempfile::TempDir;

use crate::support::{Bench, START, draft};

fn large(size: usize) -> String {
    (0..size).map(|n| char::from(b'a' + u8::try_from(n % 26).unwrap())).collect()
}

/// Writes a backup of a vault with a secret of every form; gives the recovery key.
fn write(path: &Path) -> SecretBytes {
    let tools = Tools {
        clock: Arc::new(FixedClock::at(START)),
        entropy: Arc::new(SeededEntropy::new(9)),
        cost: KdfCost::DEFAULT,
    };
    let founding = Founding { organization: "Northwind Trading", member: "Ada Park", passphrase: None };
    let (mut vault, key) = Vault::create(Box::new(MemoryHome::default()), founding, tools, &|_| {}).unwrap();
    vault.register(Draft { expires: Some(Timestamp(START + 1_000_000)), ..draft("active", "a value") }).unwrap();
    let off = vault.register(Draft { write_only: true, ..draft("inactive", "another value") }).unwrap();
    vault.deactivate(off.id, off.revision).unwrap();
    let gone = vault.register(draft("deleted", "gone")).unwrap();
    vault.delete(gone.id, gone.revision).unwrap();
    let pairs = Value(vec![("A".into(), SecretBytes::from("1")), ("B".into(), large(9_000).as_str().into())]);
    vault.register(Draft { kind: Kind::KeyValue, value: pairs, public: Vec::new(), ..draft("in pieces", "") }).unwrap();
    vault
        .register(Draft {
            kind: Kind::ClientCredentials,
            public: vec![
                PublicField { key: "client_id".into(), text: "me".into() },
                PublicField { key: "scopes".into(), text: large(12_000).into() },
            ],
            value: Value(vec![("client_secret".into(), SecretBytes::from("1"))]),
            not_before: Some(Timestamp(START - 1)),
            ..draft("large header", "")
        })
        .unwrap();
    let key_of_it = SecretBytes::from(include_str!("../fixtures/rsa-pkcs8-encrypted.key"));
    vault
        .register(Draft {
            kind: Kind::Certificate,
            public: vec![PublicField { key: "certificate".into(), text: include_str!("../fixtures/rsa.pem").into() }],
            value: Value(vec![("private_key".into(), key_of_it)]),
            ..draft("certificate", "")
        })
        .unwrap();
    vault.backup(path, &|_| {}).unwrap();
    key
}

/// Writes a backup of a vault with applications, settings and kept revisions, small and large; gives the recovery key.
fn write_used(path: &Path) -> SecretBytes {
    let tools = Tools {
        clock: Arc::new(FixedClock::at(START)),
        entropy: Arc::new(SeededEntropy::new(10)),
        cost: KdfCost::DEFAULT,
    };
    let founding = Founding { organization: "Northwind Trading", member: "Ada Park", passphrase: None };
    let (mut vault, key) = Vault::create(Box::new(MemoryHome::default()), founding, tools, &|_| {}).unwrap();
    let mut secret = vault.register(draft("used", "first value")).unwrap();
    for value in [large(9_000), "third value".into()] {
        let change = Change {
            name: secret.name.clone(),
            public: secret.public.clone(),
            parts: vec![("value".into(), PartChange::Set(value.as_str().into()))],
            expires: None,
            not_before: None,
            write_only: false,
            encrypted_key: false,
        };
        secret = vault.edit(secret.id, secret.revision, change).unwrap();
    }
    let target = BindingTarget::Variable("KEY".into());
    let bindings = vec![Binding { target, secret: secret.id, field: "value".into() }];
    let draft = ApplicationDraft { name: "worker".into(), description: "Works".into(), bindings };
    vault.add_application(draft).unwrap();
    vault.change_settings(USED).unwrap();
    vault.backup(path, &|_| {}).unwrap();
    key
}

const USED: Settings = Settings { kept_revisions: 4, audit_days: 30, audit_mib: 2 };

#[test]
fn applications_settings_and_kept_revisions_are_written_and_read_as_committed() {
    let dir = TempDir::new().unwrap();
    let now = dir.path().join("now");
    let key = write_used(&now);
    let committed = vectors().join("backup-used-3.bin");
    if std::env::var_os("STRONGROOM_REWRITE_VECTORS").is_some() {
        fs::copy(&now, &committed).unwrap();
    }
    assert!(fs::read(&committed).unwrap() == fs::read(&now).unwrap(), "what is written today differs");
    read_used("backup-used-3.bin", key.clone());
    read_used("backup-used.bin", key);
}

/// Restores the backup called `name`, which `key` opens, and looks at all that is in it.
fn read_used(name: &str, key: SecretBytes) {
    let mut bench = Bench::at(TempDir::new().unwrap(), START);
    bench.recovery = Credential::Recovery(key);
    let credential = bench.recovery.clone();
    bench.call(Request::Restore { file: vectors().join(name), credential, replace: false }).unwrap();
    assert_eq!(sound(&bench.unlock().unwrap()), (None, &[][..]));
    let secret = bench.headers()[0].clone();
    for (revision, value) in [(1, "first value".to_owned()), (2, large(9_000)), (3, "third value".into())] {
        let reference = Reference { secret: secret.id.into(), field: None };
        let wants = vec![Want { reference, revision: Some(revision) }];
        let Ok(Response::Delivered { handed, .. }) = bench.call(Request::Deliver(Order::new(Delivery::Get, wants)))
        else {
            panic!("revision {revision}")
        };
        assert_eq!(handed[0].bytes.expose_text(), Some(&*value));
    }
    let Ok(Response::Applications(applications)) = bench.call(Request::Applications) else { panic!() };
    assert!(applications.len() == 1 && applications[0].needs(secret.id) && &*applications[0].description == "Works");
    assert!(matches!(bench.call(Request::Settings), Ok(Response::Settings(USED))));
}

fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// What an opening says that should say nothing.
fn sound(report: &OpenReport) -> (Option<&StoreTrouble>, &[Refusal]) {
    (report.trouble.as_ref(), &report.tampered)
}

#[test]
fn a_committed_backup_is_read_as_ever() {
    read("backup.bin", TempDir::new().unwrap());
    read("backup-2.bin", TempDir::new().unwrap());
}

#[test]
fn what_is_written_today_is_what_is_committed() {
    let dir = TempDir::new().unwrap();
    let now = dir.path().join("now");
    let key = write(&now);
    let committed = vectors().join("backup-3.bin");
    if std::env::var_os("STRONGROOM_REWRITE_VECTORS").is_some() {
        fs::copy(&now, &committed).unwrap();
    }
    assert!(fs::read(&committed).unwrap() == fs::read(&now).unwrap(), "what is written today differs");
    assert_eq!(fs::read(vectors().join("backup-key.txt")).unwrap(), key.expose());
    read("backup-3.bin", dir);
}

/// Restores the backup called `name` in `dir`, and looks at all that is in it.
fn read(name: &str, dir: TempDir) {
    let credential = Credential::Recovery(SecretBytes::new(fs::read(vectors().join("backup-key.txt")).unwrap()));
    let mut bench = Bench::at(dir, START);
    bench.recovery = credential.clone();
    bench.call(Request::Restore { file: vectors().join(name), credential, replace: false }).unwrap();
    assert_eq!(sound(&bench.unlock().unwrap()), (None, &[][..]));
    let headers = bench.headers();
    let names: Vec<_> = headers.iter().map(|header| &*header.name).collect();
    assert_eq!(names, ["active", "certificate", "deleted", "in pieces", "inactive", "large header"]);
    assert_eq!(bench.reveal(&headers[0], "value").unwrap(), "a value");
    assert_eq!(headers[0].expires, Some(Timestamp(START + 1_000_000)));
    assert!(headers[1].encrypted_key && headers[1].expires.is_some());
    assert!(matches!(&headers[2].state, State::Deleted(stamp) if &*stamp.by == "Ada Park"));
    assert_eq!(bench.reveal(&headers[3], "B").unwrap(), large(9_000));
    assert!(headers[4].write_only && headers[4].revision == 2);
    assert_eq!(headers[5].public("scopes").unwrap(), large(12_000));
}
