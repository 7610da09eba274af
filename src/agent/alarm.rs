//! What happens by itself: the idle lock, and the end of an agent that nobody needs any more.
//!
//! There is a timer only while there is a deadline; all others wait for the change that brings one.

use std::time::Duration;

use super::hub::Hub;

/// Keeps the deadlines until the agent ends. When nobody has needed the agent for as long as `leave` says, what `leave`
/// has is called; an agent that is to stay has none.
pub(super) fn keep(hub: &Hub, leave: Option<(Duration, &dyn Fn())>) {
    let mut unused_since = None;
    while !hub.is_ending() {
        let locks_in = hub.lock_if_idle();
        let needed = leave.is_none() || hub.clients.count() > 0 || hub.is_open();
        unused_since = if needed { None } else { unused_since.or_else(|| Some(hub.uptime())) };
        let left = |(linger, _): (Duration, _)| Some((unused_since? + linger).saturating_sub(hub.uptime()));
        let ends_in = leave.and_then(left);
        match leave.filter(|_| ends_in == Some(Duration::ZERO)) {
            Some((_, leave)) => return leave(),
            None => hub.wait(locks_in.into_iter().chain(ends_in).min()),
        }
    }
}
