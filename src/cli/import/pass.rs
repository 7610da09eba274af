//! The tree of `pass`: each file is decrypted by gpg, which asks for its own passphrase if it has to.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use crate::cli::exit::Exit;
use crate::cli::output::ProgressLine;
use crate::cli::{Failed, file_failed, shown};
use crate::domain::SecretBytes;
use crate::domain::import::{Found, Skipped, read_pass_entry};
use crate::host::answer::in_words;
use crate::host::handed_over::Withheld;
use crate::service::{Progress, Step};

/// Deepest folder that is looked into.
const MAX_DEPTH: usize = 32;
/// Largest entry, in bytes.
const MAX_ENTRY: usize = 1024 * 1024;

/// Every entry below `root`, or below the folder that pass itself would take.
pub(super) fn find(root: Option<&Path>) -> Result<Found, Failed> {
    let root = root.map(Path::to_path_buf).or_else(usual_root).ok_or_else(|| {
        Failed::new(Exit::Usage, "name the folder of the password store: neither PASSWORD_STORE_DIR nor HOME is set.")
    })?;
    let mut found = Found::default();
    let mut files = Vec::new();
    walk(&root, 0, &mut files, &mut found.skipped).map_err(|error| file_failed(&root, error))?;
    files.sort();
    let line = ProgressLine::on_stderr();
    let _withheld = Withheld::all();
    for (file, done) in files.iter().zip(0..) {
        line.show(Progress { step: Step::ReadingRecords, done, total: files.len() as u64 });
        let name = name_of(&root, file);
        match decrypt(file)? {
            Ok(bytes) => match read_pass_entry(&name, &bytes) {
                Ok(draft) => found.drafts.push(draft),
                Err(skipped) => found.skipped.push(skipped),
            },
            Err(why) => found.skipped.push(Skipped { what: name, why }),
        }
    }
    Ok(found)
}

fn usual_root() -> Option<PathBuf> {
    let named = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    named("PASSWORD_STORE_DIR").or_else(|| named("HOME").map(|home| home.join(".password-store")))
}

/// Collects the entries; what begins with a dot is no entry, and links are not followed: they may lead in circles.
fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>, skipped: &mut Vec<Skipped>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let (entry, path) = entry.map(|entry| (entry.file_type(), entry.path()))?;
        let kind = entry?;
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let is_entry = path.extension().is_some_and(|extension| extension == "gpg");
        match kind {
            _ if hidden => {}
            kind if kind.is_dir() && depth < MAX_DEPTH => walk(&path, depth + 1, files, skipped)?,
            kind if kind.is_dir() => {
                skipped.push(Skipped { what: shown(&path), why: "It is in too many folders.".into() });
            }
            kind if kind.is_file() && is_entry => files.push(path),
            kind if kind.is_symlink() => {
                skipped.push(Skipped { what: shown(&path), why: "It is a link: links are not followed.".into() });
            }
            _ => {}
        }
    }
    Ok(())
}

fn name_of(root: &Path, file: &Path) -> String {
    let below = file.strip_prefix(root).unwrap_or(file).with_extension("");
    below.to_string_lossy().into_owned()
}

/// What gpg makes of the file, or why it does not.
///
/// # Errors
/// When gpg cannot be run at all.
fn decrypt(file: &Path) -> Result<Result<SecretBytes, String>, Failed> {
    let no_gpg = |error: io::Error| {
        let message = format!("gpg cannot be run: {}. Install it, or set PATH so that it is found.", in_words(&error));
        Failed::new(Exit::Failure, message)
    };
    let mut gpg = Command::new("gpg");
    gpg.args(["--quiet", "--yes", "--decrypt", "--"]).arg(file).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = gpg.spawn().map_err(no_gpg)?;
    let bytes = child.stdout.take().map_or(Ok(SecretBytes::default()), read_all);
    let ended = child.wait();
    Ok(match (bytes, ended) {
        (Ok(bytes), Ok(status)) if status.success() => Ok(bytes),
        (Ok(_), Ok(_)) => Err("gpg does not decrypt it: is the key there, and its passphrase right?".to_owned()),
        (Err(error), _) | (_, Err(error)) => Err(format!("What gpg wrote cannot be read: {}.", in_words(&error))),
    })
}

fn read_all(mut from: impl Read) -> io::Result<SecretBytes> {
    let mut bytes = SecretBytes::default();
    let mut piece = Zeroizing::new([0; 4096]);
    loop {
        match from.read(&mut *piece) {
            Ok(0) => return Ok(bytes),
            Ok(_) if bytes.len() > MAX_ENTRY => return Err(io::Error::other("it has more than 1 MiB")),
            Ok(len) => bytes.push(&piece[..len]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
