//! What the agent does by itself: the idle lock, and its own end.

use std::thread::sleep;
use std::time::{Duration, Instant};

use strongroom::agent::{Setup, run};
use strongroom::host::bus::BusAddress;
use strongroom::service::{Door, DoorError, News, Remote, Request, Session, VaultStatus};

use crate::home::{Home, call, list, session, status, unlock};
use crate::wait_for;

const SECOND: Duration = Duration::from_secs(1);

/// Does something every so often for `time`; whether the vault is open in the end.
fn still_open_after(door: &mut Remote, time: Duration, mut something: impl FnMut(&mut Remote)) -> bool {
    let started = Instant::now();
    while started.elapsed() < time {
        something(door);
        sleep(SECOND / 5);
    }
    session(door).is_some()
}

#[test]
fn the_vault_is_locked_after_so_long_without_a_request_and_everybody_hears_of_it() {
    let home = Home::new();
    let _agent = home.agent(&["--idle", "2s"]);
    let (mut door, mut other) = (home.remote(), home.remote());
    unlock(&mut door, home.recovery());
    let mut news = [door.listen().unwrap().unwrap(), other.listen().unwrap().unwrap()];
    let last_use = Instant::now();
    call(&mut door, Request::Touch).unwrap();
    // Whoever only looks keeps nothing open.
    assert!(!still_open_after(&mut other, SECOND * 3, |other| drop(
        call(other, Request::Status).and_then(|_| { call(other, Request::Clients) })
    )));
    assert!(news.iter_mut().all(|news| news.next().unwrap() == News::Locked));
    assert!(last_use.elapsed() >= SECOND * 2);
    assert_eq!(status(&mut door), VaultStatus::Locked);
}

#[test]
fn requests_keep_it_open() {
    for something in [Request::Touch, Request::List] {
        let home = Home::new();
        let _agent = home.agent(&["--idle", "1s"]);
        let mut door = home.remote();
        unlock(&mut door, home.recovery());
        assert!(still_open_after(&mut door, SECOND * 2, |door| drop(call(door, something.clone()).unwrap())));
        let stopped = Instant::now();
        let mut news = door.listen().unwrap().unwrap();
        assert_eq!(news.next().unwrap(), News::Locked);
        assert!(stopped.elapsed() < SECOND * 2, "{:?}", stopped.elapsed());
    }
}

#[test]
fn whoever_unlocks_says_how_long() {
    let home = Home::new();
    let _agent = home.agent(&["--idle", "never"]);
    let unlocked = |idle: &[&str]| {
        let output = home.run(&[&["unlock", "--passphrase-file", "pass"], idle].concat());
        assert!(output.status.success(), "{output:?}");
        session(&mut home.remote()).unwrap().locks_in
    };
    assert_eq!(unlocked(&[]), None);
    assert!(unlocked(&["--idle", "8h"]).is_some_and(|left| (28_700..=28_800).contains(&left)));
    // Others who unlock an open vault change nothing.
    assert!(unlocked(&[]).is_some());
    assert_eq!(unlocked(&["--idle", "never"]), None);
    let mut news = home.remote().listen().unwrap().unwrap();
    unlocked(&["--idle", "1s"]);
    wait_for("the lock", || (news.next().unwrap() == News::Locked).then_some(()));
}

/// A recovery key opens an open vault anew, and the timer that the agent was started with begins anew, too.
#[test]
fn a_shorter_time_counts_at_once() {
    let home = Home::new();
    let _agent = home.agent(&["--idle", "1s"]);
    let mut door = home.remote();
    unlock(&mut door, home.recovery());
    let longer = |credential| Request::LockAfter { seconds: Some(3600), credential };
    assert!(matches!(call(&mut door, longer(None)), Err(DoorError::Invalid { .. })), "a longer one takes a credential");
    let mut others = home.remote().listen().unwrap().unwrap();
    call(&mut door, longer(Some(home.recovery()))).unwrap();
    assert!(matches!(others.next(), Ok(News::Session(Session { locks_in: Some(3600), .. }))));
    sleep(SECOND * 2);
    assert!(session(&mut door).is_some());
    unlock(&mut door, home.recovery());
    let started = Instant::now();
    let mut news = door.listen().unwrap().unwrap();
    wait_for("the lock", || (news.next().unwrap() == News::Locked).then_some(()));
    assert!(started.elapsed() < SECOND * 3, "{:?}", started.elapsed());
}

/// An agent in this process, which ends when it has not been needed for so long.
fn agent_that_leaves(home: &Home, linger: Duration) -> std::thread::JoinHandle<()> {
    let bus = BusAddress::system(|_| Some("unix:path=/nowhere".into()));
    let setup = Setup { place: home.place(), service: home.alone(), log: None, bus, linger: Some(linger) };
    let (tell, told) = std::sync::mpsc::channel();
    let agent = std::thread::spawn(move || {
        let ended = run(setup, |_| tell.send(()).unwrap()).unwrap();
        assert_eq!(ended, None, "not a signal ended it");
    });
    told.recv_timeout(crate::PATIENCE).unwrap();
    agent
}

#[test]
fn an_agent_that_nobody_needs_ends_by_itself() {
    let home = Home::new();
    let agent = agent_that_leaves(&home, SECOND);
    let mut door = crate::agents::reached(Remote::to_running(home.place(), home.starter()).unwrap()).unwrap();
    sleep(SECOND * 3 / 2);
    list_refused(&mut door);
    unlock(&mut door, home.recovery());
    drop(door);
    // Open, it stays although nobody is connected.
    sleep(SECOND * 3 / 2);
    let mut door = crate::agents::reached(Remote::to_running(home.place(), home.starter()).unwrap()).unwrap();
    assert!(list(&mut door).is_empty());
    call(&mut door, Request::Lock).unwrap();
    drop(door);
    let unused = Instant::now();
    agent.join().unwrap();
    assert!(unused.elapsed() >= SECOND * 9 / 10 && unused.elapsed() < SECOND * 3, "{:?}", unused.elapsed());
    assert!(!home.socket().exists(), "and takes its socket with it");
}

fn list_refused(door: &mut Remote) {
    assert!(matches!(call(door, Request::List), Err(strongroom::service::DoorError::Locked)));
}
