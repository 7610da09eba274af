//! Parses the command line, dispatches, sets the exit code.
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]

use std::alloc::System;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use signal_hook::consts::SIGTERM;
use strongroom::agent::{self, AgentError, LINGER};
use strongroom::cli::{self, AgentArgs, Cli, Command, Exit, Failed, Then, UseCommand};
use strongroom::crypto::KdfCost;
use strongroom::host::answer::in_words;
use strongroom::host::as_started::AsStarted;
use strongroom::host::bus::BusAddress;
use strongroom::host::clipboard::Route;
use strongroom::host::owner::our_uid;
use strongroom::host::{Clock, OsEntropy, SystemClock, dumps, files, panics, place};
use strongroom::service::{
    AgentPlace, Door, DoorError, Remote, Request, Response, Running, Service, Starter, VaultStatus,
};
use strongroom::tui::app::Setup;
use strongroom::tui::runtime::{self, Ended, Program};
use strongroom::tui::theme::Theme;
use strongroom::vault::Place;
use zeroizing_alloc::ZeroAlloc;

/// Overwrites all that is freed: no copy of a secret outlives its use, whichever library made it.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    panics::say_only_where();
    let before = AsStarted::note();
    // Before there is anything in memory that a dump could hold.
    let dumps = dumps::forbid();
    files::set_umask_077();
    let exit = dumps
        .map_err(dumps_stay)
        .and_then(|()| cli::parse(std::env::args_os()).map_or_else(Ok, |args| start(&args, &before)))
        .unwrap_or_else(|failed| {
            cli::complain(&failed);
            failed.exit
        });
    ExitCode::from(exit.code())
}

fn start(args: &Cli, before: &AsStarted) -> Result<Exit, Failed> {
    match &args.command {
        None => open_screens(args),
        Some(Command::Demo) => open_demo(),
        Some(Command::Agent(_)) if args.no_agent => Err(cli::misused("an agent is asked for and refused at once.")),
        Some(Command::Agent(how)) => serve(place(args)?, how),
        Some(command) => carry_out(command, args, before),
    }
}

fn carry_out(command: &Command, args: &Cli, before: &AsStarted) -> Result<Exit, Failed> {
    let then = match door_for(command, args) {
        // Closed, too, before another program takes our place.
        Ok(mut door) => cli::run(command, &mut *door, SystemClock.now()),
        Err(failed) => cli::without_door(command, failed),
    };
    let at_its_place = |failed: Failed| match place(args) {
        Ok(place) => failed.at(&place.vault),
        Err(_) => failed,
    };
    match then.map_err(at_its_place)? {
        Then::End(exit) => Ok(exit),
        Then::Start(launch) => Err(launch.start(before)),
    }
}

fn dumps_stay(error: io::Error) -> Failed {
    let why = in_words(&error);
    let message = format!("core dumps cannot be switched off here: {why}. Start it outside of this sandbox.");
    Failed { exit: Exit::Failure, message }
}

fn open_screens(args: &Cli) -> Result<Exit, Failed> {
    check_terminal()?;
    let place = place(args)?;
    let shown = shorten(&place.vault);
    screens(door(place, args), shown, false)
}

fn open_demo() -> Result<Exit, Failed> {
    check_terminal()?;
    let service = Service::demo(Arc::new(SystemClock), Arc::new(OsEntropy))?;
    screens(Box::new(service), "the demo, in memory".to_owned(), true)
}

/// The door for `command`: some only make sense with an agent, and some start none.
fn door_for(command: &Command, args: &Cli) -> Result<Box<dyn Door>, Failed> {
    let place = place(args)?;
    match command {
        Command::Unlock(_) if args.no_agent => Err(cli::misused("nothing stays unlocked without an agent.")),
        Command::Lock | Command::Status(_) => door_as_it_is(place, args),
        Command::Secrets(command) if command.only_looks() => door_as_it_is(place, args),
        // Where no vault is, nobody has to keep it.
        Command::Init(_) | Command::Restore(_) => Ok(door(place, args)),
        Command::Use(UseCommand::Run(_)) if !args.no_agent && may_have_vault(&place)? => {
            Ok(Box::new(Remote::new(agent_place(place), Starter::of_this_program().apart())))
        }
        _ if !may_have_vault(&place)? => Ok(Box::new(service(place))),
        _ => Ok(door(place, args)),
    }
}

