//! `strongroom slot`, and the machine key that it makes.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::env::Env;

const ADD: [&str; 5] = ["slot", "add", "--key-file", "key", "--passphrase-file"];

/// A vault with a machine key in the file `key`; gives the slot's id.
fn with_key() -> (Env, String) {
    let (env, _) = Env::with_vault();
    env.stdout(&[&ADD[..], &["pass", "--label", "nightly"]].concat());
    let id = machine(&env)["id"].as_str().unwrap().to_owned();
    (env, id)
}

/// The machine slot, as `slot list --json` tells of it.
fn machine(env: &Env) -> serde_json::Value {
    let slots: serde_json::Value =
        serde_json::from_str(&env.stdout(&["slot", "list", "--json", "--key-file", "key"])).unwrap();
    let slots = slots.as_array().unwrap();
    assert_eq!(slots.len(), 3);
    slots.iter().find(|slot| slot["kind"] == "machine-key").unwrap().clone()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// How many slots there are.
fn slots(env: &Env) -> usize {
    env.stdout(&["slot", "list", "--passphrase-file", "pass"]).lines().count() - 1
}

#[test]
fn a_machine_key_opens_the_vault_until_it_is_removed() {
    let (env, id) = with_key();
    env.register("kept", "value-1");
    assert_eq!(mode(&env.path("key")), 0o600);
    let text = fs::read_to_string(env.path("key")).unwrap();
    assert!(text.starts_with("strongroom machine key 1\n") && text.lines().count() == 2, "{text}");
    let slot = machine(&env);
    assert_eq!((&slot["label"], &slot["member"]), (&"nightly".into(), &"Ada".into()));
    let table = env.stdout(&["slot", "list", "--key-file", "key"]);
    assert!(table.contains(&id) && table.contains("machine key") && table.contains("Ada, nightly"), "{table}");

    assert!(env.stdout(&["list", "--key-file", "key"]).contains("kept"));
    env.stdout(&["backup", "safe", "--key-file", "key"]);
    let report = env.stdout(&["doctor", "--key-file", "key"]);
    assert!(report.contains(&format!("machine keys: {id} (nightly)")) && !report.contains("BROKEN"), "{report}");

    env.stdout(&["slot", "remove", &id, "--passphrase-file", "pass"]);
    env.fails(
        &["list", "--key-file", "key"],
        11,
        "that machine key does not open this vault. It may have been removed",
    );
    env.fails(&["slot", "remove", &id, "--passphrase-file", "pass"], 10, "See strongroom slot list.");
    assert!(env.stdout(&["list", "--passphrase-file", "pass"]).contains("kept"));

    // The backup is of before: so are its keys, and that is said.
    let restored = env.run(&["restore", "safe", "--yes", "--key-file", "key"]).assert().success().get_output().clone();
    assert!(String::from_utf8(restored.stderr).unwrap().contains("removed since or not: 1. See strongroom slot list."));
    env.stdout(&["list", "--key-file", "key"]);
}

#[test]
fn a_new_passphrase_leaves_it_and_says_so() {
    let (env, _) = with_key();
    env.write("new", "a lamp under nine green stairs\n");
    let change = ["passphrase", "--passphrase-file", "pass", "--new-passphrase-file", "new"];
    let changed = env.run(&change).assert().success().get_output().clone();
    assert!(
        String::from_utf8(changed.stderr).unwrap().contains("open the vault as before: 1. See strongroom slot list.")
    );
    assert_eq!(machine(&env)["label"], "nightly");
}

#[test]
fn the_key_is_nowhere_but_in_its_file() {
    let (env, _) = with_key();
    let key = fs::read_to_string(env.path("key")).unwrap().lines().nth(1).unwrap().to_owned();
    let groups: Vec<&str> = key.split('-').collect();
    let has = |bytes: &[u8], text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let mut looked_into = 0;
    let mut folders = vec![env.path("")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path != env.path("key") {
                let bytes = fs::read(&path).unwrap();
                assert!(!has(&bytes, &key) && !has(&bytes, &groups.concat()), "in {}", path.display());
                looked_into += 1;
            }
        }
    }
    assert!(looked_into > 5);
    for args in
        [&["list", "--key-file", "key"][..], &["slot", "list", "--key-file", "key"], &["doctor", "--key-file", "key"]]
    {
        let output = env.run(args).output().unwrap();
        assert!(!has(&output.stdout, groups[3]) && !has(&output.stderr, groups[3]));
    }
}

