//! While a program has a value, the kernel tells it of that program alone, and no file of ours has it.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use memchr::memmem;

use crate::pty::PATIENCE;
use crate::world::{VALUE, of_shell, printed, world};

/// The processes whose `of` (command line, environment) holds the value.
fn told(of: &str) -> Vec<u32> {
    let numbers = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let holds = |pid: &u32| {
        let text = fs::read(format!("/proc/{pid}/{of}")).unwrap_or_default();
        memmem::find(&text, VALUE.as_bytes()).is_some()
    };
    numbers.filter(holds).collect()
}

fn files_with_it(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files_with_it(&path));
        } else if path.is_file() && memmem::find(&fs::read(&path).unwrap(), VALUE.as_bytes()).is_some() {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_value_is_in_the_environment_of_the_program_and_nowhere_else() {
    for agent in [false, true] {
        let env = world();
        env.write("t", "{{ strongroom://api-active }}");
        let line = "export HISTFILE=$PWD/history; set -o history; \
                    exec $S run $P --env CANARY=strongroom://api-active --file F=strongroom://api-soon -- cat";
        let mut child = of_shell(&env, agent, line).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        wait_until("the environment of the program holds it", || told("environ").contains(&child.id()));
        assert_eq!(told("cmdline"), [0; 0], "a command line");
        assert_eq!(files_with_it(&env.path("")), [""; 0].map(std::path::PathBuf::from));
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
        printed(&env, agent, "$S inject $P -i t -o out; $S curl-config $P api-active | cat > header");
        let mut found = files_with_it(&env.path(""));
        found.sort();
        assert_eq!(found, [env.path("header"), env.path("out")], "the search finds what is there");
    }
    let mut sh = std::process::Command::new("sh");
    let mut shown = sh.args(["-c", "read x", VALUE]).stdin(Stdio::piped()).spawn().unwrap();
    wait_until("the search finds what is there", || told("cmdline").contains(&shown.id()));
    drop(shown.stdin.take());
    shown.wait().unwrap();
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
