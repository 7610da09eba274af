//! Says what will happen in a sentence, and holds the effect it would fire.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::Header;
use crate::service::{DoorError, Progress, Request, Response};
use crate::tui::app::Shared;
use crate::tui::changes;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, DoorAnswer, Effect, Layer, LayerId, Nav, Tone};
use crate::tui::text::{fit, wrap};
use crate::tui::theme::Theme;
use crate::tui::uses::Known;
use crate::tui::widgets::{Buttons, dialog_box, progress_words};
use crate::tui::words;

/// Width of a dialog with text, borders included.
const WIDTH: u16 = 66;

/// What follows when the dialog is confirmed.
#[derive(Debug, Clone, PartialEq)]
pub enum Then {
    /// The effect is carried out; an answer from the door closes the dialog.
    Fire(Effect),
    /// This screen goes, with what is typed there.
    Leave(LayerId),
    /// The screen under the dialog does this.
    Perform(Cmd),
}

/// The door is at work.
#[derive(Debug, Clone, Copy)]
enum Working {
    Silently,
    Told(Progress),
}

impl Working {
    fn words(self, theme: Theme) -> String {
        match self {
            Self::Silently => format!("Working{}", theme.ellipsis()),
            Self::Told(progress) => progress_words(progress, theme),
        }
    }
}

/// A question with a safe button, which has the focus, and a verb.
pub struct Confirm {
    title: String,
    sentences: Vec<String>,
    buttons: Buttons,
    /// What each button after the safe one does.
    choices: Vec<Choice>,
    /// Which of them was made.
    made: usize,
    working: Option<Working>,
    said: Option<(Tone, String)>,
    about: Option<About>,
}

/// What one of the buttons does.
struct Choice {
    then: Then,
    /// What the toast says when the door has done it.
    done: String,
}

impl Choice {
    fn of(then: Then) -> Self {
        Self { then, done: String::new() }
    }
}

/// The secret that is asked about, as it was when it was asked, where it is applied, and what would be done to it in a
/// later state.
struct About {
    header: Arc<Header>,
    uses: Known,
    then: fn(&Header) -> Option<Effect>,
}

impl Confirm {
    /// Asks `sentences` under `title`; `verb` names the button that does it, `safe` the one that does not.
    pub fn new(
        title: impl Into<String>,
        sentences: Vec<String>,
        safe: &'static str,
        verb: &'static str,
        then: Then,
    ) -> Self {
        Self {
            title: title.into(),
            sentences,
            buttons: Buttons::new([safe, verb]),
            choices: vec![Choice::of(then)],
            made: 0,
            working: None,
            said: None,
            about: None,
        }
    }

    /// Asks about the secret under `header`: when others change it, the question is put anew, with `then` of what it is now;
    /// `None` is that nothing is left to be done.
    #[must_use]
    pub fn about(mut self, header: &Header, then: fn(&Header) -> Option<Effect>) -> Self {
        self.about = Some(About { header: Arc::new(header.clone()), uses: Known::default(), then });
        self
    }

    /// Others changed the secret: says what they did. The safe button has the focus again.
    fn ask_again(&mut self, shared: &Shared) {
        let Some(about) = &mut self.about else { return };
        let Some(now) = shared.header(about.header.id).filter(|now| now.revision > about.header.revision) else {
            return;
        };
        let told = changes::told(&about.header, now, shared.wall);
        let then = (about.then)(now);
        about.header = now.clone();
        let text = match then {
            Some(effect) => {
                self.choices.truncate(1);
                self.choices.iter_mut().for_each(|choice| choice.then = Then::Fire(effect.clone()));
                self.buttons.set_focus(0);
                format!("{told}: decide again.")
            }
            None => {
                self.buttons = Buttons::new(["Close"]);
                format!("{told}: nothing is left to be done.")
            }
        };
        self.said = Some((Tone::Warn, text));
    }

    /// One more way to go on, behind a button called `verb`.
    #[must_use]
    pub fn or(mut self, verb: &'static str, then: Then) -> Self {
        self.buttons.push(verb);
        self.choices.push(Choice::of(then));
        self
    }

    /// What the toast says when the door has done what was named last.
    #[must_use]
    pub fn done(mut self, text: impl Into<String>) -> Self {
        if let Some(choice) = self.choices.last_mut() {
            choice.done = text.into();
        }
        self
    }

