//! Where a secret comes from: never from the command line itself, which others can read and shells write down.

use std::path::{Path, PathBuf};

use crate::cli::credential::{self, descriptor, whole};
use crate::cli::exit::Exit;
use crate::cli::{Failed, shown};
use crate::domain::SecretBytes;
use crate::domain::text::MAX_VALUE;
use crate::form::generate::{DEFAULT_LENGTH, generate};
use crate::host::OsEntropy;
use crate::service::DoorError;

/// Most characters of a generated value.
const LONGEST: usize = 4096;

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// `-`: standard input.
    Input,
    /// `@FILE`.
    File(PathBuf),
    /// `fd:N`: a descriptor that is open already.
    Descriptor(u32),
    /// `generate`, `generate:N`: so many letters and digits.
    Generate(usize),
    /// `prompt`: it is asked for.
    Prompt,
    /// `none`: what is stored is removed.
    Nothing,
}

impl Source {
    /// Reads what stands after `flag`; of `what`.
    ///
    /// # Errors
    /// When it is no source: then it may be the secret.
    pub(super) fn parse(flag: &str, text: &str, what: Holds) -> Result<Self, Failed> {
        match text {
            "-" => return Ok(Self::Input),
            "prompt" => return Ok(Self::Prompt),
            "none" => return Ok(Self::Nothing),
            "generate" => return Ok(Self::Generate(DEFAULT_LENGTH)),
            _ => {}
        }
        if let Some(path) = text.strip_prefix('@').filter(|path| !path.is_empty()) {
            return Ok(Self::File(path.into()));
        }
        let number = text.strip_prefix("fd:").and_then(|number| number.parse().ok());
        let length = text.strip_prefix("generate:").and_then(|length| length.parse().ok());
        match (number, length) {
            (Some(number), _) => Ok(Self::Descriptor(number)),
            (_, Some(length)) if (1..=LONGEST).contains(&length) => Ok(Self::Generate(length)),
            _ => Err(no_source(flag, text, what)),
        }
    }

    /// The bytes, and the name of the file that they came from.
    ///
    /// # Errors
    /// When they cannot be had.
    pub(super) fn read(&self, label: &str, flag: &str) -> Result<(Option<String>, SecretBytes), Failed> {
        let unnamed = |bytes| Ok((None, bytes));
        match self {
            Self::Input => unnamed(whole::of_input(MAX_VALUE)?.map_or_else(|| credential::value(label, flag), Ok)?),
            Self::Descriptor(number) => unnamed(whole::of_descriptor(*number)?),
            Self::Prompt => unnamed(credential::value(label, flag)?),
            Self::Generate(length) => {
                unnamed(generate(&OsEntropy, *length).map_err(|error| DoorError::System(error.to_string()))?)
            }
            Self::File(path) => Ok((Some(file_name(path)), whole::of_file(path)?)),
            Self::Nothing => unnamed(SecretBytes::default()),
        }
    }

    /// How messages call it, where it can be empty.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) => shown(path),
            Self::Descriptor(number) => descriptor::name(*number),
            _ => "standard input".to_owned(),
        }
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What a field holds, as far as that tells what a person meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// What may be typed.
    Text,
    /// A file with a secret in it.
    SecretFile,
    /// A file that anybody may read.
    PublicFile,
}

/// Repeats it only when it is the path of a file, which the field wants.
fn no_source(flag: &str, text: &str, what: Holds) -> Failed {
    let is_there = !text.is_empty() && Path::new(text).is_file();
    let message = match what {
        Holds::Text => return in_argv(flag),
        _ if is_there => format!("{flag}: write @ before the path of a file: {flag} @{text}."),
        Holds::PublicFile => {
            format!("{flag}: write @ before the path of a file: {flag} @FILE. It may be -, or fd:N, too.")
        }
        Holds::SecretFile => format!(
            "{flag}: write @ before the path of a file: {flag} @FILE. If it was the secret itself, replace it where it comes \
             from: other users can see it there, and it may be in your shell's history now."
        ),
    };
    Failed::new(Exit::Usage, message)
}

/// Does not repeat it.
fn in_argv(flag: &str) -> Failed {
    let message = format!(
        "{flag}: a secret is never taken from the command line: other users can see it there, and it may be in your shell's \
         history now. If it was the real one, replace it where it comes from. Give -, @FILE, fd:N, generate or prompt."
    );
    Failed::new(Exit::Usage, message)
}

/// Without the line break that `echo` and editors put at the end of a single line. Several lines stay as they are.
pub(super) fn without_line_break(mut value: SecretBytes) -> SecretBytes {
    let bytes = value.expose();
    let end = if bytes.ends_with(b"\r\n") { 2 } else { usize::from(bytes.ends_with(b"\n")) };
    let keep = bytes.len() - end;
    if end > 0 && !bytes[..keep].contains(&b'\n') {
        value.splice(keep, end, b"");
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_from_secrets() {
        let parse = |text| Source::parse("--value", text, Holds::Text);
        assert_eq!(parse("-").unwrap(), Source::Input);
        assert_eq!(parse("@/x/y").unwrap(), Source::File("/x/y".into()));
        assert_eq!(parse("fd:3").unwrap(), Source::Descriptor(3));
        assert_eq!(parse("generate").unwrap(), Source::Generate(DEFAULT_LENGTH));
        assert_eq!(parse("generate:64").unwrap(), Source::Generate(64));
        for secret in ["hunter2", "", "@", "fd:", "fd:x", "generate:0", "generate:99999", "Prompt"] {
            let failed = parse(secret).unwrap_err();
            assert!(failed.exit == Exit::Usage && !failed.message.contains("hunter2"), "{secret}");
        }
    }

    #[test]
    fn a_path_without_its_sign_is_repeated_only_when_a_file_is_there() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        let said = |text, what| Source::parse("--x", text, what).unwrap_err().message;
        for what in [Holds::SecretFile, Holds::PublicFile] {
            assert_eq!(said(path, what), format!("--x: write @ before the path of a file: --x @{path}."));
            let told = said("hunter2", what);
            assert!(told.contains("--x @FILE") && !told.contains("hunter2"), "{told}");
        }
        assert!(said("hunter2", Holds::SecretFile).contains("history"));
        assert!(!said(path, Holds::Text).contains(path), "a password may be called as a file is");
    }

    #[test]
    fn a_line_loses_its_end_and_a_text_does_not() {
        let cut = |text: &str| without_line_break(text.into()).expose_text().unwrap().to_owned();
        assert_eq!([cut("one\n"), cut("one\r\n"), cut("one")], ["one", "one", "one"]);
        assert_eq!([cut("one\ntwo\n"), cut("one\n\n"), cut(" one ")], ["one\ntwo\n", "one\n\n", " one "]);
    }
}
