//! What is told on the way in: what the sweep removed, a clock that jumped, a store that is not what it was.

use crate::service::{ClockTrouble, OpenReport, Request, StoreTrouble};
use crate::tui::layer::{Effect, Nav, Toast, Tone};
use crate::tui::modals::{Confirm, Then};

/// The toasts and dialogs that `report` calls for.
pub fn tell(report: &OpenReport) -> Vec<Nav> {
    let mut navs = Vec::new();
    if report.swept > 0 {
        let noun = if report.swept == 1 { "secret" } else { "secrets" };
        let text = format!(
            "Swept: {} deleted {noun} whose 30 days are over; the vault is sealed under a new key.",
            report.swept
        );
        navs.push(Nav::Toast(Toast { text, tone: Tone::Good }));
    }
    navs.extend(report.clock.map(clock));
    navs.extend(report.trouble.as_ref().map(trouble));
    navs
}

fn clock(trouble: ClockTrouble) -> Nav {
    match trouble {
        ClockTrouble::SteppedBack(seconds) => {
            let text = format!(
                "The clock is {} behind the vault's last use: nothing is swept until it is right.",
                span(seconds)
            );
            Nav::Toast(Toast { text, tone: Tone::Warn })
        }
        ClockTrouble::JumpedAhead(days) => Nav::Open(Box::new(
            Confirm::new(
                "Is the clock right?",
                vec![
                    format!("It is {days} days since this vault was last used, by this machine's clock."),
                    "If the clock is right, deleted secrets whose 30 days are over can go for good. If it is wrong, leave \
                     them."
                        .to_owned(),
                ],
                "Leave them",
                "The clock is right: sweep",
                Then::Fire(Effect::Ask(Request::SweepAnyway)),
            )
            .done("Swept."),
        )),
    }
}

fn trouble(trouble: &StoreTrouble) -> Nav {
    let dialog = match trouble {
        StoreTrouble::Damaged { expected, found, copy_from: Some(copy) } => Confirm::new(
            "The store is damaged",
            vec![
                format!("{found} of {expected} secrets are whole. The vault is open for reading only."),
                format!(
                    "The newest good copy is from {}. Going back to it loses what was changed since; the damaged store \
                     is set aside, not deleted.",
                    copy.to_minute()
                ),
            ],
            "Look only",
            "Go back to the copy",
            Then::Fire(Effect::Ask(Request::Repair)),
        )
        .done("The copy is in its place."),
        StoreTrouble::Damaged { expected, found, copy_from: None } => Confirm::new(
            "The store is damaged",
            vec![
                format!("{found} of {expected} secrets are whole. The vault is open for reading only."),
                "There is no good copy beside it. Restore a backup with: strongroom restore FILE".to_owned(),
            ],
            "Look only",
            "Quit",
            Then::Fire(Effect::Quit),
        ),
        StoreTrouble::RolledBack { found, last_seen } => Confirm::new(
            "This is an older state of the vault",
            vec![
                format!("It has seen {found} changes; this machine saw {last_seen} the last time."),
                "If you put a backup in its place, accept it. If not, somebody took changes back: look before you \
                 accept. Until then the vault is open for reading only."
                    .to_owned(),
            ],
            "Look only",
            "Accept this state",
            Then::Fire(Effect::Ask(Request::AcceptRollback)),
        )
        .done("Accepted: this is the state of the vault now."),
    };
    Nav::Open(Box::new(dialog))
}

fn span(seconds: i64) -> String {
    match seconds {
        s if s < 120 => format!("{s} s"),
        s if s < 7_200 => format!("{} min", s / 60),
        s if s < 172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}
