//! One gate: every way to use a secret, in every state that it can be in.

use crate::env::Env;
use crate::server::{Server, answer};
use crate::world::{STATES, client, door, fails, printed, register, shell, world};

/// A way to use the secret of a kind (`api-`, …) in a state, written `{}`; `$N` is a new name for a file each time.
const WAYS: [(&str, &str, &str); 6] = [
    ("run", "api", "$S run $P $X --env A=strongroom://{}/value -- true"),
    ("run --file", "api", "$S run $P $X --file A=strongroom://{} -- true"),
    ("inject", "api", "printf '{{{{ strongroom://{} }}}}' | $S inject $P $X -i - -o $N"),
    ("curl-config", "api", "$S curl-config $P $X {} > $N"),
    ("cert", "cert", "$S cert $P $X {} --cert $N --key $N.key"),
    ("token", "token", "$S token $P $X {}"),
];

fn prepared() -> Env {
    let server = Server::start(|_| answer("200 OK", "", r#"{"access_token":"t","token_type":"Bearer"}"#));
    let env = world();
    let mut door = door(&env);
    for (state, _) in STATES {
        let url = format!("http://127.0.0.1:{}/token", server.port);
        register(&mut door, client(&format!("token-{state}"), &url), state);
    }
    env
}

#[test]
fn every_way_asks_the_same_gate() {
    for agent in [false, true] {
        let env = prepared();
        for (at, (way, kind, line)) in WAYS.iter().enumerate() {
            for (state, code) in STATES {
                let name = format!("{kind}-{state}");
                let of = |options: &str| {
                    let line = line.replace("{{{{", "{ {").replace("}}}}", "} }").replace("{}", &name);
                    let line = line.replace("{ {", "{{").replace("} }", "}}");
                    format!("N=out-{at}-{agent}-{state}{options}; X={options}; {line}")
                };
                if code == 0 {
                    let output = shell(&env, agent, &of(""));
                    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
                    assert!(output.status.success(), "{way} {name}: {stderr}");
                    assert_eq!(stderr.contains("Warning: "), state == "soon", "{way} {name}: {stderr}");
                } else {
                    fails(&env, agent, &of(""), code, &name);
                    assert!(!env.path(&format!("out-{at}-{agent}-{state}.key")).exists());
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
        assert_eq!(printed(&env, false, "ls out-2-*-inactive 2>/dev/null; true"), "", "nothing is left of a refusal");
    }
}
