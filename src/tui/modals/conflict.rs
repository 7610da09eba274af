//! Somebody else changed the secret that a form edits: both sides, and what can be done.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::domain::{Header, Timestamp};
use crate::form::{Difference, Side};
use crate::tui::app::Shared;
use crate::tui::changes::when;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Layer, LayerId, Nav};
use crate::tui::text::{clean, fit, width, wrap};
use crate::tui::theme::Theme;
use crate::tui::widgets::{Buttons, dialog_box};
use crate::tui::words;

/// Greatest width of the dialog, borders included.
const WIDTH: u16 = 100;
/// Cells between two columns.
const GAP: u16 = 2;
/// Rows that are there whatever else has to go: a blank one and the buttons.
const FOOT: u16 = 2;
/// From this width on the buttons say in full what they do.
const FULL: u16 = 72;

/// What the button in the middle does, in full and in short.
type Verb = (&'static str, &'static str, Cmd);

const SAVE_BOTH: Verb = ("Save both", "Save both", Cmd::Overwrite);
const SAVE_MINE: Verb = ("Save, mine wins", "Mine wins", Cmd::Overwrite);
const ANEW: Verb = ("Register as a new secret", "As a new one", Cmd::StartAnew);

struct Conflict {
    form: LayerId,
    title: String,
    /// Who it was, and when.
    who: String,
    /// Field by field; none when the secret is gone.
    differences: Vec<Difference>,
    /// What would become of both sides.
    outlook: &'static str,
    verb: Verb,
    buttons: Buttons,
}

/// Shows what differs between a form and `current`, which is what others made of its secret meanwhile.
pub fn conflict(form: LayerId, differences: Vec<Difference>, current: &Header, now: Timestamp) -> Box<dyn Layer> {
    let (outlook, verb) = if differences.iter().any(Difference::is_contested) {
        let wins = "Saving keeps what you changed, and theirs where you changed nothing. Where both did, yours stays.";
        (wins, SAVE_MINE)
    } else {
        ("Saving keeps both: what you changed, and what they changed.", SAVE_BOTH)
    };
    Box::new(Conflict {
        form,
        title: format!("{} was changed by somebody else", clean(&current.name)),
        who: format!("{} while you were editing.", who(current, "changed", now)),
        differences,
        outlook,
        verb,
        buttons: Buttons::new(["", "", ""]),
    })
}

/// Says that the secret called `name` is gone that a form edits; `current` is its tombstone, if it is there still.
pub fn gone(form: LayerId, name: &str, current: Option<&Header>, now: Timestamp) -> Box<dyn Layer> {
    let who = match current {
        Some(tombstone) => format!("{} while you were editing.", who(tombstone, "deleted", now)),
        None => "It was deleted, and its 30 days are over.".to_owned(),
    };
    Box::new(Conflict {
        form,
        title: format!("{} is not there any more", clean(name)),
        who,
        differences: Vec::new(),
        outlook: "What you typed is still here. It can become a new secret, whose values you enter anew: those that were \
                  stored are gone.",
        verb: ANEW,
        buttons: Buttons::new(["", "", ""]),
    })
}

fn who(current: &Header, did: &str, now: Timestamp) -> String {
    let by = clean(&current.modified.by);
    format!("{} {did} it {},", words::short(&by), when(current.modified.at, now))
}

impl Conflict {
    fn press(&self, cx: &mut Cx<'_>) {
        match self.buttons.focus() {
            0 => cx.close(),
            1 => cx.navs.push(Nav::Perform(self.verb.2)),
            _ => {
                cx.close();
                cx.navs.push(Nav::Leave(self.form));
            }
        }
    }

    fn labels(&self, room: u16) -> Buttons {
        let labels = match room >= FULL {
            true => ["Back to the form", self.verb.0, "Discard mine"],
            false => ["Back", self.verb.1, "Discard mine"],
        };
        let mut buttons = Buttons::new(labels);
        buttons.set_focus(self.buttons.focus());
        buttons
    }

