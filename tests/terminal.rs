//! Every way out leaves the terminal as it was. The program under test is this test program
//! itself, started again inside a pseudo-terminal.

// In a test program, unwrapping is how helpers fail.
#![allow(clippy::unwrap_used)]

mod pty;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use pty::{Session, Signal};
use ratatui::Terminal;
use strongroom::host::clipboard::Route;
use strongroom::tui::input::{self, Code, Event};
use strongroom::tui::signals;
use strongroom::tui::terminal::{FrameBackend, TerminalGuard, Tty, install_panic_hook};

const ROLE: &str = "STRONGROOM_TEST_SCREENS";
/// How long the program holds an escape back, in milliseconds.
const HOLD: &str = "STRONGROOM_TEST_HOLD";
/// A second is promised; a busy machine gets more, and a hang would take longer.
const SOON: Duration = Duration::from_secs(8);
const BELL: u8 = b'\x07';

/// The program: shows each event, and does what the keys say.
#[test]
#[ignore = "it is the program that the other tests start"]
fn screens() {
    if std::env::var_os(ROLE).is_some() {
        run_screens();
        // The harness would report on a terminal that may be gone.
        std::process::exit(0);
    }
}

fn run_screens() {
    let tty = Tty::open().unwrap();
    let guard = TerminalGuard::enter(tty.clone()).unwrap();
    let restorer = guard.restorer();
    install_panic_hook(guard.restorer());
    let (sender, events) = mpsc::channel();
    let sink = move |event| drop(sender.send(event));
    signals::watch(tty.clone(), sink.clone(), move || drop(restorer.leave(Duration::from_millis(50)))).unwrap();
    input::spawn(escape_hold(), sink).unwrap();
    let mut terminal = Terminal::new(FrameBackend::new(tty).unwrap()).unwrap();
    for event in events {
        match &event {
            Event::Key(key) if key.code == Code::Char('q') => return,
            Event::Key(key) if key.code == Code::Char('p') => panic!("the payload is hunter2"),
            Event::Key(key) if key.code == Code::Char('s') => {
                terminal.backend_mut().send(&[BELL]).unwrap();
                thread::sleep(Duration::from_secs(60));
            }
            Event::Key(key) if key.code == Code::Char('y') => {
                terminal.backend_mut().send(&Route::Direct.copy(b"canary").unwrap()).unwrap();
            }
            Event::Key(key) if key.code == Code::Char('b') => terminal.backend_mut().send(&[BELL]).unwrap(),
            Event::Suspend => guard.suspend().unwrap(),
            Event::Resumed => {
                guard.resume().unwrap();
                terminal.backend_mut().forget();
                terminal.clear().unwrap();
            }
            Event::HangUp | Event::Terminate(_) => return,
            _ => {}
        }
        if show(&mut terminal, &format!("{event:?}")).is_err() {
            return;
        }
    }
}

fn escape_hold() -> Duration {
    let told = std::env::var(HOLD).ok().and_then(|millis| millis.parse().ok());
    told.map_or_else(|| input::escape_hold(false), Duration::from_millis)
}

fn show(terminal: &mut Terminal<FrameBackend<Tty>>, text: &str) -> std::io::Result<()> {
    terminal.draw(|frame| frame.render_widget(ratatui::text::Text::raw(text), frame.area())).map(drop)
}

fn start() -> Session {
    start_with(&[])
}

fn start_with(environment: &[(&str, &str)]) -> Session {
    let this = std::env::current_exe().unwrap();
    let environment = [&[(ROLE, "1")], environment].concat();
    let arguments = ["screens", "--exact", "--ignored", "--nocapture"];
    let session = Session::start(&this, &arguments, (100, 10), &environment);
    session.wait_for("Resize { columns: 100, rows: 10 }");
    assert_ne!(&session.settings(), session.settings_at_start(), "raw mode is on");
    assert!(
        session.with_screen(|screen| screen.alternate_screen() && screen.bracketed_paste() && screen.hide_cursor())
    );
    session
}

