//! Types keys at the program without a terminal and shows what is on the screen.
//!
//! Public, so that others can write such tests:
//!
//! ```
//! use strongroom::tui::harness::Harness;
//!
//! let mut h = Harness::demo(80, 24);
//! h.press("/").type_text("github");
//! assert!(h.screen().contains("github"));
//! ```

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use super::app::{App, Msg, Now, Setup};
use super::input::{Code, Event, Key};
use super::layer::{Effect, LayerId, Millis};
use super::runtime::files;
use super::theme::Theme;
use crate::domain::{SecretBytes, Timestamp};
use crate::host::{Clock, FixedClock, SeededEntropy};
use crate::service::{Door, News, Progress, Request, Response, Service, VaultStatus};

/// The moment at which every harness begins: 2026-11-23 14:05 UTC.
pub const START: i64 = 1_795_442_700;
/// From one event to the next: as a person types who looks at each.
const PACE: Millis = 200;

/// The program with a pretended terminal, a fixed clock and fixed randomness.
pub struct Harness {
    app: App,
    door: Box<dyn Door>,
    clock: Arc<FixedClock>,
    mono: Millis,
    size: (u16, u16),
    waiting: VecDeque<(LayerId, Effect)>,
    held: bool,
    /// What was sent to the clipboard, oldest first; an empty entry is an overwriting.
    pub clipboard: Vec<SecretBytes>,
    /// Whether the program has ended.
    pub ended: bool,
}

/// What to begin with.
pub struct Start {
    /// The door to work with.
    pub door: Box<dyn Door>,
    /// The clock that door looks at.
    pub clock: Arc<FixedClock>,
    /// How it looks.
    pub theme: Theme,
    /// Whether to say that this is the demo.
    pub demo: bool,
    /// Where the file picker begins.
    pub folder: PathBuf,
    /// The terminal's size.
    pub size: (u16, u16),
}

impl Harness {
    /// The demo vault, unlocked, at the listing.
    ///
    /// # Panics
    /// When the demo vault cannot be made, which is a bug.
    pub fn demo(columns: u16, rows: u16) -> Self {
        let clock = Arc::new(FixedClock::at(START));
        let door = Service::demo(clock.clone(), Arc::new(SeededEntropy::new(7))).expect("the demo vault");
        Self::start(Start {
            door: Box::new(door),
            clock,
            theme: Theme::default(),
            demo: true,
            folder: PathBuf::from("/"),
            size: (columns, rows),
        })
    }

    /// The program over a door of the test's own.
    pub fn start(start: Start) -> Self {
        let Start { mut door, clock, theme, demo, folder, size } = start;
        let status = match door.call(Request::Status, &|_| {}) {
            Ok(Response::Status(status)) => status,
            _ => VaultStatus::Locked,
        };
        let setup = Setup {
            theme,
            place: "~/.local/share/strongroom".to_owned(),
            demo,
            folder,
            entropy: Arc::new(SeededEntropy::new(11)),
            size,
        };
        let now = Now { wall: Timestamp(clock.now()), mono: 0 };
        let (app, effects) = App::new(setup, status, now);
        let mut harness = Self {
            app,
            door,
            clock,
            mono: 0,
            size,
            waiting: effects.into(),
            held: false,
            clipboard: Vec::new(),
            ended: false,
        };
        harness.settle();
        harness
    }

