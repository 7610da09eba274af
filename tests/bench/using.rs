//! What using a secret costs: `cargo bench --bench using`, whole processes.
//!
//! In turn with an empty Rust program, and with `pass show` and `gopass show` where Debian's packages and gpg are installed:
//! a test key without a passphrase, and as many entries as the vault has secrets.

// In a bench, unwrapping is how helpers fail.
#![allow(clippy::unwrap_used)]

#[path = "support/agent.rs"]
mod agent;
#[path = "../support/agents.rs"]
#[allow(dead_code, reason = "each bench uses a part of it")]
mod agents;
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use agent::{Agent, PROGRAM, empty_program, ms};
use strongroom::domain::Draft;
use strongroom::service::{Door, Remote, Request, Response};
use support::{draft, memory, middle_and_best, tell, timed};

const ROUNDS: usize = 200;
const SLOW_ROUNDS: usize = 40;
const IMPORTED: usize = 10_000;

fn main() {
    for secrets in [1_000, 10_000] {
        let agent = unlocked(secrets);
        gets(&agent, secrets);
        if secrets == 10_000 {
            lists(&agent);
        }
    }
    registrations(&unlocked(10_000));
    runs(&unlocked(1_000));
    import(&unlocked(0));
}

fn unlocked(secrets: usize) -> Agent {
    let agent = Agent::new(secrets);
    call(&mut agent.door(), Request::Unlock(agent.0.recovery()));
    agent
}

fn call(door: &mut Remote, request: Request) -> Response {
    door.call(request, &|_| {}).unwrap()
}

/// The whole life of a process of ours.
fn ours(agent: &Agent, arguments: &[&str]) -> Duration {
    let mut command = agent.command(Path::new(PROGRAM), arguments);
    timed(|| assert!(command.status().unwrap().success(), "{arguments:?}"))
}

fn gets(agent: &Agent, secrets: usize) {
    let empty = empty_program(agent.0.dir());
    let peers = Peers::new(agent.0.dir(), secrets);
    let name = &*draft(1).name;
    let (mut get, mut nothing, mut pass, mut gopass) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        nothing.push(timed(|| assert!(agent.command(&empty, &[]).status().unwrap().success())));
        get.push(ours(agent, &["get", name]));
    }
    for _ in 0..SLOW_ROUNDS {
        pass.extend(peers.show("pass"));
        gopass.extend(peers.show("gopass"));
    }
    let ((get, _), (nothing, _)) = (middle_and_best(get), middle_and_best(nothing));
    tell(&format!("get, of {secrets}"), &ms(get), "");
    tell("  above an empty program", &ms(get.saturating_sub(nothing)), "≤ 2 ms");
    for (name, times) in [("pass show", pass), ("gopass show", gopass)] {
        if times.is_empty() {
            tell(&format!("  {name}"), "not installed here", "");
            continue;
        }
        let (middle, _) = middle_and_best(times);
        let factor = middle.as_secs_f64() / get.as_secs_f64();
        tell(&format!("  {name}"), &format!("{}, {factor:.1} times as long", ms(middle)), "≥ 3");
    }
}

fn lists(agent: &Agent) {
    let (list, _) = middle_and_best((0..ROUNDS).map(|_| ours(agent, &["list"])).collect());
    tell("list of 10,000", &ms(list), "≤ 12 ms");
    let (find, _) = middle_and_best((0..ROUNDS).map(|_| ours(agent, &["list", "billing-00012"])).collect());
    tell("find among 10,000", &ms(find), "≤ 6 ms");
}

/// From the request to its answer, when all of it is on the disk.
fn registrations(agent: &Agent) {
    let mut door = agent.door();
    let mut one = |n: usize| {
        let new = Draft { name: format!("new {n}").into(), ..draft(n) };
        timed(|| drop(call(&mut door, Request::Register(new))))
    };
    let (middle, best) = middle_and_best((0..ROUNDS).map(&mut one).collect());
    tell("a registered secret acknowledged, of 10,000", &format!("{} (best {})", ms(middle), ms(best)), "≤ 4 ms");
}

fn runs(agent: &Agent) {
    let reference = format!("TOKEN=strongroom://{}", draft(1).name);
    let arguments = ["run", "--env", &reference, "--", "true"];
    let (run, _) = middle_and_best((0..ROUNDS).map(|_| ours(agent, &arguments)).collect());
    tell("run -- true, whole", &ms(run), "≤ 4 ms");
}

fn import(agent: &Agent) {
    let file = agent.0.dir().join("secrets.csv");
    let rows = (0..IMPORTED).map(|n| format!("service-{n:05},api-key,X-Api-Key,b0b1c2d3e4f5a697{n:016x}\n"));
    fs::write(&file, format!("name,type,header_name,value\n{}", rows.collect::<String>())).unwrap();
    let time = ours(agent, &["import", "csv", file.to_str().unwrap()]);
    let pid = agents::pids(agent.0.dir())[0];
    let (_, most) = memory(Path::new(&format!("/proc/{pid}/status")));
    tell("import of 10,000, whole", &format!("{}, the agent at most {most:.1} MB", ms(time)), "≤ 500 ms, ≤ 60 MB");
}

/// A store of pass, which gopass reads, too.
struct Peers {
    home: PathBuf,
    there: bool,
}

impl Peers {
    fn new(dir: &Path, entries: usize) -> Self {
        let mut peers = Self { home: dir.join("peers"), there: false };
        fs::create_dir_all(&peers.home).unwrap();
        peers.there = peers.make().is_some();
        let store = peers.home.join(".password-store");
        // What is in them does not matter: each show decrypts one.
        for n in (0..entries).filter(|_| peers.there) {
            fs::copy(store.join("one.gpg"), store.join(format!("{}.gpg", draft(n).name))).unwrap();
        }
        peers
    }

    fn make(&self) -> Option<()> {
        let key = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""];
        let key = [&key[..], &["--quick-gen-key", "bench@example.org", "default", "default", "never"]].concat();
        self.succeeds("gpg", &key)?;
        self.succeeds("pass", &["init", "bench@example.org"])?;
        self.succeeds("sh", &["-c", "echo b0b1c2d3e4f5a6978877665544332211 | pass insert -e one"])
    }

    fn succeeds(&self, program: &str, arguments: &[&str]) -> Option<()> {
        let status = self.command(program, arguments).status().ok()?;
        status.success().then_some(())
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env("HOME", &self.home).env_remove("GNUPGHOME").env_remove("PASSWORD_STORE_DIR");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// How long `program show` takes, where it is installed.
    fn show(&self, program: &str) -> Option<Duration> {
        let name = &*draft(1).name;
        let mut shown = None;
        let time = timed(|| shown = self.succeeds(program, &["show", name]));
        shown.filter(|()| self.there).map(|()| time)
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        // Its agent would stay.
        let _ = self.succeeds("gpgconf", &["--kill", "all"]);
    }
}
