//! The commands: one file per verb, all through the one door.

mod args;
mod backup;
mod called;
mod credential;
mod deliver;
mod doctor;
mod exit;
mod export;
mod import;
mod init;
mod lock;
mod member;
mod new_file;
mod output;
mod passphrase;
mod recovery_key;
mod restore;
mod secrets;
mod slot;
mod status;
mod table;
mod unlock;
mod words;

pub use args::{AgentArgs, Cli, Command, SecretsCommand, UseCommand};
pub use deliver::Launch;
pub use exit::Exit;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use args::{MemberPassphrase, Unlocking};
use called::as_called;
use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use credential::{Otherwise, Wanted};
use output::ProgressLine;

use crate::domain::text::{is_forbidden, sanitize};
use crate::host::files::FileError;
use crate::service::{
    Credential, CredentialKind, Door, DoorError, InUse, OpenReport, Request, Response, Session, VaultStatus,
};

/// What opens the vault.
const PASSPHRASE: Wanted = Wanted {
    question: "Passphrase: ",
    option: "--passphrase-file",
    otherwise: Otherwise::Locked("Unlock it with strongroom unlock at a terminal, or put"),
};
/// The passphrase again, whether the vault is open or not.
const PROOF: Wanted = Wanted { otherwise: Otherwise::Missing, ..PASSPHRASE };

/// Why a command did not do it: the exit code, and words for stderr.
#[derive(Debug)]
pub struct Failed {
    /// What the process ends with.
    pub exit: Exit,
    /// What failed, why, what to do next; empty when all has been said.
    pub message: String,
}

impl Failed {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// With the place where there is no vault, if that is why: a door does not tell where it leads.
    #[must_use]
    pub fn at(self, vault: &Path) -> Self {
        match self.message.strip_prefix(&DoorError::NoVault.to_string()) {
            Some(next) => Self { message: format!("there is no vault at {}{next}", shown(vault)), ..self },
            None => self,
        }
    }
}

impl From<DoorError> for Failed {
    fn from(error: DoorError) -> Self {
        Self::new(Exit::of(&error), words::error(&error))
    }
}

/// Reads the command line. What is wrong with it is said, and an argument is shown sanitized.
///
/// # Errors
/// What the program ends with.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, Exit> {
    let arguments = as_called(arguments.into_iter());
    Cli::try_parse_from(&arguments).map_err(|error| {
        // The same once more for what it quotes: a line break in an argument would be one of ours in the message.
        let fit = arguments.iter().map(|one| sanitize(&one.to_string_lossy()).into_owned());
        let mut error = Cli::try_parse_from(fit).err().unwrap_or(error);
        add_tip(&mut error);
        let text = error.to_string();
        if text.contains(|c| c != '\n' && is_forbidden(c)) {
            text.lines().for_each(output::remark);
        } else {
            // Where it cannot be said, nobody is told.
            let _ = error.print();
        }
        if error.use_stderr() { Exit::Usage } else { Exit::Ok }
    })
}