    /// Presses keys, named as in the footer: `n`, `Enter`, `Esc`, `Tab`, `S-Tab`, `Up`, `^S`, `F1`, separated by spaces.
    ///
    /// # Panics
    /// When a name is not a key's.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        for name in keys.split(' ') {
            let key = parse_key(name).unwrap_or_else(|| panic!("{name:?} is no key"));
            self.event(Event::Key(key));
        }
        self
    }

    /// Types text, a key for each character.
    pub fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.event(Event::Key(Key::plain(Code::Char(c))));
        }
        self
    }

    /// Pastes text in one piece, as a terminal with bracketed paste does.
    pub fn paste(&mut self, text: &str) -> &mut Self {
        self.event(Event::Paste(SecretBytes::from(text)))
    }

    /// Lets something happen at the terminal.
    pub fn event(&mut self, event: Event) -> &mut Self {
        self.mono += PACE;
        self.clock.pass(PACE);
        self.send(Msg::Event(event));
        self.settle();
        self
    }

    /// Makes the terminal another size.
    pub fn resize(&mut self, columns: u16, rows: u16) -> &mut Self {
        self.size = (columns, rows);
        self.event(Event::Resize { columns, rows })
    }

    /// Lets time pass on both clocks, with every deadline on the way.
    pub fn wait_seconds(&mut self, seconds: u64) -> &mut Self {
        let end = self.mono + seconds * 1000;
        while let Some(at) = self.app.deadline().filter(|at| *at <= end) {
            self.advance_to(at.max(self.mono));
            self.send(Msg::Tick);
            self.settle();
        }
        self.advance_to(end);
        self
    }

    /// Lets time pass without a tick, as while the machine sleeps.
    pub fn sleep_seconds(&mut self, seconds: u64) -> &mut Self {
        self.advance_to(self.mono + seconds * 1000);
        self
    }

    fn advance_to(&mut self, mono: Millis) {
        let seconds = mono / 1000 - self.mono / 1000;
        self.clock.advance(i64::try_from(seconds).unwrap_or(0));
        self.clock.pass(mono.saturating_sub(self.mono));
        self.mono = mono;
    }

    /// From now on nothing outside happens: what was asked stays unanswered, as while a key is being derived.
    pub fn hold(&mut self) -> &mut Self {
        self.held = true;
        self
    }

    /// Tells the layer that waits how far its work has come.
    pub fn progress(&mut self, progress: Progress) -> &mut Self {
        if let Some((layer, _)) = self.waiting.front() {
            self.send(Msg::Progress(*layer, progress));
        }
        self
    }

    /// Tells what others did at the same vault.
    pub fn news(&mut self, news: News) -> &mut Self {
        self.send(Msg::News(news));
        self.settle();
        self
    }

    /// Cuts the line on which news come.
    pub fn lose_line(&mut self) -> &mut Self {
        self.send(Msg::LineLost);
        self.settle();
        self
    }

    /// Answers all that was held back.
    pub fn release(&mut self) -> &mut Self {
        self.held = false;
        self.settle();
        self
    }

    fn send(&mut self, msg: Msg) {
        let now = Now { wall: Timestamp(self.clock.now()), mono: self.mono };
        self.waiting.extend(self.app.update(msg, now));
    }

    fn settle(&mut self) {
        while !self.held {
            let Some((layer, effect)) = self.waiting.pop_front() else { return };
            match effect {
                Effect::Ask(request) => {
                    let answer = self.door.call(request, &|_| {});
                    self.send(Msg::Answer(layer, answer));
                }
                Effect::ReadFile(path) => {
                    let bytes = files::read(&path);
                    self.send(Msg::File(layer, path, bytes));
                }
                Effect::ListFolder(path) => {
                    let listed = files::list(&path);
                    self.send(Msg::Folder(layer, path, listed));
                }
                Effect::Copy(bytes) => {
                    self.clipboard.push(bytes);
                    self.send(Msg::Copied(Ok(None)));
                }
                Effect::ClearClipboard => self.clipboard.push(SecretBytes::default()),
                Effect::Quit => self.ended = true,
                Effect::Suspend | Effect::Resume | Effect::Redraw | Effect::Forget => {}
            }
        }
    }

    /// The frame as it would be drawn now.
    ///
    /// # Panics
    /// Never: the pretended terminal cannot fail.
    pub fn buffer(&self) -> Buffer {
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).expect("a pretended terminal");
        terminal.draw(|frame| self.app.render(frame)).expect("a pretended terminal");
        terminal.backend().buffer().clone()
    }

    /// The text on the screen, a line for each row, without trailing spaces.
    pub fn screen(&self) -> String {
        text_of(&self.buffer())
    }

    /// The text on the screen and, below it, where it is styled how.
    pub fn snapshot(&self) -> String {
        let buffer = self.buffer();
        format!("{}\n\n{}", text_of(&buffer), styles_of(&buffer))
    }

    /// Fails, and shows the screen, unless `text` is on it.
    ///
    /// # Panics
    /// When `text` is not on the screen.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(screen.contains(text), "{text:?} is not on this screen:\n{screen}");
        self
    }

    /// Fails, and shows the screen, if `text` is on it.
    ///
    /// # Panics
    /// When `text` is on the screen.
    #[track_caller]
    pub fn expect_not(&mut self, text: &str) -> &mut Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "{text:?} is on this screen:\n{screen}");
        self
    }

    /// The app, to look at.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The clock, to move by hand.
    pub fn clock(&self) -> &FixedClock {
        &self.clock
    }

    /// The door, to look behind the screens.
    pub fn door(&mut self) -> &mut dyn Door {
        &mut *self.door
    }
}

