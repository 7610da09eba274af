//! `register`: flags out of the schema, secrets from anywhere but the command line.

use std::process::Command;

use rcgen::{CertificateParams, KeyPair};

use crate::env::{Env, WAYS, Way};
use crate::pty::home::Home;

#[test]
fn every_type_is_registered_with_the_flags_of_its_schema() {
    for way in WAYS {
        let env = Env::ready(way);
        env.write("value", "canary-1\n");
        env.write("x.env", "A=canary-2\nB=canary-3\n");
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["example.com".to_owned()]).unwrap().self_signed(&key).unwrap();
        env.write("c.pem", &certificate.pem());
        env.write("c.key", &key.serialize_pem());
        let header = ["--header-name", "X-Key"];
        env.prints(way, &[&["register", "api-key", "a", "--value", "@value"], &header[..]].concat());
        env.prints(way, &[&["register", "bearer-token", "b", "--header-value", "@value"], &header[..]].concat());
        let url = "https://idm.example.com/token";
        let id = ["--client-id", "me", "--scopes", "profile", "--scopes", "edit", "--token-url", url];
        env.prints(way, &[&["register", "client-credentials", "c", "--client-secret", "@value"], &id[..]].concat());
        env.prints(way, &["register", "certificate", "d", "--certificate", "@c.pem", "--private-key", "@c.key"]);
        env.prints(way, &["register", "key-value", "e", "--pair", "PORT=@value", "--pair", "K=generate:9"]);
        env.prints(way, &["register", "key-value", "f", "--file", "@x.env", "--expires", "+90d", "--write-only"]);
        let list = env.json(way, &["list"]);
        let types: Vec<&str> = list.as_array().unwrap().iter().map(|row| row["type"].as_str().unwrap()).collect();
        assert_eq!(types, ["api-key", "bearer-token", "client-credentials", "certificate", "key-value", "key-value"]);
        assert_eq!(env.prints(way, &["get", "a"]), "canary-1", "the line break of the file is not part of it");
        assert_eq!(env.prints(way, &["get", "c", "--field", "scopes"]), "profile edit");
        assert_eq!(env.prints(way, &["get", "strongroom://e/K"]).len(), 9);
        assert!(env.prints(way, &["get", "d"]).starts_with("-----BEGIN PRIVATE KEY-----"));
    }
}

#[test]
fn json_is_what_show_prints_and_holds_no_value() {
    let env = Env::ready(Way::Alone);
    env.write("value", "canary-1");
    let arguments = ["register", "api-key", "a", "--header-name", "X-Key", "--value", "@value", "--expires", "+9d"];
    let told = env.json(Way::Alone, &arguments);
    assert_eq!((told["type"].as_str(), told["status"].as_str()), (Some("api-key"), Some("expires-soon")));
    assert_eq!(told["fields"]["header_name"], "X-Key");
    assert_eq!(told["values"]["value"], 8);
    assert!(!told.to_string().contains("canary"));
}

#[test]
fn a_secret_in_the_command_line_is_refused_and_not_repeated() {
    let env = Env::ready(Way::Alone);
    for arguments in [
        &["register", "api-key", "a", "--header-name", "X", "--value", "canary-1"][..],
        &["register", "api-key", "a", "--header-name", "X", "--value=canary-1"],
        &["register", "key-value", "a", "--pair", "K=canary-1"],
        &["register", "certificate", "a", "--certificate", "@c", "--private-key", "canary-1"],
        &["edit", "a", "--value", "canary-1"],
    ] {
        let output = env.go(Way::Alone, arguments).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        if arguments[0] == "register" {
            assert!(output.status.code() == Some(2) && stderr.contains("history"), "{stderr}");
        }
        assert!(!stderr.contains("canary"), "{stderr}");
    }
    assert_eq!(env.json(Way::Alone, &["list"]).as_array().unwrap().len(), 0);
}

#[test]
fn standard_input_gives_the_value_after_the_passphrase() {
    let env = Env::ready(Way::Alone);
    let arguments = ["register", "api-key", "a", "--header-name", "X", "--value", "-", "--passphrase-file", "-"];
    env.run(&arguments).write_stdin("correct horse battery staple\nthe value\n").assert().success();
    assert_eq!(env.prints(Way::Alone, &["get", "a"]), "the value");
}

#[test]
fn a_value_that_is_empty_where_it_was_named_is_told_as_that() {
    let env = Env::ready(Way::Alone);
    env.write("empty", "\n");
    let register = |value: &'static str| ["register", "api-key", "a", "--header-name", "X", "--value", value];
    let says = "--value: standard input is empty. Put the value there.";
    env.refuses(Way::Alone, &register("-"), 2, says);
    env.refuses(Way::Alone, &register("@empty"), 2, "--value: empty is empty.");
    env.refuses(Way::Alone, &["register", "key-value", "a", "--pair", "K=-"], 2, "--pair K: standard input is empty.");
    env.register("a", "before");
    env.refuses(Way::Alone, &["edit", "a", "--value", "-"], 2, says);
    assert_eq!(env.prints(Way::Alone, &["get", "a"]), "before");
}

