//! `audit`: what is told of a log that the verbs wrote, and what `audit verify` finds when somebody was at the file.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::env::{Env, WAYS, Way};
use crate::pty::home::copy;

const VALUES: [&str; 2] = ["canary-58b1-first", "canary-58b1-second"];

/// What opens the vault stands before the program.
fn run_for_the_application(env: &Env, way: Way) {
    match way {
        Way::Alone => env.run(&["run", "--passphrase-file", "pass", "--app", "web", "--", "/bin/true"]),
        Way::Agent => env.through_agent(&["run", "--app", "web", "--", "/bin/true"]),
    }
    .assert()
    .success();
}

/// A vault in which something was done on this `way`: a copy of one.
fn with_a_past(way: Way) -> Env {
    static FIRST: [OnceLock<Env>; 2] = [OnceLock::new(), OnceLock::new()];
    let first = FIRST[usize::from(way == Way::Agent)].get_or_init(|| past(way));
    let env = Env::new();
    copy(&first.path(""), &env.path(""));
    if way == Way::Agent {
        env.through_agent(&["unlock", "--passphrase-file", "pass"]).assert().success();
    }
    env
}

fn past(way: Way) -> Env {
    let env = Env::ready(way);
    env.write("first", VALUES[0]);
    env.write("second", VALUES[1]);
    let done = |arguments: &[&str]| drop(env.prints(way, arguments));
    done(&["register", "api-key", "deploy", "--header-name", "X", "--value", "@first"]);
    done(&["register", "api-key", "other", "--header-name", "X", "--generate"]);
    done(&["app", "add", "web", "--env", "TOKEN=deploy"]);
    done(&["get", "deploy"]);
    run_for_the_application(&env, way);
    done(&["edit", "deploy", "--value", "@second"]);
    done(&["deactivate", "deploy"]);
    env.refuses(way, &["get", "deploy"], 13, "deploy is Inactive since ");
    env.through_agent(&["lock"]).assert().success();
    env
}

/// What `audit` tells with these options; no value is in it, in either form.
fn told(env: &Env, way: Way, options: &[&str]) -> Vec<Value> {
    let text = env.prints(way, &[&["audit", "--json"], options].concat());
    assert!(VALUES.iter().all(|value| !text.contains(value)), "{text}");
    serde_json::from_str(&text).unwrap()
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["action"].as_str().unwrap()).collect()
}

fn log(env: &Env) -> PathBuf {
    env.place().vault.join("audit-1")
}

/// The exit code, stdout and stderr.
fn verify(env: &Env, way: Way, options: &[&str]) -> (Option<i32>, String, String) {
    let output = env.go(way, &[&["audit", "verify"], options].concat()).output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), stdout, stderr)
}

#[test]
fn what_the_verbs_did_is_told_with_who_and_from_where() {
    for way in WAYS {
        let env = with_a_past(way);
        let events = told(&env, way, &["--secret", "deploy"]);
        assert_eq!(actions(&events), ["register", "get", "run", "edit", "deactivate", "get"]);
        for event in &events {
            assert_eq!((&event["member"], &event["secret"]), (&"Ada".into(), &"deploy".into()), "{event}");
            assert_eq!(event["host"], &*strongroom::host::process::host_name(), "{event}");
            assert_eq!(event["user"], &*strongroom::host::process::user_name(rustix::process::getuid().as_raw()));
            assert!(event["pid"].as_u64().is_some_and(|pid| pid > 1), "{event}");
            assert!(event["parent"].as_str().is_some_and(|parent| !parent.is_empty()), "{event}");
            assert!(event["at"].as_str().unwrap().ends_with('Z') && event["secret_id"].is_string(), "{event}");
        }
        let [_, get, run, edit, _, refused] = &events[..] else { panic!("{events:?}") };
        assert_eq!((&get["field"], &get["outcome"], &get["revision"]), (&"value".into(), &"done".into(), &1.into()));
        assert!(get["application"].is_null() && get["reason"].is_null(), "{get}");
        assert_eq!((&run["application"], &run["command"]), (&"web".into(), &"true".into()));
        assert_eq!((&edit["revision"], &edit["field"]), (&2.into(), &Value::Null));
        assert_eq!(refused["outcome"], "refused");
        assert!(refused["reason"].as_str().unwrap().contains("nactive"), "{refused}");
        let all = told(&env, way, &[]);
        let added = all.iter().find(|event| event["action"] == "app-add").unwrap();
        assert_eq!((&added["subject"], &added["secret"]), (&"web".into(), &Value::Null));
        let numbers: Vec<u64> = all.iter().map(|event| event["number"].as_u64().unwrap()).collect();
        assert!(
            numbers.iter().copied().eq(1..=numbers.len() as u64),
            "from the first, and none is left out: {numbers:?}"
        );
    }
}