/// Whether there is a vault, as far as we can tell: what another user keeps from us, their agent may show us.
fn may_have_vault(place: &Place) -> Result<bool, Failed> {
    Ok(place.is_out_of_reach() || place.has_vault().map_err(Failed::from)?)
}

/// The agent's door, if one runs; else one in this process, if nobody at all has the vault: what it says of the vault would
/// be wrong.
fn door_as_it_is(place: Place, args: &Cli) -> Result<Box<dyn Door>, Failed> {
    let at = agent_place(place.clone());
    if args.no_agent {
        return match at.held()? {
            Some(holder) => Err(DoorError::Held(holder).into()),
            None => Ok(Box::new(service(place))),
        };
    }
    match Remote::to_running(at, Starter::of_this_program())? {
        Running::Agent(remote) => Ok(Box::new(remote)),
        Running::OutOfReach(who) => Err(cli::in_use(&who)),
        Running::Nobody => Ok(Box::new(service(place))),
    }
}

/// The door to the vault at `place`: its agent's, or one in this process.
fn door(place: Place, args: &Cli) -> Box<dyn Door> {
    if args.no_agent {
        return Box::new(service(place));
    }
    Box::new(Remote::new(agent_place(place), Starter::of_this_program()))
}

fn serve(place: Place, how: &AgentArgs) -> Result<Exit, Failed> {
    let mut service = service(place.clone());
    let mut place = agent_place(place);
    if how.system {
        service = service.for_users(our_uid());
        place = how.socket_dir.iter().cloned().fold(place, AgentPlace::with_system_dir);
    }
    service.set_idle_lock(how.idle.0.map(|seconds| Duration::from_secs(seconds.into())));
    let bus = BusAddress::system(|name| std::env::var_os(name));
    let setup = agent::Setup { place, service, log: how.log.clone(), bus, linger: how.spawned.then_some(LINGER) };
    let ended = if how.spawned { agent::away(setup) } else { agent::in_foreground(setup, cli::serving) };
    match ended {
        Ok(Some(SIGTERM) | None) => Ok(Exit::Ok),
        Ok(Some(number)) => Ok(Exit::Signal(number)),
        Err(error) => Err(no_agent(&error)),
    }
}

fn no_agent(error: &AgentError) -> Failed {
    let (exit, message) = match error {
        AgentError::Another(_) => (Exit::Locked, format!("the agent did not start: {error}.")),
        AgentError::Overdue => (Exit::Failure, format!("{error}. Start it again.")),
        _ => (Exit::Failure, format!("the agent did not start: {error}.")),
    };
    Failed { exit, message }
}

fn service(place: Place) -> Service {
    Service::new(place, Arc::new(SystemClock), Arc::new(OsEntropy), KdfCost::DEFAULT)
}

fn agent_place(place: Place) -> AgentPlace {
    AgentPlace::new(place, |name| std::env::var_os(name))
}

fn place(args: &Cli) -> Result<Place, Failed> {
    let no_home = |error: place::NoHome| Failed { exit: Exit::Failure, message: format!("{error}. Set HOME.") };
    let vault = place::vault_dir(args.vault.as_deref(), |name| std::env::var_os(name)).map_err(no_home)?;
    let state = place::state_dir(|name| std::env::var_os(name)).map_err(no_home)?;
    Ok(Place { vault, state })
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
    if dumb || !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        let message = "the screens need a terminal. Without one, use the commands: strongroom list, strongroom --help.";
        return Err(Failed { exit: Exit::Usage, message: message.to_owned() });
    }
    Ok(())
}

fn screens(mut door: Box<dyn Door>, place: String, demo: bool) -> Result<Exit, Failed> {
    let status = match door.call(Request::Status, &|_| {}) {
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
    let program = Program { setup, door, status, clock: Arc::new(SystemClock), over_ssh, route };
    match runtime::run(program) {
        Ok(Ended::Quit) => Ok(Exit::Ok),
        Ok(Ended::Signal(number)) => Ok(Exit::Signal(number)),
        Err(error) => Err(DoorError::System(format!("the terminal: {}", in_words(&error))).into()),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
