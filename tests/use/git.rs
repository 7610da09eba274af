//! The helper for git, with a real git and a server that lets nobody in without the credential.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use base64ct::{Base64, Encoding};
use strongroom::domain::BindingTarget;

use crate::aloud::skip_for_want;
use crate::env::Env;
use crate::server::{Server, answer};
use crate::world::{STATES, VALUE, bind, bind_in_state, printed, refusal, shell, value, world};

/// What git is told in `asked`, by the helper.
fn told(env: &Env, agent: bool, asked: &str) -> (Option<i32>, String, String) {
    let output = shell(env, agent, &format!("printf '{asked}' | $S git-credential $P get"));
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), stdout, stderr)
}

fn host(name: &str) -> BindingTarget {
    BindingTarget::Host(name.into())
}

#[test]
fn hosts_that_are_bound_get_an_answer_and_no_others() {
    let env = world();
    bind(
        &env,
        "ci",
        &[(host("git.example.com"), "api-active", "value"), (host("ada@h:8443/group"), "api-soon", "value")],
    );
    bind(&env, "m2m", &[(host("idm"), "oauth-active", "client_secret")]);
    for agent in [false, true] {
        let (code, said, _) = told(&env, agent, "protocol=https\\nhost=git.example.com\\n\\n");
        assert_eq!((code, said), (Some(0), format!("username=git\npassword={}\n", value("api-active"))));
        let (_, said, _) = told(&env, agent, "protocol=https\\nhost=git.example.com\\nusername=bo\\n");
        assert!(said.starts_with("username=bo\n"), "{said}");
        let (_, said, warned) = told(&env, agent, "protocol=https\\nhost=h:8443\\npath=group/p.git\\n");
        assert!(said.starts_with("username=ada\n") && said.contains("\npassword_expiry_utc="), "{said}");
        assert!(warned.contains("api-soon expires in 9 days"), "{warned}");
        let (_, said, _) = told(&env, agent, "protocol=https\\nhost=idm\\n");
        assert!(said.starts_with("username=me & co\n"), "{said}");
        for (asked, why) in [
            ("protocol=https\\nhost=other\\n", ""),
            ("protocol=https\\nhost=git.example.com:444\\n", ""),
            ("protocol=https\\nhost=h:8443\\nusername=bo\\npath=group\\n", ""),
            ("protocol=https\\nhost=h:8443\\n", "only parts of h:8443 are bound"),
            ("protocol=http\\nhost=git.example.com\\n", "https"),
            ("protocol=smtp\\nhost=git.example.com\\n", "https"),
            ("", "https"),
        ] {
            let (code, said, warned) = told(&env, agent, asked);
            assert_eq!((code, &*said), (Some(0), ""), "{asked}");
            assert!(warned.contains(why), "{asked}: {warned}");
        }
        for kept in ["store", "erase"] {
            let line =
                format!("printf 'protocol=https\\nhost=git.example.com\\npassword=x\\n' | $S git-credential {kept}");
            assert_eq!(printed(&env, agent, &line), "");
        }
    }
}

#[test]
fn a_credential_that_is_refused_ends_git_and_another_question_does_not() {
    let env = world();
    STATES.iter().for_each(|(state, _)| bind_in_state(&env, state, host(&format!("{state}.example"))));
    for agent in [false, true] {
        for (state, code) in STATES {
            let (exit, said, warned) = told(&env, agent, &format!("protocol=https\\nhost={state}.example\\n"));
            assert_eq!(exit, Some(code), "{state}: {warned}");
            if code == 0 {
                assert!(said.contains(&value(&format!("bound-{state}"))), "{said}");
            } else {
                assert_eq!(said, "quit=1\n");
                let why = refusal(&format!("bound-{state}"), state, Some(&format!("app-{state}")));
                assert!(warned.contains(&why), "{why:?} is not in: {warned}");
            }
        }
    }
    // Locked, and nobody to ask.
    printed(&env, true, "$S lock 2>&1");
    let line = "printf 'protocol=https\\nhost=active.example\\n' | setsid $S git-credential get";
    let output = shell(&env, true, line);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(12), 0));
}

/// The files of a bare repository in which there is one commit, for servers that know nothing of git.
fn repository(env: &Env) {
    let make = "export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null; git init -q work && cd work && \
                echo hello > file && git add file && \
                git -c user.name=a -c user.email=a@b commit -qm one && cd .. && \
                git clone -q --bare work repo.git && git -C repo.git update-server-info";
    printed(env, false, make);
}

#[test]
fn git_clones_from_a_server_that_demands_the_credential() {
    const TEST: &str = "git_clones_from_a_server_that_demands_the_credential";
    if Command::new("git").arg("--version").output().is_err() {
        return skip_for_want(TEST, "there is no git");
    }
    let env = world();
    repository(&env);
    let mut room = [0; 256];
    let pair = format!("ada:{}", value("api-active"));
    let wanted = format!("Basic {}", Base64::encode(pair.as_bytes(), &mut room).unwrap());
    let root = env.path("");
    let server = Server::start(move |asked| match fs::read(root.join(asked.path().trim_start_matches('/'))) {
        _ if asked.header("authorization") != Some(&wanted) => {
            answer("401 Unauthorized", "WWW-Authenticate: Basic realm=\"test\"\r\n", "")
        }
        Ok(bytes) => answer("200 OK", "", bytes),
        Err(_) => answer("404 Not Found", "", ""),
    });
    bind(&env, "ci", &[(host(&format!("ada@127.0.0.1:{}", server.port)), "api-active", "value")]);
    symlink(assert_cmd::cargo::cargo_bin!("strongroom"), env.path("git-credential-strongroom")).unwrap();
    let clone = |helper: &str, to: &str| {
        format!(
            "export PATH=$PWD:$PATH GIT_CONFIG_SYSTEM=/dev/null GIT_TERMINAL_PROMPT=0 GIT_TRACE=1; \
             git -c credential.helper='{helper}' clone http://127.0.0.1:{}/repo.git {to} 2>trace",
            server.port
        )
    };
    let clones = [
        ("strongroom --no-agent --passphrase-file pass", "alone"),
        // Git adds what it wants at the end.
        ("!git-credential-strongroom --key-file key", "agent"),
    ];
    printed(&env, false, "$S slot add $P --key-file key");
    for (helper, to) in clones {
        printed(&env, false, &clone(helper, to));
        assert_eq!(fs::read_to_string(env.path(to).join("file")).unwrap(), "hello\n");
        // Git names what it runs, not what it was told.
        assert!(!fs::read_to_string(env.path("trace")).unwrap().contains(VALUE));
    }
    let refused = shell(&env, false, &clone("", "nobody"));
    assert!(!refused.status.success() && !env.path("nobody").exists(), "nobody else is let in");
}
