//! `strongroom lock`: the agent forgets every key.

use super::{Failed, call, output};
use crate::service::{Door, Request};

pub(super) fn run(door: &mut dyn Door) -> Result<(), Failed> {
    call(door, Request::Lock)?;
    output::remark("Locked.");
    Ok(())
}
