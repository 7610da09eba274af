//! `deactivate`, `reactivate`, `delete`, `show` and `list`: a secret from its first day to its last.

use crate::env::{Env, WAYS};
use crate::pty::home::{Home, PASSPHRASE};

#[test]
fn out_of_use_and_back() {
    for way in WAYS {
        let env = Env::ready(way);
        env.prints(way, &["register", "api-key", "a", "--header-name", "X", "--generate"]);
        assert_eq!(env.json(way, &["deactivate", "a"])["status"], "inactive");
        env.refuses(
            way,
            &["deactivate", "a"],
            1,
            "a: it is inactive already. Put it back in use with strongroom reactivate a.",
        );
        assert!(env.prints(way, &["show", "a"]).contains("Inactive since"));
        assert_eq!(env.json(way, &["reactivate", "a"])["status"], "active");
        env.refuses(way, &["reactivate", "a"], 1, "it is not inactive");
        env.refuses(way, &["delete", "a"], 2, "Add --yes.");
        env.refuses(way, &["delete", "nope"], 10, "there is no secret \"nope\"");
        let told = env.json(way, &["delete", "a", "--yes"]);
        assert!(told["status"] == "deleted" && told["gone"].is_string() && told["status_by"] == "Ada", "{told}");
        env.refuses(way, &["delete", "a", "--yes"], 1, "it is deleted, which cannot be undone");
        env.refuses(way, &["edit", "a", "--header-name", "Y"], 1, "a: it is deleted, which cannot be undone. Register");
        env.refuses(way, &["get", "a"], 13, "Its value is gone");
    }
}

#[test]
fn a_list_is_narrowed() {
    for way in WAYS {
        let env = Env::ready(way);
        let make = |arguments: &[&str]| env.prints(way, arguments);
        for name in ["GitHub-PAT", "github-app", "smtp"] {
            make(&["register", "api-key", name, "--header-name", "X", "--generate"]);
        }
        make(&["register", "key-value", "github-env", "--pair", "K=generate"]);
        make(&["deactivate", "smtp"]);
        let names = |arguments: &[&str]| -> Vec<String> {
            let list = env.json(way, &[&["list"], arguments].concat());
            list.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&["github"]), ["GitHub-PAT", "github-app", "github-env"]);
        assert_eq!(names(&["PAT"]), ["GitHub-PAT"]);
        assert_eq!(names(&["hub", "p"]), ["GitHub-PAT", "github-app"]);
        assert_eq!(names(&["--type", "key-value"]), ["github-env"]);
        assert_eq!(names(&["--status", "inactive"]), ["smtp"]);
        assert_eq!(names(&["nothing"]), [""; 0]);
        env.refuses(way, &["list", "--type", "x"], 2, "[possible values: api-key, bearer-token");
        env.refuses(way, &["list", "--status", "x"], 2, "[possible values: active, expires-soon");
    }
}

#[test]
fn a_terminal_asks_for_the_name_before_it_deletes() {
    let home = Home::with_vault();
    home.write("pass", PASSPHRASE);
    let with_pass = |arguments: &[&'static str]| [&["--no-agent"], arguments, &["--passphrase-file", "pass"]].concat();
    let registered = home.run(&with_pass(&["register", "api-key", "a", "--header-name", "X", "--generate"]));
    assert!(registered.status.success());
    for (answer, code, says) in [
        ("b\r", 3, "nothing was deleted"),
        ("\x03", 3, "given up: nothing was changed"),
        ("half\x03", 3, "given up"),
        ("\x04", 3, "given up"),
        ("b\x7fa\r", 0, "Deleted a: its value is gone."),
    ] {
        let mut session = home.start(&with_pass(&["delete", "a"]), (80, 24), &[]);
        session.wait_for("Type a to delete it: ");
        session.send(answer);
        assert_eq!(session.wait_exit().exit_code(), code);
        session.wait_for(says);
    }
}

#[test]
fn generate_needs_no_vault() {
    let env = Env::new();
    let value = env.stdout(&["generate"]);
    assert!(value.len() == 32 && value.chars().all(|c| c.is_ascii_alphanumeric()), "{value}");
    assert_eq!(env.stdout(&["generate", "--length", "7"]).len(), 7);
    assert_ne!(env.stdout(&["generate"]), value);
    env.fails(&["generate", "--length", "0"], 2, "--length");
}
