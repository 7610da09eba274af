//! While a program has a value, the kernel tells it of that program alone, and no file of ours has it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use memchr::memmem;
use strongroom::domain::BindingTarget;

use crate::pty::PATIENCE;
use crate::server::{Server, answer};
use crate::world::{VALUE, bind, client, door, of_shell, printed, register, value, world};

/// The processes whose `of` (command line, environment) holds the value.
fn told(of: &str, value: &str) -> Vec<u32> {
    let numbers = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let holds = |pid: &u32| {
        let text = fs::read(format!("/proc/{pid}/{of}")).unwrap_or_default();
        memmem::find(&text, value.as_bytes()).is_some()
    };
    numbers.filter(holds).collect()
}

fn files_with_it(folder: &Path, value: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files_with_it(&path, value));
        } else if path.is_file() && memmem::find(&fs::read(&path).unwrap(), value.as_bytes()).is_some() {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_value_is_in_the_environment_of_the_program_and_nowhere_else() {
    // Whole: other tests try what begins so on a command line.
    let held = value("api-active");
    for agent in [false, true] {
        let env = world();
        env.write("t", "{{ strongroom://api-active }}");
        let line = "export HISTFILE=$PWD/history; set -o history; \
                    exec $S run $P --env CANARY=strongroom://api-active --file F=strongroom://api-soon -- cat";
        let mut child = of_shell(&env, agent, line).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        wait_until("the environment of the program holds it", || told("environ", &held).contains(&child.id()));
        assert_eq!(told("cmdline", &held), [0; 0], "a command line");
        assert_eq!(files_with_it(&env.path(""), VALUE), [""; 0].map(PathBuf::from));
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
        printed(&env, agent, "$S inject $P -i t -o out; $S curl-config $P api-active | cat > header");
        let mut found = files_with_it(&env.path(""), VALUE);
        found.sort();
        assert_eq!(found, [env.path("header"), env.path("out")], "the search finds what is there");
    }
    let mut sh = std::process::Command::new("sh");
    let mut shown = sh.args(["-c", "read x", &held]).stdin(Stdio::piped()).spawn().unwrap();
    wait_until("the search finds what is there", || told("cmdline", &held).contains(&shown.id()));
    drop(shown.stdin.take());
    shown.wait().unwrap();
}

/// Runs `line` while every process is looked at, again and again: its command line and environment never hold `value`.
fn watched(env: &crate::env::Env, agent: bool, line: &str, value: &str) {
    let (done, begun) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut found: Vec<&str> = Vec::new();
            while !done.load(Ordering::SeqCst) {
                found.extend(["cmdline", "environ"].into_iter().filter(|of| !told(of, value).is_empty()));
                begun.store(true, Ordering::SeqCst);
            }
            found
        });
        wait_until("the search begins", || begun.load(Ordering::SeqCst));
        let output = of_shell(env, agent, line).output().unwrap();
        done.store(true, Ordering::SeqCst);
        assert!(output.status.success(), "{line}: {output:?}");
        assert_eq!(watch.join().unwrap(), [""; 0], "{line}");
    });
}

#[test]
fn a_value_on_its_way_in_is_told_by_no_kernel_and_left_in_no_file() {
    const IN: &str = "canary-9d3f52-on-its-way-in";
    for agent in [false, true] {
        let env = world();
        env.write("in", IN);
        env.write("in.env", &format!("KEY={IN}\n"));
        // It waits for the rest of what it is given, with the value in its hands.
        let register = "exec $S register api-key held --header-name X --value - $P";
        let mut child = of_shell(&env, agent, register).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.as_mut().unwrap().write_all(IN.as_bytes()).unwrap();
        thread::sleep(Duration::from_millis(100));
        assert_eq!((told("cmdline", IN), told("environ", IN)), (Vec::new(), Vec::new()));
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
        for line in [
            "$S register api-key file --header-name X --value @in $P",
            "$S register api-key fd --header-name X --value fd:3 $P 3< in",
            "$S edit fd --value @in $P; $S edit fd --value - $P < in",
            "$S import dotenv in.env $P",
        ] {
            watched(&env, agent, line, IN);
        }
        assert_eq!(printed(&env, agent, "$S get held $P; $S get fd $P"), IN.repeat(2), "it did come in");
        let mut found = files_with_it(&env.path(""), IN);
        found.sort();
        assert_eq!(found, [env.path("in"), env.path("in.env")], "the files that it came from, and none of ours");
    }
}

#[test]
fn a_value_on_its_way_out_is_where_it_was_sent_and_nowhere_else() {
    let server =
        Server::start(|_| answer("200 OK", "", r#"{"access_token":"canary-9d3f52-token","token_type":"bearer"}"#));
    for agent in [false, true] {
        let env = world();
        let url = format!("http://127.0.0.1:{}/token", server.port);
        register(&mut door(&env), client("client", &url), "active");
        bind(&env, "ci", &[(BindingTarget::Host("ada@h".into()), "api-active", "value")]);
        let held = value("api-active");
        for (line, secret) in [
            ("$S get api-active $P | cat >/dev/null", &*held),
            ("printf 'protocol=https\\nhost=h\\n' | $S git-credential get $P | cat >/dev/null", &held),
            ("printf 'https://h' | $S docker-credential get $P | cat >/dev/null", &held),
            ("$S export sealed --export-passphrase-file pass $P", &held),
            ("$S token client $P >/dev/null", "canary-9d3f52-token"),
            ("$S cert cert-active --cert c --key k $P", "-----BEGIN PRIVATE KEY-----"),
        ] {
            watched(&env, agent, line, secret);
        }
        assert_eq!(files_with_it(&env.path(""), VALUE), [""; 0].map(PathBuf::from));
        assert_eq!(files_with_it(&env.path(""), "canary-9d3f52-token"), [""; 0].map(PathBuf::from));
        assert_eq!(files_with_it(&env.path(""), "-----BEGIN PRIVATE KEY-----"), [env.path("k")]);
        printed(&env, agent, "$S export clear --plaintext --yes $P; $S get api-active --out out $P");
        let mut found = files_with_it(&env.path(""), VALUE);
        found.sort();
        assert_eq!(found, [env.path("clear"), env.path("out")], "the search finds what is there");
    }
}

/// A program that begins has its arguments and its environment a moment later.
#[track_caller]
fn wait_until(what: &str, done: impl Fn() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}
