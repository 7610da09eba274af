//! `cert`, with a real curl and a TLS server that demands the certificate; and `token` with a server of a private authority.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, Stream};
use strongroom::domain::{Draft, Kind, PublicField, Value};

use crate::curl::has_curl;
use crate::env::Env;
use crate::world::{client, door, fails, pairs, printed, register, world};

/// An authority of the test's own.
fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate of `authority` for `name`, and its key.
fn issued(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.signed_by(&key, authority).unwrap(), key)
}

/// A server for TLS on localhost that answers `body`; it demands a certificate of `authority` when `demands` says so.
fn serve(authority: &CertifiedIssuer<'static, KeyPair>, demands: bool, body: &'static str) -> u16 {
    let (certificate, key) = issued(authority, "localhost");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let builder = if demands {
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        builder.with_client_cert_verifier(
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap(),
        )
    } else {
        builder.with_no_client_auth()
    };
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = Arc::new(builder.with_single_cert(vec![certificate.der().clone()], key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let mut connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = Stream::new(&mut connection, &mut socket);
            // Whoever is not let in ends here.
            let Ok(1..) = stream.read(&mut [0; 4096]) else { continue };
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice());
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    port
}

fn with_client(authority: &CertifiedIssuer<'static, KeyPair>) -> Env {
    let env = world();
    let (certificate, key) = issued(authority, "client");
    let chain = [certificate.pem(), authority.pem()].concat();
    let public = vec![PublicField { key: "certificate".into(), text: chain.into() }];
    let value = Value(vec![("private_key".into(), key.serialize_pem().as_str().into())]);
    register(&mut door(&env), Draft { kind: Kind::Certificate, public, value, ..pairs("mtls") }, "active");
    env.write("ca.pem", &authority.pem());
    env
}

#[test]
fn a_server_that_demands_the_certificate_lets_curl_in() {
    if !has_curl("a_server_that_demands_the_certificate_lets_curl_in") {
        return;
    }
    let authority = authority();
    let port = serve(&authority, true, "welcome");
    for agent in [false, true] {
        let env = with_client(&authority);
        printed(&env, agent, "$S cert $P mtls --cert c.pem --key c.key");
        for file in ["c.pem", "c.key"] {
            assert_eq!(fs::metadata(env.path(file)).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_to_string(env.path("c.pem")).unwrap().matches("BEGIN CERTIFICATE").count(), 2, "the chain");
        let curl = format!("curl -sS --cacert ca.pem https://localhost:{port}/");
        assert_eq!(printed(&env, agent, &format!("{curl} --cert c.pem --key c.key")), "welcome");
        // And nobody else.
        assert!(!crate::world::shell(&env, agent, &curl).status.success());
    }
}

#[test]
fn both_files_are_new_or_none_is_written() {
    let env = world();
    for agent in [false, true] {
        env.write("there", "before");
        for (files, code, says) in [
            ("--cert there --key k", 14, "there: there is a file already"),
            ("--cert c --key there", 14, "there: there is a file already"),
            ("--cert no/c --key k", 10, "no/c: there is no such file or directory"),
            ("--cert c --key no/k", 10, "no/k: there is no such file or directory"),
            ("--cert c --key c", 2, "go to two files"),
            ("--cert - --key k", 2, "go to two files"),
        ] {
            fails(&env, agent, &format!("$S cert $P cert-active {files}"), code, says);
        }
        fails(
            &env,
            agent,
            "$S cert $P api-active --cert c --key k",
            2,
            "its type is API Key, and this takes a certificate",
        );
        assert_eq!(fs::read_to_string(env.path("there")).unwrap(), "before");
        assert!(!env.path("c").exists() && !env.path("k").exists());
    }
}

#[test]
fn a_token_server_is_trusted_by_its_authority_and_not_otherwise() {
    let authority = authority();
    let port = serve(&authority, false, r#"{"access_token":"over-tls","token_type":"Bearer"}"#);
    let env = world();
    env.write("ca.pem", &authority.pem());
    env.write("other.pem", &self::authority().pem());
    register(&mut door(&env), client("client", &format!("https://localhost:{port}/token")), "active");
    assert_eq!(printed(&env, false, "$S token $P --ca-file ca.pem client"), "over-tls\n");
    fails(&env, false, "$S token $P --ca-file other.pem client", 1, "gave no token");
    fails(&env, false, "export SSL_CERT_FILE=other.pem; $S token $P client", 1, "gave no token");
}
