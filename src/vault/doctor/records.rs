//! What takes the key: the manifest, every record and value, names, copies, the clock.

use std::collections::BTreeSet;

use super::{bad, good, warning};
use crate::domain::lifecycle::{ClockVerdict, judge_clock};
use crate::domain::time::span;
use crate::domain::{State, Timestamp};
use crate::vault::Vault;
use crate::vault::load::load;
use crate::vault::record::RecordError;
use crate::vault::report::{CredentialKind, Finding, StoreTrouble, Watch};
use crate::vault::unlock::newest_good_copy;
use crate::vault::whole::Readable;

const REPAIR: &str =
    "Run strongroom doctor --repair: it keeps what is whole and brings back what a copy has; or restore a backup.";

impl Vault {
    /// Examines everything in the open vault: each header and value is read from the store and opened again.
    pub fn examine(&mut self, watch: Watch<'_>) -> Vec<Finding> {
        let of_store = [
            self.manifest_holds(),
            self.signatures(),
            self.records(watch),
            self.names(),
            self.members(),
            self.machine_keys(),
        ];
        of_store.into_iter().chain([self.audit_log(), self.copies(), self.clock()]).collect()
    }

    /// Whether the store holds now, too, what the manifest counts.
    fn manifest_holds(&self) -> Finding {
        let what = "manifest";
        if let Some(StoreTrouble::RolledBack { found, last_seen }) = self.trouble {
            let cause = format!("generation {found}, but this machine has seen generation {last_seen}");
            return bad(what, cause, "Find out who put an older vault here. If it was you, accept it after unlocking.");
        }
        match load(&*self.store, &self.sealer, None, &|_| {}) {
            Ok(loaded) if loaded.whole => good(
                what,
                format!("generation {}, {} records, all there", self.manifest.generation, loaded.index.len()),
            ),
            Ok(loaded) => {
                let (counted, found) = (self.manifest.records, loaded.index.len());
                let besides = if counted == found as u64 { ", but not all besides them" } else { "" };
                bad(what, format!("counts {counted} records; {found} are there and can be read{besides}"), REPAIR)
            }
            Err(error) => bad(what, error.to_string(), REPAIR),
        }
    }

    /// Whether every event follows from the one before it.
    fn audit_log(&self) -> Finding {
        let what = "audit log";
        let advice =
            "Find out who was at the vault's files: strongroom audit verify tells all. Nothing else depends on it.";
        match self.look_at_audit() {
            Ok(None) => good(what, "none yet"),
            Ok(Some(verdict)) => match &verdict.troubles[..] {
                [] => good(what, format!("{} events, each follows from the one before", verdict.events)),
                [one] => warning(what, one.clone(), advice),
                [first, others @ ..] => warning(what, format!("{first} And {} more.", others.len()), advice),
            },
            Err(error) => warning(what, error.to_string(), advice),
        }
    }

    /// Opens every value, and counts the entries that belong to none.
    fn records(&self, watch: Watch<'_>) -> Finding {
        let what = "records";
        let total = self.index.len();
        let Readable { entries: known, broken, broken_earlier } = self.read_all(watch);
        if let Some((header, error)) = broken.first() {
            let cause = format!("{} of {total} cannot be read, such as {}: {error}", broken.len(), header.name);
            let advice = match error {
                RecordError::Tampered(_) => "Register it anew, and delete this one: nothing else depends on it.",
                _ => "Set its value anew, or delete it: nothing else depends on it.",
            };
            return bad(what, cause, advice);
        }
        if let Some((header, error)) = broken_earlier.first() {
            let cause = format!(
                "{} earlier values cannot be read, such as one of {}: {error}",
                broken_earlier.len(),
                header.name
            );
            return bad(
                what,
                cause,
                "Keep no earlier values (settings) and set the passphrase anew: they are left out then.",
            );
        }
        match self.entries() {
            Ok(entries) if entries == known => good(what, format!("{total} headers and their values can be read")),
            Ok(_) => warning(
                what,
                "there are entries that belong to no record",
                "Set the passphrase anew: that rewrites the vault.",
            ),
            Err(error) => bad(what, error.to_string(), REPAIR),
        }
    }

