//! A token server (RFC 6749, section 4.4): one question over HTTP, one short answer, and nothing followed elsewhere.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64ct::{Base64, Encoding};
use serde::Deserialize;
use serde_json::value::RawValue;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use zeroize::Zeroizing;

use crate::cli::exit::Exit;
use crate::cli::{Failed, shown};
use crate::domain::keyvalue::json_text;
use crate::domain::kind::Input;
use crate::domain::web::check_url;
use crate::domain::{Header, SecretBytes};
use crate::host::answer::in_words;
use crate::host::files::{Links, read_capped};
use crate::service::DoorError;

/// How long a connection may take.
const TO_CONNECT: Duration = Duration::from_secs(5);
/// How long all of it may take.
const IN_ALL: Duration = Duration::from_secs(15);
/// Longest answer, in bytes.
const MAX_ANSWER: u64 = 64 * 1024;
/// Largest file of certificates.
const MAX_FILE: usize = 1024 * 1024;

/// What a token server gives.
pub(super) struct Granted {
    /// The token: visible characters.
    pub(super) token: SecretBytes,
    /// For how many seconds it is good, if the server says so.
    pub(super) expires_in: Option<u32>,
}

/// Asks for a token in the name of the client whose credentials are under `header`.
///
/// # Errors
/// When the credentials name no server, or one that is not fit; when it is not reached or trusted in time; or when it gives
/// no token.
pub(super) fn ask(header: &Header, client_secret: &SecretBytes, ca_file: Option<&Path>) -> Result<Granted, Failed> {
    let url = url(header)?;
    let asked = send(url, &authorization(header, client_secret), &question(header), ca_file)?;
    read(asked.status, &asked.body).map_err(|why| failed(url, &why))
}

fn url(header: &Header) -> Result<&str, Failed> {
    let named = header.kind.schema().with_input(Input::Url).and_then(|field| header.public(field.key));
    let Some(url) = named else {
        let message = format!("{}: it has no Token URL. Add one: strongroom edit.", header.name);
        return Err(Failed::new(Exit::Usage, message));
    };
    // It was checked when it was entered, perhaps by another version.
    check_url(url).map_err(|error| Failed::new(Exit::Failure, format!("{}: its Token URL: {error}", header.name)))?;
    Ok(url)
}

/// What the client says of itself: RFC 6749, section 2.3.1.
fn authorization(header: &Header, client_secret: &SecretBytes) -> SecretBytes {
    let mut pair = SecretBytes::default();
    encode(&mut pair, header.public("client_id").unwrap_or_default().as_bytes());
    pair.push(b":");
    encode(&mut pair, client_secret.expose());
    let mut room = Zeroizing::new(vec![0; Base64::encoded_len(pair.expose())]);
    let mut out = SecretBytes::from("Basic ");
    // The room is as large as it has to be.
    out.push(Base64::encode(pair.expose(), &mut room).unwrap_or_default().as_bytes());
    out
}

fn question(header: &Header) -> SecretBytes {
    let mut form = SecretBytes::from("grant_type=client_credentials");
    let scopes = header.kind.schema().with_input(Input::Scopes).and_then(|field| header.public(field.key));
    if let Some(scopes) = scopes.filter(|scopes| !scopes.is_empty()) {
        form.push(b"&scope=");
        encode(&mut form, scopes.as_bytes());
    }
    form
}

/// Appends `bytes` as `application/x-www-form-urlencoded`.
fn encode(to: &mut SecretBytes, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => to.push(&[*byte]),
            b' ' => to.push(b"+"),
            byte => to.push(format!("%{byte:02X}").as_bytes()),
        }
    }
}

/// What came back.
struct Answer {
    status: u16,
    body: Zeroizing<Vec<u8>>,
}

/// The library's own copies are in memory that is wiped when it is freed.
fn send(url: &str, who: &SecretBytes, form: &SecretBytes, ca_file: Option<&Path>) -> Result<Answer, Failed> {
    let unreached = |error: ureq::Error| failed(url, &in_our_words(&error));
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // A proxy would be named by the environment, where anybody may have put it.
        .proxy(None)
        .timeout_connect(Some(TO_CONNECT))
        .timeout_global(Some(IN_ALL))
        .user_agent(concat!("strongroom/", env!("CARGO_PKG_VERSION")))
        .tls_config(trust(url, ca_file)?);
    let request = ureq::Agent::new_with_config(config.build())
        .post(url)
        .header("Accept", "application/json")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Authorization", who.expose_text().unwrap_or_default());
    let mut response = request.send(form.expose()).map_err(unreached)?;
    let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().map_err(unreached)?;
    Ok(Answer { status: response.status().as_u16(), body: Zeroizing::new(body) })
}

/// Whom to trust: the authorities of the system, or those in `ca_file` alone.
fn trust(url: &str, ca_file: Option<&Path>) -> Result<TlsConfig, Failed> {
    let known = match ca_file {
        Some(path) => of_file(path)?,
        None if url.to_ascii_lowercase().starts_with("https:") => of_system()?,
        None => Vec::new(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = RootCerts::new_with_certs(&known);
    Ok(TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build())
}

fn of_file(path: &Path) -> Result<Vec<Certificate<'static>>, Failed> {
    let text = read_capped(path, MAX_FILE, Links::Follow).map_err(DoorError::from)?;
    let found: Vec<_> = parse_pem(&text)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        let message = format!("{}: there is no certificate in it. Name a PEM file.", shown(path));
        return Err(Failed::new(Exit::Usage, message));
    }
    Ok(found)
}

