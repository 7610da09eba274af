//! The scenes: what to begin with and which keys lead there.

mod organization;
mod sessions;
mod staff;
mod stage;
mod states;
mod uses;

use std::path::Path;
use std::sync::Arc;

use strongroom::crypto::KdfCost;
use strongroom::host::{FixedClock, SeededEntropy};
use strongroom::service::{Door, Progress, Request, Service, Step};
use strongroom::tui::harness::{Harness, START, Start};
use strongroom::tui::input::Event;
use strongroom::tui::theme::Theme;
use strongroom::vault::Place;

use stage::Stage;

const PASSPHRASE: &str = "correct horse battery staple";
const NEW: &str = "a lamp under nine green stairs";

/// What a scene begins with.
#[derive(Clone, Copy)]
enum From {
    /// The demo, at its listing.
    Demo,
    /// No vault.
    Nothing,
    /// A new vault, open and empty.
    Empty,
    /// A vault, locked.
    Locked,
    /// The demo, locked, behind a door that answers first what is written down.
    Staged(fn() -> Stage),
    /// The demo, on a terminal that shows less.
    Plain(Theme),
    /// As staged, on such a terminal.
    StagedPlain(fn() -> Stage),
}

/// One frame that is worth keeping.
pub struct Scene {
    /// Its name, also its snapshot's.
    pub name: &'static str,
    from: From,
    play: fn(&mut Harness),
}

const fn scene(name: &'static str, from: From, play: fn(&mut Harness)) -> Scene {
    Scene { name, from, play }
}

impl Scene {
    /// Plays it on a terminal of this size.
    pub fn play(&self, columns: u16, rows: u16) -> Harness {
        self.play_through(|door| door, columns, rows)
    }

    /// Plays it with another door in front of its own.
    pub fn play_through(&self, put: impl FnOnce(Box<dyn Door>) -> Box<dyn Door>, columns: u16, rows: u16) -> Harness {
        let mut start = match self.from {
            From::Demo => demo(Theme::default()),
            From::Plain(theme) => demo(theme),
            From::Staged(stage) => staged(stage(), Theme::default()),
            From::StagedPlain(stage) => staged(stage(), Theme::plain()),
            other => on_disk(other),
        };
        (start.door, start.size) = (put(start.door), (columns, rows));
        let mut harness = Harness::start(start);
        (self.play)(&mut harness);
        harness
    }
}

/// The demo, with the file picker in the folder of fixtures.
fn demo(theme: Theme) -> Start {
    let clock = Arc::new(FixedClock::at(START));
    let door = Service::demo(clock.clone(), Arc::new(SeededEntropy::new(7))).unwrap();
    start(Box::new(door), clock, theme, true)
}

fn staged(stage: Stage, theme: Theme) -> Start {
    start(Box::new(stage), Arc::new(FixedClock::at(START)), theme, false)
}

fn on_disk(from: From) -> Start {
    let dir = tempfile::tempdir().unwrap().keep();
    let place = Place { vault: dir.join("vault"), state: dir.join("state") };
    let clock = Arc::new(FixedClock::at(START));
    let mut door = Service::new(place, clock.clone(), Arc::new(SeededEntropy::new(9)), KdfCost::DEFAULT);
    if !matches!(from, From::Nothing) {
        let create =
            Request::Create { organization: "acme".into(), member: "Ada".into(), passphrase: PASSPHRASE.into() };
        door.call(create, &|_| {}).unwrap();
    }
    if matches!(from, From::Locked) {
        door.call(Request::Lock, &|_| {}).unwrap();
    }
    let swept = Swept { door, dir };
    start(Box::new(swept), clock, Theme::default(), false)
}

fn start(door: Box<dyn Door>, clock: Arc<FixedClock>, theme: Theme, demo: bool) -> Start {
    let folder = Path::new("tests/fixtures").to_owned();
    Start { door, clock, theme, demo, folder, size: (80, 24) }
}

/// Removes the vault's folder when the scene is over.
struct Swept {
    door: Service,
    dir: std::path::PathBuf,
}

impl Door for Swept {
    fn call(
        &mut self,
        request: Request,
        progress: &dyn Fn(Progress),
    ) -> Result<strongroom::service::Response, strongroom::service::DoorError> {
        self.door.call(request, progress)
    }
}

