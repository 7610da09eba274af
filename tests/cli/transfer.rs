//! `strongroom import` and `strongroom export`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use crate::aloud;
use crate::env::{Env, WAYS, Way};

const OPEN: [&str; 2] = ["--passphrase-file", "pass"];

/// What an import says on stderr, run either way.
fn import(env: &Env, agent: bool, args: &[&str]) -> String {
    let args = [&["import"], args, &OPEN].concat();
    let mut command = if agent { env.through_agent(&args) } else { env.run(&args) };
    let output = command.assert().success().get_output().clone();
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

fn names(env: &Env) -> Vec<String> {
    let rows: serde_json::Value =
        serde_json::from_str(&env.stdout(&[&["list", "--json"][..], &OPEN].concat())).unwrap();
    rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_table_is_imported_and_what_is_not_is_told() {
    for agent in [false, true] {
        let (env, _) = Env::with_vault();
        env.register("taken", "x");
        env.write(
            "secrets.csv",
            "name,type,header_name,value,REGION\n\
             gateway,api-key,X-Key,s3cret,\n\
             shop,,,,eu\n\
             shop,,,,us\n\
             taken,,,,eu\n\
             broken,api-key,no token,s3cret,\n\
             \u{1b}[31mred,,,,eu\n",
        );
        let dry = import(&env, agent, &["csv", "secrets.csv", "--dry-run"]);
        assert!(dry.contains("Would import 2; skipped 4."), "{dry}");
        let named: Vec<&str> = dry.lines().filter(|line| line.starts_with("Would import ")).collect();
        assert_eq!(named[..2], ["Would import gateway", "Would import shop"]);
        let report = import(&env, agent, &["csv", "secrets.csv"]);
        for line in [
            "Skipped shop, line 4: There is another one of that name before it.",
            "Skipped taken, line 5: There is a secret of that name already.",
            "Skipped broken, line 6: Its field header_name: ",
            "Imported 2; skipped 4.",
            "The file holds the values in the clear still",
        ] {
            assert!(report.contains(line), "{line:?} is not in {report}");
        }
        assert!(!report.contains('\u{1b}') && !report.contains("s3cret"), "{report}");
        env.through_agent(&["lock"]).assert().success();
        assert_eq!(names(&env), ["gateway", "shop", "taken"]);
    }
}

#[test]
fn the_report_can_be_json_and_the_file_standard_input() {
    let (env, _) = Env::with_vault();
    let mut command = env.run(&[&["import", "dotenv", "-", "--name", "web", "--json"][..], &OPEN].concat());
    let output = command.write_stdin("A=1\nB=\n").assert().success().get_output().clone();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = serde_json::json!({
        "dry_run": false, "imported": 1, "skipped": [{ "name": "web, B", "reason": "It has no value." }]
    });
    assert_eq!(report, expected);
    assert_eq!(names(&env), ["web"]);
    env.write("prod.env", "A=1\nB=s3cret\n");
    let dry = import(&env, false, &["dotenv", "prod.env", "--dry-run"]);
    assert!(dry.starts_with("Would import prod: A, B\n") && !dry.contains("s3cret"), "{dry}");
    import(&env, false, &["dotenv", "prod.env"]);
    assert_eq!(names(&env), ["prod", "web"]);
}

#[test]
fn a_period_in_a_table_begins_today() {
    let (env, _) = Env::with_vault();
    env.write("secrets.csv", "name,expires,REGION\na,+90d,eu\nb,90d,eu\n");
    let report = import(&env, false, &["csv", "secrets.csv"]);
    assert!(report.contains("Skipped b, line 3: Its expiration date cannot be taken. Put a plus before"), "{report}");
    let told: serde_json::Value =
        serde_json::from_str(&env.stdout(&[&["show", "a", "--json"][..], &OPEN].concat())).unwrap();
    assert!(told["expires"].is_string(), "{told}");
}

#[test]
fn what_is_no_such_file_is_refused_and_nothing_stored() {
    let (env, _) = Env::with_vault();
    env.write("bad", "[{\n");
    let try_ = |args: &[&str], code, says| env.fails(&[&["import"], args, &OPEN].concat(), code, says);
    try_(&["json", "bad"], 1, "this is not what strongroom exports as JSON. Nothing was imported.");
    try_(&["bitwarden", "bad"], 1, "this is not what Bitwarden exports as JSON");
    try_(&["keepass", "bad"], 1, "There is no column Title");
    try_(&["csv", "missing"], 10, "missing: there is no such file");
    try_(&["csv"], 2, "name the file to import");
    assert!(names(&env).is_empty());
}

#[test]
fn an_export_opens_with_its_own_passphrase_in_another_vault() {
    for way in WAYS {
        let env = Env::ready(way);
        env.write("value", "value-of-gateway");
        env.prints(way, &["register", "api-key", "gateway", "--header-name", "X", "--value", "@value"]);
        env.write("export-pass", "another passphrase entirely\n");
        let options = ["--export-passphrase-file", "export-pass"];
        let export = [&["export", "out"][..], &options].concat();
        let said = env.remarks(way, &export);
        assert!(said.contains("Exported 1 secret, encrypted, to out; left out 0."), "{said}");
        assert_eq!(fs::metadata(env.path("out")).unwrap().permissions().mode() & 0o777, 0o600);
        let bytes = fs::read(env.path("out")).unwrap();
        assert!(!bytes.windows(7).any(|seen| seen == b"gateway"));
        env.refuses(way, &export, 14, "out: there is a file already");
        let says = "the passphrase for the export is needed, and there is no terminal to ask at. Put it into the first line \
                    of a file: --export-passphrase-file F.";
        env.refuses(way, &["export", "other"], 2, says);

        let other = Env::ready(way);
        fs::copy(env.path("out"), other.path("out")).unwrap();
        other.write("export-pass", "another passphrase entirely\n");
        other.refuses(way, &["import", "strongroom", "out", "--export-passphrase-file", "pass"], 11, "does not open");
        other.prints(way, &["import", "strongroom", "out", "--export-passphrase-file", "export-pass"]);
        assert_eq!(other.prints(way, &["get", "gateway"]), "value-of-gateway");
        let no_export = [&["import", "strongroom", "pass"][..], &options].concat();
        other.refuses(way, &no_export, 1, "not an encrypted export");
    }
}

#[test]
fn a_plaintext_export_wants_a_yes_and_is_read_again() {
    for way in WAYS {
        let env = Env::ready(way);
        env.write("value", "value-of-gateway");
        env.prints(way, &["register", "api-key", "gateway", "--header-name", "X", "--value", "@value"]);
        env.refuses(way, &["export", "out", "--plaintext"], 2, "Add --yes");
        env.refuses(way, &["export", "-", "--plaintext", "--yes"], 2, "an export goes to a file");
        assert!(!env.path("out").exists());
        env.prints(way, &["export", "out", "--plaintext", "--yes"]);
        assert_eq!(fs::metadata(env.path("out")).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::read_to_string(env.path("out")).unwrap().contains("value-of-gateway"));
        let other = Env::ready(way);
        fs::copy(env.path("out"), other.path("out.json")).unwrap();
        other.prints(way, &["import", "json", "out.json"]);
        assert_eq!(other.prints(way, &["get", "gateway"]), "value-of-gateway");
    }
}

/// gpg with a key of its own, and the store of pass in `.password-store`.
fn pass_store(env: &Env) -> bool {
    let run = |script: &str| {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).env_clear().env("HOME", env.path("")).env("PATH", "/usr/bin:/bin");
        shell.current_dir(env.path("")).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    };
    run("gpg --batch --pinentry-mode loopback --passphrase '' --quick-gen-key test@example.org default default never")
        && run("pass init test@example.org && printf 's3cret\\nlogin: ada\\nnote\\n' | pass insert -m web/shop")
        && run("printf '\\n' | pass insert -m empty; echo no gpg > .password-store/broken.gpg")
        && run("ln -s shop.gpg .password-store/web/link.gpg")
}

#[test]
fn a_store_of_pass_is_imported_through_gpg() {
    let (env, _) = Env::with_vault();
    if !pass_store(&env) {
        return aloud::skip_for_want("import pass", "pass and gpg");
    }
    let import = ["import", "pass"];
    // With no way to gpg nothing is stored; then alone, and, once that is deleted, through the agent.
    env.go(Way::Alone, &import).env("PATH", "/nowhere").assert().code(1);
    for way in WAYS {
        if way == Way::Agent {
            env.through_agent(&["unlock", "--passphrase-file", "pass"]).assert().success();
        }
        let output = env.go(way, &import).env("PATH", "/usr/bin:/bin").assert().success().get_output().clone();
        let report = String::from_utf8(output.stderr).unwrap();
        for line in [
            "Imported 1; skipped 3.",
            "Skipped broken: gpg does not decrypt it",
            "Skipped empty: It has no value.",
            "links are not followed",
        ] {
            assert!(report.contains(line), "{line:?} is not in {report}");
        }
        assert!(!report.contains("s3cret"));
        assert_eq!(env.prints(way, &["list", "--status", "active"]).matches("web/shop").count(), 1);
        env.prints(way, &["delete", "web/shop", "--yes"]);
    }
    let kill = Command::new("gpgconf").args(["--kill", "all"]).env("HOME", env.path("")).status();
    assert!(kill.unwrap().success());
}
