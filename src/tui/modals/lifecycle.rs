//! Deactivate and Reactivate: reversible, asked in a sentence.

use crate::domain::{Header, Stamp, State};
use crate::service::{Request, Target};
use crate::tui::layer::{Effect, Layer};
use crate::tui::modals::{Confirm, Then};
use crate::tui::text::clean;
use crate::tui::words;

/// The dialog that puts the secret under `header` out of use, or back in use.
pub fn toggle(header: &Header) -> Box<dyn Layer> {
    let name = clean(&header.name).into_owned();
    let dialog = match &header.state {
        State::Inactive(Stamp { at, by }) => Confirm::new(
            format!("Reactivate {name}?"),
            vec![
                format!("It has been inactive since {}, by {}.", at.to_minute(), clean(by)),
                "Applications that depend on it get its value again.".to_owned(),
            ],
            "Cancel",
            "Reactivate",
            Then::Fire(Effect::Ask(Request::Reactivate(target(header)))),
        )
        .about(header, reactivate)
        .done(format!("Reactivated {}", words::short(&name))),
        _ => Confirm::new(
            format!("Deactivate {name}?"),
            vec![
                "It becomes unavailable: applications that depend on it get an error. You can reactivate it."
                    .to_owned(),
            ],
            "Cancel",
            "Deactivate",
            Then::Fire(Effect::Ask(Request::Deactivate(target(header)))),
        )
        .about(header, deactivate)
        .done(format!("Deactivated {}", words::short(&name))),
    };
    Box::new(dialog)
}

fn target(header: &Header) -> Target {
    Target { id: header.id, revision: header.revision }
}

fn deactivate(header: &Header) -> Option<Effect> {
    (header.state == State::Active).then(|| Effect::Ask(Request::Deactivate(target(header))))
}

fn reactivate(header: &Header) -> Option<Effect> {
    matches!(header.state, State::Inactive(_)).then(|| Effect::Ask(Request::Reactivate(target(header))))
}

#[cfg(test)]
mod tests {
    use crate::domain::State;
    use crate::tui::app::others::{deactivated, news};
    use crate::tui::harness::Harness;

    #[test]
    fn what_others_do_to_the_secret_is_said_and_asked_about_again() {
        let mut h = Harness::demo(80, 24);
        h.press("d Tab");
        news(&mut h, "billing-service", |header| header.public[0].text = "X-Billing".into());
        h.expect("Bo Lind changed Client ID 2 min ago: decide again.").press("Enter").expect("● Active");
        h.press("d");
        news(&mut h, "billing-service", |header| header.state = State::Inactive(header.modified.clone()));
        h.expect("Bo Lind deactivated it 2 min ago: nothing is left to be done.").expect("( Close )").press("Enter");
        h.expect("○ Inactive");
    }

    #[test]
    fn a_conflict_says_what_changed_and_asks_again() {
        let mut h = Harness::demo(80, 24);
        h.press("d Tab");
        deactivated(&mut h, "billing-service");
        h.press("Enter").expect("Deactivate billing-service?").expect("deactivated it just now: nothing is left");
    }
}