    /// The table: its head, as many rows as there is room for, and how many are left out.
    fn table(&self, area: Rect, buf: &mut Buffer, theme: Theme) {
        let labels = self.differences.iter().map(|row| width(row.label)).max().unwrap_or(0);
        let label = u16::try_from(labels + width(theme.alert()) + 1).unwrap_or(area.width / 3).min(area.width / 3);
        let side = area.width.saturating_sub(label + 2 * GAP) / 2;
        let columns = [(area.x, label), (area.x + label + GAP, side), (area.x + label + 2 * GAP + side, side)];
        let mut put = |y: u16, column: usize, text: &str, style: Style| {
            let (x, room) = columns[column];
            buf.set_stringn(x, y, fit(&clean(text), room.into(), theme.ellipsis()), room.into(), style);
        };
        for (column, head) in ["", "Yours", "Theirs"].into_iter().enumerate() {
            put(area.y, column, head, theme.dim());
        }
        let room = usize::from(area.height.saturating_sub(1));
        let cut = self.differences.len() > room;
        let shown = if cut { room.saturating_sub(1) } else { room };
        for (row, y) in self.differences.iter().take(shown).zip(area.y + 1..) {
            let mark = if row.is_contested() { theme.alert() } else { " " };
            put(y, 0, &format!("{mark} {}", row.label), if row.is_contested() { theme.warn() } else { theme.text() });
            put(y, 1, &said(&row.mine), emphasis(row.mine != Side::Kept, theme));
            put(y, 2, &said(&row.theirs), emphasis(row.theirs_changed, theme));
        }
        if cut {
            let text = format!("{} and {} more", theme.ellipsis(), self.differences.len() - shown);
            put(area.bottom().saturating_sub(1), 1, &text, theme.dim());
        }
    }
}

/// A side of a field, in words.
fn said(side: &Side) -> String {
    match side {
        Side::Kept => "as it was".to_owned(),
        Side::Text(text) if text.is_empty() => "empty".to_owned(),
        Side::Text(text) => text.clone(),
        Side::Changed => "another value".to_owned(),
        Side::New => "the value you entered".to_owned(),
    }
}

fn emphasis(changed: bool, theme: Theme) -> Style {
    if changed { theme.strong() } else { theme.dim() }
}

impl Layer for Conflict {
    fn context(&self) -> Context {
        Context::Dialog
    }

    fn hint(&self, cmd: Cmd, _shared: &Shared) -> Option<Cow<'static, str>> {
        (cmd == Cmd::Back).then(|| "Back to the form".into())
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            Cmd::Open => self.press(cx),
            _ => drop(self.buttons.move_by(cmd)),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let wide = WIDTH.min(area.width.saturating_sub(4));
        let room = usize::from(wide.saturating_sub(4));
        let (who, outlook) = (wrap(&self.who, room), wrap(self.outlook, room));
        let rows = if self.differences.is_empty() { 0 } else { self.differences.len() + 2 };
        let high = u16::try_from(who.len() + rows + 1 + outlook.len()).unwrap_or(u16::MAX).saturating_add(FOOT + 2);
        let inner = dialog_box(area, buf, &self.title, wide, high, theme);
        let rows =
            rows.min(usize::from(inner.height.saturating_sub(FOOT + 1)).saturating_sub(who.len() + outlook.len()));
        let mut y = inner.y;
        let mut say = |lines: &[String], y: &mut u16, style: Style| {
            for line in lines.iter().take(usize::from(inner.bottom().saturating_sub(*y + 1))) {
                buf.set_stringn(inner.x, *y, line, room, style);
                *y += 1;
            }
        };
        say(&who, &mut y, theme.text());
        let table = Rect { y: y + 1, height: u16::try_from(rows.saturating_sub(1)).unwrap_or(0), ..inner };
        y += u16::try_from(rows).unwrap_or(0) + 1;
        say(&outlook, &mut y, theme.text());
        if table.height > 0 {
            self.table(table.intersection(inner), buf, theme);
        }
        let last = Rect { y: inner.bottom().saturating_sub(1), height: 1, ..inner };
        self.labels(last.width).render(last, buf, true, theme);
    }
}