impl Drop for Swept {
    fn drop(&mut self) {
        let _ = self.door.call(Request::Lock, &|_| {});
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Fills the form of an API key, but for the submission.
fn fill_api_key(h: &mut Harness) {
    h.press("n Enter").type_text("github-mirror-pat").press("Tab").type_text("Authorization").press("Tab");
    h.type_text("ghp_example_0123456789").press("Tab").type_text("+90d");
}

fn open_certificate(h: &mut Harness) {
    h.press("f Down Down Down Space Enter Enter");
}

fn wizard_passphrase(h: &mut Harness) {
    h.type_text("acme").press("Enter").type_text("Ada").press("Enter");
}

fn wizard_done(h: &mut Harness) {
    wizard_passphrase(h);
    h.type_text(PASSPHRASE).press("Tab").type_text(PASSPHRASE).press("Enter");
}

/// Every screen, dialog and error state.
pub fn all() -> impl Iterator<Item = &'static Scene> {
    SCENES.iter().chain(states::STATES).chain(sessions::SESSIONS).chain(uses::USES).chain(organization::ORGANIZATION)
}

/// The screens and dialogs.
const SCENES: &[Scene] = &[
    // The portal's steps.
    scene("account-portal", From::Demo, |h| drop(h.press("Esc Esc Esc").screen())),
    scene("organization", From::Demo, |h| drop(h.press("Esc Esc").screen())),
    scene("identity-and-security", From::Demo, |h| drop(h.press("Esc").screen())),
    // Secrets Management.
    scene("listing", From::Demo, |h| drop(h.press("Down Down").screen())),
    scene("listing-empty", From::Empty, |_| {}),
    scene("listing-by-expiry", From::Demo, |h| drop(h.press("s Down Down Down Enter").screen())),
    scene("find", From::Demo, |h| drop(h.press("/").type_text("shop").screen())),
    scene("find-nothing", From::Demo, |h| drop(h.press("/").type_text("zzzz").screen())),
    scene("find-in-filter", From::Demo, |h| drop(h.press("f Space Enter /").type_text("ma").press("Enter").screen())),
    scene("copy-which", From::Demo, |h| drop(h.press("/").type_text("shop-prod").press("Enter y Down").screen())),
    scene("filter", From::Demo, |h| drop(h.press("f Space Down").screen())),
    scene("filtered", From::Demo, |h| drop(h.press("f Space Enter").screen())),
    scene("sort", From::Demo, |h| drop(h.press("s").screen())),
    scene("more-options", From::Demo, |h| drop(h.press("m").screen())),
    scene("deactivate", From::Demo, |h| drop(h.press("d").screen())),
    scene("deactivated", From::Demo, |h| drop(h.press("d Tab Enter").screen())),
    scene("reactivate", From::Demo, |h| drop(h.press("d Tab Enter d").screen())),
    scene("delete", From::Demo, |h| drop(h.press("x").type_text("bill").screen())),
    scene("delete-wrong-name", From::Demo, |h| drop(h.press("x").type_text("other").press("Tab Tab Enter").screen())),
    scene("help", From::Demo, |h| drop(h.press("?").screen())),
    scene("palette", From::Demo, |h| drop(h.press("^P").screen())),
    scene("palette-find", From::Demo, |h| drop(h.press("^P").type_text("lock").screen())),
    scene("locks-soon", From::Empty, |h| drop(h.wait_seconds(11 * 60).screen())),
    // One secret.
    scene("detail", From::Demo, |h| drop(h.press("Enter").screen())),
    scene("detail-revealed", From::Demo, |h| drop(h.press("v").screen())),
    scene("detail-certificate", From::Demo, open_certificate),
    // Register Secret.
    scene("choose-type", From::Demo, |h| drop(h.press("n").screen())),
    scene("form", From::Demo, fill_api_key),
    scene("form-shown", From::Demo, |h| {
        fill_api_key(h);
        h.press("S-Tab ^R");
    }),
    scene("form-errors", From::Demo, |h| {
        h.press("n Enter").type_text("x ").press("Tab").type_text("Authoriz ation").press("^S");
    }),
    scene("form-discard", From::Demo, |h| {
        fill_api_key(h);
        h.press("Esc");
    }),
    scene("form-quit", From::Demo, |h| {
        fill_api_key(h);
        h.press("^C");
    }),
    scene("form-bearer-token", From::Demo, |h| drop(h.press("n Down Enter").screen())),
    scene("form-client-credentials", From::Demo, |h| drop(h.press("n Down Down Enter").screen())),
    scene("form-certificate", From::Demo, |h| drop(h.press("n Down Down Down Enter").screen())),
    scene("form-key-value", From::Demo, |h| drop(h.press("n Down Down Down Down Enter").screen())),
    scene("form-name-taken", From::Demo, |h| {
        h.press("n Enter").type_text("maps-tiles").press("Tab").type_text("Authorization").press("Tab");
        h.type_text("a-value").press("^S");
    }),
    scene("form-certificate-loaded", From::Demo, |h| {
        h.press("n Down Down Down Enter").type_text("edge").press("Tab").type_text("rsa.pem").press("Enter");
    }),
    scene("form-certificate-wrong-key", From::Demo, |h| {
        h.press("n Down Down Down Enter").type_text("edge").press("Tab").type_text("rsa.pem").press("Enter Tab");
        h.type_text("ed25519.key").press("Enter ^S");
    }),
    scene("form-pairs", From::Demo, |h| {
        h.press("n Down Down Down Down Enter").type_text("shop").press("Tab Tab").type_text("DB_USER").press("Tab");
        h.type_text("ada").press("Enter").type_text("DB_PASSWORD");
    }),
    scene("picker-find", From::Demo, |h| drop(h.press("n Down Down Down Enter Tab ^O").type_text("rsa").screen())),
    scene("picker-no-match", From::Demo, |h| drop(h.press("n Down Down Down Enter Tab ^O").type_text("zzz").screen())),
    scene("picker", From::Demo, |h| drop(h.press("n Down Down Down Enter Tab ^O").screen())),
    scene("saved", From::Demo, |h| {
        fill_api_key(h);
        h.press("^S");
    }),
    scene("saved-revealed", From::Demo, |h| {
        fill_api_key(h);
        h.press("^S Down Down v");
    }),
    scene("saved-leave", From::Demo, |h| {
        fill_api_key(h);
        h.press("Tab Space ^S Enter");
    }),
    scene("registered", From::Demo, |h| {
        fill_api_key(h);
        h.press("^S Enter");
    }),
    scene("edit", From::Demo, |h| drop(h.press("e").screen())),
    // First run.
    scene("wizard-organization", From::Nothing, |_| {}),
    scene("wizard-organization-empty", From::Nothing, |h| drop(h.press("Enter").screen())),
    scene("wizard-name", From::Nothing, |h| drop(h.type_text("acme").press("Enter").screen())),
    scene("wizard-passphrase", From::Nothing, wizard_passphrase),
    scene("wizard-passphrase-weak", From::Nothing, |h| {
        wizard_passphrase(h);
        h.type_text("password").press("Tab").type_text("password").press("Enter");
    }),
    scene("wizard-working", From::Nothing, |h| {
        wizard_passphrase(h);
        h.type_text(PASSPHRASE).press("Tab").type_text(PASSPHRASE).hold().press("Enter");
    }),
    scene("wizard-recovery", From::Nothing, wizard_done),
    scene("wizard-recovery-hidden", From::Nothing, |h| {
        wizard_done(h);
        h.event(Event::FocusLost);
    }),
    scene("wizard-recovery-asked", From::Nothing, |h| {
        wizard_done(h);
        h.press("Enter");
    }),
    // Unlock and passphrase.
    scene("unlock", From::Locked, |_| {}),
    scene("unlock-wrong", From::Locked, |h| drop(h.type_text("not the passphrase").press("Enter").screen())),
    scene("unlock-recovery", From::Locked, |h| drop(h.press("Tab").screen())),
    scene("unlock-working", From::Locked, |h| drop(h.type_text(PASSPHRASE).hold().press("Enter").screen())),
    scene("locked-demo", From::Demo, |h| drop(h.press("^L").screen())),
    scene("new-passphrase", From::Demo, |h| drop(h.press("Esc Esc Esc Down Enter").screen())),
    scene("new-recovery-key", From::Demo, |h| drop(h.press("Esc Esc Esc Down Down Enter").screen())),
    scene("new-passphrase-rewriting", From::Empty, |h| {
        h.press("Esc Esc Esc Down Enter")
            .paste(PASSPHRASE)
            .press("Tab")
            .paste(NEW)
            .press("Tab")
            .paste(NEW)
            .hold()
            .press("Enter");
        h.progress(Progress { step: Step::Rewriting, done: 6_234, total: 10_000 });
    }),
];
