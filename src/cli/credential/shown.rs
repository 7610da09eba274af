//! A question at the terminal, whose answer may be seen: the terminal edits the line, and shows it.

use std::fs::File;
use std::io::{self, Read, Write};

use rustix::event::{PollFd, PollFlags};
use signal_hook::consts::{SIGCONT, SIGINT, SIGTSTP};
use signal_hook::low_level::emulate_default_handler;

use super::hidden::{broken, ended, given_up, wait};
use crate::cli::Failed;
use crate::host::signals::Caught;

/// Longest answer in bytes: no name is longer.
const MOST: usize = 4096;

/// Asks `question` at the terminal on standard input and error; the answer without its line break.
///
/// # Errors
/// When the person gives up, or a signal ends the program.
pub(super) fn ask(question: &str) -> Result<String, Failed> {
    let answer = line(question).unwrap_or_else(|error| Err(broken(&error)))?;
    Ok(answer.trim_end_matches(['\n', '\r']).to_owned())
}

fn line(question: &str) -> io::Result<Result<String, Failed>> {
    let input = super::line::input()?;
    let mut signals = Caught::begin()?;
    say(question);
    loop {
        match signals.take() {
            Some(SIGINT) => return Ok(Err(leave(given_up()))),
            Some(SIGTSTP) => emulate_default_handler(SIGTSTP)?,
            Some(SIGCONT) => say(&format!("\r{question}")),
            Some(number) => return Ok(Err(leave(ended(number)))),
            None => {
                let mut watched = [PollFd::new(&input, PollFlags::IN), PollFd::new(&signals, PollFlags::IN)];
                wait(&mut watched, None)?;
                if !watched[0].revents().is_empty() {
                    return Ok(read(&input)?.ok_or_else(|| leave(signals.take().map_or_else(given_up, ended))));
                }
            }
        }
    }
}

/// What was typed up to Enter; `None` when the person ended the input, or the terminal is gone.
fn read(mut input: &File) -> io::Result<Option<String>> {
    let mut bytes = vec![0; MOST];
    let length = input.read(&mut bytes)?;
    Ok((length > 0).then(|| String::from_utf8_lossy(&bytes[..length]).into_owned()))
}

fn leave(failed: Failed) -> Failed {
    say("\n");
    failed
}

fn say(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}