#[test]
fn leaving_restores_the_terminal() {
    let mut session = start();
    session.send("q");
    assert!(session.wait_exit().success());
    session.assert_restored();
}

#[test]
fn a_panic_restores_the_terminal_and_keeps_its_payload_to_itself() {
    let mut session = start();
    session.send("p");
    session.wait_exit();
    session.assert_restored();
    let epitaph = "stopped because of a bug at tests/terminal.rs:";
    session.wait_until("the epitaph", |_, bytes| String::from_utf8_lossy(bytes).contains(epitaph));
    assert!(!String::from_utf8_lossy(&session.bytes()).contains("hunter2"));
}

#[test]
fn a_signal_ends_the_screens_in_order() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let mut session = start();
        session.kill(signal);
        assert!(session.wait_exit().success(), "the screens end by themselves");
        session.assert_restored();
    }
}

/// Screens that do not come back to their events.
fn stuck() -> Session {
    let mut session = start();
    session.send("s");
    session.wait_until("the bell before the sleep", |_, bytes| bytes.contains(&BELL));
    session
}

#[test]
fn screens_that_are_stuck_end_soon() {
    let mut session = stuck();
    let started = Instant::now();
    session.kill(Signal::TERM);
    assert_eq!(session.wait_exit().exit_code(), 143);
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    session.assert_restored();
}

#[test]
fn a_hang_up_ends_even_screens_that_are_stuck() {
    for (mut session, code) in [(start(), 0), (stuck(), 129)] {
        let started = Instant::now();
        session.hang_up();
        assert_eq!(session.wait_exit().exit_code(), code);
        assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    }
}

#[test]
fn a_stopped_program_has_given_the_terminal_back() {
    let mut session = start();
    session.kill(Signal::TSTP);
    session.wait_state('T');
    session.assert_restored();
    session.kill(Signal::CONT);
    session.wait_for("Resumed");
    assert_ne!(&session.settings(), session.settings_at_start());
    assert!(session.with_screen(vt100::Screen::alternate_screen));
    session.send("q");
    assert!(session.wait_exit().success());
    session.assert_restored();
}

#[test]
fn keys_pastes_and_sizes_arrive() {
    let mut session = start();
    session.send("\x1b[A");
    session.wait_for("Key(Key { code: Up");
    session.send("\x1b");
    session.wait_for("code: Esc");
    session.send("\x1b[200~hunter2\x1b[201~");
    session.wait_for("Paste([redacted])");
    session.send("\x1b[O");
    session.wait_for("FocusLost");
    session.resize(60, 12);
    session.wait_for("Resize { columns: 60, rows: 12 }");
    session.send("y");
    session.wait_until("the clipboard sequence", |_, bytes| bytes.windows(15).any(|b| b == b"\x1b]52;c;Y2FuYXJ5"));
}

#[test]
fn an_arrow_key_that_comes_in_two_packets_is_an_arrow_key() {
    let mut session = start_with(&[(HOLD, "10000")]);
    session.send("\x1b");
    thread::sleep(Duration::from_millis(20));
    session.send("[B");
    session.wait_for("code: Down");
    assert!(!String::from_utf8_lossy(&session.bytes()).contains("Esc"));
}

#[test]
fn no_key_is_lost_while_the_size_changes() {
    let mut session = start();
    for round in 0..300_u16 {
        session.resize(90 + round % 2, 10);
        session.send("b");
        session.wait_until("the bell of this key", |_, bytes| {
            bytes.iter().filter(|byte| **byte == BELL).count() > usize::from(round)
        });
    }
}

#[test]
fn more_keys_than_are_read_at_once_all_arrive() {
    let mut session = start();
    // What a terminal holds for a program that does not read, and no more.
    session.send("x".repeat(4000));
    session.send("\x1b[A");
    session.wait_for("code: Up");
}

#[test]
fn an_idle_program_is_never_woken_and_writes_nothing() {
    let session = start();
    let look = |session: &Session| (session.wake_ups(), session.cpu_ticks(), session.bytes().len());
    let before = session.wait_settled(look);
    thread::sleep(Duration::from_millis(700));
    assert_eq!(look(&session), before);
}
