//! Where the socket is, and what else may be in its place.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use strongroom::service::{Door, DoorError, Remote};
use strongroom::vault::Place;

use crate::home::{Home, directory, list, status};

fn private(path: &Path) {
    fs::create_dir_all(path).unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o700)).unwrap();
}

/// What a client says, and what an agent that is to start says.
fn both_refuse(home: &Home, why: &str) {
    let status = home.run(&["status"]);
    let stderr = String::from_utf8(status.stderr).unwrap();
    assert!(!status.status.success() && stderr.contains(why), "the client: {stderr}");
    let agent = home.run(&["agent"]);
    let stderr = String::from_utf8(agent.stderr).unwrap();
    assert!(!agent.status.success() && stderr.contains(why), "the agent: {stderr}");
}

#[test]
fn what_is_no_socket_is_not_replaced() {
    let home = Home::new();
    private(home.socket().parent().unwrap());
    fs::write(home.socket(), "mine").unwrap();
    both_refuse(&home, "socket");
    assert_eq!(fs::read(home.socket()).unwrap(), b"mine");
    fs::remove_file(home.socket()).unwrap();
    symlink("elsewhere", home.socket()).unwrap();
    both_refuse(&home, "socket");
    fs::remove_file(home.socket()).unwrap();
    fs::create_dir(home.socket()).unwrap();
    both_refuse(&home, "socket");
}

#[test]
fn a_directory_that_others_can_enter_is_refused() {
    let home = Home::new();
    drop(home.agent(&[]));
    let dir = home.place().lock_dir();
    for mode in [0o755, 0o710, 0o702] {
        fs::set_permissions(&dir, Permissions::from_mode(mode)).unwrap();
        both_refuse(&home, "open to other users");
    }
    let real = dir.with_file_name("real");
    fs::set_permissions(&dir, Permissions::from_mode(0o700)).unwrap();
    fs::rename(&dir, &real).unwrap();
    symlink(&real, &dir).unwrap();
    both_refuse(&home, "strongroom/agent");
    fs::remove_file(&dir).unwrap();
    fs::write(&dir, "").unwrap();
    both_refuse(&home, "strongroom/agent");
}

#[test]
fn a_socket_that_others_can_use_is_refused() {
    let home = Home::new();
    let _agent = home.agent(&[]);
    fs::set_permissions(home.socket(), Permissions::from_mode(0o666)).unwrap();
    let Err(DoorError::File { cause, .. }) = Remote::to_running(home.place(), home.starter()) else { panic!() };
    assert!(cause.contains("open to other users"), "{cause}");
}

/// A job of cron knows of no runtime directory, and with the last login it goes.
#[test]
fn it_is_found_with_and_without_a_runtime_directory() {
    let (home, runtime) = (Home::new(), directory());
    private(runtime.path());
    home.write_starter(&[("XDG_RUNTIME_DIR", runtime.path())]);
    let with = || Remote::new(home.place_with(Some(runtime.path())), home.starter());
    status(&mut with());
    let pid = home.agent_pid();
    assert!(runtime.path().join("strongroom").join(home.place().socket_name()).exists());
    strongroom_unlocked(&home, &mut with());
    assert!(list(&mut home.remote()).is_empty(), "without");
    fs::remove_dir_all(runtime.path().join("strongroom")).unwrap();
    assert!(list(&mut with()).is_empty(), "and when it has gone");
    assert_eq!(home.agent_pid(), pid, "all of it was one agent");
}

#[test]
fn one_that_was_started_without_is_found_by_those_who_have_one() {
    let (home, runtime) = (Home::new(), directory());
    private(runtime.path());
    strongroom_unlocked(&home, &mut home.remote());
    let mut with = Remote::new(home.place_with(Some(runtime.path())), home.starter());
    assert!(list(&mut with).is_empty());
    assert!(!runtime.path().join("strongroom").exists());
}

fn strongroom_unlocked(home: &Home, door: &mut dyn Door) {
    crate::home::unlock(door, home.recovery());
}

#[test]
fn a_path_may_be_longer_than_a_socket_s_address() {
    let first = Home::new();
    let long = directory();
    let deep = long.path().join("d".repeat(120));
    private(&deep);
    let home = Home::copy_of(&first, tempfile::tempdir_in(&deep).unwrap());
    assert!(home.socket().as_os_str().len() > 200);
    let mut door = home.unlocked();
    assert!(list(&mut door).is_empty());
    let Place { vault, .. } = home.vault();
    let listed = home.run(&["--vault", vault.to_str().unwrap(), "list", "--json"]);
    assert!(listed.status.success(), "{listed:?}");
}
