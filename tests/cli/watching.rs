//! `check`, `completions` and `man`: for monitoring systems, shells and readers.

use std::fs;
use std::process::Command;

use crate::aloud::skip_for_want;
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
    let fields = "strongroom://deploy/header_name\nstrongroom://deploy/value\n";
    let mut told: Vec<String> = env
        .prints(Way::Agent, &["complete-names", "strongroom://deploy/"])
        .lines()
        .map(|line| line.to_owned() + "\n")
        .collect();
    told.sort_unstable();
    assert_eq!(told.concat(), fields);
    env.prints(Way::Agent, &["app", "add", "web"]);
    assert_eq!(env.prints(Way::Agent, &["complete-names", "--applications", ""]), "web\n");
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
            Err(_) => skip_for_want("every_shell_gets_a_script_that_it_takes", &format!("there is no {shell}")),
        }
    }
    env.fails(&["completions", "tcsh"], 2, "tcsh");
}

/// A vault with `my secret`, `deploy` and the application `web`, and the program in the path of `shell`.
fn with_shell(shell: &str) -> (Env, impl Fn(&str) -> Vec<String>) {
    let env = Env::ready(Way::Agent);
    for name in ["my secret", "deploy"] {
        env.prints(Way::Agent, &["register", "api-key", name, "--header-name", "X", "--generate"]);
    }
    env.prints(Way::Agent, &["app", "add", "web", "--env", "T=deploy"]);
    env.write("script", &env.stdout(&["completions", shell]));
    let program = assert_cmd::cargo::cargo_bin!("strongroom");
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    let (home, shell) = (env.path(""), shell.to_owned());
    let run = move |script: &str| {
        let mut command = Command::new(&shell);
        command.args(["-c", script]).env_clear().env("HOME", &home).env("PATH", &path).current_dir(&home);
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    };
    (env, run)
}

#[test]
fn bash_completes_verbs_options_names_and_references() {
    let (_env, run) = with_shell("bash");
    // As bash takes it apart, at spaces, colons and equals signs.
    let completed = |words: &[&str]| {
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let line = words.join(" ").replace(" : ", ":").replace(" = ", "=");
        run(&format!(
            "source ./script; COMP_WORDS=({}); COMP_CWORD={}; COMP_LINE='{line}'; COMP_POINT={}; \
             _strongroom_with_names strongroom '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            quoted.join(" "),
            words.len() - 1,
            line.len(),
            words[words.len() - 1],
            words[words.len() - 2],
        ))
    };
    let offers = |words: &[&str], word: &str| completed(words).iter().any(|offered| offered == word);
    assert!(offers(&["strongroom", "dea"], "deactivate"));
    assert!(offers(&["strongroom", "get", "my"], "my\\ secret"));
    assert!(offers(&["strongroom", "get", "--al"], "--allow-expired"));
    assert!(offers(&["strongroom", "--vault", "x", "get", "--json", "my"], "my\\ secret"));
    assert!(!offers(&["strongroom", "get", "deploy", "--field", ""], "deploy"));
    assert!(!offers(&["strongroom", "run", "--", ""], "deploy"));
    assert_eq!(completed(&["strongroom", "run", "--app", ""]), ["web"]);
    assert_eq!(completed(&["strongroom", "audit", "--secret", "de"]), ["deploy"]);
    assert!(
        offers(&["strongroom", "app", "show", "w"], "web") && !offers(&["strongroom", "app", "show", ""], "deploy")
    );
    assert!(offers(&["strongroom", "list", "--type", "api"], "api-key"));
    assert!(offers(&["strongroom", "member", "gr"], "grant"));
    assert!(offers(&["strongroom", "member", "ask", "re"], "reveal"));
    assert!(offers(&["strongroom", "member", "ask", "reveal", "de"], "deploy"));
    assert!(offers(&["strongroom", "member", "grant", "Ada", "use", "de"], "deploy"));
    assert!(offers(&["strongroom", "member", "grant", "Ada", "use", "deploy", "my"], "my\\ secret"));
    assert!(!offers(&["strongroom", "member", "grant", "Ada", "de"], "deploy"));
    assert!(!offers(&["strongroom", "member", "show", "de"], "deploy"));
    assert_eq!(completed(&["strongroom", "get", "strongroom", ":", "//de"]), ["//deploy"]);
    let field = ["strongroom", "run", "--env", "T", "=", "strongroom", ":", "//deploy/v"];
    assert_eq!(completed(&field), ["//deploy/value"]);
}

