//! kill -9 of the agent while many are handed values: nobody got one without its event.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use strongroom::domain::{Delivery, Order, Reference};
use strongroom::host::{Entropy, SeededEntropy};
use strongroom::service::{AuditQuery, DoorError, Event, Request, Response};

use crate::home::{Home, call, changed, draft};
use crate::{seed, wait_for};

/// How many kills a normal run makes; `STRONGROOM_KILLS` asks for more.
const KILLS: u32 = 5;
const TAKERS: usize = 4;
/// Each kill waits for more deliveries than this.
const DELIVERIES: u64 = 60;
/// The latest moment of a kill after that, in microseconds.
const LATEST: u64 = 5_000;

#[test]
fn no_kill_loses_the_event_of_an_answered_delivery() {
    let kills = std::env::var("STRONGROOM_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let (home, moments) = (Home::new(), SeededEntropy::new(seed()));
    changed(call(&mut home.unlocked(), Request::Register(draft("key", "x")))).unwrap();
    let mut answered = BTreeSet::new();
    for n in 0..kills {
        answered.extend(takes_until_killed(&home, n, &moments));
        let mut door = home.unlocked();
        let noted: BTreeSet<String> =
            events(&mut door).iter().filter_map(|e| e.command.as_deref()).map(str::to_owned).collect();
        let lost: Vec<_> = answered.difference(&noted).collect();
        assert!(lost.is_empty(), "kill {n} lost {lost:?}");
        let Response::AuditVerdict(verdict) = call(&mut door, Request::VerifyAudit).unwrap() else {
            panic!("no verdict")
        };
        assert_eq!(verdict.troubles, Vec::new(), "kill {n}");
    }
    println!("{kills} kills, {} deliveries answered, every one noted", answered.len());
}

fn events(door: &mut dyn strongroom::service::Door) -> Vec<Event> {
    match call(door, Request::Audit(AuditQuery::default())).unwrap() {
        Response::Events(events) => events,
        other => panic!("{other:?}"),
    }
}

fn takes_until_killed(home: &Home, n: u32, moments: &SeededEntropy) -> Vec<String> {
    drop(home.unlocked());
    let taken = AtomicU64::new(0);
    thread::scope(|scope| {
        let takers: Vec<_> = (0..TAKERS)
            .map(|who| {
                let taken = &taken;
                scope.spawn(move || takes(home, &format!("{n}-{who}"), taken))
            })
            .collect();
        wait_for("deliveries", || (taken.load(Ordering::SeqCst) > DELIVERIES).then_some(()));
        let mut moment = [0; 8];
        moments.fill(&mut moment).unwrap();
        thread::sleep(Duration::from_micros(u64::from_le_bytes(moment) % LATEST));
        let pid = Pid::from_raw(i32::try_from(home.agent_pid()).unwrap()).unwrap();
        kill_process(pid, Signal::KILL).unwrap();
        takers.into_iter().flat_map(|taker| taker.join().unwrap()).collect()
    })
}

/// Takes the value until there is an error; gives what told the orders apart that were answered.
fn takes(home: &Home, who: &str, taken: &AtomicU64) -> Vec<String> {
    let mut door = home.remote();
    let mut answered = Vec::new();
    for n in 0.. {
        let command = format!("{who}-{n}");
        let reference = Reference { secret: "key".into(), field: None };
        let order = Order { command: Some(command.as_str().into()), ..Order::of(Delivery::Run, reference) };
        match call(&mut door, Request::Deliver(order)) {
            Ok(_) => answered.push(command),
            Err(DoorError::Locked | DoorError::Agent(_)) => break,
            Err(other) => panic!("{other:?}"),
        }
        taken.fetch_add(1, Ordering::SeqCst);
    }
    answered
}

#[test]
fn the_kernel_tells_who_asked() {
    let home = Home::new();
    let mut door = home.unlocked();
    let seen = events(&mut door).pop().unwrap();
    assert_eq!(seen.action.word(), "unlock");
    assert_eq!(seen.origin.pid, std::process::id());
    assert!(!seen.origin.user.is_empty() && !seen.origin.host.is_empty(), "{seen:?}");
}
