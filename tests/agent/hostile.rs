//! Requests that are well-formed and make no sense: an answer each, never a panic, and the vault stays open.

use strongroom::domain::{Change, Draft, Kind, PartChange, PublicField, SecretBytes, SecretId, Timestamp, Value};
use strongroom::service::{Credential, Delivery, Door, DoorError, Request, Target};

use crate::home::{Home, call, changed, draft, list, session};

/// Names that nobody should have.
fn names() -> Vec<Box<str>> {
    let long = "n".repeat(1 << 20);
    ["", " ", "\u{1b}[2J", "\u{202e}drow", "a\0b", "\u{200b}", "é\u{301}\u{301}\u{301}", &long].map(Into::into).into()
}

const TIMES: [i64; 6] = [i64::MIN, i64::MIN + 1, -1, 0, 8_210_298_412_800, i64::MAX];
const REVISIONS: [u64; 4] = [0, 2, u64::MAX - 1, u64::MAX];

fn change(name: &str, part: &str) -> Change {
    Change {
        name: name.into(),
        public: vec![PublicField { key: "header_name".into(), text: "n1".into() }],
        parts: vec![(part.into(), PartChange::Keep)],
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    }
}

/// Requests about the secret `id`, which has `revision`.
fn about(id: SecretId, revision: u64) -> Vec<Request> {
    let edit = |change| Request::Edit { id, revision, change };
    let mut requests = Vec::new();
    for name in names() {
        requests.push(Request::Register(draft(&name, "x")));
        requests.push(edit(change(&name, "value")));
        requests.push(edit(change("victim", &name)));
        requests.push(Request::hand_over(id, &name, Delivery::Copy));
        requests.push(edit(Change {
            public: vec![PublicField { key: (&*name).into(), text: name.clone() }],
            ..change("victim", "value")
        }));
    }
    for revision in REVISIONS {
        let target = Target { id, revision };
        requests.extend([Request::Deactivate(target), Request::Reactivate(target), Request::Delete(target)]);
        requests.push(Request::Edit { id, revision, change: change("victim", "value") });
    }
    let parts = vec![("value".into(), PartChange::Keep); 100_000];
    requests.push(edit(Change { parts, ..change("victim", "value") }));
    let public = vec![PublicField { key: "header_name".into(), text: "n".into() }; 100_000];
    requests.push(edit(Change { public, ..change("victim", "value") }));
    requests
}

/// Requests about nothing that is there, and about everything.
fn others() -> Vec<Request> {
    let nobody = SecretId([0xee; 16]);
    let big = SecretBytes::new(vec![b'x'; 7 << 20]);
    let mut requests = vec![
        Request::Details(nobody.into()),
        Request::hand_over(nobody, "value", Delivery::Reveal),
        Request::Delete(Target { id: nobody, revision: 1 }),
        Request::Register(Draft { value: Value(vec![("value".into(), big.clone())]), ..draft("big", "x") }),
        Request::Register(Draft { value: Value(Vec::new()), ..draft("none", "x") }),
        Request::ChangePassphrase { current: None, new: SecretBytes::default() },
        Request::ChangePassphrase { current: Some(Credential::Passphrase(big.clone())), new: big },
        Request::Backup("".into()),
        Request::Backup("/".into()),
        Request::Backup("/proc/1/mem".into()),
        Request::Restore { file: "/dev/zero".into(), credential: Credential::Recovery("x".into()), replace: false },
        Request::Create { organization: "".into(), member: "".into(), passphrase: SecretBytes::default() },
        Request::Unlock(Credential::Recovery("\u{1b}not one".into())),
        Request::LockAfter { seconds: Some(u32::MAX), credential: None },
        Request::AcceptRollback,
        Request::Repair,
        Request::SweepAnyway,
    ];
    for kind in Kind::ALL {
        requests.push(Request::Register(Draft { kind, ..draft("wrong fields", "x") }));
    }
    requests
}

#[test]
fn every_request_gets_an_answer_and_the_vault_stays_open() {
    let home = Home::new();
    let mut door = home.unlocked();
    let victim = changed(call(&mut door, Request::Register(draft("victim", "x")))).unwrap();
    let requests = about(victim.id, victim.revision).into_iter().chain(others());
    let asked = requests.map(|request| ask(&mut door, request)).count();
    assert!(asked > 70, "{asked}");
}

#[test]
fn dates_from_the_ends_of_time_are_taken_or_refused() {
    let home = Home::new();
    let mut door = home.unlocked();
    for (n, time) in TIMES.into_iter().enumerate() {
        let at = Some(Timestamp(time));
        ask(&mut door, Request::Register(Draft { expires: at, ..draft(&format!("expires-{n}"), "x") }));
        ask(&mut door, Request::Register(Draft { not_before: at, ..draft(&format!("begins-{n}"), "x") }));
    }
    for header in list(&mut door) {
        ask(&mut door, Request::Details(header.id.into()));
        ask(&mut door, Request::hand_over(header.id, "value", Delivery::Reveal));
    }
    for arguments in [&["list"][..], &["list", "--json"], &["status", "--json"]] {
        let output = home.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Asks, and looks whether the vault is still open.
#[track_caller]
fn ask(door: &mut dyn Door, request: Request) {
    let shown = format!("{request:?}").chars().take(200).collect::<String>();
    let answer = call(door, request);
    if let Err(DoorError::System(why)) = &answer {
        assert!(!why.contains("bug") && !why.contains("agent"), "{shown}: {why}");
    }
    assert!(session(door).is_some(), "{shown} locked the vault: {answer:?}");
}
