//! `strongroom token`: client credentials become an access token, which the agent keeps until it expires.

use super::token_server::{self, Granted};
use super::warn;
use crate::cli::args::TokenArgs;
use crate::cli::exit::Exit;
use crate::cli::{Failed, call, output, unexpected, unlock};
use crate::domain::time::Timestamp;
use crate::domain::{Header, SecretBytes};
use crate::service::{Door, DoorError, Grant, Request, Response};

/// What is printed.
struct Told {
    token: SecretBytes,
    expires: Option<Timestamp>,
}

pub(super) fn run(args: &TokenArgs, door: &mut dyn Door, now: i64) -> Result<(), Failed> {
    unlock(door, &args.unlocking)?;
    let (secret, allow_expired) = (args.name.as_str().into(), args.allow_expired);
    let request = Request::Token { secret, allow_expired, anew: args.anew };
    let told = match call(door, request).map_err(|error| refused(&args.name, error))? {
        Response::Token(Grant::Kept { token, expires, status }) => {
            warn(&args.name, status);
            Told { token, expires: Some(expires) }
        }
        Response::Token(Grant::Ask { header, status, client_secret }) => {
            warn(&header.name, status);
            let Granted { token, expires_in } = token_server::ask(&header, &client_secret, args.ca_file.as_deref())?;
            let expires = expires_in.map(|seconds| Timestamp(now.saturating_add(seconds.into())));
            keep(door, &header, &token, expires);
            Told { token, expires }
        }
        _ => return Err(unexpected()),
    };
    output::value(&if args.json { json(&told, now) } else { line(&told) })
}

/// What is no client credentials is named.
fn refused(name: &str, error: DoorError) -> Failed {
    match error {
        DoorError::Invalid { field, cause } if *field == *"secret" => {
            Failed::new(Exit::Usage, format!("{name}: {cause} See strongroom list --type client-credentials."))
        }
        other => other.into(),
    }
}

/// Gives it to the agent for the next time. The person has a token all the same when that fails.
fn keep(door: &mut dyn Door, header: &Header, token: &SecretBytes, expires: Option<Timestamp>) {
    // Without an end, nobody could tell when it is not good any more.
    let Some(expires) = expires else { return };
    let (id, revision, token) = (header.id, header.revision, token.clone());
    if let Err(error) = call(door, Request::KeepToken { id, revision, token, expires }) {
        output::remark(&format!("The token is not kept for the next time: {error}."));
    }
}

fn line(told: &Told) -> SecretBytes {
    let mut line = SecretBytes::with_capacity(told.token.len() + 1);
    line.push(told.token.expose());
    line.push(b"\n");
    line
}

/// As a token server would say it, and when it expires.
fn json(told: &Told, now: i64) -> SecretBytes {
    let mut out = SecretBytes::from("{\n  \"access_token\": ");
    // It is text: that was checked when it came.
    output::push_json(&mut out, told.token.expose_text().unwrap_or_default());
    out.push(b",\n  \"token_type\": \"Bearer\"");
    if let Some(expires) = told.expires {
        let seconds = expires.0.saturating_sub(now);
        let when = format!(",\n  \"expires_in\": {seconds},\n  \"expires\": \"{}\"", expires.to_iso());
        out.push(when.as_bytes());
    }
    out.push(b"\n}\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_printed_as_json() {
        let read = |expires| {
            let text = json(&Told { token: r#"a"b\c"#.into(), expires }, 1_795_442_700);
            serde_json::from_slice::<serde_json::Value>(text.expose()).unwrap()
        };
        let told = read(Some(Timestamp(1_795_442_760)));
        assert_eq!((&told["access_token"], &told["expires_in"]), (&r#"a"b\c"#.into(), &60.into()));
        assert_eq!(told["expires"], "2026-11-23T14:06:00Z");
        assert!(read(None).get("expires").is_none());
    }
}
