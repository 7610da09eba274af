//! `strongroom git-credential`: what git asks a helper, as `gitcredentials(7)` and `git-credential(1)` have it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bound::{self, Login, MAX_REQUEST, Place};
use crate::cli::args::{HelperArgs, Helping};
use crate::cli::credential::whole;
use crate::cli::exit::Exit;
use crate::cli::{Failed, output, unlock};
use crate::domain::web::{UrlError, check_url};
use crate::domain::{Application, Delivery, SecretBytes};
use crate::service::Door;

/// The user, where nobody knows one: servers that take tokens take any.
const ANYBODY: &str = "git";
/// Says to git that it should not go on and ask the person, for whom it would have no answer either.
const QUIT: &str = "quit=1\n";

pub(super) fn run(args: &HelperArgs, door: &mut dyn Door) -> Result<(), Failed> {
    // Git writes it in any case.
    let text = whole::of_any_input(MAX_REQUEST)?;
    // What git has found out about a credential changes nothing here.
    if args.wanted != Helping::Get {
        return Ok(());
    }
    let asked = Asked::read(text.expose());
    let Some(place) = asked.place() else { return Ok(()) };
    unlock(door, &args.unlocking)?;
    let all = bound::applications(door)?;
    let found = match bound::find(&all, &place, asked.usual_port()) {
        Ok(Some(found)) => bound::log_in(door, found, Delivery::Git, None),
        Ok(None) => {
            tell_of_paths(&all, &place, asked.get("host"));
            return Ok(());
        }
        Err(failed) => Err(failed),
    };
    match found.and_then(|login| answer(&login)) {
        Ok(answer) => output::value(&answer),
        Err(failed) => output::data(QUIT).and(Err(failed)),
    }
}

/// Lines of `key=value`; of those that stand twice, the last.
struct Asked<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Asked<'a> {
    fn read(text: &'a [u8]) -> Self {
        let lines = text.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
        Self(lines.filter_map(|line| std::str::from_utf8(line).ok()?.split_once('=')).collect())
    }

    fn get(&self, key: &str) -> &'a str {
        self.0.get(key).copied().unwrap_or_default()
    }

    /// The place, if a password may go there: encrypted, or not over any wire. Says so when it may not.
    fn place(&self) -> Option<Place> {
        let (protocol, host) = (self.get("protocol"), self.get("host"));
        let checked = match protocol {
            "http" | "https" => check_url(&format!("{protocol}://{host}/")),
            _ => Err(UrlError::NotAbsolute),
        };
        if let Err(why) = &checked {
            output::remark(&format!("strongroom has nothing for {protocol}://{host}: {why}"));
        }
        let user = self.0.get("username").copied().filter(|user| !user.is_empty());
        checked.ok().and_then(|()| Some(Place::on(host, self.get("path"))?.of_user(user)))
    }

    fn usual_port(&self) -> u16 {
        if self.get("protocol") == "https" { 443 } else { 80 }
    }
}

/// Git leaves the path away unless it is told not to.
fn tell_of_paths(all: &[Arc<Application>], place: &Place, host: &str) {
    if bound::hosts(all).any(|(_, _, bound)| place.is_above(&bound)) {
        output::remark(&format!(
            "strongroom: only parts of {host} are bound. Let git say which: git config credential.useHttpPath true."
        ));
    }
}

/// What git reads.
fn answer(login: &Login) -> Result<SecretBytes, Failed> {
    let mut out = SecretBytes::default();
    let nobody = SecretBytes::from(ANYBODY);
    for (key, value) in [("username", login.user.as_ref().unwrap_or(&nobody)), ("password", &login.password)] {
        if value.expose().iter().any(|byte| matches!(byte, b'\n' | b'\r' | 0)) {
            let message = format!("the {key} has a line break, which git cannot be told. Enter the secret again.");
            return Err(Failed::new(Exit::Failure, message));
        }
        out.push(format!("{key}=").as_bytes());
        out.push(value.expose());
        out.push(b"\n");
    }
    if let Some(end) = login.expires {
        out.push(format!("password_expiry_utc={}\n", end.0).as_bytes());
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn a_request_is_read_up_to_the_empty_line() {
        let asked = Asked::read(b"protocol=https\nhost=h:8443\npath=a=b\nusername=\n\nhost=other\n");
        assert_eq!((asked.get("host"), asked.get("path"), asked.get("none")), ("h:8443", "a=b", ""));
        assert_eq!((asked.place(), asked.usual_port()), (Some(Place::read("h:8443/a=b")), 443));
        let encrypted = |text: &str| Asked::read(text.as_bytes()).place().is_some();
        assert!(encrypted("protocol=http\nhost=127.0.0.1:80") && encrypted("protocol=http\nhost=localhost"));
        assert!(!encrypted("protocol=http\nhost=h") && !encrypted("protocol=smtp\nhost=h") && !encrypted(""));
    }

    #[test]
    fn a_host_is_a_host_and_nothing_else() {
        for host in ["evil.com?@h", "h/.evil.com", "u@h", "h#x", "h/", "h:", ""] {
            let asked = format!("protocol=https\nhost={host}\n");
            assert_eq!(Asked::read(asked.as_bytes()).place(), None, "{host}");
        }
        assert_eq!(Asked::read(b"protocol=https://h/\nhost=h").place(), None);
    }

    #[test]
    fn an_answer_is_lines_that_git_reads() {
        let login = |password: &str| Login { user: None, password: password.into(), expires: Some(Timestamp(7)) };
        let told = answer(&login("p=w d")).unwrap();
        assert_eq!(told.expose_text(), Some("username=git\npassword=p=w d\npassword_expiry_utc=7\n"));
        assert!(answer(&login("a\nhost=evil")).unwrap_err().message.contains("the password has a line break"));
    }
}