    /// Does what the button with the focus says; the safe one is not among them.
    fn fire(&mut self, cx: &mut Cx<'_>) {
        self.made = self.buttons.focus().saturating_sub(1);
        let Some(choice) = self.choices.get(self.made) else { return };
        match choice.then.clone() {
            Then::Fire(effect) => {
                self.working = matches!(effect, Effect::Ask(_)).then_some(Working::Silently);
                self.said = None;
                cx.effects.push(effect);
            }
            Then::Leave(screen) => {
                cx.close();
                cx.navs.push(Nav::Leave(screen));
            }
            Then::Perform(cmd) => cx.navs.push(Nav::Perform(cmd)),
        }
    }
}

impl Layer for Confirm {
    fn context(&self) -> Context {
        Context::Dialog
    }

    fn offers(&self, cmd: Cmd, _shared: &Shared) -> bool {
        let pressed = matches!(cmd, Cmd::Open | Cmd::NextField | Cmd::PrevField | Cmd::Back);
        self.working.is_none() || !pressed
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        if let Some(about) = &self.about {
            cx.ask(Request::Uses(about.header.id));
        }
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open if self.buttons.focus() == 0 => cx.close(),
            Cmd::Open => self.fire(cx),
            _ => {
                self.buttons.move_by(cmd);
            }
        }
    }

    fn on_answer(&mut self, answer: DoorAnswer, cx: &mut Cx<'_>) {
        let answer = match &mut self.about {
            Some(about) => about.uses.take(answer),
            None => Some(answer),
        };
        let Some(answer) = answer else { return };
        self.working = None;
        match answer {
            Ok(response) => {
                cx.close();
                cx.toast(Tone::Good, self.choices.get(self.made).map_or(String::new(), |choice| choice.done.clone()));
                // What the report has to tell comes after, in the toast's place.
                if let Response::Unlocked { session, report } = response {
                    cx.navs.push(Nav::Enter(session, report));
                }
            }
            // What came in between has been noticed as data.
            Err(DoorError::Conflict { .. }) if self.about.is_some() => {}
            Err(error) => self.said = Some((Tone::Bad, words::error(&error))),
        }
    }

    fn on_data(&mut self, shared: &Shared) {
        self.ask_again(shared);
    }

    fn on_progress(&mut self, progress: Progress) {
        if self.working.is_some() {
            self.working = Some(Working::Told(progress));
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let width = WIDTH.min(area.width.saturating_sub(4));
        let room = usize::from(width.saturating_sub(4));
        let mut lines: Vec<String> = self.sentences.iter().flat_map(|sentence| wrap(sentence, room)).collect();
        if let Some(About { uses, .. }) = &self.about {
            lines.push(String::new());
            lines.extend(wrap(&uses.sentence(shared.wall, theme), room));
        }
        let notes: Vec<String> = self.said.iter().flat_map(|(_, text)| wrap(text, room)).collect();
        let style = self.said.as_ref().map_or(theme.bad(), |(tone, _)| theme.tone(*tone).1);
        let height = u16::try_from(lines.len() + notes.len() + usize::from(!notes.is_empty())).unwrap_or(u16::MAX);
        let inner = dialog_box(area, buf, &self.title, width, height.saturating_add(4), theme);
        let mut y = inner.y;
        for line in &lines {
            buf.set_stringn(inner.x, y, line, inner.width as usize, theme.text());
            y = (y + 1).min(inner.bottom());
        }
        for (i, line) in notes.iter().enumerate() {
            y = (y + u16::from(i == 0)).min(inner.bottom().saturating_sub(1));
            buf.set_stringn(inner.x, y, line, inner.width as usize, style);
            y += 1;
        }
        let last = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
        match self.working {
            None => self.buttons.render(last, buf, true, theme),
            Some(working) => {
                let text = working.words(theme);
                let room = usize::from(last.width);
                buf.set_stringn(last.x, last.y, fit(&text, room, theme.ellipsis()), room, theme.dim());
            }
        }
    }
}

/// Asks before the program ends with something unsaved; `at_stake` says what.
pub fn quit(at_stake: &str) -> Box<dyn Layer> {
    let sentences = vec![at_stake.to_owned()];
    Box::new(Confirm::new("Quit strongroom?", sentences, "Stay", "Quit", Then::Fire(Effect::Quit)))
}
