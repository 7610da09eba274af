//! Starting an agent that goes on when we are gone.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::AgentPlace;
use crate::host::answer::in_words;
use crate::host::handed_over::Withheld;
use crate::service::DoorError;

/// The variables that an agent is given: where things are, and nothing else of what the shell holds.
const PASSED_ON: [&str; 5] = ["HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "DBUS_SYSTEM_BUS_ADDRESS"];
/// Longest word that an agent has for whoever started it, in bytes.
const MAX_WORD: u64 = 4096;

/// The agent's word to whoever started it that it serves the vault, or that another one does.
pub const READY: &str = "ready";

/// How an agent is started: our own program, with `agent --spawned`.
#[derive(Debug, Clone)]
pub struct Starter {
    program: PathBuf,
    /// It is no child of ours.
    apart: bool,
}

impl Starter {
    /// With the program that is running, even if another was installed in its place in the meantime.
    pub fn of_this_program() -> Self {
        let named = std::env::current_exe().ok().filter(|path| path.exists());
        Self { program: named.unwrap_or_else(|| "/proc/self/exe".into()), apart: false }
    }

    /// With another one, for tests.
    pub fn of(program: PathBuf) -> Self {
        Self { program, apart: false }
    }

    /// The same, as nobody's child: for whoever makes way for another program, which would have a child that it knows
    /// nothing of.
    #[must_use]
    pub fn apart(self) -> Self {
        Self { apart: true, ..self }
    }

    /// Starts an agent for the vault at `place` and waits until it serves.
    ///
    /// # Errors
    /// The agent's own words, or that it could not be started.
    pub(super) fn start(&self, place: &AgentPlace) -> Result<Child, DoorError> {
        // It goes on when we are gone, and must not keep open what was meant for us.
        let withheld = Withheld::all();
        let child = self.command(place).spawn();
        drop(withheld);
        let mut child = child.map_err(|error| failed(&in_words(&error)))?;
        let mut word = String::new();
        if let Some(stdout) = child.stdout.take() {
            // An agent that ends without a word is told of below.
            let _ = BufReader::new(stdout.take(MAX_WORD)).read_line(&mut word);
        }
        match word.trim_end() {
            READY => {
                if self.apart {
                    // The shell has ended when it has started it.
                    let _ = child.wait();
                }
                Ok(child)
            }
            why => {
                let _ = child.wait();
                Err(failed(if why.is_empty() { "it ended without a word" } else { why }))
            }
        }
    }

    /// The program, or a shell that starts it and ends.
    fn begun(&self) -> Command {
        if self.apart {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", "\"$@\" &", "sh"]).arg(&self.program);
            return shell;
        }
        let mut command = Command::new(&self.program);
        command.arg0("strongroom");
        command
    }

    fn command(&self, place: &AgentPlace) -> Command {
        let mut command = self.begun();
        let kept = PASSED_ON.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        let kept: Vec<(&str, OsString)> = kept.collect();
        command.arg("--vault").arg(&place.vault.vault).args(["agent", "--spawned"]);
        command.env_clear().envs(kept).current_dir("/");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }
}

fn failed(why: &str) -> DoorError {
    DoorError::Agent(format!("the agent could not be started: {why}. Without one, add --no-agent"))
}
