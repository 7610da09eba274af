//! `strongroom slot`: what opens the vault, and keys for machines.

mod add;
mod list;
mod remove;

use super::Failed;
use super::args::SlotCommand;
use crate::service::Door;

pub(super) fn run(command: &SlotCommand, door: &mut dyn Door) -> Result<(), Failed> {
    match command {
        SlotCommand::Add(args) => add::run(args, door),
        SlotCommand::List(args) => list::run(args, door),
        SlotCommand::Remove(args) => remove::run(args, door),
    }
}
