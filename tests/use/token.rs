//! `token`, with a token server on loopback: good, refusing, slow, and worse.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::env::Env;
use crate::server::{Server, answer};
use crate::world::{client, door, fails, printed, register, shell, value, world};

/// A token server, and a home with a client of it, called `client`.
fn with_server(say: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> (Env, Server) {
    let times = AtomicUsize::new(0);
    let server = Server::start(move |_| say(times.fetch_add(1, Ordering::SeqCst)));
    let env = world();
    register(&mut door(&env), client("client", &format!("http://127.0.0.1:{}/token", server.port)), "active");
    (env, server)
}

fn granted(token: &str, expires_in: &str) -> Vec<u8> {
    let body = format!(r#"{{"access_token":"{token}","token_type":"bearer"{expires_in}}}"#);
    answer("200 OK", "Content-Type: application/json\r\n", body)
}

#[test]
fn client_credentials_become_a_token() {
    let (env, server) = with_server(|n| granted(&format!("token-{n}"), ",\"expires_in\":3600"));
    assert_eq!(printed(&env, false, "$S token $P client"), "token-0\n");
    let told: serde_json::Value = serde_json::from_str(&printed(&env, false, "$S token $P --json client")).unwrap();
    assert_eq!((&told["access_token"], &told["token_type"]), (&"token-1".into(), &"Bearer".into()));
    assert!((3590..=3600).contains(&told["expires_in"].as_i64().unwrap()), "{told}");
    let asked = &server.seen()[0];
    assert_eq!((asked.path(), &*asked.body), ("/token", "grant_type=client_credentials&scope=read+write"));
    // "me & co" and the secret, each encoded for a form, then both in base64.
    let secret = value("client");
    let basic = base64(format!("me+%26+co:{secret}").as_bytes());
    assert_eq!(asked.header("authorization"), Some(format!("Basic {basic}").as_str()));
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
}

fn base64(bytes: &[u8]) -> String {
    let mut room = [0; 256];
    <base64ct::Base64 as base64ct::Encoding>::encode(bytes, &mut room).unwrap().to_owned()
}

#[test]
fn the_agent_keeps_a_token_until_it_expires() {
    let (env, server) =
        with_server(|n| granted(&format!("token-{n}"), if n == 2 { "" } else { ",\"expires_in\":3600" }));
    let token = |options: &str| printed(&env, true, &format!("$S token $P {options} client"));
    assert_eq!([token(""), token(""), token("--json")].map(|said| said.contains("token-0")), [true; 3]);
    assert_eq!(server.seen().len(), 1);
    assert_eq!([token("--anew"), token("")], ["token-1\n", "token-1\n"]);
    // One without an end is not kept: the one before it is.
    assert_eq!([token("--anew"), token("")], ["token-2\n", "token-1\n"]);
    printed(&env, true, "$S lock 2>&1");
    assert_eq!(token(""), "token-3\n", "a lock forgets it");
}

#[test]
fn what_is_no_token_is_told_and_never_quoted() {
    for (said, says) in [
        (
            answer(
                "401 Unauthorized",
                "",
                r#"{"error":"invalid_client","error_description":"no\u001b[31m such client"}"#,
            ),
            "it refused: invalid_client: no\u{fffd}[31m such client",
        ),
        (answer("500 Oops", "", "canary-71e0c4"), "it answered with HTTP status 500"),
        (answer("200 OK", "", "canary-71e0c4 {"), "its answer is not what RFC 6749 says"),
        (answer("200 OK", "", r#"{"access_token":"canary-71e0c4"}"#), "its answer is not what RFC 6749 says"),
        (answer("200 OK", "", r#"{"access_token":"canary-71e0c4\n","token_type":"Bearer"}"#), "no header can carry"),
        (answer("200 OK", "", r#"{"access_token":"canary-71e0c4","token_type":"mac"}"#), "not of the type Bearer"),
        (answer("200 OK", "", vec![b' '; 70_000]), "its answer is longer than 65536 bytes"),
        (answer("302 Found", "Location: http://127.0.0.1:1/elsewhere\r\n", ""), "it sends us elsewhere"),
        (answer("307 Same", "Location: /token\r\n", ""), "it sends us elsewhere"),
        (b"nonsense\r\n\r\n".to_vec(), "gave no token"),
        (b"".to_vec(), "gave no token"),
    ] {
        let (env, server) = with_server(move |_| said.clone());
        fails(&env, false, "$S token $P client", 1, says);
        assert_eq!(server.seen().len(), 1, "{says}: it is asked once, and nobody else");
    }
}

#[test]
fn a_slow_server_is_not_waited_for_for_ever() {
    let (env, _server) = with_server(|_| {
        thread::sleep(Duration::from_secs(40));
        Vec::new()
    });
    let started = Instant::now();
    fails(&env, false, "$S token $P client", 1, "it took too long");
    assert!((14..30).contains(&started.elapsed().as_secs()), "{:?}", started.elapsed());
}

#[test]
fn what_the_surroundings_say_of_proxies_does_not_count() {
    let (env, server) = with_server(|_| granted("t", ""));
    let proxy = Server::start(|_| granted("stolen", ""));
    let set = format!("export http_proxy=http://127.0.0.1:{0} ALL_PROXY=http://127.0.0.1:{0}; ", proxy.port);
    assert_eq!(printed(&env, false, &format!("{set} $S token $P client")), "t\n");
    assert_eq!((server.seen().len(), proxy.seen().len()), (1, 0));
}

#[test]
fn only_client_credentials_with_a_url_are_asked_for() {
    let env = world();
    for agent in [false, true] {
        assert!(!shell(&env, agent, "$S token $P api-active").status.success());
        fails(&env, agent, "$S token $P none", 10, "there is no secret \"none\"");
        fails(&env, agent, "$S token $P oauth-active", 1, "127.0.0.1:1 gave no token: connection refused");
        fails(&env, agent, "$S token $P --ca-file pass oauth-active", 2, "pass: there is no certificate in it");
    }
}
