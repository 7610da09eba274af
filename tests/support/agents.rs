//! The agents that the program under test started, and their end.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};
use strongroom::service::{Remote, Running};

/// The processes of the agents that were started below `home`, as their locks tell.
pub fn pids(home: &Path) -> Vec<u32> {
    pids_in(&home.join(".local/state"))
}

/// The same, by the directory of all programs' state.
pub fn pids_in(state: &Path) -> Vec<u32> {
    let locks = fs::read_dir(state.join("strongroom/agent")).into_iter().flatten().flatten();
    let notes = locks.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "lock"));
    // One that has process numbers of its own takes itself for the first.
    notes.filter_map(|entry| pid_in(&fs::read_to_string(entry.path()).ok()?)).filter(|pid| *pid > 1).collect()
}

/// Ends them, without a chance to say anything.
pub fn end(home: &Path) {
    let pids = pids(home).into_iter().filter_map(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    for pid in pids {
        // One that has ended by itself is as good.
        let _ = kill_process(pid, Signal::KILL);
    }
}

fn pid_in(note: &str) -> Option<u32> {
    note.lines().find_map(|line| line.strip_prefix("pid "))?.parse().ok()
}

/// The door to the agent, if it runs.
pub fn reached(running: Running) -> Option<Remote> {
    if let Running::Agent(remote) = running { Some(remote) } else { None }
}
