//! Uses over the demo's own vault: what one screen does is seen in the others.

use std::sync::Arc;

use super::script::{Script, session};
use crate::domain::audit::{Action, Origin, Outcome, Subject};
use crate::domain::text::is_forbidden;
use crate::domain::{
    Application, ApplicationId, Binding, BindingTarget, Delivery, KeptRevision, SecretId, SeenDelivery, Stamp,
    Timestamp,
};
use crate::service::{AuditQuery, AuditVerdict, Event, Request, Response, Uses, VaultStatus};
use crate::tui::app::others::header;
use crate::tui::harness::{Harness, START};

fn demo() -> Harness {
    let mut h = Harness::demo(120, 40);
    h.press("/").type_text("payments-api").press("Enter");
    h
}

#[test]
fn a_reveal_is_seen_in_the_detail_and_in_the_audit_log() {
    let mut h = demo();
    h.press("v Esc d").expect("2 applications depend on it (billing-worker, deploy pipeline)");
    h.expect("last revealed just now by").press("Esc Enter").expect("Last served to").expect("reveal by");
    h.press("Esc Esc Esc Down Down Enter").expect("reveal").expect("payments-api/value").expect("✓ done");
    h.press("Enter").expect("Secret               payments-api").press("Enter").expect("● Active").press("Esc Esc");
    h.press("v").expect("1 event since 2026-11-23 is whole: none is missing").press("Enter ^L").expect("Unlock");
}

#[test]
fn a_new_value_says_who_was_served_the_one_before_and_keeps_it() {
    let mut h = demo();
    h.wait_seconds(60).press("y").wait_seconds(60).press("e Tab Tab").type_text("pk_live_new").press("^S");
    h.expect("Saved payments-api").expect("copy by").press("Enter").expect("▌ payments-api");
    h.press("Enter").expect("▲ copy by").press("h").expect("1 earlier value is kept").press("v");
    h.expect("demo-4f1b9c27d8e64a0f93b1").expect_not("pk_live_new");
}

#[test]
fn a_refused_copy_is_in_the_log_with_its_reason() {
    let mut h = Harness::demo(120, 40);
    h.press("/").type_text("status-page").press("Enter y Esc Esc Down Down Enter");
    h.expect("✕ refused").press("f End Space Enter").expect("1 of 1").press("Enter").expect("Refused: status-page");
}

#[test]
fn an_application_is_added_edited_and_removed_with_the_keyboard_alone() {
    let mut h = Harness::demo(80, 24);
    h.press("Esc Down Enter").expect("3 applications").press("n").type_text("shop-web").press("Tab Tab Tab");
    h.type_text("MAPS_KEY").press("Tab Enter").type_text("maps").press("Enter").expect("value").press("^S");
    h.expect("Added shop-web")
        .expect("▲ 1 expires soon")
        .press("End Enter")
        .expect("env    MAPS_KEY ←  maps-tiles/value");
    h.press("Enter").expect("Where it is applied").expect("shop-web").press("Esc e").type_text("-eu").press("^S");
    h.expect("Saved shop-web-eu")
        .expect("Applications › shop-web-eu")
        .press("x Tab Enter")
        .expect("Removed shop-web-eu");
    h.expect("3 applications");
}

#[test]
fn the_settings_are_kept_and_what_is_wrong_stands_beside_its_field() {
    let mut h = Harness::demo(80, 24);
    h.press("^P").type_text("vault settings").press("Enter").expect("Earlier values kept").press("^U").type_text("500");
    h.press("^S").expect("✕ Keep at most 100").press("^U").type_text("7").press("^S").expect("The settings are saved.");
    h.press("^P").type_text("vault settings").press("Enter").expect("   7").press("Esc").expect("12 secrets");
}

/// Texts that would steer, fool or break a terminal, in an order that `seed` decides.
struct Hostile(u64);

