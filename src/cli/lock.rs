//! `strongroom lock`: the agent forgets every key.

use super::{Failed, call, check_there, output};
use crate::service::{Door, Request};

pub(super) fn run(door: &mut dyn Door) -> Result<(), Failed> {
    check_there(door)?;
    call(door, Request::Lock)?;
    output::remark(if door.is_shared() { "Locked for you; whoever else is in stays in." } else { "Locked." });
    Ok(())
}
