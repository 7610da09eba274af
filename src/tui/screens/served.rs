//! After a new value was set: who was last served the one before it.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::{Header, SeenDelivery};
use crate::service::Uses;
use crate::tui::app::{Shared, body_rows};
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Cx, Layer};
use crate::tui::text::{clean, fit, wrap};
use crate::tui::uses::delivery_row;
use crate::tui::widgets::{ListState, Row, rows};

/// Rows above the list: what was done, two of sentences, a blank one.
const ABOVE: u16 = 4;
/// Said above the list.
const SENTENCE: &str = "The new value counts from now on. These were last served an earlier one, and may hold it until they \
                        ask again:";

struct Served {
    name: Box<str>,
    deliveries: Vec<SeenDelivery>,
    rows: Vec<Row>,
    at: ListState,
}

/// The screen after a new value was set of the secret under `header`.
pub(super) fn screen(header: &Header, uses: Uses) -> Box<dyn Layer> {
    // Of all of them the sentence above says that it was an earlier value.
    let before = uses.deliveries.into_iter().filter(|seen| seen.old_value);
    let deliveries = before.map(|seen| SeenDelivery { old_value: false, ..seen }).collect();
    Box::new(Served { name: header.name.clone(), deliveries, rows: Vec::new(), at: ListState::default() })
}

fn page(shared: &Shared) -> usize {
    usize::from(body_rows(shared.size.1).saturating_sub(ABOVE))
}

impl Layer for Served {
    fn crumb(&self) -> Cow<'_, str> {
        "Served an earlier value".into()
    }

    fn context(&self) -> Context {
        Context::Reading
    }

    fn on_enter(&mut self, cx: &mut Cx<'_>) {
        self.rows = self.deliveries.iter().map(|seen| delivery_row(seen, cx.shared.wall)).collect();
    }

    fn on_cmd(&mut self, cmd: Cmd, cx: &mut Cx<'_>) {
        match cmd {
            Cmd::Open | Cmd::Back => cx.pop(),
            _ => drop(self.at.on_cmd(cmd, page(cx.shared), self.rows.len())),
        }
    }

    fn on_lock(&mut self) -> bool {
        false
    }

    fn render(&self, area: Rect, buf: &mut Buffer, shared: &Shared) {
        let theme = shared.theme;
        let room = usize::from(area.width.saturating_sub(4));
        let done = format!("{} Saved {}", theme.check(), clean(&self.name));
        buf.set_stringn(area.x + 3, area.y, fit(&done, room, theme.ellipsis()), room, theme.good());
        for (line, y) in wrap(SENTENCE, room.min(74)).iter().zip(area.y + 1..area.y + ABOVE - 1) {
            buf.set_stringn(area.x + 3, y, line, room, theme.text());
        }
        let list = Rect { y: area.y + ABOVE, height: area.height.saturating_sub(ABOVE), ..area };
        rows::render(list, buf, &self.rows, self.at, None, shared);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::script::{Script, session};
    use crate::domain::audit::Origin;
    use crate::domain::{Delivery, SeenDelivery, Timestamp};
    use crate::service::{Response, Uses, VaultStatus};
    use crate::tui::app::others::header;
    use crate::tui::harness::{Harness, START};

    /// A new value of an API key has been set, which was served to these.
    fn replaced(deliveries: Vec<SeenDelivery>) -> Harness {
        let now = header(&Harness::demo(80, 24), "payments-api");
        let mut new = (*now).clone();
        (new.revision, new.value_set) = (new.revision + 1, Timestamp(START));
        let mut script = Script::new(VaultStatus::Unlocked(session()), [Ok(Response::Changed(Arc::new(new)))]);
        (script.headers, script.uses) = (vec![now], Uses { deliveries, ..Uses::default() });
        let (mut h, _) = script.start(80, 24);
        h.press("e Tab Tab").type_text("another value").press("^S");
        h
    }

    fn seen(parent: &str, old_value: bool) -> SeenDelivery {
        let origin = Origin { user: "ada".into(), parent: Some(parent.into()), ..Origin::default() };
        let at = Timestamp(START - 7200);
        let (command, application) = (None, None);
        SeenDelivery { at, how: Delivery::Get, origin, command, application, revision: 1, old_value, times: 2 }
    }

    #[test]
    fn only_those_who_have_the_value_before_are_named() {
        let mut h = replaced(vec![seen("deploy.sh", true), seen("new.sh", false)]);
        h.expect("✓ Saved payments-api").expect("▌ deploy.sh").expect("get by ada, 2 h ago").expect_not("new.sh");
        h.press("Enter").expect("Secrets Management").expect("▌ payments-api");
    }

    #[test]
    fn where_nobody_has_it_a_line_will_do() {
        replaced(vec![]).expect("Saved payments-api. No use of an earlier value has been seen.").expect("1 secret");
    }

    #[test]
    fn the_dialogs_and_the_detail_say_who_uses_it() {
        let now = header(&Harness::demo(80, 24), "payments-api");
        let mut script = Script::new(VaultStatus::Unlocked(session()), [Ok(Response::Details(now.clone().into()))]);
        script.headers = vec![now];
        script.uses = Uses { deliveries: vec![seen("deploy.sh", true)], ..Uses::default() };
        let (mut h, _) = script.start(80, 24);
        for key in ["d", "x", "e"] {
            h.press(key).expect("last used 2 h ago by deploy.sh").press("Esc");
        }
        h.press("Enter").expect("Last served to").expect("▲ get by ada, 2 h ago").expect("served an earlier value");
    }
}
