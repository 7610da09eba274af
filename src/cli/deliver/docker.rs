//! `strongroom docker-credential`: what docker asks a helper. It reads errors, too, from standard output.

use std::collections::BTreeMap;

use super::bound::{self, Login, MAX_REQUEST, Place};
use crate::cli::args::{HelperArgs, Helping};
use crate::cli::credential::whole;
use crate::cli::exit::Exit;
use crate::cli::{Failed, call, output, unexpected, unlock};
use crate::domain::text::sanitize;
use crate::domain::web::check_url;
use crate::domain::{Binding, Delivery, SecretBytes, SecretId};
use crate::service::{Details, Door, Request, Response};

/// What docker takes for no error: it goes on without a credential.
const NOT_FOUND: &str = "credentials not found in native keychain";
/// What one is asked for that keeps nothing of docker's.
const NO_KEEPING: &str = "strongroom keeps nothing that docker hands over: register the secret and bind an application to \
                          the server, with strongroom";
const USUAL_PORT: u16 = 443;

pub(super) fn run(args: &HelperArgs, door: &mut dyn Door) -> Result<Exit, Failed> {
    let asked = whole::of_any_input(MAX_REQUEST)?;
    let answer = match args.wanted {
        Helping::Get => get(args, door, asked.expose_text().unwrap_or_default().trim()),
        Helping::List => list(args, door),
        // It comes with a secret, and is not looked at.
        Helping::Store | Helping::Erase => Err(Failed::new(Exit::Failure, NO_KEEPING)),
    };
    match answer {
        Ok(answer) => output::value(&answer).map(|()| Exit::Ok),
        Err(failed) => tell(&failed),
    }
}

/// Says it where docker looks, and no second time on standard error, which docker shows too.
pub(super) fn tell(failed: &Failed) -> Result<Exit, Failed> {
    output::data(&format!("{}\n", sanitize(&failed.message))).map(|()| failed.exit)
}

fn get(args: &HelperArgs, door: &mut dyn Door, url: &str) -> Result<SecretBytes, Failed> {
    let not_found = || Failed::new(Exit::Failure, NOT_FOUND);
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    check_url(&format!("{scheme}://{rest}"))
        .map_err(|why| Failed::new(Exit::Failure, format!("nothing goes to {url}: {why}")))?;
    unlock(door, &args.unlocking)?;
    let usual_port = if scheme.eq_ignore_ascii_case("https") { USUAL_PORT } else { 80 };
    let all = bound::applications(door)?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let place = Place::on(host, path).ok_or_else(not_found)?;
    let found = bound::find(&all, &place, usual_port)?.ok_or_else(not_found)?;
    let message = format!("{url}: nobody says who logs in there. Bind the application to user@host");
    let nobody = Failed::new(Exit::Failure, message);
    let Login { user, password, .. } = bound::log_in(door, found, Delivery::Docker, Some(nobody))?;
    let user = user.ok_or_else(unexpected)?;
    json(&[("ServerURL", &url.into()), ("Username", &user), ("Secret", &password)])
}

/// The servers that something is bound to, with the users. No values: nothing passes the gate.
fn list(args: &HelperArgs, door: &mut dyn Door) -> Result<SecretBytes, Failed> {
    unlock(door, &args.unlocking)?;
    let all = bound::applications(door)?;
    let mut servers = BTreeMap::new();
    for (_, binding, place) in bound::hosts(&all) {
        servers.insert(format!("https://{}", place.server()), user(door, binding, &place)?);
    }
    Ok(output::json(&servers).as_str().into())
}

fn user(door: &mut dyn Door, binding: &Binding, place: &Place) -> Result<String, Failed> {
    if let Some(user) = place.user() {
        return Ok(user.to_owned());
    }
    let secret: SecretId = binding.secret;
    match call(door, Request::Details(secret.into()))? {
        Response::Details(Details { header, .. }) => {
            Ok(bound::name_field(&header).and_then(|name| header.public(name)).unwrap_or_default().to_owned())
        }
        _ => Err(unexpected()),
    }
}

/// An object of texts.
fn json(members: &[(&str, &SecretBytes)]) -> Result<SecretBytes, Failed> {
    let mut out = SecretBytes::default();
    for (name, value) in members {
        out.push(if out.is_empty() { b"{" } else { b"," });
        output::push_json(&mut out, name);
        out.push(b":");
        let message = || format!("the {name} is not text, which docker wants. Bind another field");
        let text = value.expose_text().ok_or_else(|| Failed::new(Exit::Failure, message()))?;
        output::push_json(&mut out, text);
    }
    out.push(b"}\n");
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_json() {
        let told = json(&[("ServerURL", &"https://h".into()), ("Secret", &"a\"b".into())]).unwrap();
        assert_eq!(told.expose_text(), Some("{\"ServerURL\":\"https://h\",\"Secret\":\"a\\\"b\"}\n"));
        assert!(json(&[("Secret", &SecretBytes::new(vec![0xff]))]).unwrap_err().message.starts_with("the Secret"));
    }
}
