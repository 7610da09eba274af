//! `strongroom man`: the manual pages, out of the same words as `--help`.

use std::path::Path;

use clap::CommandFactory;
use clap_mangen::{Man, generate_to};

use crate::cli::args::Cli;
use crate::cli::{Failed, file_failed, output, shown};
use crate::host::answer::in_words;
use crate::service::DoorError;

pub(super) fn run(dir: Option<&Path>) -> Result<(), Failed> {
    let mut command = Cli::command();
    command.build();
    if let Some(dir) = dir {
        std::fs::create_dir_all(dir).map_err(|error| file_failed(dir, error))?;
        generate_to(command, dir).map_err(|error| file_failed(dir, error))?;
        output::remark(&format!("Written to {}: man -l {}/strongroom.1", shown(dir), shown(dir)));
        return Ok(());
    }
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(|error| DoorError::System(in_words(&error)))?;
    output::data(&String::from_utf8_lossy(&page))
}
