//! The recovery key is shown once, and forgotten at once.

use crate::aloud::skip_for_want;
use crate::processes::Process;
use crate::pty::home::Home;
use crate::pty::wizard::{from_recovery_key, up_to_recovery_key};
use crate::scan::scan;
use crate::secrets::{Secret, canary};

const SIZE: (u16, u16) = (80, 24);
const LOCK: &str = "\x0c";
/// Its place among all canaries.
const RECOVERY: usize = 98;

/// The key as it is written, and without its hyphens.
fn written(key: &str) -> [Secret; 2] {
    [Secret::text("recovery key", key), Secret::text("recovery key in one", &key.replace('-', ""))]
}

#[test]
fn the_recovery_key_of_the_wizard_is_forgotten() {
    let home = Home::empty();
    let passphrase = canary(RECOVERY, 0);
    let mut session = home.start(&[], SIZE, &[]);
    let groups = up_to_recovery_key(&mut session, "acme", "Ada", &passphrase);
    if let Err(error) = scan(&[session.pid()], &[]) {
        return skip_for_want("the recovery key in memory", &format!("it cannot be read: {error}"));
    }
    let (agent, screens) = (Process::agent(&home), Process::new("the screens", session.pid()));
    let key = written(&groups.join("-"));
    screens.knows(&key[..1]);
    from_recovery_key(&mut session, "acme", &groups);
    let passphrase = Secret::text("passphrase", &passphrase);
    let all = [&key[..], &[passphrase]].concat();
    [agent, screens].iter().for_each(|process| process.forgets(&all, "the wizard"));
    session.send(LOCK);
    session.wait_for("The vault is locked");
    [agent, screens].iter().for_each(|process| process.forgets(&all, "the lock"));
}

#[test]
fn the_recovery_key_of_init_is_forgotten() {
    let home = Home::empty();
    let passphrase = canary(RECOVERY, 1);
    home.write("pass", &passphrase);
    let init = home.run(&["init", "--passphrase-file", "pass", "--organization", "acme", "--name", "Ada"]);
    assert!(init.status.success(), "{init:?}");
    let agent = Process::agent(&home);
    if let Err(error) = scan(&[agent.pid()], &[]) {
        return skip_for_want("the recovery key in memory", &format!("it cannot be read: {error}"));
    }
    let key = written(String::from_utf8(init.stdout).expect("text").trim());
    let all = [&key[..], &[Secret::text("passphrase", &passphrase)]].concat();
    agent.forgets(&all, "init");
    assert!(home.run(&["lock"]).status.success());
    agent.forgets(&all, "the lock");
}
