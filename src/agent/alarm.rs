//! What happens by itself: the idle lock, and the end of an agent that nobody needs any more.
//!
//! There is a timer only while there is a deadline; all others wait for the change that brings one.

use std::time::Duration;

use super::hub::Hub;

/// An agent that a command started ends when the vault has been locked, and nobody connected, for so long.
const LINGER: Duration = Duration::from_secs(60);

/// Keeps the deadlines until the agent ends. `leave` is called when nobody needs the agent any more; one that is to stay
/// has none.
pub(super) fn keep(hub: &Hub, leave: Option<&dyn Fn()>) {
    let mut unused_since = None;
    while !hub.is_ending() {
        let locks_in = hub.lock_if_idle();
        let needed = leave.is_none() || hub.clients.count() > 0 || hub.is_open();
        unused_since = if needed { None } else { unused_since.or_else(|| Some(hub.uptime())) };
        let ends_in = unused_since.map(|since: Duration| (since + LINGER).saturating_sub(hub.uptime()));
        match leave.filter(|_| ends_in == Some(Duration::ZERO)) {
            Some(leave) => return leave(),
            None => hub.wait(locks_in.into_iter().chain(ends_in).min()),
        }
    }
}