impl Hostile {
    fn text(&mut self) -> Box<str> {
        const PIECES: [&str; 14] = [
            "\u{1b}[2J",
            "\u{1b}]52;c;aGk=\u{7}",
            "\u{202e}",
            "\u{200b}",
            "\r\n",
            "\t",
            "\u{9b}31m",
            "\0",
            "\u{2066}",
            "日本語",
            "e\u{301}",
            "a",
            "\u{feff}",
            "\u{1b}P",
        ];
        let mut text = String::new();
        for _ in 0..4 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(PIECES[(self.0 >> 33) as usize % PIECES.len()]);
        }
        text.into()
    }

    fn stamp(&mut self) -> Stamp {
        Stamp { at: Timestamp(START - 60), by: self.text().as_ref().into() }
    }

    fn origin(&mut self) -> Origin {
        let (user, host) = (self.text(), self.text());
        Origin { user, pid: 1, terminal: Some(self.text()), host, parent: Some(self.text()) }
    }

    fn application(&mut self, secret: SecretId) -> Arc<Application> {
        let kinds = [BindingTarget::Variable, BindingTarget::Header, BindingTarget::File, BindingTarget::Host];
        let bindings = kinds.map(|kind| Binding { target: kind(self.text()), secret, field: self.text() });
        let (name, description, created, modified) = (self.text(), self.text(), self.stamp(), self.stamp());
        let id = ApplicationId([1; 16]);
        Arc::new(Application { id, revision: 1, name, description, bindings: bindings.into(), created, modified })
    }

    fn seen(&mut self, old_value: bool) -> SeenDelivery {
        let (origin, command, application) = (self.origin(), Some(self.text()), Some(self.text()));
        let at = Timestamp(START - 60);
        SeenDelivery { at, how: Delivery::Run, origin, command, application, revision: 1, old_value, times: 2 }
    }

    fn event(&mut self, id: SecretId) -> Event {
        let (name, field) = (self.text(), Some(self.text()));
        Event {
            number: 1,
            at: Timestamp(START - 60),
            member: self.text(),
            origin: self.origin(),
            action: Action::Delivered(Delivery::Run),
            subject: Some(Subject::Secret { id: Some(id), name, revision: 1, field }),
            application: Some(self.text()),
            command: Some(self.text()),
            outcome: Outcome::Refused(self.text()),
        }
    }
}

#[track_caller]
fn is_harmless(h: &Harness) {
    let buffer = h.buffer();
    let symbols = buffer.content().iter().flat_map(|cell| cell.symbol().chars());
    assert!(!symbols.into_iter().any(|c| c.is_control() || is_forbidden(c)), "{:?}", h.screen());
}

#[test]
fn nothing_from_outside_reaches_the_terminal_as_it_is() {
    let known = header(&Harness::demo(80, 24), "payments-api");
    for seed in 0..40 {
        let mut hostile = Hostile(seed);
        let mut now = (*known).clone();
        now.name = hostile.text();
        let mut earlier = now.clone();
        (earlier.name, earlier.public[0].text, earlier.modified) = (hostile.text(), hostile.text(), hostile.stamp());
        let kept = KeptRevision { set_at: earlier.revision, header: Arc::new(earlier) };
        let troubles = vec![hostile.text()];
        let now = Arc::new(now);
        let all = vec![hostile.application(now.id)];
        let mut script = Script::new(VaultStatus::Unlocked(session()), []);
        script.uses = Uses { applications: all.clone(), deliveries: vec![hostile.seen(false), hostile.seen(true)] };
        script.steady = vec![
            (Request::Details(now.id.into()), Response::Details(now.clone().into())),
            (Request::History(now.id), Response::History(vec![kept])),
            (Request::Applications, Response::Applications(all)),
            (Request::Audit(AuditQuery::default()), Response::Events(vec![hostile.event(now.id)])),
            (Request::VerifyAudit, Response::AuditVerdict(AuditVerdict { events: 1, first: 1, since: None, troubles })),
        ];
        script.headers = vec![now];
        walk(&mut script.start(80, 24).0);
    }
}

/// Every screen that shows uses, and what can be read on each.
fn walk(h: &mut Harness) {
    for (keys, seen) in [
        ("Enter", "Last served to"),
        ("h", "1 earlier value is kept"),
        ("Esc d", "1 application depends on it"),
        ("Esc x", "Type the name"),
        ("Esc e", "1 application depends on it"),
        ("Esc Esc Esc Down Enter", "1 application"),
        ("/ x", "Find"),
        ("Esc x", "The secrets that it needs"),
        ("Esc Enter", "4 bindings"),
        ("e Tab Tab Tab Tab", "Description"),
        ("Space", "Which secret?"),
        ("Enter Space", "Which field of"),
        ("Enter Esc Tab Enter Esc Esc Down Down Enter", "1 event"),
        ("Enter", "Started by"),
        ("Esc v", "Keep a copy"),
    ] {
        is_harmless(h.press(keys).expect(seen));
    }
}
