//! What opens the vault, and where a command takes it from: an option, else a place that the surroundings name, else the
//! hidden prompt. Never an argument or the value of a variable: others can read those.

mod command;
pub(super) mod descriptor;
mod fallback;
mod hidden;
mod line;
mod shown;
mod typing;
pub(super) mod whole;

use std::path::Path;

use super::args::{MemberPassphrase, PassphraseFrom, Unlocking};
use super::exit::Exit;
use super::{Failed, output};
use crate::domain::SecretBytes;
use crate::form::strength::strength;
use crate::host::key_file;
use crate::service::{Credential, DoorError};

/// Longest passphrase or recovery key, in bytes; the screens take no longer one either.
const MAX: usize = 1024;

/// A secret that a command needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// What is asked at a terminal.
    pub(super) question: &'static str,
    /// The option that names a file to read it from instead.
    pub(super) option: &'static str,
    /// What it means that nobody can be asked.
    pub(super) otherwise: Otherwise,
}

/// What it means that a secret is not named, and there is no terminal to ask at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Otherwise {
    /// The vault stays locked. Begins the sentence of what to do.
    Locked(&'static str),
    /// The command line lacks it, whether the vault is open or not.
    Missing,
}

impl Wanted {
    /// What is said then.
    fn without_terminal(self) -> Failed {
        let what = self.question.trim_end_matches(": ").to_lowercase();
        let file = format!("the first line of a file: {} F.", self.option);
        match self.otherwise {
            Otherwise::Locked(put) => {
                let message =
                    format!("the vault is locked, and there is no terminal to ask at. {put} the {what} into {file}");
                Failed::new(Exit::Locked, message)
            }
            Otherwise::Missing => missing(&what, &format!("Put it into {file}")),
        }
    }
}

/// What is needed was not given; `next` says how to give it.
fn missing(what: &str, next: &str) -> Failed {
    Failed::new(Exit::Usage, format!("the {what} is needed, and there is no terminal to ask at. {next}"))
}

/// Longest value that is typed or pasted at the prompt, in bytes; a longer one comes from a file.
const MAX_TYPED: usize = 64 * 1024;

/// A value that nobody sees while it is typed. `label` says of what, `flag` how to give it without a terminal.
///
/// # Errors
/// When there is no terminal, nothing is typed, the person gives up, or a signal ends the program.
pub(super) fn value(label: &str, flag: &str) -> Result<SecretBytes, Failed> {
    let next = format!("Give it with {flag} @FILE, or with {flag} - on standard input.");
    hidden::ask(&format!("{label}: "), MAX_TYPED, || missing(&label.to_lowercase(), &next))
}

/// What a person types to say that it shall be done: shown, for it is no secret.
///
/// # Errors
/// When the person gives up, or a signal ends the program.
pub(super) fn confirmation(question: &str) -> Result<String, Failed> {
    shown::ask(question)
}

fn ask(wanted: Wanted) -> Result<SecretBytes, Failed> {
    hidden::ask(wanted.question, MAX, || wanted.without_terminal())
}

/// What opens the vault.
///
/// # Errors
/// When what is named cannot be read, is empty or too long, when there is no terminal to ask at, or when the person gives
/// up.
pub(super) fn unlocking(how: &Unlocking, wanted: Wanted) -> Result<Credential, Failed> {
    if let Some(path) = &how.key_file {
        return machine_key(path);
    }
    let MemberPassphrase { from, .. } = &how.passphrase;
    if let Some(passphrase) = named(from)? {
        return Ok(of_member(&how.passphrase, passphrase));
    }
    match fallback_unless_named(from)? {
        Some(Credential::Passphrase(passphrase)) => Ok(of_member(&how.passphrase, passphrase)),
        Some(found) => Ok(found),
        None => ask(wanted).map(|passphrase| of_member(&how.passphrase, passphrase)),
    }
}

/// The member who is named, if anybody is.
pub(super) fn member(whose: &MemberPassphrase) -> Option<Box<str>> {
    whose.member.as_deref().map(Into::into).or_else(fallback::member)
}

fn of_member(whose: &MemberPassphrase, passphrase: SecretBytes) -> Credential {
    match member(whose) {
        Some(member) => Credential::Named { member, passphrase },
        None => Credential::Passphrase(passphrase),
    }
}

/// What to look at after the passphrase was wrong that came `from` there.
pub(super) fn look_again(from: &PassphraseFrom) -> String {
    match from {
        PassphraseFrom { passphrase_file: Some(path), .. } if line::is_typed(path) => "Type it again.".to_owned(),
        PassphraseFrom { passphrase_file: Some(path), .. } => format!("Check the first line of {}.", line::name(path)),
        PassphraseFrom { passphrase_fd: Some(number), .. } => {
            format!("Check the first line of {}.", descriptor::name(*number))
        }
        PassphraseFrom { passphrase_command: Some(_), .. } => "Check what --passphrase-command prints.".to_owned(),
        _ => fallback::name().map_or_else(|| "Type it again.".to_owned(), |name| format!("Check {name}.")),
    }
}