fn parse_key(name: &str) -> Option<Key> {
    let mut chars = name.chars();
    let code = match (name, chars.next()?, chars.next(), chars.next()) {
        ("Enter", ..) => Code::Enter,
        ("Esc", ..) => Code::Esc,
        ("Tab", ..) => Code::Tab,
        ("S-Tab", ..) => Code::BackTab,
        ("Backspace", ..) => Code::Backspace,
        ("Delete", ..) => Code::Delete,
        ("Up", ..) => Code::Up,
        ("Down", ..) => Code::Down,
        ("Left", ..) => Code::Left,
        ("Right", ..) => Code::Right,
        ("Home", ..) => Code::Home,
        ("End", ..) => Code::End,
        ("PgUp", ..) => Code::PageUp,
        ("PgDn", ..) => Code::PageDown,
        ("Space", ..) => Code::Char(' '),
        ("F1", ..) => Code::F(1),
        (_, '^', Some(c), None) => return Some(Key::ctrl(c.to_ascii_lowercase())),
        (_, c, None, _) => Code::Char(c),
        _ => return None,
    };
    Some(Key::plain(code))
}

fn text_of(buffer: &Buffer) -> String {
    let lines = buffer.content().chunks(usize::from(buffer.area.width).max(1)).map(|row| {
        let mut line = String::new();
        let mut skip = 0;
        for cell in row {
            if skip == 0 {
                line.push_str(cell.symbol());
                skip = super::text::width(cell.symbol()).saturating_sub(1);
            } else {
                skip -= 1;
            }
        }
        line.trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Each run of cells that are styled otherwise than plain: `row: from-to style`.
fn styles_of(buffer: &Buffer) -> String {
    let mut out = String::new();
    let width = usize::from(buffer.area.width).max(1);
    for (y, row) in buffer.content().chunks(width).enumerate() {
        let mut x = 0;
        while x < row.len() {
            let style = row[x].style();
            let end = row[x..].iter().position(|cell| cell.style() != style).map_or(row.len(), |n| x + n);
            if let Some(words) = style_words(style) {
                let _ = writeln!(out, "{y:>2}: {x}-{} {words}", end - 1);
            }
            x = end;
        }
    }
    out
}

fn style_words(style: Style) -> Option<String> {
    let colour = |prefix: &str, colour: Option<Color>| {
        colour.filter(|c| *c != Color::Reset).map(|c| format!("{prefix}{}", c.to_string().to_lowercase()))
    };
    let modifiers = style.add_modifier.iter_names().map(|(name, _): (&str, Modifier)| name.to_lowercase());
    let words: Vec<String> = colour("", style.fg).into_iter().chain(colour("on ", style.bg)).chain(modifiers).collect();
    (!words.is_empty()).then(|| words.join(" "))
}
