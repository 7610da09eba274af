//! The log of events: every verb leaves its word there, and nobody's words.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use memchr::memmem;
use strongroom::domain::{Change, Draft, PartChange, PublicField, SecretBytes, Unfinished};
use strongroom::service::wire::{self, Call, Hello, MAX_CALL};
use strongroom::service::{Credential, Delivery, Door, Request, Response, Target};

use crate::home::{Home, call, changed, draft};
use crate::{wait_for, wire_samples};

/// In every word that a person gives here.
const CANARY: &str = "kestrel-4f1c";

fn canary(of: &str) -> Box<str> {
    format!("{CANARY}-{of}").into()
}

fn passphrase(of: &str) -> SecretBytes {
    SecretBytes::from(&*canary(of))
}

/// A request that somebody may refuse, as long as nobody writes down what is in it.
fn ask(door: &mut dyn Door, request: Request) {
    drop(call(door, request));
}

fn told(draft: Draft) -> Draft {
    Draft { public: vec![PublicField { key: "header_name".into(), text: canary("header") }], ..draft }
}

/// A new secret from its first day to its last.
fn a_life(door: &mut dyn Door) {
    let made = told(draft(&canary("name"), &canary("value")));
    let header = changed(call(door, Request::Register(made.clone()))).unwrap();
    ask(door, Request::Register(made));
    let change = Change {
        name: canary("new-name"),
        public: vec![PublicField { key: "header_name".into(), text: canary("new-header") }],
        parts: vec![("value".into(), PartChange::Set(passphrase("new-value")))],
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    };
    let edit = Request::Edit { id: header.id, revision: header.revision, change };
    let edited = changed(call(door, edit.clone())).unwrap();
    ask(door, edit);
    for (part, how) in [("value".into(), Delivery::Reveal), (canary("part"), Delivery::Copy)] {
        ask(door, Request::hand_over(header.id, &part, how));
    }
    let mut revision = edited.revision;
    for order in [Request::Deactivate, Request::Reactivate, Request::Delete] {
        revision = changed(call(door, order(Target { id: header.id, revision }))).unwrap().revision;
    }
}

/// What is done to the vault as a whole, and to the forms that were left.
fn the_rest(home: &Home, door: &mut dyn Door, recovery: &SecretBytes) {
    let current = || Some(Credential::Passphrase(passphrase("passphrase")));
    let label = Some(canary("label"));
    let Response::SlotAdded { slot, .. } = call(door, Request::AddSlot { current: current(), label }).unwrap() else {
        panic!("no slot")
    };
    ask(door, Request::RemoveSlot { id: slot.id, current: current() });
    let form = wire_samples::requests().into_iter().find_map(|request| match request {
        Request::KeepUnfinished(form) => Some(form),
        _ => None,
    });
    let fields = vec![("header_name".into(), canary("field"))];
    let form = Unfinished { name: canary("unfinished"), fields, ..form.unwrap() };
    ask(door, Request::KeepUnfinished(form.clone()));
    ask(door, Request::DropUnfinished(form.id));
    let backup = home.path().join(&*canary("backup"));
    call(door, Request::Backup(backup.clone())).unwrap();
    ask(door, Request::Backup(backup.join("nowhere")));
    let restore = |file, replace| Request::Restore { file, credential: current().unwrap(), replace };
    ask(door, restore(home.path().join(&*canary("missing")), true));
    ask(door, restore(backup, false));
    let wrong = || Some(Credential::Passphrase(passphrase("wrong")));
    ask(door, Request::ChangePassphrase { current: wrong(), new: passphrase("next") });
    ask(door, Request::ChangeRecoveryKey { current: wrong() });
    ask(door, Request::LockAfter { seconds: None, credential: wrong() });
    ask(door, Request::Doctor(wrong()));
    ask(door, Request::Lock);
    ask(door, Request::Unlock(Credential::Recovery(recovery.clone())));
    ask(door, Request::Unlock(Credential::Machine(passphrase("machine"))));
}

/// Sends `bytes`, and waits until the agent has closed the connection.
fn send(home: &Home, bytes: &[u8]) {
    let mut stream = UnixStream::connect(home.socket()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    // It may close it before all is there.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read_to_end(&mut Vec::new());
}

/// Frames that are none, and hellos of strangers, with words in them.
fn bad_frames(home: &Home) {
    let register = Call::Request(Request::Register(told(draft(&canary("frame"), &canary("frame-value")))));
    let mut frame = Vec::new();
    wire::send(&mut frame, &register, MAX_CALL).unwrap();
    let mut trailing = frame.clone();
    trailing.extend(CANARY.bytes());
    let length = u32::try_from(trailing.len() - 4).unwrap();
    trailing[..4].copy_from_slice(&length.to_le_bytes());
    let mut spoilt = frame.clone();
    spoilt[4..8].fill(0xff);
    let too_long = [&u32::MAX.to_le_bytes(), CANARY.as_bytes()].concat();
    let hello = Hello::ours().encode();
    for bad in [&frame[..frame.len() / 2], &trailing, &spoilt, &too_long, CANARY.as_bytes()] {
        send(home, &[&hello, bad].concat());
    }
    let of_version = Hello { version: canary("version"), ..Hello::ours() }.encode();
    let of_protocol = Hello { protocol: 7, version: canary("version") }.encode();
    let stranger = CANARY.repeat(20);
    [&of_version[..], &of_protocol, stranger.as_bytes()].into_iter().for_each(|bytes| send(home, bytes));
}

/// The words for what was asked, as the log has them.
fn words(log: &str) -> BTreeSet<&str> {
    log.lines().filter_map(|line| line.split(' ').nth(1)).collect()
}

#[test]
fn every_verb_is_in_the_log_and_no_name_no_value_and_no_path() {
    let home = Home::new();
    fs::remove_dir_all(home.vault().vault).unwrap();
    let log = home.path().join("log");
    let mut agent = home.agent(&["--log", log.to_str().unwrap()]);
    let mut door = home.remote();
    let create = Request::Create {
        organization: canary("organization"),
        member: canary("member"),
        passphrase: passphrase("passphrase"),
    };
    let Response::Created { recovery_key, .. } = call(&mut door, create).unwrap() else { panic!("no vault") };
    a_life(&mut door);
    the_rest(&home, &mut door, &recovery_key);
    // One of each, whatever comes of it; but for those that name a file of the machine.
    let names_a_file = |request: &Request| matches!(request, Request::Backup(_) | Request::Restore { .. });
    let others = wire_samples::requests().into_iter().filter(|request| !names_a_file(request));
    others.for_each(|request| ask(&mut door, request));
    bad_frames(&home);
    let pid = rustix::process::Pid::from_raw(i32::try_from(agent.0.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    wait_for("its end", || agent.0.try_wait().unwrap());

    let written = fs::read(&log).unwrap();
    let text = String::from_utf8_lossy(&written);
    let verbs: BTreeSet<&str> = wire_samples::requests().iter().filter_map(Request::word).collect();
    let words = words(&text);
    let missing: Vec<_> = verbs.difference(&words).collect();
    assert!(missing.is_empty(), "{missing:?} are not in the log:\n{text}");
    for bad in ["a frame cannot be read", "is too long", "does not speak our protocol", "speaks version 7"] {
        assert!(text.contains(bad), "{bad:?} is not in the log:\n{text}");
    }
    assert!(memmem::find(&written, CANARY.as_bytes()).is_none(), "{text}");
    let organization = memmem::find(&written, b"acme").or_else(|| memmem::find(&written, b"deploy"));
    assert!(organization.is_none(), "the samples' words: {text}");
}
