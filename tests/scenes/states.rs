//! Errors, troubles and the less usual states of screens.

use strongroom::domain::Timestamp;
use strongroom::service::{
    ClockTrouble, CredentialKind, DoorError, Holder, OpenReport, Progress, Repaired, Step, StoreTrouble,
};
use strongroom::tui::harness::{Harness, START};
use strongroom::tui::theme::Theme;

use super::stage::{Stage, trouble, unlocked};
use super::{From, PASSPHRASE, Scene, fill_api_key, scene, wizard_done, wizard_passphrase};

const DAMAGED: StoreTrouble = StoreTrouble::Damaged { expected: 14, found: 12, copy_from: None };
const REPAIRABLE: StoreTrouble =
    StoreTrouble::Damaged { expected: 14, found: 12, copy_from: Some(Timestamp(START - 3 * 86_400)) };

/// Unlocks with a recovery key.
fn recover(h: &mut Harness) {
    h.press("Tab").type_text("7K3M-ABCD").press("Enter");
}

/// Unlocks.
pub(super) fn unlock(h: &mut Harness) {
    h.type_text(PASSPHRASE).press("Enter");
}

/// Selects the secret that is found by `name`.
pub(super) fn select(h: &mut Harness, name: &str) {
    h.press("/").type_text(name).press("Enter");
}

pub(super) fn edit(h: &mut Harness, name: &str) {
    select(h, name);
    h.press("e");
}

fn detail(h: &mut Harness, name: &str) {
    select(h, name);
    h.press("Enter");
}

fn held() -> DoorError {
    DoorError::Held(Holder { pid: 4242, terminal: Some("pts/3".into()), since: Timestamp(START - 300) })
}

/// Registers the API key that [`fill_api_key`] fills in, write-only.
fn fill_write_only(h: &mut Harness) {
    fill_api_key(h);
    h.press("Tab Space");
}

fn pasted_file(h: &mut Harness, name: &str) {
    h.press("n Down Down Down Down Enter")
        .type_text("from a file")
        .press("Tab Down Tab")
        .type_text(name)
        .press("Enter");
}

