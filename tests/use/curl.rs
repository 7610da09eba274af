//! `curl-config`, with a real curl and a server that looks at the header.

use std::process::Command;

use crate::aloud::skip_for_want;
use crate::server::{Server, answer};
use crate::world::{VALUE, door, fails, pairs, printed, register, value, world};
use strongroom::domain::{Draft, Kind, PublicField, Value};

/// Whether there is a curl; says so aloud when there is none.
pub(crate) fn has_curl(test: &str) -> bool {
    let there = Command::new("curl").arg("--version").output().is_ok();
    if !there {
        skip_for_want(test, "there is no curl");
    }
    there
}

#[test]
fn curl_sends_the_header() {
    if !has_curl("curl_sends_the_header") {
        return;
    }
    let env = world();
    let nasty = r#"Bearer a"b\c\n {x} #y é"#;
    let public = vec![PublicField { key: "header_name".into(), text: "Authorization".into() }];
    let value_of_it = Value(vec![("header_value".into(), nasty.into())]);
    let bearer = Draft { kind: Kind::BearerToken, public, value: value_of_it, ..pairs("bearer") };
    register(&mut door(&env), bearer, "active");
    let server = Server::start(|_| answer("200 OK", "", "hello"));
    let url = format!("http://127.0.0.1:{}/x", server.port);
    for agent in [false, true] {
        for name in ["api-active", "api-hidden", "bearer"] {
            assert_eq!(printed(&env, agent, &format!("$S curl-config $P {name} | curl -sS -K - {url}")), "hello");
        }
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 6);
    for three in seen.chunks(3) {
        let key = |at: usize| three[at].header("x-api-key").map(str::to_owned);
        assert_eq!((key(0), key(1)), (Some(value("api-active")), Some(value("api-hidden"))), "write-only is for use");
        assert_eq!(three[2].header("authorization"), Some(nasty));
    }
}

#[test]
fn curl_sends_every_header_of_an_application() {
    if !has_curl("curl_sends_every_header_of_an_application") {
        return;
    }
    let env = world();
    let bind = |name: &str, binding: &str| drop(printed(&env, false, &format!("$S app add $P {name} {binding}")));
    bind("web", "--header X-One=api-active --header X-Two=api-hidden --env T=api-active");
    bind("off", "--header X-One=api-active --header X-Two=api-inactive");
    bind("bare", "--env T=api-active");
    let server = Server::start(|_| answer("200 OK", "", "hello"));
    let url = format!("http://127.0.0.1:{}/x", server.port);
    for agent in [false, true] {
        assert_eq!(printed(&env, agent, &format!("$S curl-config $P --app web | curl -sS -K - {url}")), "hello");
        fails(&env, agent, "$S curl-config $P --app off", 13, "off needs it");
        fails(
            &env,
            agent,
            "$S curl-config $P --app bare",
            2,
            "bare is bound to no header. Bind it with strongroom app edit bare",
        );
        fails(&env, agent, "$S curl-config $P --app nobody", 10, "\"nobody\"");
        fails(&env, agent, "$S curl-config $P api-active --app web", 2, "cannot be used with");
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    for one in seen {
        let sent = ["x-one", "x-two"].map(|name| one.header(name).map(str::to_owned));
        assert_eq!(sent, ["api-active", "api-hidden"].map(|name| Some(value(name))));
    }
}

#[test]
fn what_goes_into_no_header_is_told_where_it_goes() {
    let env = world();
    for agent in [false, true] {
        fails(&env, agent, "$S curl-config $P cert-active", 2, "Use strongroom cert");
        fails(&env, agent, "$S curl-config $P oauth-active", 2, "Use strongroom token");
        fails(&env, agent, "$S curl-config $P odd", 2, "Use strongroom run or strongroom inject");
        fails(&env, agent, "$S curl-config $P none", 10, "there is no secret \"none\"");
    }
    assert!(printed(&env, true, "$S curl-config $P api-active").contains(VALUE), "the search finds what is there");
}
