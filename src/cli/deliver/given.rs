//! What a program is given: variables and files, each named once.

use std::collections::BTreeSet;
use std::path::Path;

use crate::cli::exit::Exit;
use crate::cli::{Failed, shown};
use crate::domain::keyvalue::{Parsed, read_file};
use crate::domain::reference::SCHEME;
use crate::domain::target::{TargetError, check_variable};
use crate::domain::{Application, BindingTarget, Reference, SecretBytes};
use crate::host::files::{Links, read_capped};
use crate::service::DoorError;

/// Most bytes of a .env file.
const MAX_FILE: usize = 1024 * 1024;
/// Longest `NAME=value` that the kernel hands to a program, with the byte that ends it.
const MAX_VARIABLE: usize = 128 * 1024;

/// What variables of the loader begin with.
const LOADERS: [&str; 2] = ["LD_", "DYLD_"];

/// Where a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Into the variable itself.
    Variable,
    /// Into a file, whose path the variable holds.
    File,
}

/// One thing that the vault has to hand over.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) variable: Box<str>,
    pub(super) reference: Reference,
    pub(super) form: Form,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Given {
    names: BTreeSet<Box<str>>,
    /// What stands in the .env file as it is.
    pub(super) plain: Vec<(Box<str>, SecretBytes)>,
    pub(super) wanted: Vec<Wanted>,
}

impl Given {
    /// Adds what the vault has to hand over.
    ///
    /// # Errors
    /// When the variable has a bad name, or is there already.
    pub(super) fn want(&mut self, variable: &str, reference: Reference, form: Form) -> Result<(), Failed> {
        check_variable(variable).map_err(|error| refused(variable, &error))?;
        self.take(variable)?;
        self.wanted.push(Wanted { variable: variable.into(), reference, form });
        Ok(())
    }

    /// Adds what `application` is bound to, as far as a program can be given it.
    ///
    /// # Errors
    /// As [`Given::want`].
    pub(super) fn want_for(&mut self, application: &Application) -> Result<(), Failed> {
        for binding in &application.bindings {
            let reference = || Reference { secret: binding.secret.into(), field: Some(binding.field.clone()) };
            match &binding.target {
                BindingTarget::Variable(name) => self.want(name, reference(), Form::Variable)?,
                BindingTarget::File(name) => self.want(name, reference(), Form::File)?,
                BindingTarget::Header(_) | BindingTarget::Host(_) => {}
            }
        }
        Ok(())
    }

    /// Adds what stands in the .env file at `path`.
    ///
    /// # Errors
    /// When it cannot be read, a reference in it is none, or as [`Given::want`].
    pub(super) fn read(&mut self, path: &Path) -> Result<(), Failed> {
        let bytes = read_capped(path, MAX_FILE, Links::Follow).map_err(DoorError::from)?;
        let wrong = |why: &str| Failed::new(Exit::Usage, format!("{}: {why}", shown(path)));
        // Its name may be any: what it is was said by whoever named it.
        let parsed = read_file(".env", bytes.as_slice().into()).map_err(|error| wrong(&error.to_string()))?;
        let Parsed::Pairs { pairs, left_out, .. } = parsed else { return Err(wrong("it has no pairs.")) };
        for (name, value) in pairs {
            match value.expose_text().filter(|text| text.starts_with(SCHEME)) {
                Some(text) => {
                    let reference = text.parse().map_err(|error| wrong(&format!("{name}: {error}.")))?;
                    self.want(&name, reference, Form::Variable)?;
                }
                None => self.set(&name, value)?,
            }
        }
        left_out.iter().try_for_each(|name| self.set(name, SecretBytes::default()))
    }

    fn set(&mut self, name: &str, value: SecretBytes) -> Result<(), Failed> {
        match check_variable(name) {
            // Plain text that a person wrote may steer a program, but for what code it loads.
            Err(TargetError::Steering(_)) if !LOADERS.iter().any(|family| name.starts_with(family)) => {}
            checked => checked.map_err(|error| refused(name, &error))?,
        }
        self.take(name)?;
        check_fits(name, &value)?;
        self.plain.push((name.into(), value));
        Ok(())
    }

    fn take(&mut self, name: &str) -> Result<(), Failed> {
        if self.names.insert(name.into()) {
            return Ok(());
        }
        Err(Failed::new(Exit::Usage, format!("{name} is set twice. Take one of them away.")))
    }
}

fn refused(name: &str, why: &TargetError) -> Failed {
    Failed::new(Exit::Usage, format!("{name}: {why}"))
}

/// Makes sure that a variable called `name` can hold `value`.
///
/// # Errors
/// When it cannot; says why, and nothing of the value.
pub(super) fn check_fits(name: &str, value: &SecretBytes) -> Result<(), Failed> {
    let why = if value.expose().contains(&0) {
        "a NUL byte is in it, which ends the value of a variable"
    } else if name.len() + value.len() + 2 > MAX_VARIABLE {
        "it is longer than the system lets a variable be"
    } else {
        return Ok(());
    };
    Err(Failed::new(Exit::Failure, format!("{name} cannot be set: {why}. Give it as a file, with --file {name}=REF.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference() -> Reference {
        "strongroom://deploy/value".parse().unwrap()
    }

    #[test]
    fn a_variable_is_set_once_and_well() {
        let mut given = Given::default();
        given.want("A", reference(), Form::Variable).unwrap();
        let twice = given.want("A", reference(), Form::File).unwrap_err();
        assert_eq!((twice.exit, &*twice.message), (Exit::Usage, "A is set twice. Take one of them away."));
        for bad in ["", "1", "LD_PRELOAD", "STRONGROOM_VAULT", "A B", "PATH"] {
            assert_eq!(given.want(bad, reference(), Form::Variable).unwrap_err().exit, Exit::Usage, "{bad}");
        }
        assert_eq!(given.wanted.len(), 1);
    }

    #[test]
    fn a_file_of_variables_has_references_and_plain_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("any.name");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            let mut given = Given::default();
            given.read(&path).map(|()| given)
        };
        let given = read("# one\nexport A=strongroom://deploy/value\nB=\"two words\"\nEMPTY=\n").unwrap();
        assert_eq!((&*given.wanted[0].variable, &given.wanted[0].reference), ("A", &reference()));
        assert_eq!(given.plain, [("B".into(), "two words".into()), ("EMPTY".into(), "".into())]);
        assert!(read("A=strongroom://deploy/a/b").unwrap_err().message.contains("A: a slash within"));
        assert!(read("LD_PRELOAD=x").unwrap_err().message.starts_with("LD_PRELOAD: Choose another variable"));
        assert_eq!(read("PYTHONUNBUFFERED=1\nPATH=/bin").unwrap().plain.len(), 2);
        assert!(read("PATH=strongroom://deploy").is_err() && read("STRONGROOM_VAULT=x").is_err());
        assert!(read("A=1\nA=2").unwrap_err().message.contains("stands on line 1 and on line 2"));
        assert!(read("A=x\0y").unwrap_err().message.contains("a NUL byte is in it"));
    }

    #[test]
    fn what_the_kernel_would_refuse_is_said_before() {
        assert!(check_fits("A", &SecretBytes::new(vec![b'x'; MAX_VARIABLE - 3])).is_ok());
        let told = check_fits("A", &SecretBytes::new(vec![b'x'; MAX_VARIABLE - 2])).unwrap_err().message;
        assert!(told.contains("longer than the system lets a variable be") && told.contains("--file A=REF"), "{told}");
    }
}