fn of_system() -> Result<Vec<Certificate<'static>>, Failed> {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        let message =
            "this system knows no certificate authorities. Install ca-certificates, or name some: --ca-file F.";
        return Err(Failed::new(Exit::Failure, message));
    }
    Ok(found.iter().map(|one| Certificate::from_der(one).to_owned()).collect())
}

/// The answer that is a token: RFC 6749, section 5.1.
#[derive(Deserialize)]
struct Given<'a> {
    /// As it stands in the answer, until it is copied into bytes that are wiped.
    #[serde(borrow)]
    access_token: &'a RawValue,
    token_type: String,
    expires_in: Option<u32>,
}

/// The answer that is none: section 5.2.
#[derive(Deserialize)]
struct Refused {
    error: String,
    error_description: Option<String>,
}

/// The token in an answer, or why there is none.
fn read(status: u16, body: &[u8]) -> Result<Granted, String> {
    if status != 200 {
        return Err(refusal(status, body));
    }
    // What the parser would say could quote the token.
    let given: Given<'_> = serde_json::from_slice(body).map_err(|_| {
        "its answer is not what RFC 6749 says: JSON with access_token, token_type and expires_in".to_owned()
    })?;
    let token = Some(given.access_token.get()).filter(|text| text.starts_with('"')).and_then(json_text);
    let token = token.unwrap_or_default();
    if !given.token_type.eq_ignore_ascii_case("bearer") {
        return Err("it gave a token that is not of the type Bearer".to_owned());
    }
    if token.is_empty() || !token.expose().iter().all(u8::is_ascii_graphic) {
        return Err("it gave a token that no header can carry".to_owned());
    }
    Ok(Granted { token, expires_in: given.expires_in })
}

fn refusal(status: u16, body: &[u8]) -> String {
    match (status, serde_json::from_slice(body)) {
        (300..=399, _) => {
            "it sends us elsewhere, and the client secret goes nowhere else. Correct the Token URL".into()
        }
        (_, Ok(Refused { error, error_description })) => {
            let more = error_description.map_or(String::new(), |text| format!(": {}", clipped(&text)));
            format!("it refused: {}{more}", clipped(&error))
        }
        _ => format!("it answered with HTTP status {status}"),
    }
}

/// As much of a stranger's text as is good to read; what it holds is made fit to be shown when it is.
fn clipped(text: &str) -> String {
    text.chars().take(200).collect()
}

fn in_our_words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "it took too long".into(),
        ureq::Error::HostNotFound => "no such host is known".into(),
        ureq::Error::BodyExceedsLimit(_) => format!("its answer is longer than {MAX_ANSWER} bytes"),
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => "it took too long".into(),
        ureq::Error::Io(error) => in_words(error),
        other => other.to_string(),
    }
}

fn failed(url: &str, why: &str) -> Failed {
    let host = url.split("://").nth(1).and_then(|rest| rest.split(['/', '?']).next()).unwrap_or(url);
    Failed::new(Exit::Failure, format!("the token server {host} gave no token: {why}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_encoded_before_they_are_joined() {
        let mut out = SecretBytes::default();
        encode(&mut out, "a b:c+é/*-._~".as_bytes());
        assert_eq!(out.expose_text(), Some("a+b%3Ac%2B%C3%A9%2F*-._%7E"));
    }

    #[test]
    fn an_answer_is_taken_as_the_standard_has_it_or_not_at_all() {
        let told = |status, body: &str| read(status, body.as_bytes()).map(|granted| granted.expires_in);
        let good = r#"{"access_token":"abc","token_type":"bearer","expires_in":60,"scope":"x"}"#;
        assert_eq!(told(200, good), Ok(Some(60)));
        assert_eq!(told(200, r#"{"access_token":"abc","token_type":"Bearer"}"#), Ok(None));
        for bad in [
            "",
            "{}",
            "[]",
            r#"{"access_token":"hunter2"}"#,
            r#"{"access_token":"","token_type":"Bearer"}"#,
            r#"{"access_token":"hunter2 x","token_type":"Bearer"}"#,
            r#"{"access_token":"hunter2","token_type":"mac"}"#,
            r#"{"access_token":"hunter2","token_type":"Bearer","expires_in":-1}"#,
            r#"{"access_token":"hunter2","token_type":"Bearer"} more"#,
        ] {
            let why = told(200, bad).unwrap_err();
            assert!(!why.contains("hunter2"), "{why}");
        }
        let refused = r#"{"error":"invalid_client","error_description":"no such client"}"#;
        assert_eq!(told(401, refused).unwrap_err(), "it refused: invalid_client: no such client");
        assert_eq!(told(500, "<html>").unwrap_err(), "it answered with HTTP status 500");
        assert!(told(302, "").unwrap_err().contains("sends us elsewhere"));
    }
}
