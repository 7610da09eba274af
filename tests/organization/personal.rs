//! Personal secrets, seen by the others: they carry them along, and learn nothing of them.

use std::fs;
use std::path::PathBuf;

use strongroom::domain::organization::Role;
use strongroom::domain::{Delivery, Scope};
use strongroom::service::{Credential, DoorError, Request, Response, Verdict};

use crate::support::{ADA, Organization, changed, passphrase, target, value_of};

/// All that the doctor says and is not good.
fn complaints(org: &mut Organization) -> Vec<String> {
    let Response::Examined(findings) = org.call(Request::Doctor(None)).unwrap() else { panic!() };
    let bad = findings.into_iter().filter(|finding| !matches!(finding.verdict, Verdict::Good(_)));
    bad.map(|finding| format!("{finding:?}")).collect()
}

/// As on a machine that has seen nothing of the vault: every signature is looked at.
fn forget_what_is_known(org: &mut Organization) {
    org.call(Request::Lock).unwrap();
    let is_known = |file: &PathBuf| file.extension().is_some_and(|ending| ending == "known");
    let all = fs::read_dir(org.dir.path().join("state")).unwrap().map(|entry| entry.unwrap().path());
    let known: Vec<PathBuf> = all.filter(is_known).collect();
    let [known] = &known[..] else { panic!("{known:?}") };
    fs::remove_file(known).unwrap();
}

#[test]
fn what_is_personal_outlives_an_epoch_that_somebody_else_begins() {
    let mut org = Organization::with(&[("Grace", Role::Member)]);
    org.enter("Grace");
    let diary = org.register("diary", Scope::Personal).unwrap();
    let letter = org.register("letter", Scope::Personal).unwrap();
    let letter = changed(org.call(Request::Deactivate(target(&letter)))).unwrap();
    org.enter(ADA);
    assert_eq!(org.headers(), [], "nobody else sees them");
    for (current, new) in
        [(passphrase(ADA), "another passphrase".into()), ("another passphrase".into(), passphrase(ADA))]
    {
        let current = Some(Credential::Passphrase(current));
        org.call(Request::ChangePassphrase { current, new }).unwrap();
        assert_eq!(complaints(&mut org), [] as [String; 0]);
    }
    forget_what_is_known(&mut org);
    let report = org.enter("Grace");
    assert_eq!((report.trouble, report.tampered), (None, Vec::new()));
    assert_eq!(org.headers(), [diary.clone(), letter.clone()]);
    assert_eq!(org.deliver(diary.id, Delivery::Reveal).unwrap(), value_of("diary"));
    changed(org.call(Request::Reactivate(target(&letter)))).unwrap();
    assert_eq!(complaints(&mut org), [] as [String; 0]);
}

#[test]
fn an_account_holder_deletes_what_they_cannot_read() {
    let mut org = Organization::with(&[("Grace", Role::Member)]);
    org.enter("Grace");
    let diary = org.register("diary", Scope::Personal).unwrap();
    org.enter(ADA);
    assert!(matches!(org.deliver(diary.id, Delivery::Get), Err(DoorError::NoSecret(_))));
    changed(org.call(Request::Delete(target(&diary)))).unwrap();
    assert_eq!(complaints(&mut org), [] as [String; 0]);
    forget_what_is_known(&mut org);
    let report = org.enter("Grace");
    assert_eq!((report.trouble, report.tampered), (None, Vec::new()));
    assert!(org.deliver(diary.id, Delivery::Get).is_err());
}