    fn entries(&self) -> Result<u64, RecordError> {
        let mut entries = 0;
        self.store.scan(b"", &mut |_, _| {
            entries += 1;
            true
        })?;
        Ok(entries)
    }

    fn names(&self) -> Finding {
        let mut seen = BTreeSet::new();
        let living = self.index.headers().filter(|header| !matches!(header.state, State::Deleted(_)));
        let twice: BTreeSet<&str> =
            living.filter(|header| !seen.insert(&header.name)).map(|header| &*header.name).collect();
        match twice.first() {
            None => good("names", format!("{} in use, none twice", seen.len())),
            Some(name) => bad("names", format!("{name} is the name of two secrets"), "Rename one of them."),
        }
    }

    /// What somebody wrote who had no right to.
    fn signatures(&self) -> Finding {
        let what = "signatures";
        match &self.refusals()[..] {
            [] => good(what, "all is signed by members who were permitted to write it"),
            [first, others @ ..] => {
                let more = if others.is_empty() { String::new() } else { format!(", and {} more", others.len()) };
                let cause = format!("{} was tampered with: {}{more}", first.what, first.why);
                bad(
                    what,
                    cause,
                    "Find out who was at the vault's files. strongroom doctor --repair keeps what is signed.",
                )
            }
        }
    }

    /// Who is in the organization, and whether something is owed to it.
    fn members(&self) -> Finding {
        let what = "members";
        let Some(log) = &self.log else {
            return warning(what, "the vault is of an older format", "Unlock it: that brings it to this one.");
        };
        let organization = log.organization();
        let present: Vec<String> =
            organization.present().map(|member| format!("{} ({})", member.name, member.role.label())).collect();
        if organization.reseal_owed() {
            let cause = "a key or a right was taken away, and nothing was sealed anew since";
            return warning(what, cause, "An Account Holder or Manager has to unlock the vault: that does it.");
        }
        good(what, present.join(", "))
    }

    /// Who can open the vault without anybody: the person should know each of them.
    fn machine_keys(&self) -> Finding {
        let slots = self.slots().into_iter().filter(|slot| slot.kind == CredentialKind::Machine);
        let told: Vec<String> = slots
            .map(|slot| match slot.label {
                Some(label) => format!("{} ({label})", slot.id),
                None => slot.id.to_string(),
            })
            .collect();
        good("machine keys", if told.is_empty() { "none".to_owned() } else { told.join(", ") })
    }

    fn copies(&mut self) -> Finding {
        let what = "copies";
        let made = self.home.copies();
        let newest = newest_good_copy(&mut *self.home, &self.sealer, None);
        match (made.len(), newest) {
            (0, _) => good(what, "none: the store was always closed cleanly"),
            (count, Some(newest)) => good(what, format!("{count}; the one of {} is whole", newest.to_minute())),
            (count, None) => {
                warning(what, format!("{count}, none of them whole"), "Make a backup: strongroom backup FILE.")
            }
        }
    }

    fn clock(&self) -> Finding {
        let what = "clock";
        let last_seen = Timestamp(self.manifest.last_seen);
        if self.manifest.last_seen == 0 {
            return warning(what, "when the vault was last used went with its manifest", "Look at the clock yourself.");
        }
        match judge_clock(last_seen, self.now()) {
            ClockVerdict::Sound | ClockVerdict::JumpedAhead(_) => {
                good(what, format!("the vault was last used {}", last_seen.to_minute()))
            }
            ClockVerdict::SteppedBack(seconds) => warning(
                what,
                format!("it shows a time {} before the vault was last used", span(seconds)),
                "Set the clock: expiration dates are judged by it, and nothing is swept until then.",
            ),
        }
    }
}
