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
    let target = Target { id: header.id, revision: header.revision };
    let dialog = match &header.state {
        State::Inactive(Stamp { at, by }) => Confirm::new(
            format!("Reactivate {name}?"),
            vec![
                format!("It has been inactive since {}, by {}.", at.to_minute(), clean(by)),
                "Applications that depend on it get its value again.".to_owned(),
            ],
            "Cancel",
            "Reactivate",
            Then::Fire(Effect::Ask(Request::Reactivate(target))),
        )
        .done(format!("Reactivated {}", words::short(&name))),
        _ => Confirm::new(
            format!("Deactivate {name}?"),
            vec![
                "It becomes unavailable: applications that depend on it get an error. You can reactivate it."
                    .to_owned(),
            ],
            "Cancel",
            "Deactivate",
            Then::Fire(Effect::Ask(Request::Deactivate(target))),
        )
        .done(format!("Deactivated {}", words::short(&name))),
    };
    Box::new(dialog)
}
