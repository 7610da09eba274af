//! What the program costs in a terminal of 120 × 40: `cargo bench --bench program`.
//!
//! The binary is the stripped one of a release, in the page cache. Bytes are those that it writes to the terminal.

// In a bench, unwrapping is how helpers fail.
#![allow(clippy::unwrap_used)]

#[path = "../pty/mod.rs"]
mod pty;
mod support;

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use pty::Session;
use strongroom::vault::Place;
use support::{Filled, PASSPHRASE, memory, middle_and_best, tell};

const PROGRAM: &str = env!("CARGO_BIN_EXE_strongroom");
const TERMINAL: (u16, u16) = (120, 40);
/// What ends a frame: the terminal shows it now.
const FRAME_END: &[u8] = b"\x1b[?2026l";
const STARTS: usize = 41;
/// How often a key is pressed. As many moves stay within the first page.
const PRESSES: usize = 30;
/// Silence that means that a frame is over.
const QUIET: Duration = Duration::from_millis(60);
/// After which the pane beside the table has been drawn.
const REST: Duration = Duration::from_secs(1);
const IDLE: Duration = Duration::from_secs(5);
const DOWN: &str = "\x1b[B";

fn main() {
    let size = Path::new(PROGRAM).metadata().unwrap().len();
    tell("the stripped binary", &format!("{:.1} MB", size as f64 / 1e6), "≤ 10 MB");
    let filled = Filled::new(10_000);
    start(&filled);
    let mut session = unlocked(&filled);
    moves(&mut session);
    idle(&session);
    resident(&session, &filled);
    typing(&mut session);
    // Its agent ends a minute after that.
    session.send("\x0c");
    session.wait_for("The vault is locked");
}

fn program(filled: &Filled) -> Session {
    let Place { vault, state } = filled.place();
    let (vault, state) = (vault.to_str().unwrap(), state.to_str().unwrap());
    // What a shell of today has: the screens draw with fine lines and glyphs then.
    let shell = [("LANG", "C.UTF-8"), ("COLORTERM", "truecolor")];
    let environment = [&[("STRONGROOM_VAULT", vault), ("XDG_STATE_HOME", state)][..], &shell].concat();
    Session::start(Path::new(PROGRAM), &[], TERMINAL, &environment)
}

/// From the start of the process to the end of its first frame, the unlock screen.
fn start(filled: &Filled) {
    let mut bytes = 0;
    let times = (0..STARTS).map(|_| {
        let started = Instant::now();
        let mut session = program(filled);
        session.wait_until("a frame", |_, bytes| frames(bytes) > 0);
        let time = started.elapsed();
        bytes = settled(&session);
        session.send("\x03");
        session.wait_exit();
        time
    });
    let (middle, best) = middle_and_best(times.collect());
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    tell("start to the first frame", &format!("{:.1} ms (best {:.1} ms)", ms(middle), ms(best)), "≤ 12 ms");
    tell("bytes at the start", &bytes.to_string(), "≤ 4500");
}

fn unlocked(filled: &Filled) -> Session {
    let mut session = program(filled);
    session.wait_for("locked");
    session.send(PASSPHRASE);
    let before = settled(&session);
    session.send("\r");
    session.wait_for("Secrets Management");
    tell("bytes to unlock and list", &(settled(&session) - before).to_string(), "");
    session
}

fn moves(session: &mut Session) {
    tell("bytes of a navigation key", &per_key(session, &[DOWN]), "≤ 190");
    let before = session.bytes().len();
    sleep(REST);
    tell("bytes of the pane when the selection rests", &(session.bytes().len() - before).to_string(), "");
    session.send("\x1b[6~");
    settled(session);
    tell("bytes of a navigation key that scrolls", &per_key(session, &[DOWN]), "");
    let before = session.bytes().len();
    session.send(DOWN.repeat(100));
    let queued = settled(session) - before;
    let drawn = frames(&session.bytes()[before..]);
    tell("100 queued keys", &format!("{queued} bytes in {drawn} frame(s)"), "1 frame");
}

fn typing(session: &mut Session) {
    session.send("/");
    settled(session);
    tell("bytes of a typed character (find)", &per_key(session, &["d", "e", "p", "l", "o", "y"]), "");
    session.send("\x1b");
    settled(session);
    session.send("n\r");
    settled(session);
    tell("bytes of a typed character (form)", &per_key(session, &["a"]), "≤ 64");
}

/// The median and the most of the bytes that a press of each of `keys`, in turn, makes the program write.
fn per_key(session: &mut Session, keys: &[&str]) -> String {
    let presses = if keys.len() > 1 { keys.len() } else { PRESSES };
    let mut sizes: Vec<usize> = keys
        .iter()
        .cycle()
        .take(presses)
        .map(|key| {
            let before = session.bytes().len();
            session.send(key);
            settled(session) - before
        })
        .collect();
    sizes.sort_unstable();
    format!("{} (at most {})", sizes[sizes.len() / 2], sizes[sizes.len() - 1])
}

/// The embedded engine's threads wake up once a second each; they are told apart.
fn idle(session: &Session) {
    sleep(REST);
    let engine = |name: &str| name.starts_with("sled-io-");
    let now = || (session.bytes().len(), session.wake_ups_of(|name| !engine(name)), session.wake_ups_of(engine));
    let before = now();
    sleep(IDLE);
    let after = now();
    let (bytes, ours, engines) = (after.0 - before.0, after.1 - before.1, after.2 - before.2);
    tell("5 s idle", &format!("{bytes} bytes, {ours} wake-ups (sled: {engines})"), "0, 0");
}

fn resident(session: &Session, filled: &Filled) {
    let of = |pid: &dyn std::fmt::Display, what: &str| {
        let (now, most) = memory(Path::new(&format!("/proc/{pid}/status")));
        tell(what, &format!("{now:.1} MB (at most {most:.1} MB)"), "≤ 20 MB");
    };
    of(&session.pid(), "resident with 10,000 secrets in the listing");
    pty::agents::pids_in(&filled.place().state).iter().for_each(|pid| of(pid, "resident in the agent of it"));
}

/// How many bytes the program has written once it is quiet.
fn settled(session: &Session) -> usize {
    let mut written = session.bytes().len();
    let mut since = Instant::now();
    while since.elapsed() < QUIET {
        sleep(Duration::from_millis(2));
        let now = session.bytes().len();
        if now != written {
            (written, since) = (now, Instant::now());
        }
    }
    written
}

fn frames(bytes: &[u8]) -> usize {
    bytes.windows(FRAME_END.len()).filter(|window| *window == FRAME_END).count()
}