/// Whether the surroundings name what opens the vault, so that nobody has to be asked.
pub(super) fn is_named_by_surroundings() -> bool {
    // One that cannot be used is named, too: whoever needs it is told why.
    !matches!(fallback::find(), Ok(None))
}

/// The passphrase, where no other credential will do.
///
/// # Errors
/// As [`unlocking`], and when the surroundings have a machine key instead.
pub(super) fn passphrase(whose: &MemberPassphrase, wanted: Wanted) -> Result<Credential, Failed> {
    let passphrase = given(&whose.from)?.map_or_else(|| ask(wanted), Ok)?;
    Ok(of_member(whose, passphrase))
}

/// A new passphrase; what is typed at a prompt is asked twice.
///
/// # Errors
/// As [`passphrase`], and when the two are not the same.
pub(super) fn new_passphrase(from: &PassphraseFrom, wanted: Wanted) -> Result<SecretBytes, Failed> {
    given(from)?.map_or_else(|| ask_twice(wanted), Ok)
}

/// A new passphrase in the place of another: nothing but `file` may name it, for what the surroundings name is the one
/// that holds now.
///
/// # Errors
/// As [`new_passphrase`].
pub(super) fn another_passphrase(file: Option<&Path>, wanted: Wanted) -> Result<SecretBytes, Failed> {
    file.map_or(Ok(None), line::of_file)?.map_or_else(|| ask_twice(wanted), Ok)
}

/// A passphrase that exists: in `file`, else asked for once.
///
/// # Errors
/// As [`passphrase`].
pub(super) fn from_file_or_asked(file: Option<&Path>, wanted: Wanted) -> Result<SecretBytes, Failed> {
    file.map_or(Ok(None), line::of_file)?.map_or_else(|| ask(wanted), Ok)
}

/// The recovery key in `file`.
///
/// # Errors
/// As [`unlocking`].
pub(super) fn recovery_key(file: &Path, wanted: Wanted) -> Result<Credential, Failed> {
    from_file_or_asked(Some(file), wanted).map(Credential::Recovery)
}

/// Says on stderr that `passphrase` is easy to guess, if it is; it is taken all the same. `known` is what a guesser would
/// try first.
pub(super) fn warn_if_weak(passphrase: &SecretBytes, known: &[&str]) {
    let strength = strength(passphrase.expose(), known);
    if strength.is_weak() {
        output::remark(&format!(
            "Warning: this passphrase is {}: guessing it takes {}. Four or more uncommon words are better.",
            strength.word, strength.crack_time
        ));
    }
}

/// The passphrase that need not be asked for.
fn given(from: &PassphraseFrom) -> Result<Option<SecretBytes>, Failed> {
    if let Some(passphrase) = named(from)? {
        return Ok(Some(passphrase));
    }
    match fallback_unless_named(from)? {
        Some(Credential::Passphrase(passphrase)) => Ok(Some(passphrase)),
        Some(_) => Err(Failed::new(
            Exit::WrongKey,
            "the systemd credential is a machine key, and this takes the passphrase. Give --passphrase-file F.",
        )),
        None => Ok(None),
    }
}

/// The passphrase that an option names; `None` when none does, or when it is typed.
fn named(from: &PassphraseFrom) -> Result<Option<SecretBytes>, Failed> {
    match from {
        PassphraseFrom { passphrase_file: Some(path), .. } => line::of_file(path),
        PassphraseFrom { passphrase_fd: Some(number), .. } => descriptor::first_line(*number).map(Some),
        PassphraseFrom { passphrase_command: Some(text), .. } => command::first_line(text).map(Some),
        _ => Ok(None),
    }
}

fn fallback_unless_named(from: &PassphraseFrom) -> Result<Option<Credential>, Failed> {
    // A file was named, and it is the terminal.
    if from.passphrase_file.is_some() { Ok(None) } else { fallback::find() }
}

fn ask_twice(wanted: Wanted) -> Result<SecretBytes, Failed> {
    let first = ask(wanted)?;
    if ask(Wanted { question: "The same again: ", ..wanted })? != first {
        let message = "the second passphrase is not the same as the first: nothing was changed. Start again.";
        return Err(Failed::new(Exit::Aborted, message));
    }
    Ok(first)
}

/// The machine key in the file at `path`, which nobody else may be able to read.
fn machine_key(path: &Path) -> Result<Credential, Failed> {
    let text = key_file::read(path, Credential::MAX_MACHINE).map_err(DoorError::from)?;
    if !Credential::is_machine_key(&text) {
        let message =
            format!("{}: this is not a machine key. Make one with strongroom slot add --key-file.", path.display());
        return Err(Failed::new(Exit::WrongKey, message));
    }
    Ok(Credential::Machine(text.as_slice().into()))
}
