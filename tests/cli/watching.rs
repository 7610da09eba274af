//! `check`, `completions` and `man`: for monitoring systems, shells and readers.

use std::fs;
use std::process::Command;

use crate::aloud::skip;
use crate::env::{Env, WAYS, Way};

/// The exit code, and what is printed.
fn check(env: &Env, way: Way, arguments: &[&str]) -> (Option<i32>, String) {
    let output = env.go(way, &[&["check"], arguments].concat()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_check_says_one_line_and_the_convention_s_code() {
    for way in WAYS {
        let env = Env::ready(way);
        let (code, text) = check(&env, way, &[]);
        let figures = "expired=0;;0;0 critical=0;;0;0 warning=0;0;;0 in_use=0;;;0";
        assert_eq!(text, format!("STRONGROOM OK: 0 secrets in use, none expires within 14 days | {figures}\n"));
        assert_eq!(code, Some(0));
        env.prints(way, &["register", "api-key", "a|b", "--header-name", "X", "--generate", "--expires", "+9d"]);
        env.prints(way, &["register", "api-key", "off", "--header-name", "X", "--generate", "--expires", "+1d"]);
        env.prints(way, &["deactivate", "off"]);
        let (code, text) = check(&env, way, &[]);
        assert_eq!(code, Some(1));
        let mut lines = text.lines();
        let figures = "expired=0;;0;0 critical=0;;0;0 warning=1;0;;0 in_use=1;;;0";
        assert_eq!(lines.next(), Some(&*format!("STRONGROOM WARNING: 1 expires within 14 days: a¦b | {figures}")));
        assert!(lines.next().unwrap().starts_with("a¦b expires 20"), "{text}");
        assert_eq!(check(&env, way, &["--warn", "1d", "--crit", "1h"]).0, Some(0));
        let (code, text) = check(&env, way, &["--crit", "2w"]);
        assert!(code == Some(2) && text.starts_with("STRONGROOM CRITICAL: 1 expires within 14 days: a¦b |"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&check(&env, way, &["--json"]).1).unwrap();
        assert!(json["state"] == "warning" && json["warning"][0]["name"] == "a|b", "{json}");
    }
}

#[test]
fn a_check_that_cannot_tell_is_unknown_and_asks_nobody() {
    let (env, _) = Env::with_vault();
    let unknown = |arguments: &[&str], says: &str| {
        for run in [env.run(arguments), env.through_agent(arguments)].iter_mut() {
            let output = run.assert().code(3).get_output().clone();
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(text.starts_with("STRONGROOM UNKNOWN: ") && text.contains(says), "{text}");
            assert!(output.stderr.is_empty(), "one line is all: {}", String::from_utf8_lossy(&output.stderr));
        }
    };
    unknown(&["check"], "the vault is locked");
    unknown(&["check", "--vault", "nowhere"], "there is no vault here");
    unknown(&["check", "--key-file", "nowhere"], "nowhere");
    assert!(env.through_agent(&["check", "--passphrase-file", "pass"]).output().unwrap().status.success());
    // No agent was started for any of that.
    assert!(!env.path(".local/state/strongroom/agent").exists());
}

#[test]
fn names_are_completed_while_the_vault_is_open() {
    let env = Env::ready(Way::Agent);
    for name in ["deploy", "demo", "other"] {
        env.prints(Way::Agent, &["register", "api-key", name, "--header-name", "X", "--generate"]);
    }
    assert_eq!(env.prints(Way::Agent, &["complete-names", "de"]), "demo\ndeploy\n");
    env.prints(Way::Agent, &["lock"]);
    let locked = env.through_agent(&["complete-names", "de"]).output().unwrap();
    assert!(locked.status.success() && locked.stdout.is_empty() && locked.stderr.is_empty(), "{locked:?}");
}

#[test]
fn every_shell_gets_a_script_that_it_takes() {
    let env = Env::new();
    for (shell, check) in [("bash", &["-n"][..]), ("zsh", &["-n"]), ("fish", &["--no-execute"])] {
        let script = env.stdout(&["completions", shell]);
        assert!(script.contains("complete-names") && script.contains("register"), "{shell}");
        assert!(!script.contains("clear-clipboard"), "what is hidden is not completed");
        env.write(shell, &script);
        match Command::new(shell).args(check).arg(env.path(shell)).output() {
            Ok(output) => assert!(output.status.success(), "{shell}: {output:?}"),
            Err(_) => skip("every_shell_gets_a_script_that_it_takes", &format!("there is no {shell}")),
        }
    }
    env.fails(&["completions", "tcsh"], 2, "tcsh");
}

#[test]
fn bash_completes_verbs_options_and_names() {
    let env = Env::ready(Way::Agent);
    env.prints(Way::Agent, &["register", "api-key", "my secret", "--header-name", "X", "--generate"]);
    env.write("script", &env.stdout(&["completions", "bash"]));
    let program = assert_cmd::cargo::cargo_bin!("strongroom");
    let completed = |words: &[&str]| {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let line = format!(
            "source ./script; COMP_WORDS=({}); COMP_CWORD={}; _strongroom_with_names strongroom '{}' '{}'; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            quoted.join(" "),
            words.len() - 1,
            words[words.len() - 1],
            words[words.len() - 2],
        );
        let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
        let mut bash = Command::new("bash");
        bash.args(["-c", &line]).env_clear().env("HOME", env.path("")).env("PATH", path).current_dir(env.path(""));
        String::from_utf8(bash.output().unwrap().stdout).unwrap()
    };
    assert!(completed(&["strongroom", "dea"]).lines().any(|word| word == "deactivate"));
    assert!(completed(&["strongroom", "get", "my"]).lines().any(|word| word == "my\\ secret"));
    assert!(completed(&["strongroom", "get", "--al"]).lines().any(|word| word == "--allow-expired"));
}

#[test]
fn the_manual_has_a_page_for_every_verb() {
    let env = Env::new();
    assert!(env.stdout(&["man"]).contains(".TH strongroom 1"));
    env.stdout(&["man", "--dir", "pages"]);
    for page in ["strongroom.1", "strongroom-get.1", "strongroom-register-api-key.1", "strongroom-app-add.1"] {
        let text = fs::read_to_string(env.path("pages").join(page)).unwrap();
        assert!(text.contains(".TH"), "{page}");
    }
    assert!(fs::read_to_string(env.path("pages/strongroom-register-api-key.1")).unwrap().contains("header"));
    env.write("taken", "");
    env.fails(&["man", "--dir", "taken"], 14, "taken");
}
