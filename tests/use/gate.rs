//! One gate: every way to use a secret, in every state that it can be in.

use std::fs;

use base64ct::{Base64, Encoding};
use strongroom::domain::BindingTarget;

use crate::env::Env;
use crate::server::{Server, answer};
use crate::terminal::at_terminal;
use crate::world::{
    STATES, VALUE, bind_in_state, client, door, fails, printed, refusal, register, shell, value, world,
};

/// A way to use the secret of a kind (`api-`, …) in a state, written `{}`; `$N` is a new name for a file each time. Those of the
/// kind `bound` are needed by `$A`. The helpers for git and docker, and the clipboard, have tests of their own.
const WAYS: [(&str, &str, &str); 10] = [
    ("get", "api", "$S get $P $X {} > $N"),
    ("get --out", "api", "$S get $P $X {} --out $N.out"),
    ("run", "api", "$S run $P $X --env A=strongroom://{}/value -- true"),
    ("run --file", "api", "$S run $P $X --file A=strongroom://{} -- true"),
    ("run --env-file", "api", "echo A=strongroom://{} > $N; $S run $P $X --env-file $N -- touch $N.out"),
    ("run --app", "bound", "$S run $P $X --app $A -- touch $N.out"),
    ("inject", "api", "printf '{{{{ strongroom://{} }}}}' | $S inject $P $X -i - -o $N.out"),
    ("curl-config", "api", "$S curl-config $P $X {} > $N"),
    ("cert", "cert", "$S cert $P $X {} --cert $N.out --key $N.key"),
    ("token", "token", "$S token $P $X {}"),
];

fn prepared() -> Env {
    let server = Server::start(|_| answer("200 OK", "", r#"{"access_token":"t","token_type":"Bearer"}"#));
    let env = world();
    let mut at = door(&env);
    for (state, _) in STATES {
        let url = format!("http://127.0.0.1:{}/token", server.port);
        register(&mut at, client(&format!("token-{state}"), &url), state);
    }
    drop(at);
    STATES.iter().for_each(|(state, _)| bind_in_state(&env, state, BindingTarget::Variable("A".into())));
    env
}

#[test]
fn every_way_asks_the_same_gate() {
    for agent in [false, true] {
        let env = prepared();
        if agent {
            printed(&env, agent, "$S unlock $P");
        }
        for (at, (way, kind, line)) in WAYS.iter().enumerate() {
            for (state, code) in STATES {
                let name = format!("{kind}-{state}");
                let of = |options: &str| {
                    let line = line.replace("{{{{", "{ {").replace("}}}}", "} }").replace("{}", &name);
                    let line = line.replace("{ {", "{{").replace("} }", "}}");
                    // The agent has the vault open.
                    let open = if agent { "P=; " } else { "" };
                    format!("{open}N=out-{at}-{agent}-{state}{options}; X={options}; A=app-{state}; {line}")
                };
                if code == 0 {
                    let output = shell(&env, agent, &of(""));
                    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
                    assert!(output.status.success(), "{way} {name}: {stderr}");
                    assert_eq!(stderr.contains("Warning: "), state == "soon", "{way} {name}: {stderr}");
                } else {
                    let needs = format!("app-{state}");
                    let why = refusal(&name, state, (*kind == "bound").then_some(&*needs));
                    fails(&env, agent, &of(""), code, &format!("strongroom: {why}\n"));
                    for left in ["out", "key"] {
                        assert!(!env.path(&format!("out-{at}-{agent}-{state}.{left}")).exists(), "{way} {name}");
                    }
                }
                if code == 0 {
                    continue;
                }
                // That overrides expiry, and nothing else.
                let code = if state == "expired" { 0 } else { code };
                let output = shell(&env, agent, &of("--allow-expired"));
                let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
                assert_eq!(output.status.code(), Some(code), "{way} {name} --allow-expired: {stderr}");
                if state == "expired" {
                    assert!(stderr.contains(&format!("{name} is expired, and is used all the same")), "{stderr}");
                }
            }
        }
        assert_eq!(printed(&env, false, "cat out-*-inactive 2>/dev/null | grep -v ^A=; true"), "");
    }
}

#[test]
fn the_clipboard_asks_it_too() {
    let mut room = [0; 128];
    for agent in ["--no-agent", ""] {
        let env = world();
        for (state, code) in STATES {
            let name = format!("api-{state}");
            let mut session = at_terminal(&env, &format!("$S {agent} get --passphrase-file pass -c {name}"));
            assert_eq!(session.wait_exit().exit_code(), u32::try_from(code).unwrap(), "{}", session.screen());
            let says = match code {
                0 => "Sent to the terminal's clipboard".to_owned(),
                _ => refusal(&name, state, None),
            };
            let says: String = says.split_whitespace().collect();
            session.wait_until(&says, |screen, _| {
                screen.contents().split_whitespace().collect::<String>().contains(&says)
            });
            let secret = value(&name);
            let sent = format!("\x1b]52;c;{}", Base64::encode(secret.as_bytes(), &mut room).unwrap());
            let bytes = session.bytes();
            assert_eq!(bytes.windows(sent.len()).any(|seen| seen == sent.as_bytes()), code == 0, "{name}");
            assert!(code == 0 || !bytes.windows(6).any(|seen| seen == b"\x1b]52;c"), "{name}");
        }
    }
}

#[test]
fn what_does_not_pass_is_left_out_of_an_export_and_named() {
    for agent in [false, true] {
        let env = world();
        for (file, how) in [("clear", "--plaintext --yes"), ("sealed", "--export-passphrase-file pass")] {
            let output = shell(&env, agent, &format!("$S export $P {how} {file}"));
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{said}");
            for (state, code) in STATES {
                let left_out = format!("Left out api-{state}: It is ");
                assert_eq!(said.contains(&left_out), code != 0, "{left_out}: {said}");
            }
            for (name, why) in [
                ("api-inactive", "Inactive since 2"),
                ("api-expired", "Expired since 2"),
                ("api-early", "not valid before 2"),
            ] {
                assert!(said.contains(&format!("Left out {name}: It is {why}")), "{said}");
            }
            assert!(said.contains("Left out api-hidden: It is write-only.\n"), "{said}");
            let left_out = said.matches("Left out ").count();
            assert!(said.contains(&format!("; left out {left_out}.")) && !said.contains(VALUE), "{said}");
        }
        let text = fs::read_to_string(env.path("clear")).unwrap();
        for (state, code) in STATES {
            assert_eq!(text.contains(&value(&format!("api-{state}"))), code == 0, "{state}");
        }
        assert!(!text.contains(&value("api-hidden")));
        let sealed = fs::read(env.path("sealed")).unwrap();
        assert!(!sealed.windows(VALUE.len()).any(|seen| seen == VALUE.as_bytes()));
    }
}
