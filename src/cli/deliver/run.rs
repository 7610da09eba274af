//! `strongroom run`: a program, with what it needs in its environment and nowhere else.

use std::ffi::OsStr;
use std::path::Path;

use super::given::{Form, Given, check_fits};
use super::{Launch, bound, hand_over};
use crate::cli::args::RunArgs;
use crate::cli::exit::Exit;
use crate::cli::{Failed, unlock};
use crate::domain::reference::{NotAReference, SCHEME};
use crate::domain::{Delivery, Order, Reference, Want};
use crate::service::{Door, Handed};

pub(super) fn run(args: &RunArgs, door: &mut dyn Door) -> Result<Launch, Failed> {
    // All that can be wrong with the command line is said before a passphrase is asked for.
    let mut given = named(args)?;
    if args.app.is_some() || !given.wanted.is_empty() || args.unlocking.is_given() {
        unlock(door, &args.unlocking)?;
    }
    if let Some(name) = &args.app {
        given.want_for(&*bound::application(door, name)?)?;
    }
    let handed = if given.wanted.is_empty() { Vec::new() } else { hand_over(door, order(args, &given))? };
    launch(args, given, handed)
}

/// What the command line names.
fn named(args: &RunArgs) -> Result<Given, Failed> {
    let mut given = Given::default();
    for (texts, option, form) in [(&args.env, "--env", Form::Variable), (&args.file, "--file", Form::File)] {
        for text in texts {
            let (variable, reference) = assignment(text, option)?;
            given.want(variable, reference, form)?;
        }
    }
    args.env_file.as_deref().map_or(Ok(()), |path| given.read(path))?;
    Ok(given)
}

/// Reads `VAR=REF`. What is wrong is said without the text, which may be what should never have been an argument.
fn assignment<'a>(text: &'a str, option: &str) -> Result<(&'a str, Reference), Failed> {
    let wrong =
        |why: &str| Failed::new(Exit::Usage, format!("{option}: {why}. Write {option} VAR=strongroom://NAME/FIELD."));
    let (variable, reference) = text.split_once('=').ok_or_else(|| wrong("there is no = in it"))?;
    if !reference.starts_with(SCHEME) {
        return Err(wrong("what is no reference is never an argument, for others can read those"));
    }
    Ok((variable, reference.parse().map_err(|error: NotAReference| wrong(&error.to_string()))?))
}

fn order(args: &RunArgs, given: &Given) -> Order {
    let wants = given.wanted.iter().map(|one| Want { reference: one.reference.clone(), revision: None });
    let program = args.command.first().map(Path::new).and_then(Path::file_name).map(OsStr::to_string_lossy);
    Order {
        application: args.app.as_deref().map(Into::into),
        command: program.map(Into::into),
        allow_expired: args.allow_expired,
        ..Order::new(Delivery::Run, wants.collect())
    }
}

fn launch(args: &RunArgs, given: Given, handed: Vec<Handed>) -> Result<Launch, Failed> {
    let mut launch = Launch { command: args.command.clone(), variables: given.plain, files: Vec::new() };
    for (wanted, Handed { bytes, .. }) in given.wanted.into_iter().zip(handed) {
        match wanted.form {
            Form::Variable => {
                check_fits(&wanted.variable, &bytes)?;
                launch.variables.push((wanted.variable, bytes));
            }
            Form::File => launch.files.push((wanted.variable, bytes)),
        }
    }
    Ok(launch)
}
