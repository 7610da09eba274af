//! Runs a program in a pseudo-terminal, types at it, and looks at its screen.

// Each test program that includes this module uses a part of it.
#![allow(dead_code, unreachable_pub)]

#[path = "../support/agents.rs"]
pub mod agents;
pub mod home;
pub mod wizard;

use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::num::NonZeroU16;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
pub use rustix::process::Signal;
use rustix::process::{Pid, kill_process};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// How long anything may take before a test gives up: a key derivation beside others takes its time.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A program in a terminal of its own. It is killed when this is dropped.
pub struct Session {
    child: Box<dyn Child + Send + Sync>,
    terminal: Option<Ours>,
    /// A second descriptor of the program's side: keeps its settings readable after it has ended.
    slave: File,
    termios_at_start: Termios,
    settings_at_start: Settings,
    seen: Arc<Seen>,
    closing: Arc<AtomicBool>,
}

/// Our end of the terminal.
struct Ours {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    reader: thread::JoinHandle<()>,
}

struct Seen {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    screen: vt100::Parser,
    bytes: Vec<u8>,
}

/// The settings of a terminal that a program must put back.
#[derive(Debug, PartialEq)]
pub struct Settings(String);

impl Session {
    /// Starts `program` on a terminal of `columns` × `rows`, with this environment and no other.
    pub fn start(
        program: &Path,
        arguments: &[&str],
        (columns, rows): (u16, u16),
        environment: &[(&str, &str)],
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
        let name = pair.master.tty_name().expect("its name");
        let slave =
            OpenOptions::new().read(true).write(true).custom_flags(not_ours()).open(name).expect("its other side");
        let termios_at_start = tcgetattr(&slave).expect("the settings");
        let settings_at_start = settings(&slave);
        let child = pair.slave.spawn_command(command(program, arguments, environment)).expect("the program starts");
        drop(pair.slave);
        let screen = vt100::Parser::new(nonzero(rows), nonzero(columns), 0);
        let state = Mutex::new(State { screen, bytes: Vec::new() });
        let seen = Arc::new(Seen { state, changed: Condvar::new() });
        let closing = Arc::new(AtomicBool::new(false));
        let output = pair.master.try_clone_reader().expect("its output");
        let reader = {
            let (seen, closing) = (seen.clone(), closing.clone());
            thread::spawn(move || watch(output, &seen, &closing))
        };
        let keyboard = pair.master.take_writer().expect("its keyboard");
        Self {
            child,
            terminal: Some(Ours { master: pair.master, keyboard, reader }),
            slave,
            termios_at_start,
            settings_at_start,
            seen,
            closing,
        }
    }

    /// Types.
    pub fn send(&mut self, keys: impl AsRef<[u8]>) {
        let ours = self.terminal.as_mut().expect("the terminal is still there");
        ours.keyboard.write_all(keys.as_ref()).expect("typing");
        ours.keyboard.flush().expect("typing");
    }

