//! kill -9 of the agent while many write: what was acknowledged is there, and clients go on with a new one.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use strongroom::domain::SecretId;
use strongroom::host::{Entropy, SeededEntropy};
use strongroom::service::{DoorError, Request, VaultStatus};

use crate::agents;
use crate::home::{Home, call, changed, draft, list, status, unlock};
use crate::{seed, wait_for};

/// How many kills a normal run makes; `STRONGROOM_KILLS` asks for more.
const KILLS: u32 = 10;
const WRITERS: usize = 8;
/// Each kill waits for more writes than this.
const WRITES: u64 = 40;
/// The latest moment of a kill after that, in microseconds.
const LATEST: u64 = 5_000;

fn kill(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

#[test]
fn no_kill_loses_an_acknowledged_write() {
    let kills = std::env::var("STRONGROOM_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let (home, moments) = (Home::new(), SeededEntropy::new(seed()));
    let mut acknowledged = BTreeSet::new();
    for n in 0..kills {
        acknowledged.extend(writes_until_killed(&home, n, &moments));
        let there: BTreeSet<Box<str>> = list(&mut home.unlocked()).iter().map(|header| header.name.clone()).collect();
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "kill {n} lost {lost:?}");
    }
    println!("{kills} kills, {} writes acknowledged, none lost", acknowledged.len());
}

/// Lets all writers write until the agent is killed; gives the names that were acknowledged.
fn writes_until_killed(home: &Home, n: u32, moments: &SeededEntropy) -> Vec<Box<str>> {
    drop(home.unlocked());
    let written = AtomicU64::new(0);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|who| {
                scope.spawn({
                    let written = &written;
                    move || writes(home, &format!("{n}-{who}"), written)
                })
            })
            .collect();
        wait_for("writes", || (written.load(Ordering::SeqCst) > WRITES).then_some(()));
        let mut moment = [0; 8];
        moments.fill(&mut moment).unwrap();
        thread::sleep(Duration::from_micros(u64::from_le_bytes(moment) % LATEST));
        kill(home.agent_pid(), Signal::KILL);
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    })
}

/// Writes until there is an error, which must be one of those that tell what happened; the next request is answered by a
/// new agent.
fn writes(home: &Home, who: &str, written: &AtomicU64) -> Vec<Box<str>> {
    let mut door = home.remote();
    let mut acknowledged = Vec::new();
    for n in 0.. {
        match changed(call(&mut door, Request::Register(draft(&format!("{who}-{n}"), "x")))) {
            Ok(header) => acknowledged.push(header.name.clone()),
            // The one before had ended already: this was sent to a new one.
            Err(DoorError::Locked) => break,
            Err(DoorError::Agent(why)) => {
                assert!(why.starts_with("the agent ended while it worked on this"), "{why}");
                break;
            }
            Err(other) => panic!("{other:?}"),
        }
        written.fetch_add(1, Ordering::SeqCst);
    }
    assert!(matches!(status(&mut door), VaultStatus::Locked | VaultStatus::Unlocked(_)));
    acknowledged
}

#[test]
fn two_that_start_one_at_once_are_both_served_by_the_same() {
    for _ in 0..10 {
        let home = Home::new();
        thread::scope(|scope| {
            let starters: Vec<_> = (0..4).map(|_| scope.spawn(|| status(&mut home.remote()))).collect();
            for starter in starters {
                assert_eq!(starter.join().unwrap(), VaultStatus::Locked);
            }
        });
        assert_eq!(agents::pids(home.path()).len(), 1);
    }
}

#[test]
fn while_one_is_ending_the_next_is_started() {
    let home = Home::new();
    for n in 0..20 {
        let mut door = home.unlocked();
        let before = home.agent_pid();
        changed(call(&mut door, Request::Register(draft(&format!("{n}"), "x")))).unwrap();
        drop(door);
        kill(before, Signal::TERM);
        // Whatever of its end is over by now.
        thread::sleep(Duration::from_micros(n * 300));
        let missing = call(&mut home.remote(), Request::Details(SecretId([0; 16]).into()));
        // The signal may not have come yet.
        assert!(matches!(missing, Err(DoorError::Locked | DoorError::NoSecret(_))), "{missing:?}");
        wait_for("the next one", || {
            status(&mut home.remote());
            (home.agent_pid() != before).then_some(())
        });
    }
    assert_eq!(list(&mut home.unlocked()).len(), 20);
}

/// The commands of a shell say it in words, too.
#[test]
fn a_command_after_a_kill_goes_on() {
    let home = Home::new();
    let mut door = home.unlocked();
    kill(home.agent_pid(), Signal::KILL);
    assert!(home.socket().exists(), "a dead agent leaves its socket");
    let output = home.run(&["status"]);
    assert_eq!((output.status.code(), &*output.stdout), (Some(0), &b"Locked.\n"[..]));
    unlock(&mut door, home.recovery());
    assert!(list(&mut door).is_empty(), "the door found the new one by itself");
}
