//! Every screen and dialog over a door whose every text is hostile; then with hostile text pasted and typed into it.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use ratatui::Terminal;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use strongroom::domain::text::is_forbidden;
use strongroom::host::{FixedClock, SeededEntropy};
use strongroom::service::wire::Reply;
use strongroom::service::{Door, DoorError, Progress, Request, Response, Service};
use strongroom::tui::harness::{Harness, START, Start};
use strongroom::tui::terminal::{FrameBackend, Output};
use strongroom::tui::theme::Theme;

use crate::door::{Shared, Twisted, twisted_error, twisted_news};
use crate::scenes::{Scene, all};
use crate::texts::Texts;
use crate::{checks, thorough, wire_samples};

const SIZE: (u16, u16) = (80, 24);
/// The texts that are promised.
const TEXTS: usize = 10_000;

/// Keeps what the real backend writes.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<u8>>>);

impl Write for Recorder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Recorder {
    fn size(&self) -> io::Result<Size> {
        Ok(Size::new(SIZE.0, SIZE.1))
    }
}

/// How many characters were replaced on the screen; it has nothing that steers a terminal, neither in its cells nor in the
/// bytes that draw them.
///
/// # Errors
/// What is wrong.
fn look(h: &Harness) -> Result<usize, String> {
    let replaced = harmless_cells(&h.buffer())?;
    let recorder = Recorder::default();
    let mut terminal = Terminal::new(FrameBackend::new(recorder.clone()).unwrap()).unwrap();
    terminal.draw(|frame| h.app().render(frame)).unwrap();
    checks::sent(&recorder.0.lock().unwrap())?;
    Ok(replaced)
}

fn harmless_cells(buffer: &Buffer) -> Result<usize, String> {
    let symbols = || buffer.content().iter().flat_map(|cell| cell.symbol().chars());
    match symbols().find(|c| is_forbidden(*c)) {
        Some(wrong) => Err(format!("U+{:04X} is in a cell", u32::from(wrong))),
        None => Ok(symbols().filter(|c| *c == char::REPLACEMENT_CHARACTER).count()),
    }
}

#[track_caller]
fn is_harmless(h: &Harness, what: &str) -> usize {
    look(h).unwrap_or_else(|why| panic!("{what}: {why}\n{}", h.screen()))
}

fn shared(seed: u64) -> Shared {
    Arc::new(Mutex::new(Texts::new(seed)))
}

/// Pastes and types into whatever has the focus, and asks for help and commands on top.
fn poke(h: &mut Harness, texts: &Shared) -> Result<usize, String> {
    let [pasted, typed] = [(); 2].map(|()| texts.lock().unwrap().text());
    let mut seen = look(h.paste(&pasted))?;
    // No line breaks: on a button they would be a choice.
    let typed: String = typed.chars().filter(|c| !"\r\n".contains(*c)).take(40).collect();
    seen += look(h.type_text(&typed))?;
    seen += look(h.press("^P").paste(&pasted))?;
    Ok(seen + look(h.press("Esc Esc ?"))?)
}

/// Plays the scene with these texts: how many characters were replaced in its own frame, and in those after it.
fn play(scene: &Scene, texts: &Shared) -> Result<(usize, usize), String> {
    let mut h = scene.play_through(|door| Twisted::before(door, texts), SIZE.0, SIZE.1);
    let told = |h: &Harness, why: String| format!("{}: {why}\n{}\n", scene.name, h.screen());
    let first = look(&h).map_err(|why| told(&h, why))?;
    let later = poke(&mut h, texts).map_err(|why| told(&h, why))?;
    Ok((first, later))
}

