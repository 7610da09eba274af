//! The keys of a screen, from the keymap.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::tui::app::Shared;
use crate::tui::keymap::{self, Cmd, Context};
use crate::tui::layer::{Cx, Layer};
use crate::tui::widgets::{ListState, dialog_box};

/// Rows of the terminal above and below the dialog.
const AROUND: u16 = 4;

struct Help {
    title: &'static str,
    lines: Vec<(String, &'static str)>,
    at: ListState,
}

/// The keys of `layer` that do something now.
pub fn help(layer: &dyn Layer, shared: &Shared) -> Box<dyn Layer> {
    let context = layer.context();
    let lines = offered_lines(context, |cmd| layer.offers(cmd, shared));
    Box::new(Help { title: context.title(), lines, at: ListState::default() })
}

/// Each command once, with all its keys.
pub fn lines(context: Context) -> Vec<(String, &'static str)> {
    offered_lines(context, |_| true)
}

fn offered_lines(context: Context, offers: impl Fn(Cmd) -> bool) -> Vec<(String, &'static str)> {
    let mut lines: Vec<(Cmd, String, &'static str)> = Vec::new();
    for binding in keymap::of(context).filter(|binding| offers(binding.cmd)) {
        match lines.iter_mut().find(|(cmd, ..)| *cmd == binding.cmd) {
            Some((_, keys, help)) => {
                let key = binding.key.to_string();
                if !keys.split(' ').any(|other| other == key) {
                    keys.push(' ');
                    keys.push_str(&key);
                }
                if help.is_empty() {
                    *help = binding.help;
                }
            }
            None => lines.push((binding.cmd, binding.key.to_string(), binding.help)),
        }
    }
    lines.into_iter().map(|(_, keys, help)| (keys, help)).filter(|(_, help)| !help.is_empty()).collect()
}

impl Layer for Help {
    fn context(&self) -> Context {
        Context::Help
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Back => cx.close(),
            _ => {
                // What is selected is the first line in view.
                let page = usize::from(cx.shared.size.1.saturating_sub(AROUND + 2));
                self.at.on_cmd(cmd, page, self.lines.len().saturating_sub(page) + 1);
            }
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let height = u16::try_from(self.lines.len()).unwrap_or(u16::MAX).saturating_add(2);
        let title = format!("Keys: {}", self.title);
        let inner = dialog_box(area, buf, &title, 66, height.min(area.height.saturating_sub(AROUND)), theme);
        for (y, (keys, help)) in (inner.y..inner.bottom()).zip(self.lines.iter().skip(self.at.selected)) {
            buf.set_stringn(inner.x, y, theme.keys(keys), 14, theme.strong());
            buf.set_stringn(inner.x + 15, y, help, inner.width.saturating_sub(15) as usize, theme.text());
        }
    }
}
