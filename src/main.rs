//! Parses the command line, dispatches, sets the exit code.
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]

use std::alloc::System;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use strongroom::cli::{self, Cli, Command, Exit, Failed};
use strongroom::crypto::KdfCost;
use strongroom::host::answer::in_words;
use strongroom::host::{Clock, OsEntropy, SystemClock, dumps, files, place};
use strongroom::service::{Door, DoorError, Request, Response, Service, VaultStatus};
use strongroom::tui::app::Setup;
use strongroom::tui::clipboard::Route;
use strongroom::tui::runtime::{self, Ended, Program};
use strongroom::tui::theme::Theme;
use strongroom::vault::Place;
use zeroizing_alloc::ZeroAlloc;

/// Overwrites all that is freed: no copy of a secret outlives its use, whichever library made it.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    // Before there is anything in memory that a dump could hold.
    let dumps = dumps::forbid();
    files::set_umask_077();
    let exit = dumps.map_err(dumps_stay).and_then(|()| start(&Cli::parse())).unwrap_or_else(|failed| {
        cli::complain(&failed);
        failed.exit
    });
    ExitCode::from(exit.code())
}

fn start(args: &Cli) -> Result<Exit, Failed> {
    match &args.command {
        None => open_screens(args.vault.as_deref()),
        Some(Command::Demo) => open_demo(),
        Some(command) => run_command(command, args.vault.as_deref()),
    }
}

fn dumps_stay(error: io::Error) -> Failed {
    let why = in_words(&error);
    let message = format!("core dumps cannot be switched off here: {why}. Start it outside of this sandbox.");
    Failed { exit: Exit::Failure, message }
}

fn run_command(command: &Command, vault: Option<&Path>) -> Result<Exit, Failed> {
    let (mut service, _) = service(vault)?;
    cli::run(command, &mut service, SystemClock.now()).map(|()| Exit::Ok)
}

fn open_screens(vault: Option<&Path>) -> Result<Exit, Failed> {
    check_terminal()?;
    let (service, shown) = service(vault)?;
    screens(service, shown, false)
}

fn open_demo() -> Result<Exit, Failed> {
    check_terminal()?;
    let service = Service::demo(Arc::new(SystemClock), Arc::new(OsEntropy))?;
    screens(service, "the demo, in memory".to_owned(), true)
}

/// The service for the vault's place, and that place as it is shown.
fn service(vault: Option<&Path>) -> Result<(Service, String), Failed> {
    let no_home = |error: place::NoHome| Failed { exit: Exit::Failure, message: format!("{error}. Set HOME.") };
    let vault = place::vault_dir(vault, |name| std::env::var_os(name)).map_err(no_home)?;
    let state = place::state_dir(|name| std::env::var_os(name)).map_err(no_home)?;
    let shown = shorten(&vault);
    let place = Place { vault, state };
    Ok((Service::new(place, Arc::new(SystemClock), Arc::new(OsEntropy), KdfCost::DEFAULT), shown))
}

/// A path with `~` for the home folder.
fn shorten(path: &Path) -> String {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    match home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

fn check_terminal() -> Result<(), Failed> {
    let dumb = variable("TERM").is_none_or(|term| term == "dumb");
    if dumb || !io::stdin().is_terminal() {
        let message = "the screens need a terminal. Without one, use the commands: strongroom list, strongroom --help.";
        return Err(Failed { exit: Exit::Usage, message: message.to_owned() });
    }
    Ok(())
}

fn screens(mut service: Service, place: String, demo: bool) -> Result<Exit, Failed> {
    let status = match service.call(Request::Status, &|_| {}) {
        Ok(Response::Status(status)) => status,
        Ok(_) => VaultStatus::Locked,
        Err(error) => return Err(error.into()),
    };
    let setup = Setup {
        theme: Theme::from_env(variable),
        place,
        demo,
        folder: std::env::current_dir().unwrap_or_else(|_| "/".into()),
        entropy: Arc::new(OsEntropy),
        size: (80, 24),
    };
    let over_ssh = variable("SSH_CONNECTION").is_some();
    let route = Route::detect(variable);
    let program = Program { setup, door: Box::new(service), status, clock: Arc::new(SystemClock), over_ssh, route };
    match runtime::run(program) {
        Ok(Ended::Quit) => Ok(Exit::Ok),
        Ok(Ended::Signal(number)) => Ok(Exit::Signal(number)),
        Err(error) => Err(DoorError::System(format!("the terminal: {}", in_words(&error))).into()),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