#[test]
fn nothing_is_written_over_and_no_slot_stays_without_a_file() {
    let (env, _) = Env::with_vault();
    env.write("key", "mine");
    env.fails(&[&ADD[..], &["pass"]].concat(), 14, "key: there is a file already");
    symlink("nowhere", env.path("link")).unwrap();
    env.fails(&["slot", "add", "--key-file", "link", "--passphrase-file", "pass"], 14, "link: there is a file already");
    env.fails(&["slot", "add", "--key-file", "no/dir", "--passphrase-file", "pass"], 10, "no/dir");
    fs::remove_file(env.path("key")).unwrap();
    env.fails(&[&ADD[..], &["pass", "--label", ""]].concat(), 1, "label");
    env.write("wrong", "not the passphrase\n");
    env.fails(&[&ADD[..], &["wrong"]].concat(), 11, "does not open this vault");
    assert!(!env.path("key").exists(), "a file without a key is no use");
    assert_eq!(slots(&env), 2);
}

#[test]
fn a_slot_whose_key_cannot_be_kept_is_taken_back() {
    let (env, _) = Env::with_vault();
    fs::create_dir(env.path("dir")).unwrap();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("strongroom"));
    command
        .args(["--no-agent", "slot", "add", "--key-file", "dir/key", "--passphrase-file", "pass"])
        .stderr(Stdio::piped());
    let child = command.env_clear().env("HOME", env.path("")).current_dir(env.path("")).spawn().unwrap();
    // The passphrase is being stretched once more while the file waits for its key: now its directory goes.
    let limit = Instant::now() + Duration::from_secs(60);
    while !env.path("dir/key").exists() {
        assert!(Instant::now() < limit, "no file was made");
        thread::sleep(Duration::from_millis(1));
    }
    fs::remove_dir_all(env.path("dir")).unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(10) && stderr.contains("dir: there is no such file"), "{output:?}");
    assert_eq!(slots(&env), 2);
}

#[test]
fn a_key_file_that_is_none_or_not_private_is_refused() {
    let (env, _) = with_key();
    let key = env.path("key");
    let list = ["list", "--key-file", "key"];
    for exposed in [0o640, 0o604, 0o620] {
        fs::set_permissions(&key, fs::Permissions::from_mode(exposed)).unwrap();
        env.fails(&list, 1, &format!("key: open to other users (mode {exposed:o}, must be 600)."));
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o400)).unwrap();
    env.stdout(&list);
    symlink("key", env.path("link")).unwrap();
    env.fails(&["list", "--key-file", "link"], 1, "link: not a regular file.");
    env.fails(&["list", "--key-file", "missing"], 10, "missing: there is no such file");
    env.fails(&["list", "--key-file", "."], 1, "not a regular file");
    let private = |name: &str, text: &str| {
        env.write(name, text);
        fs::set_permissions(env.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    };
    private("words", "correct horse battery staple\n");
    env.fails(&["list", "--key-file", "words"], 11, "words: this is not a machine key.");
    let text = fs::read_to_string(&key).unwrap();
    private("cut", &text[..60]);
    env.fails(&["list", "--key-file", "cut"], 11, "the machine key is cut or was changed. Make a new one");
    private("big", &text.repeat(3));
    env.fails(&["list", "--key-file", "big"], 1, "big: larger than");
    private("later", &text.replace("key 1", "key 2"));
    env.fails(&["list", "--key-file", "later"], 11, "this version of strongroom does not know");
    // Where a passphrase is read it is none.
    env.fails(&["list", "--passphrase-file", "key"], 11, "key: it holds a machine key, which is no passphrase");
}

#[test]
fn what_takes_the_passphrase_takes_no_key() {
    let (env, id) = with_key();
    for args in [&["recovery-key"][..], &["passphrase"], &["slot", "remove", &id]] {
        env.fails(&[args, &["--key-file", "key"]].concat(), 2, "--key-file");
    }
    env.fails(&["slot", "remove", "nonsense", "--passphrase-file", "pass"], 2, "10 hex digits");
    let list = env.stdout(&["slot", "list", "--json", "--key-file", "key"]);
    let slots: serde_json::Value = serde_json::from_str(&list).unwrap();
    for (kind, says) in [("passphrase", "strongroom passphrase."), ("recovery-key", "strongroom recovery-key.")] {
        let slot = slots.as_array().unwrap().iter().find(|slot| slot["kind"] == kind).unwrap();
        env.fails(&["slot", "remove", slot["id"].as_str().unwrap(), "--passphrase-file", "pass"], 1, says);
    }
}
