//! Text from outside, whatever it is, moves no terminal.

use strongroom::domain::text::is_forbidden;

use crate::env::{Env, Way};

const NASTY: &str = "a\x1b[31m\u{9b}2J\u{202e}b\u{200b}\x07\u{e0041}";

/// Both outputs hold nothing that a terminal would obey.
#[track_caller]
fn is_harmless(env: &Env, way: Way, arguments: &[&str]) -> String {
    let output = env.go(way, arguments).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains(|c| c != '\n' && is_forbidden(c)), "{arguments:?}: {text:?}");
    text
}

#[test]
fn every_verb_shows_what_it_is_given_sanitized() {
    let env = Env::ready(Way::Agent);
    let verbs: &[&[&str]] = &[
        &["show", NASTY],
        &["get", NASTY],
        &["get", "a", "--field", NASTY],
        &["get", "a", "--out", &format!("nowhere/{NASTY}")],
        &["edit", NASTY, "--header-name", "X"],
        &["edit", "a", "--remove-pair", NASTY],
        &["rename", "a", NASTY],
        &["rename", NASTY, "b"],
        &["deactivate", NASTY],
        &["reactivate", NASTY],
        &["delete", NASTY, "--yes"],
        &["history", NASTY],
        &["list", NASTY],
        &["list", "--type", NASTY],
        &["list", &format!("--{NASTY}")],
        &[NASTY],
        &["register", NASTY],
        &["register", "api-key", NASTY, "--header-name", "X", "--generate"],
        &["register", "api-key", "n", "--header-name", NASTY, "--generate"],
        &["register", "api-key", "n", "--header-name", "X", "--value", &format!("@{NASTY}")],
        &["register", "key-value", "n", "--pair", &format!("{NASTY}=generate")],
        &["register", "key-value", "n", "--pair", NASTY],
        &["app", "show", NASTY],
        &["app", "add", NASTY],
        &["app", "add", "x", "--env", NASTY],
        &["app", "add", "x", "--env", &format!("{NASTY}=strongroom://a")],
        &["app", "edit", NASTY, "--remove", NASTY],
        &["app", "remove", NASTY],
        &["audit", "--secret", NASTY],
        &["audit", "--since", NASTY],
        &["check", "--vault", NASTY],
        &["completions", NASTY],
        &["man", "--dir", &format!("pass/{NASTY}")],
        &["complete-names", NASTY],
    ];
    env.prints(Way::Agent, &["register", "api-key", "a", "--header-name", "X", "--generate"]);
    for verb in verbs {
        is_harmless(&env, Way::Agent, verb);
    }
    assert!(is_harmless(&env, Way::Agent, &["show", NASTY]).contains("there is no secret"));
}

#[test]
fn what_a_file_brings_along_is_sanitized_when_it_is_listed_and_shown() {
    let env = Env::ready(Way::Agent);
    env.write("v", NASTY);
    env.write(&format!("{NASTY}.txt"), "content");
    let text = is_harmless(&env, Way::Agent, &["register", "key-value", "n", "--file", &format!("@{NASTY}.txt")]);
    assert!(text.contains("--file: Rename the file first"), "{text}");
    // A whole value may be anything; it is not shown.
    env.prints(Way::Agent, &["register", "key-value", "v", "--pair", "K=@v"]);
    is_harmless(&env, Way::Agent, &["show", "v"]);
    is_harmless(&env, Way::Agent, &["show", "v", "--json"]);
}
