//! Where each secret has been handed to, in memory.

use std::collections::HashMap;

use super::{Action, Event, Outcome, Subject};
use crate::domain::{SecretId, SeenDelivery};

/// So many are kept of one secret; the oldest goes.
const MOST_OF_ONE: usize = 32;
/// So many are kept in all; of the secret that was used least lately, all go.
const MOST: usize = 20_000;

/// The last delivery of each kind.
#[derive(Default)]
pub(super) struct Seen {
    /// The newest last.
    by_secret: HashMap<SecretId, Vec<SeenDelivery>>,
    count: usize,
}

impl Seen {
    /// Takes note of `event`, if it is a delivery that took place.
    pub(super) fn add(&mut self, event: &Event) {
        let (Action::Delivered(how), Some(Subject::Secret { id: Some(id), revision, .. })) =
            (event.action, &event.subject)
        else {
            return;
        };
        if matches!(event.outcome, Outcome::Refused(_)) {
            return;
        }
        let mut seen = SeenDelivery {
            at: event.at,
            how,
            origin: event.origin.clone(),
            command: event.command.clone(),
            application: event.application.clone(),
            revision: *revision,
            old_value: false,
            times: 1,
        };
        let of_it = self.by_secret.entry(*id).or_default();
        let known = of_it.iter().position(|other| is_same_kind(other, &seen)).map(|at| of_it.remove(at));
        seen.times += known.as_ref().map_or(0, |known| known.times);
        of_it.push(seen);
        if known.is_some() {
            return;
        }
        self.count += 1;
        if of_it.len() > MOST_OF_ONE {
            of_it.remove(0);
            self.count -= 1;
        }
        self.make_room();
    }

    fn make_room(&mut self) {
        if self.count <= MOST {
            return;
        }
        let newest = |seen: &[SeenDelivery]| seen.iter().map(|seen| seen.at).max();
        let least = self.by_secret.iter().min_by_key(|(_, seen)| newest(seen)).map(|(id, _)| *id);
        let gone = least.and_then(|id| self.by_secret.remove(&id));
        self.count -= gone.map_or(0, |seen| seen.len());
    }

    /// Those of the secret `id`, whose value was set by the revision `set_at`, the newest first.
    pub(super) fn of(&self, id: SecretId, set_at: Option<u64>) -> Vec<SeenDelivery> {
        let mut seen = self.by_secret.get(&id).cloned().unwrap_or_default();
        seen.iter_mut().for_each(|seen| seen.old_value = set_at.is_some_and(|set_at| seen.revision < set_at));
        seen.reverse();
        seen
    }
}

/// Whether both went in the same way to the same program of the same user on the same host.
fn is_same_kind(one: &SeenDelivery, other: &SeenDelivery) -> bool {
    fn kind(seen: &SeenDelivery) -> (crate::domain::Delivery, &str, &str, Option<&str>) {
        let program = seen.command.as_deref().or(seen.origin.parent.as_deref());
        (seen.how, &seen.origin.user, &seen.origin.host, program)
    }
    kind(one) == kind(other)
}
