//! `strongroom import SOURCE FILE`: secrets out of the files of other tools.

mod pass;
mod rows;

use std::collections::HashSet;
use std::path::Path;

use rows::{Row, rows, sorted};

use super::args::{ImportArgs, ImportSource};
use super::credential::{self, Otherwise, Wanted, whole};
use super::exit::Exit;
use super::output::ProgressLine;
use super::{Failed, absolute, as_written, call, output, shown, unexpected, unlock};
use crate::domain::import::{Found, REPEATED, Source, read};
use crate::domain::text::grouped;
use crate::domain::{Draft, Scope, SecretBytes, Timestamp};
use crate::host::files::{Links, read_capped};
use crate::service::{Door, DoorError, Progress, Request, Response, Skipped, Step};

/// Largest file that is read, in bytes.
const MAX_FILE: usize = 256 * 1024 * 1024;
/// Bytes of secrets that go to the door at once.
const BATCH: usize = 512 * 1024;
const EXPORT_PASSPHRASE: Wanted = Wanted {
    question: "Passphrase of the export: ",
    option: "--export-passphrase-file",
    otherwise: Otherwise::Missing,
};

pub(super) fn run(args: &ImportArgs, door: &mut dyn Door, now: i64) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let mut found = find(args, door, Timestamp(now))?;
    if found.drafts.is_empty() && found.skipped.is_empty() {
        return Err(Failed::new(Exit::Failure, "there is nothing in it to import."));
    }
    if args.personal {
        found.drafts.iter_mut().for_each(|draft| draft.scope = Scope::Personal);
    }
    let wanted = rows(args, &found);
    let (stored, refused) = store(found.drafts, args.dry_run, door)?;
    let (would, refused) = sorted(wanted, refused);
    let skipped: Vec<Skipped> = found.skipped.into_iter().chain(refused).collect();
    report(args, stored, &would, &skipped)
}

/// What there is to import.
fn find(args: &ImportArgs, door: &mut dyn Door, now: Timestamp) -> Result<Found, Failed> {
    let source = match args.source {
        ImportSource::Pass => return pass::find(args.file.as_deref()),
        ImportSource::Strongroom => return open_export(args, door),
        ImportSource::Dotenv => Source::Dotenv,
        ImportSource::Json => Source::Json,
        ImportSource::Csv => Source::Csv,
        ImportSource::Keepass => Source::KeePass,
        ImportSource::Bitwarden => Source::Bitwarden,
    };
    let path = named(args)?;
    let bytes = file(path)?;
    read(source, &name_for(args, path), &bytes, now).map_err(|error| {
        let message = format!("{}: {error} Nothing was imported.", shown(path));
        Failed::new(Exit::Failure, message)
    })
}

fn named(args: &ImportArgs) -> Result<&Path, Failed> {
    let missing = || Failed::new(Exit::Usage, "name the file to import, or - for standard input.");
    args.file.as_deref().ok_or_else(missing)
}

/// What a file is called that is one secret: as the person says, else by its own name.
fn name_for(args: &ImportArgs, path: &Path) -> String {
    let stem = || path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    args.name.clone().unwrap_or_else(|| match stem() {
        stem if stem == "-" => "imported".to_owned(),
        stem => stem.trim_start_matches('.').to_owned(),
    })
}

fn open_export(args: &ImportArgs, door: &mut dyn Door) -> Result<Found, Failed> {
    let path = named(args)?;
    let passphrase = credential::from_file_or_asked(args.export_passphrase_file.as_deref(), EXPORT_PASSPHRASE)?;
    let answer = call(door, Request::OpenExport { file: absolute(path), passphrase });
    match answer.map_err(|error| as_written(error, path))? {
        Response::Drafts(drafts) => Ok(Found { drafts, ..Found::default() }),
        _ => Err(unexpected()),
    }
}

fn file(path: &Path) -> Result<SecretBytes, Failed> {
    if path != Path::new("-") {
        let bytes = read_capped(path, MAX_FILE, Links::Follow).map_err(DoorError::from)?;
        return Ok(bytes.as_slice().into());
    }
    whole::of_input(MAX_FILE)?.ok_or_else(|| {
        let message =
            "standard input is a terminal, where values would be seen. Name a file, or send it through a pipe.";
        Failed::new(Exit::Usage, message)
    })
}

/// What is not stored: its place among all, and why.
type Refused = (usize, String);