/// Whoever forgets the dashes of `run -- CMD` is told of them.
fn add_tip(error: &mut clap::Error) {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    if error.kind() == ErrorKind::UnknownArgument && usage.contains("strongroom run ") {
        let tip = "put -- before the command: strongroom run [OPTIONS] -- CMD";
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
}

/// What is left to do when a command is done, and the door is closed.
#[derive(Debug)]
pub enum Then {
    /// To end so.
    End(Exit),
    /// Let a program take the place of this one.
    Start(Launch),
}

/// Carries out `command` at `door`; `now` is the time of day in seconds since the epoch.
///
/// # Errors
/// [`Failed`], with the exit code and what to say.
pub fn run(command: &Command, door: &mut dyn Door, now: i64) -> Result<Then, Failed> {
    let done = match command {
        Command::Use(command) => return deliver::run(command, door, now),
        // Not at the door: the program itself does these.
        Command::Demo | Command::Agent(_) => Ok(()),
        Command::Secrets(command) => secrets::run(command, door, now),
        Command::Unlock(args) => unlock::run(args, door),
        Command::Lock => lock::run(door),
        Command::Status(args) => status::run(args, door, now),
        Command::Init(args) => init::run(args, door),
        Command::Import(args) => import::run(args, door, now),
        Command::Export(args) => export::run(args, door),
        Command::Backup(args) => backup::run(args, door),
        Command::Restore(args) => restore::run(args, door),
        Command::Passphrase(args) => passphrase::run(args, door),
        Command::RecoveryKey(args) => recovery_key::run(args, door),
        Command::Slot(args) => slot::run(args, door),
        Command::Member(command) => member::run(command, door, now),
        Command::Doctor(args) => doctor::run(args, door),
    };
    done.map(|()| Then::End(Exit::Ok))
}

/// Ends `command`, whose vault cannot be reached because of `failed`. A check says so in its own way, and a shell that
/// completes a name is told nothing.
///
/// # Errors
/// What the program ends with.
pub fn without_door(command: &Command, failed: Failed) -> Result<Then, Failed> {
    match command {
        Command::Secrets(command) => secrets::without_door(command, failed).map(|()| Then::End(Exit::Ok)),
        Command::Use(command) => deliver::without_door(command, failed),
        _ => Err(failed),
    }
}

/// The vault is neither asked nor locked, because no agent answers and somebody has it.
pub fn in_use(who: &InUse) -> Failed {
    Failed::new(Exit::Locked, words::in_use(who))
}

/// `--no-agent` makes no sense here, and `why`.
pub fn misused(why: &str) -> Failed {
    Failed::new(Exit::Usage, format!("{why} Leave --no-agent away."))
}

/// Says on stderr that the agent serves, with its socket in `dir`.
pub fn serving(dir: &Path) {
    output::remark(&format!("Serving, with the socket in {}. Ctrl-C locks the vault and ends it.", shown(dir)));
}

/// Says on stderr why a command failed, sanitized.
pub fn complain(failed: &Failed) {
    if !failed.message.is_empty() {
        output::remark(&format!("strongroom: {}", failed.message));
    }
}

/// Asks the door. After wrong guesses, of whomever, it may say how long to wait: that is done, once.
fn call(door: &mut dyn Door, request: Request) -> Result<Response, DoorError> {
    match call_once(door, request.clone()) {
        Err(DoorError::TooSoon { wait_seconds }) => {
            output::remark(&format!("There were wrong guesses: trying again in {wait_seconds} s."));
            std::thread::sleep(Duration::from_secs(wait_seconds.into()));
            call_once(door, request)
        }
        answer => answer,
    }
}

fn call_once(door: &mut dyn Door, request: Request) -> Result<Response, DoorError> {
    let line = ProgressLine::on_stderr();
    door.call(request, &|progress| line.show(progress))
}

/// Opens the vault, unless it is open already, and says on stderr what was found on the way in.
fn unlock(door: &mut dyn Door, how: &Unlocking) -> Result<Session, Failed> {
    match status(door)? {
        VaultStatus::Absent => Err(DoorError::NoVault.into()),
        // What somebody names has to be right, whether it is needed or not.
        VaultStatus::Unlocked(session) if !how.is_given() && is_for(&session, &how.passphrase) => Ok(session),
        _ => unlock_with(door, credential::unlocking(how, PASSPHRASE)?, &how.passphrase),
    }
}

/// Whether the vault is open for whoever is named, if anybody is.
fn is_for(session: &Session, whose: &MemberPassphrase) -> bool {
    credential::member(whose).is_none_or(|member| *member == *session.member)
}

/// Opens the vault with the passphrase, which is needed once more for what is to be done there.
fn unlock_for(door: &mut dyn Door, from: &MemberPassphrase) -> Result<(Session, Credential), Failed> {
    check_there(door)?;
    let passphrase = credential::passphrase(from, PROOF)?;
    let session = unlock_with(door, passphrase.clone(), from)?;
    Ok((session, passphrase))
}

/// Opens the vault with `credential`, whose passphrase came `from` there, if it is one.
fn unlock_with(door: &mut dyn Door, credential: Credential, from: &MemberPassphrase) -> Result<Session, Failed> {
    match call(door, Request::Unlock(credential)).map_err(|error| shut(error, from))? {
        Response::Unlocked { session, report } => {
            tell(&report);
            Ok(session)
        }
        _ => Err(unexpected()),
    }
}

fn shut(error: DoorError, from: &MemberPassphrase) -> Failed {
    match error {
        DoorError::WrongCredential { kind: CredentialKind::Passphrase, .. } => {
            let whose = credential::member(from).map_or(String::new(), |member| format!(", as {member}"));
            Failed::new(Exit::WrongKey, format!("{error}{whose}. {}", credential::look_again(&from.from)))
        }
        other => other.into(),
    }
}

fn check_there(door: &mut dyn Door) -> Result<(), Failed> {
    match status(door)? {
        VaultStatus::Absent => Err(DoorError::NoVault.into()),
        _ => Ok(()),
    }
}

fn status(door: &mut dyn Door) -> Result<VaultStatus, Failed> {
    match call(door, Request::Status)? {
        Response::Status(status) => Ok(status),
        _ => Err(unexpected()),
    }
}

fn tell(report: &OpenReport) {
    for line in words::report(report) {
        output::remark(&line);
    }
}

/// Nothing is called `name`.
fn no_application(name: &str) -> Failed {
    let message = format!("{}: {name:?}. See strongroom app list.", DoorError::NoApplication);
    Failed::new(Exit::of(&DoorError::NoApplication), message)
}

fn unexpected() -> Failed {
    Failed::new(Exit::Failure, "the door gave an answer that does not fit the question: this is a bug")
}

/// What the operating system's answer about `path` means.
fn file_failed(path: &Path, error: io::Error) -> Failed {
    DoorError::from(FileError::at(path)(error)).into()
}

/// `path` from the root on: an agent stands in another directory than the person who names it.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

/// `error`, with the path that it is about as the person wrote it.
fn as_written(error: DoorError, path: &Path) -> DoorError {
    let is_it = |about: &Path| about == absolute(path);
    let path = path.to_path_buf();
    match error {
        DoorError::NoFile(about) if is_it(&about) => DoorError::NoFile(path),
        DoorError::FileExists(about) if is_it(&about) => DoorError::FileExists(path),
        DoorError::File { file, cause } if is_it(&file) => DoorError::File { file: path, cause },
        other => other,
    }
}

/// A path as it may be shown.
fn shown(path: &Path) -> String {
    path.display().to_string()
}