    /// Waits until the screen shows `text`.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("{text:?} on the screen"), |screen, _| screen.contents().contains(text));
    }

    /// Waits until the screen does not show `text` any more.
    #[track_caller]
    pub fn wait_gone(&self, text: &str) {
        self.wait_until(&format!("no {text:?} on the screen"), |screen, _| !screen.contents().contains(text));
    }

    /// Waits until `done` says so of the screen and of all bytes written so far.
    #[track_caller]
    pub fn wait_until(&self, what: &str, done: impl Fn(&vt100::Screen, &[u8]) -> bool) {
        let state = self.seen.state.lock().expect("the screen");
        let waiting = |state: &mut State| !done(state.screen.screen(), &state.bytes);
        let (state, timeout) = self.seen.changed.wait_timeout_while(state, PATIENCE, waiting).expect("the screen");
        if timeout.timed_out() {
            let screen = framed(state.screen.screen());
            drop(state);
            panic!("waited in vain for {what}; the screen:\n{screen}");
        }
    }

    /// Waits until `look` sees the same twice, so far apart that a program at work would have shown it.
    #[track_caller]
    pub fn wait_settled<T: PartialEq>(&self, look: impl Fn(&Self) -> T) -> T {
        let started = Instant::now();
        let mut seen = look(self);
        while started.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(200));
            let now = look(self);
            if now == seen {
                return now;
            }
            seen = now;
        }
        panic!("it never settles; the screen:\n{}", self.screen());
    }

    /// The screen as text, in a frame.
    pub fn screen(&self) -> String {
        framed(self.seen.state.lock().expect("the screen").screen.screen())
    }

    /// Looks at the screen as the terminal knows it.
    pub fn with_screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.seen.state.lock().expect("the screen").screen.screen())
    }

    /// Every byte that was written to the terminal so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.seen.state.lock().expect("the screen").bytes.clone()
    }

    /// The terminal's settings now; readable after the program has ended, too.
    pub fn settings(&self) -> Settings {
        settings(&self.slave)
    }

    /// Puts the settings from before back behind the program's back, as a shell does when a program stops.
    pub fn restore_settings(&self) {
        tcsetattr(&self.slave, OptionalActions::Now, &self.termios_at_start).expect("the settings");
    }

    /// The terminal's settings before the program started.
    pub fn settings_at_start(&self) -> &Settings {
        &self.settings_at_start
    }

    /// Changes the size of the terminal.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.seen.state.lock().expect("the screen").screen.set_size(nonzero(rows), nonzero(columns));
        self.terminal.as_ref().expect("the terminal is still there").master.resize(size).expect("a new size");
    }

    /// Sends a signal to the program.
    pub fn kill(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the program is there");
    }

    /// Breaks the connection: our end of the terminal closes.
    pub fn hang_up(&mut self) {
        let Some(ours) = self.terminal.take() else { return };
        self.closing.store(true, Ordering::SeqCst);
        // Wakes the reader, which holds our end open too.
        let _ = self.slave.write_all(b"\0");
        let Ours { master, keyboard, reader } = ours;
        drop((master, keyboard));
        reader.join().expect("the reader ends");
    }

    /// Waits for the program's end.
    pub fn wait_exit(&mut self) -> ExitStatus {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().expect("its status") {
                return status;
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("the program does not end; the screen:\n{}", self.screen());
    }

    /// Waits until the kernel says that the program is in `state` (`T` is stopped, `S` asleep).
    pub fn wait_state(&self, state: char) {
        let started = Instant::now();
        while self.stat(0) != state.to_string() {
            assert!(started.elapsed() < PATIENCE, "the program is not {state} but {}", self.stat(0));
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Processor time used so far, user and system, in clock ticks (10 ms on Linux).
    pub fn cpu_ticks(&self) -> u64 {
        [11, 12].iter().map(|&field| self.stat(field).parse::<u64>().expect("a number")).sum()
    }

    /// How often the program's threads went to sleep so far. It stands still while they are idle.
    pub fn wake_ups(&self) -> u64 {
        self.wake_ups_of(|_| true)
    }

    /// As [`Session::wake_ups`], of the threads whose names `are_meant`.
    pub fn wake_ups_of(&self, are_meant: impl Fn(&str) -> bool) -> u64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.pid())).expect("its threads");
        let status = |task: fs::DirEntry| fs::read_to_string(task.path().join("status")).unwrap_or_default();
        let field = |status: &str, name| status.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let count = |status: String| {
            let name = field(&status, "Name:\t").filter(|name| are_meant(name));
            let switches = name.and_then(|_| field(&status, "voluntary_ctxt_switches:"));
            switches.and_then(|number| number.trim().parse::<u64>().ok()).unwrap_or_default()
        };
        tasks.filter_map(Result::ok).map(|task| count(status(task))).sum()
    }

    /// As [`told_by_kernel`], of the program.
    pub fn told_by_kernel(&self, of: &str) -> Option<Vec<u8>> {
        told_by_kernel(self.pid().as_raw_nonzero(), of)
    }

    /// Fails unless the terminal is as it was before the program started.
    pub fn assert_restored(&self) {
        let restored = |screen: &vt100::Screen, _: &[u8]| {
            !screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor()
        };
        self.wait_until("the modes to be left", restored);
        assert_eq!(&self.settings(), self.settings_at_start());
        let last = |wanted: &[u8]| self.bytes().windows(8).rposition(|bytes| bytes == wanted);
        assert!(last(b"\x1b[?1004l") > last(b"\x1b[?1004h"), "focus reporting is on");
    }

    /// A field of `/proc/PID/stat`, counted from the state on.
    fn stat(&self, field: usize) -> String {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("its state");
        let (_, after_name) = stat.rsplit_once(')').expect("a name in brackets");
        after_name.split_whitespace().nth(field).expect("so many fields").to_owned()
    }

    /// The program's process id.
    pub fn pid(&self) -> Pid {
        let id = self.child.process_id().expect("it runs");
        Pid::from_raw(i32::try_from(id).expect("a pid")).expect("not zero")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.hang_up();
    }
}

/// What the kernel tells of process `pid`: the command line, the environment. `None` when it tells that to root alone.
pub fn told_by_kernel(pid: impl Display, of: &str) -> Option<Vec<u8>> {
    match fs::read(format!("/proc/{pid}/{of}")) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => None,
        told => Some(told.expect("what the kernel tells")),
    }
}

fn settings(terminal: &File) -> Settings {
    let Termios { input_modes, output_modes, control_modes, local_modes, special_codes, .. } =
        tcgetattr(terminal).expect("the settings");
    Settings(format!("{input_modes:?} {output_modes:?} {control_modes:?} {local_modes:?} {special_codes:?}"))
}

/// Keeps the opened terminal from becoming that of the tests themselves.
fn not_ours() -> i32 {
    i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).expect("a small flag")
}

fn command(program: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> CommandBuilder {
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    command.env_clear();
    command.env("TERM", "xterm-256color");
    environment.iter().for_each(|(name, value)| command.env(name, value));
    command
}

/// Reads what the program writes until our end is closed.
fn watch(mut output: Box<dyn Read + Send>, seen: &Seen, closing: &AtomicBool) {
    let mut buffer = [0; 8192];
    while let Ok(length @ 1..) = output.read(&mut buffer) {
        if closing.load(Ordering::SeqCst) {
            return;
        }
        let mut state = seen.state.lock().expect("the screen");
        state.screen.process(&buffer[..length]);
        state.bytes.extend_from_slice(&buffer[..length]);
        seen.changed.notify_all();
    }
}

fn framed(screen: &vt100::Screen) -> String {
    let (_, columns) = screen.size();
    let edge = "─".repeat(usize::from(columns.get()));
    let rows = screen.rows(0, columns.get()).map(|row| format!("│{row}\n")).collect::<String>();
    format!("┌{edge}\n{rows}└{edge}")
}

fn nonzero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a terminal has rows and columns")
}
