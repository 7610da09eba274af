//! `get`: the bytes as they are, or not at all.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::env::{Env, WAYS};
use crate::pty::home::{Home, PASSPHRASE};

#[test]
fn a_pipe_gets_the_bytes_and_none_besides() {
    for way in WAYS {
        let env = Env::ready(way);
        let bytes = [0xff, 0, b'\n', 0x1b, b'[', b'2', b'J', b'\n', b'x', b'\n'];
        fs::write(env.path("v"), bytes).unwrap();
        env.prints(way, &["register", "key-value", "a", "--pair", "K=@v"]);
        assert_eq!(env.go(way, &["get", "a"]).output().unwrap().stdout, bytes);
        env.prints(way, &["get", "a", "--out", "out"]);
        assert_eq!(fs::read(env.path("out")).unwrap(), bytes);
        assert_eq!(fs::metadata(env.path("out")).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(env.path("out"), "mine").unwrap();
        env.refuses(way, &["get", "a", "--out", "out"], 14, "there is a file already");
        assert_eq!(fs::read(env.path("out")).unwrap(), b"mine");
        env.refuses(way, &["get", "a", "--out", "no/where"], 10, "no/where");
    }
}

#[test]
fn a_script_gets_json_that_says_what_it_is() {
    for way in WAYS {
        let env = Env::ready(way);
        env.write("v", "a \"value\"\nof two lines");
        env.prints(way, &["register", "key-value", "a", "--pair", "K=@v"]);
        let told = env.json(way, &["get", "a"]);
        assert_eq!((&told["name"], &told["field"], &told["status"]), (&"a".into(), &"K".into(), &"active".into()));
        assert_eq!((&told["value"], &told["revision"]), (&"a \"value\"\nof two lines".into(), &1.into()));
        assert_eq!(told["id"], env.json(way, &["show", "a"])["id"]);
        fs::write(env.path("v"), [0xff, 0xfe]).unwrap();
        env.prints(way, &["edit", "a", "--pair", "K=@v"]);
        env.refuses(way, &["get", "a", "--json"], 1, "a: its field K is no text, as JSON is. Leave --json away.");
        assert_eq!(env.json(way, &["get", "a", "--revision", "1"])["revision"], 1);
        env.refuses(way, &["get", "a", "--json", "--out", "x"], 2, "cannot be used with");
        let generated: serde_json::Value =
            serde_json::from_str(&env.stdout(&["generate", "--length", "7", "--json"])).unwrap();
        assert_eq!(generated["value"].as_str().map(str::len), Some(7));
    }
}

#[test]
fn what_is_not_there_or_not_clear_is_said() {
    for way in WAYS {
        let env = Env::ready(way);
        env.prints(way, &["register", "key-value", "a", "--pair", "K=generate", "--pair", "L=generate"]);
        env.refuses(way, &["get", "nothing"], 10, "there is no secret \"nothing\". See strongroom list.");
        env.refuses(way, &["get", "a"], 2, "has several fields: K, L");
        env.refuses(way, &["get", "a", "--field", "M"], 10, "has no field \"M\"; it has K, L");
        env.refuses(way, &["get", "strongroom://a/K", "--field", "L"], 2, "Leave one of them away");
        env.refuses(way, &["get", "strongroom://a/b/c"], 2, "%2F");
        assert_eq!(env.prints(way, &["get", "strongroom://a/K", "--field", "K"]).len(), 32);
        env.prints(way, &["register", "api-key", "w", "--header-name", "X", "--generate", "--write-only"]);
        env.refuses(way, &["get", "w"], 15, "write-only");
    }
}

#[test]
fn what_expires_soon_passes_with_a_warning_and_what_is_inactive_does_not_pass() {
    for way in WAYS {
        let env = Env::ready(way);
        env.prints(way, &["register", "api-key", "a", "--header-name", "X", "--generate=8", "--expires", "+9d"]);
        let output = env.go(way, &["get", "a"]).assert().success().get_output().clone();
        assert_eq!(output.stdout.len(), 8);
        let warning = String::from_utf8(output.stderr).unwrap();
        assert!(warning.starts_with("Warning: a expires in 9 days.") && warning.lines().count() == 1, "{warning}");
        env.prints(way, &["deactivate", "a"]);
        env.refuses(way, &["get", "a"], 13, "a is Inactive since ");
        env.refuses(way, &["get", "a", "--allow-expired"], 13, " by Ada. Reactivate it with strongroom reactivate a.");
        env.refuses(way, &["get", "a", "--clip"], 1, "there is no terminal");
    }
}

fn ready_home() -> Home {
    let home = Home::with_vault();
    home.write("pass", PASSPHRASE);
    home.write("v", "one\x1b]0;title\x07\u{202e}two");
    let registered =
        home.run(&["--no-agent", "register", "key-value", "a", "--pair", "K=@v", "--passphrase-file", "pass"]);
    assert!(registered.status.success(), "{registered:?}");
    home
}

#[test]
fn a_terminal_gets_nothing_that_it_would_obey() {
    let home = ready_home();
    let mut session = home.start(&["--no-agent", "get", "a", "--passphrase-file", "pass"], (80, 24), &[]);
    assert_eq!(session.wait_exit().exit_code(), 0);
    session.wait_for(r"one\u{001b}]0;title\u{0007}\u{202e}two");
    session.wait_for("Not all of it can be shown");
}

#[test]
fn the_clipboard_is_filled_and_overwritten() {
    let home = ready_home();
    let mut session = home.start(&["--no-agent", "get", "-c", "a", "--passphrase-file", "pass"], (80, 24), &[]);
    session.wait_until("the value in OSC 52", |_, bytes| {
        let base64 = "b25lG10wO3RpdGxlB+KArnR3bw==";
        bytes.windows(base64.len()).any(|window| window == base64.as_bytes())
    });
    assert_eq!(session.wait_exit().exit_code(), 0);
    session.wait_for("Sent to the terminal's clipboard for 45 s.");
    let mut later = home.start(&["clear-clipboard", "0"], (80, 24), &[]);
    later.wait_until("a blank in OSC 52", |_, bytes| bytes.windows(12).any(|window| window == b"\x1b]52;c;IA==\x07"));
    assert_eq!(later.wait_exit().exit_code(), 0);
    let mut console = home.start(&["get", "-c", "a"], (80, 24), &[("TERM", "linux")]);
    assert_eq!(console.wait_exit().exit_code(), 1);
    console.wait_for("the Linux console has no clipboard");
}
