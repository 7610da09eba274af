//! Two members, each in a terminal of their own and as a user of their own, at one agent.

use std::path::Path;

use crate::machine::{ADA_UID, BEN_UID, Machine};
use crate::office::{BEN, passphrase};
use crate::pty::Session;

const SIZE: (u16, u16) = (100, 30);

/// The screens of the user `uid`, who signs in as the member called `name`.
fn screens(machine: &Machine, uid: u32, name: &str) -> Session {
    let arguments = machine.arguments(uid, &[]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let variables = machine.variables(uid);
    let mut all: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.extend(crate::pty::home::MODERN);
    all.push(("PATH", "/usr/bin:/bin"));
    let mut session = Session::start(Path::new("/usr/bin/env"), &[&["setpriv"], &arguments[..]].concat(), SIZE, &all);
    session.wait_for("The vault is locked");
    session.send([passphrase(name).expose(), b"\r"].concat());
    session.wait_for("Secrets Management");
    session.wait_gone("Reading the secrets");
    session
}

#[test]
fn what_one_member_deactivates_another_sees_and_gets_no_more() {
    let test = "what_one_member_deactivates_another_sees_and_gets_no_more";
    let Some(machine) = Machine::start(test) else { return };
    let mut ada = screens(&machine, ADA_UID, crate::office::ADA);
    ada.send("n\r");
    ada.wait_for("Header Name");
    ada.send("deploy\tX-Key\tvalue-of-deploy\x13");
    ada.wait_for("Registered deploy");
    ada.send("\r");
    ada.wait_for("▌ deploy");
    machine.done(ADA_UID, &["member", "grant", BEN, "use,reveal", "deploy"]);
    let mut ben = screens(&machine, BEN_UID, BEN);
    ben.wait_for("▌ deploy");
    ben.wait_for("Active");
    assert_eq!(machine.done(BEN_UID, &["get", "deploy"]).trim_end(), "value-of-deploy");
    ada.send("d");
    ada.wait_for("Cancel");
    ada.send("\t\r");
    ada.wait_for("Inactive");
    ben.wait_for("Inactive");
    // At once, in his own screen, too.
    ben.send("v");
    ben.wait_for("deploy is Inactive since");
    assert!(!ben.screen().contains("value-of-deploy"), "{}", ben.screen());
    assert!(machine.refused(BEN_UID, &["get", "deploy"]).contains("Inactive"));
    // Out of the one, and still in the other.
    ada.send("\x0c");
    ada.wait_for("The vault is locked");
    assert!(ben.screen().contains("deploy"), "{}", ben.screen());
    machine.unlock(ADA_UID);
    machine.done(ADA_UID, &["member", "remove", BEN, "--yes", "--passphrase-file", "pass"]);
    ben.wait_for("The vault is locked");
    assert!(!ben.screen().contains("deploy"), "{}", ben.screen());
}
