//! What is told on the way in: what the sweep removed, a clock that jumped, a store that is not what it was.

use crate::domain::Timestamp;
use crate::service::{ClockTrouble, OpenReport, Refusal, Repaired, Request, StoreTrouble};
use crate::tui::app::Shared;
use crate::tui::keymap::{Cmd, Context};
use crate::tui::layer::{Effect, Nav, Toast, Tone};
use crate::tui::modals::{Confirm, Then};
use crate::tui::words;

/// The toast and the dialogs that `report` calls for.
pub fn tell(report: &OpenReport) -> Vec<Nav> {
    let said: Vec<(Tone, String)> = [
        report.repaired.map(repaired),
        report.sweep_failed.as_deref().map(sweep_failed),
        report.memory_failed.as_deref().map(memory_failed),
        report.reseal_failed.as_deref().map(reseal_failed),
        report.audit.as_deref().map(|trouble| (Tone::Warn, trouble.to_owned())),
        report.clock.and_then(stepped_back),
        (report.swept > 0).then(|| swept(report.swept)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let dialogs = report.clock.and_then(jumped_ahead).into_iter().chain(report.trouble.as_ref().map(trouble));
    let dialogs = dialogs.chain(tampered(&report.tampered));
    joined(&said).into_iter().chain(dialogs).collect()
}

/// There is one toast at a time: what there is to say stands in it one after the other, in the gravest tone.
fn joined(said: &[(Tone, String)]) -> Option<Nav> {
    let texts: Vec<&str> = said.iter().map(|(_, text)| text.as_str()).collect();
    let grave = said.iter().any(|(tone, _)| *tone != Tone::Good);
    let tone = if grave { Tone::Warn } else { Tone::Good };
    (!said.is_empty()).then(|| Nav::Toast(Toast { text: texts.join(" "), tone }))
}

fn repaired(Repaired { whole, brought_back, lost }: Repaired) -> (Tone, String) {
    let tone = if lost == 0 { Tone::Good } else { Tone::Warn };
    (tone, format!("Repaired: {whole} whole, {brought_back} brought back from the copy, {lost} lost."))
}

fn sweep_failed(cause: &str) -> (Tone, String) {
    let text = format!("What was deleted 30 days ago is still there: {}. The next unlock tries again.", bare(cause));
    (Tone::Warn, text)
}

fn memory_failed(cause: &str) -> (Tone, String) {
    let text = format!("If an older state is put in the vault's place, nobody will notice here: {}.", bare(cause));
    (Tone::Warn, text)
}

fn reseal_failed(cause: &str) -> (Tone, String) {
    let text =
        format!("The vault has to be sealed anew, and could not be: {}. The next unlock tries again.", bare(cause));
    (Tone::Warn, text)
}

/// What somebody wrote who had no right to. Whoever manages the organization can throw it away.
fn tampered(refused: &[Refusal]) -> Option<Nav> {
    let first = refused.first()?;
    let count = refused.len();
    let told = match count {
        1 => format!("{} was tampered with: {}.", words::short(&first.what), first.why),
        _ => format!("{count} things were tampered with. {}: {}.", words::short(&first.what), first.why),
    };
    let author = first.author.as_deref().map(|author| format!("It says that {} wrote it.", words::short(author)));
    let served = match first.served {
        Some(revision) => format!("What is shown and handed out in its place is revision {revision}."),
        None => "Nothing is handed out in its place: a backup has it.".to_owned(),
    };
    let repair =
        "Throw away what was written without permission, and seal everything anew? The audit log has who was here.";
    let lines = std::iter::once(told).chain(author).chain([served, repair.to_owned()]).collect();
    let dialog = Confirm::new(
        "The vault was tampered with",
        lines,
        "Leave it",
        "Throw it away",
        Then::Fire(Effect::Ask(Request::Repair)),
    );
    Some(Nav::Open(Box::new(dialog.done("Thrown away."))))
}

/// A cause without its full stop, within a sentence.
fn bare(cause: &str) -> &str {
    cause.trim_end_matches('.')
}

fn swept(count: u32) -> (Tone, String) {
    let noun = if count == 1 { "secret" } else { "secrets" };
    let text = format!("Swept: {count} deleted {noun} whose 30 days are over; the vault is sealed under a new key.");
    (Tone::Good, text)
}

/// Why nothing can be changed, and the way out.
pub(super) fn read_only(shared: &Shared) -> String {
    let lock = words::key(Context::Listing, Cmd::LockVault, shared.theme);
    match &shared.trouble {
        Some(StoreTrouble::Damaged { .. }) => {
            format!("Read-only: the store is damaged. Lock ({lock}) and unlock, then choose Repair.")
        }
        Some(StoreTrouble::RolledBack { .. }) => {
            format!("Read-only: this is an older state of the vault. Lock ({lock}) and unlock, then accept it or not.")
        }
        None => format!("Read-only: the store is in trouble. Lock ({lock}) and unlock: you will be asked what to do."),
    }
}

/// What is the matter with a vault that shows no secret.
pub(super) fn nothing_to_read(shared: &Shared) -> String {
    match &shared.trouble {
        Some(StoreTrouble::Damaged { expected, .. }) => format!("None of {expected} secrets can be read."),
        _ => "No secret can be read.".to_owned(),
    }
}

fn stepped_back(trouble: ClockTrouble) -> Option<(Tone, String)> {
    let ClockTrouble::SteppedBack(seconds) = trouble else { return None };
    let behind = span(seconds);
    Some((
        Tone::Warn,
        format!("The clock is {behind} behind the vault's last use: nothing is swept until it is right."),
    ))
}

fn jumped_ahead(trouble: ClockTrouble) -> Option<Nav> {
    let ClockTrouble::JumpedAhead(days) = trouble else { return None };
    let dialog = Confirm::new(
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
    );
    Some(Nav::Open(Box::new(dialog.done("Swept."))))
}

/// Where every secret is whole, the damage is elsewhere.
fn what_is_whole(found: u64, expected: u64) -> String {
    let besides = if found == expected { ", but applications, settings or earlier values are not" } else { "" };
    format!("{found} of {expected} secrets are whole{besides}. The vault is open for reading only.")
}

fn trouble(trouble: &StoreTrouble) -> Nav {
    let dialog = match trouble {
        StoreTrouble::Damaged { expected, found, copy_from } => Confirm::new(
            "The store is damaged",
            vec![
                what_is_whole(*found, *expected),
                what_a_repair_does(*copy_from),
                "The damaged store is set aside as a vault that can be looked into; it is not deleted.".to_owned(),
            ],
            "Look only",
            "Repair",
            Then::Fire(Effect::Ask(Request::Repair)),
        )
        .done("Repaired."),
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

fn what_a_repair_does(copy_from: Option<Timestamp>) -> String {
    match copy_from {
        Some(date) => format!(
            "Repair it: what is whole stays; what is missing comes back from the copy of {} where it is there.",
            date.to_minute()
        ),
        None => "Repair it: what is whole stays; the rest is lost, unless you have a backup: strongroom restore FILE."
            .to_owned(),
    }
}

fn span(seconds: i64) -> String {
    match seconds {
        s if s < 120 => format!("{s} s"),
        s if s < 7_200 => format!("{} min", s / 60),
        s if s < 172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{Response, Session};
    use crate::tui::harness::Harness;
    use crate::tui::screens::script::{Asked, Script, session};

    /// Unlocked; the first report, then what the repair came to.
    fn opened(report: OpenReport, repaired: OpenReport) -> (Harness, Asked) {
        let read_only = report.trouble.is_some();
        let first = Response::Unlocked { session: Session { read_only, ..session() }, report };
        let then = Response::Unlocked { session: session(), report: repaired };
        let (mut h, asked) = Script::locked([Ok(first), Ok(then)]).start(80, 24);
        h.type_text("pass").press("Enter");
        (h, asked)
    }

    fn damaged(copy_from: Option<Timestamp>) -> OpenReport {
        let trouble = Some(StoreTrouble::Damaged { expected: 9, found: 7, copy_from });
        OpenReport { trouble, ..OpenReport::default() }
    }

    #[test]
    fn what_failed_on_the_way_in_is_told_together() {
        let report = OpenReport {
            sweep_failed: Some("the disk is full.".into()),
            memory_failed: Some("/state is not writable".into()),
            ..OpenReport::default()
        };
        let (mut h, _) = opened(report, OpenReport::default());
        h.expect("▲ What was deleted 30 days ago is still there: the disk is full. The next");
        h.expect("If an older state is put in the vault's place, nobody").expect("/state is not writable.");
    }

    #[test]
    fn a_sweep_and_a_clock_that_stepped_back_are_told() {
        let (mut h, _) = opened(OpenReport { swept: 2, ..OpenReport::default() }, OpenReport::default());
        h.expect("✓ Swept: 2 deleted secrets");
        let clock = Some(ClockTrouble::SteppedBack(7_300));
        let (mut h, _) = opened(OpenReport { clock, ..OpenReport::default() }, OpenReport::default());
        h.expect("▲ The clock is 2 h behind");
    }

    #[test]
    fn a_repair_is_offered_with_and_without_a_copy_and_its_outcome_told() {
        let done =
            |lost| OpenReport { repaired: Some(Repaired { whole: 7, brought_back: 1, lost }), ..OpenReport::default() };
        let (mut h, asked) = opened(damaged(Some(Timestamp(1_795_442_700))), done(0));
        h.expect("7 of 9 secrets are whole").expect("comes back").expect("from the copy of 2026-11-23");
        h.expect("it is not deleted.").expect("( Repair )").press("Tab Enter");
        h.expect("✓ Repaired: 7 whole, 1 brought back from the copy, 0 lost.").expect_not("read-only");
        assert_eq!(asked.get(asked.len() - 2), Request::Repair);
        let (mut h, _) = opened(damaged(None), done(1));
        h.expect("the rest is lost, unless you").expect("have a backup: strongroom restore FILE.").press("Tab Enter");
        h.expect("▲ Repaired: 7 whole, 1 brought back from the copy, 1 lost.");
    }

    #[test]
    fn a_vault_in_trouble_says_so_wherever_a_key_would_do_nothing() {
        let (mut h, _) = opened(damaged(None), OpenReport::default());
        h.press("Enter").expect("Ada, Account Holder · read-only").expect("None of 9 secrets can be read.");
        h.expect("Lock (^L) and unlock, then choose Repair.").expect_not("No secrets yet");
        h.press("n").expect("▲ Read-only: the store is damaged.");
        let trouble = Some(StoreTrouble::RolledBack { found: 3, last_seen: 7 });
        let (mut h, _) = opened(OpenReport { trouble, ..OpenReport::default() }, OpenReport::default());
        h.press("Enter n").expect("▲ Read-only: this is an older state of the vault.");
    }
}