#[test]
fn fish_completes_names_applications_and_references() {
    if Command::new("fish").arg("--version").output().is_err() {
        return skip_for_want("fish_completes_names_applications_and_references", "there is no fish");
    }
    let (_env, run) = with_shell("fish");
    let completed = |line: &str| {
        let all = run(&format!("source ./script; complete -C '{line}'"));
        all.iter().map(|line| line.split('\t').next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(completed("strongroom get de"), ["deploy"]);
    assert_eq!(completed("strongroom app show "), ["web"]);
    assert_eq!(completed("strongroom run --app "), ["web"]);
    assert_eq!(completed("strongroom audit --secret de"), ["deploy"]);
    assert!(completed("strongroom list --type api").contains(&"api-key".to_owned()));
    assert_eq!(
        completed("strongroom run --env T=strongroom://deploy/"),
        ["T=strongroom://deploy/header_name", "T=strongroom://deploy/value"]
    );
    assert!(!completed("strongroom get deploy --field ").contains(&"deploy".to_owned()));
}

#[test]
fn zsh_completes_names_applications_and_references() {
    if Command::new("zsh").arg("--version").output().is_err() {
        return skip_for_want("zsh_completes_names_applications_and_references", "there is no zsh");
    }
    let (env, run) = with_shell("zsh");
    let script = fs::read_to_string(env.path("script")).unwrap();
    let described =
        |begin: &str| script.lines().filter(|line| line.trim_start().starts_with(begin)).collect::<Vec<_>>();
    assert!(described("'--app=").iter().all(|line| line.contains(":_strongroom_applications'")));
    assert!(described("'*--env=").iter().all(|line| line.contains(":_strongroom_references'")));
    assert!(described("'--field=").iter().all(|line| !line.contains("_strongroom_")));
    assert!(described("':name -- The certificate").iter().all(|line| line.contains(":_strongroom_names'")));
    // Without its completion system, which wants a terminal: what it would be given.
    let offered = |function: &str, prefix: &str| {
        let given = "compadd() { print -l -- \"${names[@]}\" }; compset() { PREFIX=\"${PREFIX#*=}\" }; compdef() { }";
        run(&format!("{given}; _arguments() {{ }}; source ./script 2>/dev/null; PREFIX='{prefix}'; {function}"))
    };
    assert_eq!(offered("_strongroom_names", "de"), ["deploy"]);
    assert_eq!(offered("_strongroom_applications", ""), ["web"]);
    assert_eq!(offered("_strongroom_references", "T=strongroom://d"), ["strongroom://deploy"]);
}

#[test]
fn the_manual_has_a_page_for_every_verb() {
    let env = Env::new();
    assert!(env.stdout(&["man"]).contains(".TH strongroom 1"));
    env.stdout(&["man", "--dir", "pages"]);
    for page in ["strongroom.1", "strongroom-get.1", "strongroom-member-grant.1", "strongroom-app-add.1"] {
        let text = fs::read_to_string(env.path("pages").join(page)).unwrap();
        assert!(text.contains(".TH"), "{page}");
    }
    assert!(fs::read_to_string(env.path("pages/strongroom-register-api-key.1")).unwrap().contains("header"));
    env.write("taken", "");
    env.fails(&["man", "--dir", "taken"], 14, "taken");
}