/// Stores them in batches, each all or none; says how many, and what was not.
fn store(drafts: Vec<Draft>, dry_run: bool, door: &mut dyn Door) -> Result<(u64, Vec<Refused>), Failed> {
    let line = ProgressLine::on_stderr();
    let total = drafts.len() as u64;
    let (drafts, mut refused) = without_repeats(drafts);
    let (mut stored, mut done) = (0, refused.len() as u64);
    for (places, batch) in batches(drafts) {
        line.show(Progress { step: Step::Importing, done, total });
        done += batch.len() as u64;
        match call(door, Request::Import { drafts: batch, dry_run }) {
            Ok(Response::Imported { stored: more, skipped }) => {
                stored += more;
                refused.extend(skipped.into_iter().filter_map(|one| Some((*places.get(one.draft as usize)?, one.why))));
            }
            Ok(_) => return Err(unexpected()),
            Err(error) => {
                let failed = Failed::from(error);
                if dry_run {
                    return Err(failed);
                }
                let message = format!("{} {} of {total} were stored before that.", failed.message, grouped(stored));
                return Err(Failed { message, ..failed });
            }
        }
    }
    Ok((stored, refused))
}

/// Of those with one name the first, whichever batches they are in; a dry run would take all of them. Each with its place.
fn without_repeats(drafts: Vec<Draft>) -> (Vec<(usize, Draft)>, Vec<Refused>) {
    let mut names = HashSet::with_capacity(drafts.len());
    let (first, again): (Vec<_>, Vec<_>) =
        drafts.into_iter().enumerate().partition(|(_, draft)| names.insert(draft.name.clone()));
    (first, again.into_iter().map(|(at, _)| (at, REPEATED.to_owned())).collect())
}

/// What goes to the door at once, and its places.
type Batch = (Vec<usize>, Vec<Draft>);

fn batches(drafts: Vec<(usize, Draft)>) -> Vec<Batch> {
    let mut batches = vec![Batch::default()];
    let mut bytes = 0;
    for (at, draft) in drafts {
        let size = size_of_draft(&draft);
        if bytes + size > BATCH && bytes > 0 {
            batches.push(Batch::default());
            bytes = 0;
        }
        bytes += size;
        if let Some((places, batch)) = batches.last_mut() {
            places.push(at);
            batch.push(draft);
        }
    }
    batches
}

fn size_of_draft(draft: &Draft) -> usize {
    let public: usize = draft.public.iter().map(|field| field.key.len() + field.text.len()).sum();
    let value: usize = draft.value.0.iter().map(|(name, bytes)| name.len() + bytes.len() + 16).sum();
    64 + draft.name.len() + public + value
}

/// What was stored and what was not, on stderr; as JSON on stdout when that is asked for.
fn report(args: &ImportArgs, stored: u64, would: &[Row], skipped: &[Skipped]) -> Result<(), Failed> {
    let word = if args.dry_run { "Would import" } else { "Imported" };
    if args.json {
        let skipped: Vec<_> = skipped.iter().map(|s| serde_json::json!({ "name": s.what, "reason": s.why })).collect();
        let mut report = serde_json::json!({ "dry_run": args.dry_run, "imported": stored, "skipped": skipped });
        if args.dry_run {
            report["would_import"] = would.iter().map(|row| row.name.clone()).collect();
        }
        return output::data(&output::json(&report));
    }
    for Row { name, keys, .. } in would.iter().filter(|_| args.dry_run) {
        let keys = if keys.is_empty() { String::new() } else { format!(": {}", keys.join(", ")) };
        output::remark(&format!("Would import {name}{keys}"));
    }
    for Skipped { what, why } in skipped {
        output::remark(&format!("Skipped {what}: {why}"));
    }
    let plain_file = !matches!(args.source, ImportSource::Pass | ImportSource::Strongroom);
    output::remark(&format!("{word} {}; skipped {}.", grouped(stored), grouped(skipped.len() as u64)));
    if !args.dry_run && plain_file && stored > 0 && args.file.as_deref().is_some_and(|file| file != Path::new("-")) {
        output::remark("The file holds the values in the clear still: remove it once you have looked.");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_name_the_first_is_taken_whichever_batch_it_is_in() {
        let entry = |name: &str, value: &str| {
            let parts = vec![("K".into(), SecretBytes::from(value))];
            crate::domain::import::Entry { name: name.into(), parts }.into_draft().unwrap()
        };
        let large = "x".repeat(BATCH);
        let drafts = vec![entry("a", "first"), entry("b", &large), entry("a", "again")];
        let (first, again) = without_repeats(drafts);
        assert_eq!(first.iter().map(|(at, draft)| (*at, &*draft.name)).collect::<Vec<_>>(), [(0, "a"), (1, "b")]);
        assert_eq!(first[0].1.value.part("K"), Some(&"first".into()));
        assert_eq!(again, [(2, REPEATED.to_owned())]);
        assert_eq!(batches(first).into_iter().map(|(places, _)| places).collect::<Vec<_>>(), [vec![0], vec![1]]);
    }
}
