//! What the real screens send to the terminal, in bytes, at 120×40.

mod pty;

use std::thread;
use std::time::{Duration, Instant};

use pty::Session;
use pty::home::Home;

const SIZE: (u16, u16) = (120, 40);
/// Too narrow for the pane, which is drawn later than the keys.
const NO_PANE: (u16, u16) = (80, 24);
/// The table of the demo does not fit.
const SMALL: (u16, u16) = (80, 16);
const FIRST_FRAME: usize = 4500;
const PER_MOVE: usize = 190;
const PER_LETTER: usize = 64;
/// The detail pane beside the table, drawn when the selection rests.
const PER_PANE: usize = 450;
/// So long without a byte, and a frame is over.
const QUIET: Duration = Duration::from_millis(60);
/// Longer than a selection has to rest before the pane follows it.
const REST: Duration = Duration::from_millis(300);
/// What begins and ends each frame (synchronized update).
const FRAME: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

fn demo(home: &Home, size: (u16, u16)) -> Session {
    let session = home.start(&["demo"], size, &[]);
    session.wait_for("1 of ");
    settle(&session);
    session
}

/// Waits until nothing is written any more; gives the number of bytes so far.
fn settle(session: &Session) -> usize {
    quiet_for(QUIET, session)
}

fn quiet_for(quiet: Duration, session: &Session) -> usize {
    let (mut bytes, mut since) = (session.bytes().len(), Instant::now());
    while since.elapsed() < quiet {
        thread::sleep(Duration::from_millis(3));
        let now = session.bytes().len();
        if now != bytes {
            (bytes, since) = (now, Instant::now());
        }
    }
    bytes
}

/// Bytes for each of `keys`, typed one after the other.
fn cost_of_each(session: &mut Session, keys: &[&str]) -> Vec<usize> {
    let mut cost = |key: &&str| {
        let before = settle(session);
        session.send(key);
        session.wait_until("an answer", |_, bytes| bytes.len() > before);
        settle(session) - before
    };
    keys.iter().map(&mut cost).collect()
}

/// Bytes of the frame that moves a running selection, and of the one that fills the pane once it rests. `None` when the
/// machine was too slow for it to run: pane and move are one frame then.
fn cost_of_move(session: &mut Session, key: &str) -> Option<(usize, usize)> {
    let rested = session.bytes().len();
    session.send(key);
    session.wait_until("a whole frame", |_, bytes| bytes.len() > rested && bytes.ends_with(END));
    let before = session.bytes().len();
    session.send(key);
    session.wait_until("an answer", |_, bytes| bytes.len() > before);
    let end = quiet_for(REST, session);
    match frames(&session.bytes()[before..])[..] {
        [0, pane] => Some((pane, end - before - pane)),
        _ => None,
    }
}

fn median(mut costs: Vec<usize>) -> usize {
    costs.sort_unstable();
    costs[costs.len() / 2]
}

/// Where each frame begins.
fn frames(bytes: &[u8]) -> Vec<usize> {
    memchr::memmem::find_iter(bytes, FRAME).collect()
}

#[test]
fn starting_and_being_idle() {
    let home = Home::empty();
    let session = demo(&home, SIZE);
    let bytes = settle(&session);
    assert!((1000..=FIRST_FRAME).contains(&bytes), "{bytes} B until the first list is there");
    let look = |session: &Session| (session.bytes().len(), session.wake_ups());
    let before = session.wait_settled(look);
    thread::sleep(Duration::from_secs(2));
    assert_eq!(look(&session), before, "bytes and wake-ups while nothing happens");
}

#[test]
fn moving_the_selection() {
    let home = Home::empty();
    let mut session = demo(&home, SIZE);
    // Two rows each, down and up again; a tombstone on the way is dearer, for its whole row is dim.
    let keys = [["j", "\x1b[B"].repeat(3), ["k", "\x1b[A"].repeat(3)].concat();
    let (moves, panes): (Vec<usize>, Vec<usize>) =
        keys.iter().filter_map(|key| cost_of_move(&mut session, key)).unzip();
    assert!(!moves.is_empty() && moves.iter().all(|cost| *cost > 20), "{moves:?}");
    assert!(median(moves.clone()) <= PER_MOVE, "{moves:?}");
    assert!(panes.iter().all(|cost| (20..=PER_PANE).contains(cost)), "{panes:?}");
}

#[test]
fn moving_past_the_edge_of_the_table() {
    let home = Home::empty();
    let mut session = demo(&home, SMALL);
    let costs = cost_of_each(&mut session, &["j"; 13]);
    session.wait_for("14 of 14");
    // Half a page comes into view at once: twice in so many keys, not with every one from the edge on.
    assert!(costs.iter().filter(|cost| **cost > 2 * PER_MOVE).count() <= 2, "{costs:?}");
    assert!(median(costs.clone()) <= PER_MOVE, "{costs:?}");
}

#[test]
fn moving_in_the_audit_log_and_among_the_applications() {
    let home = Home::empty();
    let mut session = demo(&home, SIZE);
    cost_of_each(&mut session, &["y", "j", "y", "j", "y", "\x1b", "G", "\r"]);
    session.wait_for("3 events");
    let events = cost_of_each(&mut session, &["j", "j", "k", "k"]);
    cost_of_each(&mut session, &["\x1b", "k", "\r"]);
    session.wait_for("3 applications");
    let applications = cost_of_each(&mut session, &["j", "j", "k", "k"]);
    for costs in [events, applications] {
        assert!(costs.iter().all(|cost| (20..=PER_MOVE).contains(cost)), "{costs:?}");
    }
}

#[test]
fn typing_into_find() {
    let home = Home::empty();
    let mut session = demo(&home, SIZE);
    cost_of_each(&mut session, &["/", "z"]);
    let costs = cost_of_each(&mut session, &["q", "x", "z", "w", "\x7f", "v"]);
    session.wait_for("zqxzv");
    assert!(costs.iter().all(|cost| (1..=PER_LETTER).contains(cost)), "{costs:?}");
}

#[test]
fn queued_keys_are_drawn_together() {
    let home = Home::empty();
    let mut session = demo(&home, NO_PANE);
    let before = settle(&session);
    session.send("jk".repeat(50) + "j");
    session.wait_for("2 of ");
    settle(&session);
    let drawn = frames(&session.bytes()[before..]).len();
    // The first key may be drawn before the others have been decoded.
    assert!((1..=2).contains(&drawn), "{drawn} frames for 101 keys");
}