#[test]
fn no_text_gets_through_a_screen() {
    let rounds = if thorough() { 10 } else { 1 };
    let (mut made, mut shown, mut without, mut wrong) = (0, 0, Vec::new(), Vec::new());
    for (round, (n, scene)) in (0..rounds).flat_map(|round| all().enumerate().map(move |scene| (round, scene))) {
        let texts = shared(round * 1000 + n as u64);
        match play(scene, &texts) {
            Ok((first, later)) => {
                shown += first + later;
                without.extend((first == 0).then_some(scene.name));
            }
            Err(why) => wrong.push(why),
        }
        made += texts.lock().unwrap().made;
    }
    println!("{made} texts, {shown} characters replaced; nothing hostile on {}: {without:?}", without.len());
    assert!(wrong.is_empty(), "{} of the scenes:\n{}", wrong.len(), wrong.concat());
    assert!(made >= TEXTS, "only {made} texts");
    assert!(shown >= TEXTS, "only {shown} characters were replaced: the texts do not reach the screens");
}

/// A door that answers everything with the same refusal, and the first questions well.
struct Refusing {
    inner: Service,
    error: Option<DoorError>,
}

impl Door for Refusing {
    fn call(&mut self, request: Request, progress: &dyn Fn(Progress)) -> Result<Response, DoorError> {
        let looks = matches!(request, Request::Status | Request::List | Request::Unfinished | Request::Details(_));
        match if looks { None } else { self.error.take() } {
            Some(error) => Err(error),
            None => self.inner.call(request, progress),
        }
    }
}

fn over(door: Box<dyn Door>, clock: &Arc<FixedClock>, folder: &std::path::Path) -> Harness {
    let (clock, folder) = (clock.clone(), folder.to_owned());
    Harness::start(Start { door, clock, theme: Theme::default(), demo: false, folder, size: SIZE })
}

#[test]
fn no_text_of_a_refusal_or_of_news_gets_through() {
    let texts = shared(77);
    let clock = Arc::new(FixedClock::at(START));
    let mut refused = 0;
    for reply in wire_samples::replies() {
        let inner = Service::demo(clock.clone(), Arc::new(SeededEntropy::new(7))).unwrap();
        match reply {
            Reply::Answer(Err(error)) => {
                let error = Some(twisted_error(error, &mut texts.lock().unwrap()));
                let mut h = over(Box::new(Refusing { inner, error }), &clock, "/".as_ref());
                // A copy, an edit, a deactivation: whichever comes first is refused.
                for keys in ["y", "Esc d", "Tab Enter"] {
                    refused += is_harmless(h.press(keys), "a refusal");
                }
            }
            Reply::News(news) => {
                let mut h = over(Box::new(inner), &clock, "/".as_ref());
                is_harmless(h.news(twisted_news(news, &mut texts.lock().unwrap())), "news");
                is_harmless(h.press("Down Enter"), "news");
            }
            _ => {}
        }
    }
    assert!(refused > 50, "{refused}: the refusals are not shown");
}

#[test]
fn no_name_of_a_file_gets_through_the_picker() {
    let texts = shared(78);
    let clock = Arc::new(FixedClock::at(START));
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join(texts.lock().unwrap().file_name());
    std::fs::create_dir(&folder).unwrap();
    for n in 0..60 {
        let mut name = texts.lock().unwrap().file_name();
        name.push(if n % 2 == 0 { ".pem" } else { ".key" });
        std::fs::write(folder.join(name), "no certificate").unwrap();
    }
    let inner = Service::demo(clock.clone(), Arc::new(SeededEntropy::new(7))).unwrap();
    let mut h = over(Box::new(inner), &clock, &folder);
    let mut seen = is_harmless(h.press("n Down Down Down Enter Tab ^O"), "the picker");
    for _ in 0..70 {
        seen += is_harmless(h.press("Down"), "the picker");
    }
    is_harmless(h.press("Enter"), "a file that is no certificate");
    assert!(seen > 1000, "{seen}: the names are not shown");
    // A path that is dropped on the field.
    let dropped = folder.join(texts.lock().unwrap().text().replace('\n', ""));
    is_harmless(h.paste(&dropped.to_string_lossy()).press("Enter"), "a dropped path");
}

#[test]
#[should_panic(expected = "U+E000 is in a cell")]
fn a_text_that_is_shown_as_it_is_would_be_noticed() {
    let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 80, 1));
    buffer.set_string(0, 0, Texts::new(1).text(), ratatui::style::Style::new());
    harmless_cells(&buffer).unwrap_or_else(|why| panic!("{why}"));
}
