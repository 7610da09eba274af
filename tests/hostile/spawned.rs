//! The program itself, through its agent, with hostile texts for each verb; and a program of a hostile name that asks.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use crate::env::{Env, Way};
use crate::texts::Texts;
use crate::verbs::{Known, jobs, verbs};
use crate::{checks, thorough};

/// These serve, or end what the others need.
const NOT_HERE: [&str; 2] = ["agent", "lock"];
/// A program as slow as this waits for somebody.
const LONG: Duration = Duration::from_secs(60);

#[test]
fn no_text_gets_through_the_program() {
    let env = Env::ready(Way::Agent);
    env.prints(Way::Agent, &["register", "api-key", "payments-api", "--header-name", "X", "--generate"]);
    let mut texts = Texts::new(6);
    let known = Known { application: "none".to_owned() };
    let most = if thorough() { usize::MAX } else { 3 };
    for (name, verb) in verbs().into_iter().filter(|(name, _)| !NOT_HERE.contains(&name.as_str())) {
        let mut lines = jobs(&name, &verb, &known, &mut texts);
        while lines.len() > most {
            lines.remove(texts.below(lines.len()));
        }
        for job in lines {
            let output =
                env.through_agent(&[]).args(&job.args).write_stdin(texts.text()).timeout(LONG).output().unwrap();
            checks::printed(&output.stderr, false).unwrap_or_else(|why| panic!("{:?}: {why}", job.args));
        }
    }
}

#[test]
fn a_program_of_a_hostile_name_is_told_harmlessly() {
    let env = Env::ready(Way::Agent);
    env.prints(Way::Agent, &["register", "api-key", "a", "--header-name", "X", "--generate"]);
    let name = "x\x1b[2J\u{202e}\u{9b}y";
    let program = assert_cmd::cargo::cargo_bin!("strongroom").display().to_string();
    // Not its last command, or the program would take the place of the script.
    env.write(
        name,
        &format!("#!/bin/sh\n'{program}' get a\n'{program}' run --env A=strongroom://a -- ./'{name}2'\n:\n"),
    );
    env.write(&format!("{name}2"), "#!/bin/sh\n:\n");
    for script in [name.to_owned(), format!("{name}2")] {
        fs::set_permissions(env.path(&script), Permissions::from_mode(0o700)).unwrap();
    }
    let home = env.path("");
    let ran = Command::new(env.path(name)).env_clear().env("HOME", &home).current_dir(&home).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let lines: [&[&str]; 7] = [
        &["audit"],
        &["audit", "--json"],
        &["audit", "--secret", "a"],
        &["show", "a"],
        &["show", "a", "--json"],
        &["status"],
        &["audit", "verify"],
    ];
    for line in lines {
        let printed = env.prints(Way::Agent, line);
        checks::printed(printed.as_bytes(), false).unwrap_or_else(|why| panic!("{line:?}: {why}"));
    }
    let told = env.prints(Way::Agent, &["audit"]);
    assert!(told.contains("x\u{fffd}[2J\u{fffd}"), "its name is told: {told}");
}
