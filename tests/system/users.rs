//! Users of one machine at one agent, each with the real program.

use std::fs;

use strongroom::domain::Scope;
use strongroom::domain::organization::{Permission, Reach};
use strongroom::service::{Door, News, Request, Response};

use crate::machine::{ADA_UID, AGENT_UID, BEN_UID, EVE_UID, Machine, call};
use crate::office::{ADA, BEN, credential, draft, permissions};

fn names(machine: &Machine, uid: u32) -> Vec<String> {
    let told: serde_json::Value = serde_json::from_str(&machine.done(uid, &["list", "--json"])).unwrap();
    let mut names: Vec<String> =
        told.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// A secret called `name` of the user `uid`, for themselves or not.
fn register(machine: &Machine, uid: u32, name: &str, how: &[&str]) {
    let value = machine.home(uid).join("value");
    fs::write(&value, format!("value of {name}")).unwrap();
    std::os::unix::fs::chown(&value, Some(uid), Some(uid)).unwrap();
    let what = ["register", "api-key", name, "--header-name", "X-Key", "--value", "@value"];
    machine.done(uid, &[&what, how].concat());
}

#[test]
fn two_users_are_in_at_once_each_with_their_own() {
    let Some(machine) = Machine::start("two_users_are_in_at_once_each_with_their_own") else { return };
    machine.unlock(ADA_UID);
    machine.unlock(BEN_UID);
    register(&machine, ADA_UID, "hers", &["--personal"]);
    register(&machine, ADA_UID, "shared", &[]);
    register(&machine, BEN_UID, "his", &["--personal"]);
    assert_eq!(names(&machine, ADA_UID), ["hers", "shared"]);
    assert_eq!(names(&machine, BEN_UID), ["his", "shared"]);
    assert_eq!(machine.done(ADA_UID, &["get", "hers"]).trim_end(), "value of hers");
    assert_eq!(
        machine.done(BEN_UID, &["run", "--env", "KEY=strongroom://his/value", "--", "sh", "-c", "echo $KEY"]),
        "value of his\n"
    );
    assert!(machine.refused(BEN_UID, &["get", "hers"]).contains("there is no secret"));
    assert!(machine.refused(BEN_UID, &["get", "shared"]).contains("Ben may not"));
    let told = machine.done(BEN_UID, &["status"]);
    assert!(told.contains("by Ben") && told.contains("system-wide agent"), "{told}");
    machine.done(ADA_UID, &["lock"]);
    assert!(machine.done(ADA_UID, &["status"]).contains("Locked for you"));
    assert_eq!(machine.done(BEN_UID, &["get", "his"]).trim_end(), "value of his");
    let log = machine.log();
    for told in ["unlock done pid=".to_owned(), format!("uid={ADA_UID}"), format!("uid={BEN_UID}")] {
        assert!(log.contains(&told), "{log}");
    }
    assert!(!log.contains("hers") && !log.contains(ADA), "{log}");
}

#[test]
fn rights_change_at_once_and_a_removed_user_is_out_at_once() {
    let Some(machine) = Machine::start("rights_change_at_once_and_a_removed_user_is_out_at_once") else { return };
    machine.unlock(ADA_UID);
    machine.unlock(BEN_UID);
    register(&machine, ADA_UID, "shared", &[]);
    machine.done(ADA_UID, &["member", "grant", BEN, "use,reveal", "shared"]);
    assert_eq!(machine.done(BEN_UID, &["get", "shared"]).trim_end(), "value of shared");
    machine.done(ADA_UID, &["member", "revoke", BEN, "use,reveal", "shared"]);
    assert!(machine.refused(BEN_UID, &["get", "shared"]).contains("Ben may not"));
    machine.done(ADA_UID, &["member", "remove", BEN, "--yes", "--passphrase-file", "pass"]);
    assert!(machine.done(BEN_UID, &["status"]).contains("Locked for you"));
    assert!(machine.refused(BEN_UID, &["list", "--passphrase-file", "pass"]).contains("may not sign in"));
    assert_eq!(names(&machine, ADA_UID), ["shared"]);
}

#[test]
fn strangers_see_nothing_and_the_agent_lends_nobody_its_rights() {
    let test = "strangers_see_nothing_and_the_agent_lends_nobody_its_rights";
    let Some(mut machine) = Machine::start(test) else { return };
    let told = machine.refused(EVE_UID, &["unlock", "--passphrase-file", "pass"]);
    assert!(told.contains("does not open"), "{told}");
    machine.unlock(ADA_UID);
    let told = machine.refused(EVE_UID, &["unlock", "--passphrase-file", "pass"]);
    assert!(told.contains(&format!("strongroom member bind NAME --uid {EVE_UID}")), "{told}");
    assert!(!told.contains(ADA), "{told}");
    assert!(!machine.done(EVE_UID, &["status"]).contains(&format!("{ADA_UID}")));
    register(&machine, ADA_UID, "shared", &[]);
    assert_eq!(machine.run(EVE_UID, &["__complete", "names", ""]).stdout, b"");
    let file = machine.home(ADA_UID).join("backup").display().to_string();
    for uid in [ADA_UID, EVE_UID] {
        let told = machine.refused(uid, &["backup", &file]);
        assert!(told.contains("reads and writes no files for them") || told.contains("locked"), "{told}");
    }
    assert!(!machine.home(ADA_UID).join("backup").exists());
    // Nobody starts an agent for a vault that they cannot reach.
    machine.end_agent();
    let told = machine.refused(BEN_UID, &["list"]);
    assert!(told.contains("no system-wide agent serves it") && told.contains("agent --system"), "{told}");
    assert!(machine.refused(BEN_UID, &["status"]).contains("agent --system"));
    assert!(!machine.home(BEN_UID).join(".local/state/strongroom/agent").exists());
}

#[test]
fn whoever_is_invited_accepts_without_a_session_and_is_in_once_admitted() {
    let test = "whoever_is_invited_accepts_without_a_session_and_is_in_once_admitted";
    let Some(machine) = Machine::start(test) else { return };
    machine.unlock(ADA_UID);
    let uid = EVE_UID.to_string();
    let code = machine.done(ADA_UID, &["member", "invite", "Eve", "--uid", &uid]);
    fs::write(machine.home(EVE_UID).join("code"), code).unwrap();
    std::os::unix::fs::chown(machine.home(EVE_UID).join("code"), Some(EVE_UID), None).unwrap();
    let accept = ["member", "accept", "--code-file", "code", "--new-passphrase-file", "pass"];
    let fingerprint = machine.done(EVE_UID, &accept);
    machine.refused(EVE_UID, &["unlock", "--passphrase-file", "pass"]);
    let admit = ["member", "admit", "Eve", "--fingerprint", fingerprint.trim(), "--passphrase-file", "pass"];
    machine.done(ADA_UID, &admit);
    machine.unlock(EVE_UID);
    assert!(machine.done(EVE_UID, &["status"]).contains("by Eve"));
    let told = machine.refused(EVE_UID, &["unlock", "--passphrase-file", "pass", "--member", ADA]);
    assert!(told.contains("does not open"), "{told}");
    assert!(machine.done(ADA_UID, &["status"]).contains("by Ada"), "hers goes on");
}

#[test]
fn a_socket_is_trusted_where_only_its_owner_could_put_it() {
    use std::os::unix::fs::{PermissionsExt, chown};
    let Some(machine) = Machine::start("a_socket_is_trusted_where_only_its_owner_could_put_it") else { return };
    let dir = machine.path().join("run");
    let told = || machine.refused(BEN_UID, &["unlock", "--passphrase-file", "pass"]);
    chown(&dir, Some(EVE_UID), None).unwrap();
    assert!(told().contains("nothing was sent to it"), "{}", told());
    chown(&dir, Some(AGENT_UID), None).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(told().contains("others can write to it"), "{}", told());
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    chown(&dir, Some(0), None).unwrap();
    machine.unlock(BEN_UID);
    // An agent that is trusted with its own vault is not with others.
    chown(machine.vault(), Some(EVE_UID), None).unwrap();
    assert!(machine.refused(BEN_UID, &["list"]).contains("whose vault it is not"));
}

#[test]
fn each_hears_what_is_theirs() {
    let Some(machine) = Machine::start("each_hears_what_is_theirs") else { return };
    let mut root = machine.root();
    let mut news = root.listen().unwrap().unwrap();
    machine.unlock(BEN_UID);
    register(&machine, BEN_UID, "unheard", &["--personal"]);
    // Nothing so far: root is not in.
    call(&mut root, Request::Unlock(credential(ADA))).unwrap();
    assert!(matches!(news.next().unwrap(), News::Unlocked(session) if &*session.member == ADA));
    register(&machine, BEN_UID, "his", &["--personal"]);
    machine.done(BEN_UID, &["lock"]);
    machine.unlock(BEN_UID);
    let registered = call(&mut root, Request::Register(draft("shared", Scope::Organization))).unwrap();
    let Response::Changed(header) = registered else { panic!("{registered:?}") };
    assert_eq!(news.next().unwrap(), News::Changed(vec![header]), "and nothing of Ben's");
    let Response::Organization(view) = call(&mut root, Request::Organization).unwrap() else { panic!("no view") };
    let member = view.members.iter().find(|member| &*member.name == BEN).unwrap().id;
    let use_it = permissions(&[Permission::Use]);
    call(&mut root, Request::Grant { member, permissions: use_it, reach: Reach::All }).unwrap();
    assert_eq!(news.next().unwrap(), News::Organization);
    call(&mut root, Request::Lock).unwrap();
    assert_eq!(news.next().unwrap(), News::Locked);
    assert!(machine.done(BEN_UID, &["status"]).contains("by Ben"));
}