/// Each as a frame, like the screens.
pub(super) const STATES: &[Scene] = &[
    // What is told on the way in.
    scene("notice-swept", From::Staged(|| Stage::reporting(OpenReport { swept: 3, ..Default::default() }, [])), unlock),
    scene(
        "notice-clock-back",
        From::Staged(|| {
            let clock = Some(ClockTrouble::SteppedBack(40 * 86_400));
            Stage::reporting(OpenReport { clock, ..Default::default() }, [])
        }),
        unlock,
    ),
    scene(
        "notice-clock-ahead",
        From::Staged(|| {
            let clock = Some(ClockTrouble::JumpedAhead(40));
            Stage::reporting(OpenReport { clock, ..Default::default() }, [])
        }),
        unlock,
    ),
    scene(
        "notice-sweep-failed",
        From::Staged(|| {
            let sweep_failed = Some("the disk is full: nothing was changed".into());
            Stage::reporting(OpenReport { sweep_failed, ..Default::default() }, [])
        }),
        unlock,
    ),
    scene(
        "notice-memory-failed",
        From::Staged(|| {
            let memory_failed = Some("/home/ada/.local/state/strongroom: open to other users".into());
            Stage::reporting(OpenReport { memory_failed, ..Default::default() }, [])
        }),
        unlock,
    ),
    scene("notice-damaged", From::Staged(|| Stage::reporting(trouble(DAMAGED), [])), unlock),
    scene("notice-repairable", From::Staged(|| Stage::reporting(trouble(REPAIRABLE), [])), unlock),
    scene(
        "notice-rolled-back",
        From::Staged(|| Stage::reporting(trouble(StoreTrouble::RolledBack { found: 41, last_seen: 44 }), [])),
        unlock,
    ),
    scene("notice-repairing", From::Staged(|| Stage::reporting(trouble(REPAIRABLE), [])), |h| {
        unlock(h);
        h.hold().press("Tab Enter").progress(Progress { step: Step::Rewriting, done: 7, total: 16 });
    }),
    scene(
        "notice-repaired",
        From::Staged(|| {
            let repaired = Some(Repaired { whole: 12, brought_back: 1, lost: 1 });
            Stage::reporting(trouble(REPAIRABLE), [Ok(unlocked(OpenReport { repaired, ..Default::default() }))])
        }),
        |h| {
            unlock(h);
            h.press("Tab Enter");
        },
    ),
    scene("read-only", From::Staged(|| Stage::reporting(trouble(DAMAGED), [])), |h| {
        unlock(h);
        h.press("Enter n");
    }),
    // Unlock.
    scene(
        "unlock-wait",
        From::Staged(|| {
            Stage::locked([Err(DoorError::WrongCredential { kind: CredentialKind::Passphrase, wait_seconds: 8 })])
        }),
        unlock,
    ),
    scene("unlock-held", From::Staged(|| Stage::locked([Err(held())])), unlock),
    scene(
        "unlock-damaged",
        From::Staged(|| Stage::locked([Err(DoorError::Damaged("the vault header is damaged".to_owned()))])),
        unlock,
    ),
    scene("unlock-bad-recovery-key", From::Locked, |h| {
        drop(h.press("Tab").type_text("7K3M-ABCD").press("Enter").screen())
    }),
    scene("reading", From::Staged(|| Stage::open([])), |h| {
        h.type_text(PASSPHRASE).press("Enter").press("^L").type_text(PASSPHRASE).hold().press("Enter");
    }),
    scene(
        "required-passphrase",
        From::Staged(|| {
            Stage::reporting(
                OpenReport { needs_new_passphrase: true, ..Default::default() },
                [Err(DoorError::DiskFull)],
            )
        }),
        recover,
    ),
    scene(
        "required-passphrase-failed",
        From::Staged(|| {
            Stage::reporting(
                OpenReport { needs_new_passphrase: true, ..Default::default() },
                [Err(DoorError::DiskFull)],
            )
        }),
        |h| {
            recover(h);
            h.paste(PASSPHRASE).press("Tab").paste(PASSPHRASE).press("^S");
        },
    ),
    // First run.
    scene("wizard-name-error", From::Nothing, |h| {
        h.type_text("acme").press("Enter").paste("Ada\u{202e}").press("Enter");
    }),
    scene("wizard-passphrase-mismatch", From::Nothing, |h| {
        wizard_passphrase(h);
        h.type_text(PASSPHRASE).press("Tab").type_text("another passphrase").press("Enter");
    }),
    scene("wizard-create-error", From::Staged(|| Stage::absent([Err(DoorError::DiskFull)])), |h| {
        wizard_passphrase(h);
        h.type_text(PASSPHRASE).press("Tab").type_text(PASSPHRASE).press("Enter");
    }),
    scene("wizard-recovery-wrong-group", From::Nothing, |h| {
        wizard_done(h);
        h.press("Enter").type_text("0000").press("Enter");
    }),
    scene("wizard-recovery-quit", From::Nothing, |h| {
        wizard_done(h);
        h.press("^C");
    }),
    // Register Secret and Edit.
    scene("form-write-only", From::Demo, fill_write_only),
    scene("form-scopes", From::Demo, |h| {
        h.press("n Down Down Enter Tab Tab Tab").type_text("profile, iam.role");
    }),
    scene("form-env-preview", From::Demo, |h| pasted_file(h, "shop.env")),
    scene("form-whole-file", From::Demo, |h| pasted_file(h, "bundle.p12")),
    scene("form-file-missing", From::Demo, |h| pasted_file(h, "missing.env")),
    scene("form-storing", From::Demo, |h| {
        fill_api_key(h);
        h.hold().press("^S");
    }),
    scene("form-disk-full", From::Staged(|| Stage::open([Err(DoorError::DiskFull)])), |h| {
        unlock(h);
        fill_api_key(h);
        h.press("^S");
    }),
    scene("form-after-lock", From::Demo, |h| {
        fill_api_key(h);
        h.press("^L").type_text("x").press("Enter");
    }),
    scene("edit-bearer-token", From::Demo, |h| edit(h, "crm")),
    scene("edit-client-credentials", From::Demo, |h| edit(h, "identity")),
    scene("edit-certificate", From::Demo, |h| edit(h, "gateway.north")),
    scene("edit-key-value", From::Demo, |h| edit(h, "shop-staging")),
    scene("edit-api-key", From::Demo, |h| edit(h, "payments")),
    scene("saved-write-only", From::Demo, |h| {
        fill_write_only(h);
        h.press("^S");
    }),
    scene("saved-last-chance", From::Demo, |h| {
        fill_write_only(h);
        h.press("^S Enter");
    }),
    // One secret, in every status.
    scene("detail-expires-soon", From::Demo, |h| detail(h, "maps")),
    scene("detail-expired", From::Demo, |h| detail(h, "newsletter")),
    scene("detail-inactive", From::Demo, |h| detail(h, "status-page")),
    scene("detail-not-yet-valid", From::Demo, |h| detail(h, "orders")),
    scene("detail-deleted", From::Demo, |h| detail(h, "legacy")),
    scene("detail-key-value", From::Demo, |h| detail(h, "infrastructure")),
    scene("detail-reading", From::Demo, |h| {
        select(h, "crm");
        h.hold().press("Enter");
    }),
    scene("copied", From::Demo, |h| {
        select(h, "crm");
        h.press("y");
    }),
    scene("refused-inactive", From::Demo, |h| {
        select(h, "status-page");
        h.press("y");
    }),
    scene("refused-expired", From::Demo, |h| {
        select(h, "newsletter");
        h.press("y");
    }),
    scene("refused-deleted", From::Demo, |h| {
        select(h, "legacy");
        h.press("y");
    }),
    // Dialogs.
    scene("more-options-inactive", From::Demo, |h| {
        select(h, "status-page");
        h.press("m");
    }),
    scene("deactivate-working", From::Demo, |h| {
        select(h, "crm");
        h.press("d Tab").hold().press("Enter");
    }),
    scene("deactivate-failed", From::Staged(|| Stage::open([Err(DoorError::DiskFull)])), |h| {
        unlock(h);
        select(h, "crm");
        h.press("d Tab Enter");
    }),
    scene("delete-failed", From::Staged(|| Stage::open([Err(DoorError::DiskFull)])), |h| {
        unlock(h);
        select(h, "crm-sync");
        h.press("x").type_text("crm-sync").press("Enter");
    }),
    scene("palette-no-match", From::Demo, |h| drop(h.press("^P").type_text("zzzz").screen())),
    scene("help-form", From::Demo, |h| drop(h.press("n Enter F1").screen())),
    scene("help-unlock", From::Locked, |h| drop(h.press("F1").screen())),
    scene("filter-by-status", From::Demo, |h| {
        drop(h.press("f Down Down Down Down Down Down Down Space Enter").screen())
    }),
    scene("picker-unreadable", From::Demo, |h| {
        drop(h.press("n Down Down Down Enter Tab").type_text("/nowhere/").press("^O").screen())
    }),
    // Terminals that show less.
    scene("listing-ascii", From::Plain(Theme::plain()), |h| drop(h.press("Down Down").screen())),
    scene("delete-ascii", From::Plain(Theme::plain()), |h| drop(h.press("x").screen())),
];