#[test]
fn an_event_names_the_process_that_asked_whoever_has_the_vault() {
    for way in WAYS {
        let env = with_a_past(way);
        let line = match way {
            Way::Alone => "--no-agent get other --passphrase-file pass",
            Way::Agent => "get other",
        };
        let mut asked = Command::new(assert_cmd::cargo::cargo_bin!("strongroom"));
        asked.args(line.split(' ')).env_clear().env("HOME", env.path("")).current_dir(env.path(""));
        let asked = asked.stdout(Stdio::piped()).spawn().unwrap();
        let pid = asked.id();
        assert!(asked.wait_with_output().unwrap().status.success());
        assert_eq!(told(&env, way, &["--secret", "other"]).last().unwrap()["pid"], pid);
    }
}

#[test]
fn a_log_is_narrowed_to_a_secret_a_time_and_the_newest() {
    for way in WAYS {
        let env = with_a_past(way);
        let of = |options: &[&str]| told(&env, way, &[&["--secret", "deploy"], options].concat());
        assert_eq!(actions(&of(&["--limit", "2"])), ["deactivate", "get"]);
        assert_eq!(of(&["--limit", "0"]).len(), 6);
        assert_eq!(of(&["--since", "2099-01-01"]).len(), 0);
        assert_eq!(of(&["--since", "1h", "--limit", "3"]).len(), 3);
        let id = of(&[])[0]["secret_id"].as_str().unwrap().to_owned();
        assert_eq!(told(&env, way, &["--secret", &id]).len(), 6, "by its id");
        assert_eq!(actions(&told(&env, way, &["--secret", "other"])), ["register"]);
        env.refuses(way, &["audit", "--secret", "nothing"], 10, "there is no secret \"nothing\"");
        env.refuses(way, &["audit", "--since", "yesterday"], 2, "write a period such as 2h or 7d");
    }
}

#[test]
fn people_get_a_table() {
    for way in WAYS {
        let env = with_a_past(way);
        let text = env.prints(way, &["audit", "--secret", "deploy"]);
        assert!(VALUES.iter().all(|value| !text.contains(value)), "{text}");
        let lines: Vec<&str> = text.lines().collect();
        let columns = ["When (UTC)", "Who", "What", "Subject", "By", "Outcome"];
        let found: Vec<usize> = columns.iter().map(|name| lines[0].find(name).unwrap()).collect();
        assert!(found.is_sorted() && lines.len() == 7, "{text}");
        let row = |n: usize| lines[n].split_whitespace().skip(3).collect::<Vec<_>>();
        assert_eq!(row(3), ["run", "deploy/value", "web", "done"]);
        assert!(lines[6].contains("refused: ") && lines[6].contains("get"), "{text}");
    }
}

#[test]
fn a_log_that_is_whole_is_told_as_that() {
    for way in WAYS {
        let env = with_a_past(way);
        let (code, text, remarks) = verify(&env, way, &[]);
        assert_eq!((code, &*remarks), (Some(0), ""));
        assert!(
            text.starts_with("ok      ") && text.contains(" events, each where it belongs, from number 1, since 20"),
            "{text}"
        );
        let (code, text, _) = verify(&env, way, &["--json"]);
        let verdict: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((code, &verdict["whole"], &verdict["troubles"]), (Some(0), &true.into(), &Value::Array(Vec::new())));
        assert!(verdict["events"].as_u64().unwrap() >= 9 && verdict["first"] == 1, "{verdict}");
    }
}

#[test]
fn a_byte_that_somebody_changed_is_told_and_ends_with_its_code() {
    for way in WAYS {
        let env = with_a_past(way);
        let mut bytes = fs::read(log(&env)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(log(&env), &bytes).unwrap();
        let (code, text, remarks) = verify(&env, way, &[]);
        assert_eq!(code, Some(16), "{text}{remarks}");
        assert!(text.starts_with("BROKEN  ") && text.contains(" cannot be read."), "{text}");
        let says = "strongroom: the audit log is not as it was written: see above. Compare it with a backup";
        assert!(remarks.contains(says), "{remarks}");
        let (code, text, _) = verify(&env, way, &["--json"]);
        let verdict: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((code, &verdict["whole"]), (Some(16), &false.into()));
        assert!(!verdict["troubles"].as_array().unwrap().is_empty(), "{verdict}");
        env.prints(way, &["list"]);
    }
}

#[test]
fn a_tail_that_somebody_cut_off_is_told() {
    for way in WAYS {
        let env = with_a_past(way);
        let whole = fs::metadata(log(&env)).unwrap().len();
        env.go(way, &["get", "other"]).assert().success();
        // Back to where the log was before that: every event that is left is whole, and follows from the one before it.
        fs::File::options().write(true).open(log(&env)).unwrap().set_len(whole).unwrap();
        let (code, text, remarks) = verify(&env, way, &[]);
        assert_eq!(code, Some(16), "{text}{remarks}");
        assert!(text.starts_with("BROKEN  ") && text.contains("missing."), "{text}");
        if way == Way::Alone {
            assert!(remarks.contains("See strongroom audit verify."), "whoever opens the vault is told: {remarks}");
        }
        assert_eq!(verify(&env, way, &[]).0, Some(16), "and again, later");
    }
}
