//! Who depends on a secret: said on stderr before or after it changes, for whoever has to know.

use crate::cli::{Failed, call, output, unexpected};
use crate::domain::date::relative;
use crate::domain::text::sanitize;
use crate::domain::{SecretId, SeenDelivery, Timestamp};
use crate::service::{Door, Request, Response, Uses};

/// Most applications that are named in a sentence.
const MOST_NAMED: usize = 5;

/// Where the secret is applied.
pub(super) fn uses(door: &mut dyn Door, id: SecretId) -> Result<Uses, Failed> {
    match call(door, Request::Uses(id))? {
        Response::Uses(uses) => Ok(uses),
        _ => Err(unexpected()),
    }
}

/// Says who depends on the secret, if anybody does.
pub(super) fn tell(door: &mut dyn Door, id: SecretId, now: Timestamp) -> Result<(), Failed> {
    in_words(&uses(door, id)?, now).iter().for_each(|line| output::remark(line));
    Ok(())
}

/// After a new value: who was last served the old one.
pub(super) fn tell_of_old_values(door: &mut dyn Door, id: SecretId, now: Timestamp) -> Result<(), Failed> {
    let uses = uses(door, id)?;
    let old: Vec<&SeenDelivery> = uses.deliveries.iter().filter(|delivery| delivery.old_value).collect();
    if let Some(last) = old.first() {
        let others = if old.len() > 1 { format!(" and {} more", old.len() - 1) } else { String::new() };
        output::remark(&format!(
            "Still served the old value: {}{others}, {}. Start them anew.",
            taker(last),
            relative(last.at, now)
        ));
    }
    Ok(())
}

/// `3 applications depend on it: a, b, c. Last used 2 h ago by deploy.sh.`
fn in_words(uses: &Uses, now: Timestamp) -> Option<String> {
    let names: Vec<&str> = uses.applications.iter().map(|application| &*application.name).collect();
    let depend = match names.len() {
        0 => None,
        1 => Some(format!("1 application depends on it: {}", named(&names))),
        count => Some(format!("{count} applications depend on it: {}", named(&names))),
    };
    let used = uses.deliveries.first().map(|last| format!("last used {} by {}", relative(last.at, now), taker(last)));
    match (depend, used) {
        (Some(depend), Some(used)) => Some(format!("{depend}; {used}.")),
        (Some(depend), None) => Some(format!("{depend}.")),
        (None, Some(used)) => Some(format!("No application is known to depend on it; {used}.")),
        (None, None) => None,
    }
}

fn named(names: &[&str]) -> String {
    let more = names.len().saturating_sub(MOST_NAMED);
    let named = names.iter().take(MOST_NAMED).map(|name| sanitize(name)).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}

/// The program that got it, or whoever asked.
pub(super) fn taker(delivery: &SeenDelivery) -> String {
    let who = delivery.command.as_ref().or(delivery.origin.parent.as_ref()).unwrap_or(&delivery.origin.user);
    sanitize(who).into_owned()
}
