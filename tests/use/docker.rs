//! The helper for docker, by the protocol that it speaks with helpers.

use std::os::unix::fs::symlink;

use strongroom::domain::BindingTarget;

use crate::env::Env;
use crate::world::{STATES, VALUE, bind, bind_in_state, printed, refusal, shell, value, world};

/// What the helper says, by its own name.
fn says(env: &Env, agent: bool, asked: &str, wanted: &str) -> (Option<i32>, String) {
    let alone = if agent { "" } else { "--no-agent" };
    let line = format!("printf '{asked}' | ./docker-credential-strongroom {alone} $P {wanted} 2>/dev/null");
    let output = shell(env, agent, &line);
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn with_helper() -> Env {
    let env = world();
    symlink(assert_cmd::cargo::cargo_bin!("strongroom"), env.path("docker-credential-strongroom")).unwrap();
    env
}

fn host(name: &str) -> BindingTarget {
    BindingTarget::Host(name.into())
}

#[test]
fn docker_is_told_what_servers_are_bound_to() {
    let env = with_helper();
    bind(
        &env,
        "hub",
        &[(host("ada@index.docker.io"), "api-active", "value"), (host("r:5000"), "oauth-active", "client_secret")],
    );
    bind(&env, "nameless", &[(host("nameless"), "api-active", "value")]);
    for agent in [false, true] {
        let json = |said: &str| serde_json::from_str::<serde_json::Value>(said).unwrap();
        let (code, said) = says(&env, agent, "https://index.docker.io/v1/\\n", "get");
        assert_eq!(code, Some(0), "{said}");
        let expected = serde_json::json!({ "ServerURL": "https://index.docker.io/v1/", "Username": "ada", "Secret": value("api-active") });
        assert_eq!(json(&said), expected);
        let (_, said) = says(&env, agent, "r:5000", "get");
        assert_eq!(
            (&json(&said)["Username"], &json(&said)["Secret"]),
            (&"me & co".into(), &value("oauth-active").into())
        );
        let (_, said) = says(&env, agent, "", "list");
        let servers = serde_json::json!({ "https://index.docker.io": "ada", "https://nameless": "", "https://r:5000": "me & co" });
        assert_eq!(json(&said), servers);
        for (asked, wanted, says_so) in [
            ("https://other", "get", "credentials not found in native keychain\n"),
            ("http://index.docker.io", "get", "nothing goes to http://index.docker.io: "),
            ("https://nameless", "get", "nobody says who logs in there"),
            ("{}", "store", "strongroom keeps nothing that docker hands over"),
            ("https://r:5000", "erase", "strongroom keeps nothing that docker hands over"),
        ] {
            let (code, said) = says(&env, agent, asked, wanted);
            assert!(code == Some(1) && said.contains(says_so), "{asked}: {code:?} {said}");
        }
    }
}

#[test]
fn docker_is_told_why_it_gets_nothing() {
    let env = with_helper();
    STATES.iter().for_each(|(state, _)| bind_in_state(&env, state, host(&format!("ada@{state}.example"))));
    for agent in [false, true] {
        for (state, code) in STATES {
            let (exit, said) = says(&env, agent, &format!("{state}.example"), "get");
            assert_eq!(exit, Some(code), "{state}: {said}");
            assert_eq!(said.contains(VALUE), code == 0, "{said}");
            if code != 0 {
                let why = refusal(&format!("bound-{state}"), state, Some(&format!("app-{state}")));
                assert_eq!(said, format!("{why}\n"));
            }
        }
    }
    assert_eq!(says(&env, false, "active.example", "get").0, Some(12), "docker reads that the agent has it");
    printed(&env, true, "$S lock 2>&1");
}