#[test]
fn a_path_without_its_sign_is_told_where_only_a_file_fits() {
    let env = Env::ready(Way::Alone);
    ["client.pem", "client.key", "app.env"].into_iter().for_each(|name| env.write(name, "x"));
    let alone = |arguments: &[&str], says: &str| env.refuses(Way::Alone, arguments, 2, says);
    let certificate = ["register", "certificate", "c", "--certificate", "client.pem"];
    alone(&certificate, "--certificate: write @ before the path of a file: --certificate @client.pem.");
    let key = ["register", "certificate", "c", "--certificate", "@client.pem", "--private-key", "client.key"];
    alone(&key, "--private-key @client.key.");
    alone(&["register", "key-value", "c", "--file", "app.env"], "--file @app.env.");
    let value = ["register", "api-key", "c", "--header-name", "X", "--value", "app.env"];
    alone(&value, "a secret is never taken from the command line");
}

#[test]
fn standard_input_and_a_descriptor_give_the_value() {
    let program = assert_cmd::cargo::cargo_bin!("strongroom").display().to_string();
    for way in WAYS {
        let env = Env::ready(way);
        let register = ["register", "api-key", "a", "--header-name", "X", "--value", "-"];
        env.go(way, &register).write_stdin("the value\n").assert().success();
        assert_eq!(env.prints(way, &["get", "a"]), "the value");
        let twice = ["register", "key-value", "b", "--pair", "A=-", "--pair", "B=-"];
        env.refuses(way, &twice, 2, "standard input gives one secret");
        let options = if way == Way::Alone { "--no-agent --passphrase-file pass" } else { "" };
        let line = format!("{program} register key-value c --pair K=fd:3 {options} 3< <(printf 'one\\ntwo\\n')");
        let home = env.path("");
        let status =
            Command::new("bash").args(["-c", &line]).env_clear().env("HOME", &home).current_dir(&home).status();
        assert!(status.unwrap().success());
        assert_eq!(env.prints(way, &["get", "c"]), "one\ntwo\n", "several lines stay as they are");
    }
}

#[test]
fn what_the_form_says_is_said_by_flag() {
    let env = Env::ready(Way::Alone);
    let alone = |arguments: &[&str], code, says: &str| env.refuses(Way::Alone, arguments, code, says);
    env.write("bad", "two\nlines");
    env.write("x.env", "no equals sign");
    alone(&["register", "api-key", "a", "--header-name", "X Y", "--value", "generate"], 2, "--header-name: ");
    alone(&["register", "api-key", " ", "--header-name", "X", "--generate"], 2, "Secret Name: ");
    let past = ["register", "api-key", "a", "--header-name", "X", "--generate", "--expires", "2020-01-01"];
    alone(&past, 2, "--expires: That day is past");
    let unclear = ["register", "api-key", "a", "--header-name", "X", "--generate", "--expires", "soon"];
    alone(&unclear, 2, "--expires: Write a date such as 2027-01-31, a period (+90d, +2w, +6m, +1y), or never.");
    alone(&["register", "api-key", "a", "--generate"], 2, "--header-name: Required");
    alone(&["register", "api-key", "a", "--header-name", "X", "--value", "@bad"], 1, "--value: ");
    alone(&["register", "key-value", "a", "--file", "@x.env"], 1, "--file: Line 1 has no =");
    alone(&["register", "key-value", "a", "--pair", "K=generate", "--pair", "K=generate"], 1, "--pair K: ");
    alone(&["register", "key-value", "a", "--pair", "K=generate", "--file", "@x.env"], 2, "not both");
    alone(&["register", "api-key", "a", "--header-name", "X", "--value", "@missing"], 10, "missing: ");
    alone(
        &["register", "api-key", "a", "--header-name", "X", "--value", "-", "--generate"],
        2,
        "Leave one of them away",
    );
    alone(&["register", "api-key", "a", "--header-name", "X"], 2, "--value @FILE");
    env.register("taken", "v");
    alone(&["register", "api-key", "taken", "--header-name", "X"], 14, "already");
}

#[test]
fn a_value_that_is_not_given_is_asked_for_and_not_shown() {
    let home = Home::with_vault();
    home.write("pass", crate::pty::home::PASSPHRASE);
    let arguments = ["--no-agent", "register", "api-key", "a", "--header-name", "X", "--passphrase-file", "pass"];
    let mut session = home.start(&arguments, (80, 24), &[]);
    session.wait_for("Value: ");
    session.send(format!("{}\r", "canary".repeat(400)));
    assert_eq!(session.wait_exit().exit_code(), 0);
    session.wait_for("Registered a, API Key.");
    assert!(!session.with_screen(|screen| screen.contents().contains("canary")));
    let got = home.run(&["--no-agent", "get", "a", "--passphrase-file", "pass"]);
    assert_eq!(got.stdout, "canary".repeat(400).as_bytes(), "longer than a passphrase may be");
}
