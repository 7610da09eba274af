//! The rules of the web that fields keep: header names, scopes and URLs.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::text::Place;

/// Most bytes in a header name.
pub const MAX_HEADER_NAME: usize = 128;
/// Most bytes in a URL.
pub const MAX_URL: usize = 2048;

/// What is wrong with a header name. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderNameError {
    /// There is nothing.
    #[error("Name the HTTP header, such as Authorization or X-Api-Key.")]
    Empty,
    /// A space.
    #[error("A header name has no spaces (RFC 9110 token): remove the one {0}.")]
    Space(Place),
    /// Another character that no token may hold.
    #[error("A header name cannot hold {} (RFC 9110 token): remove it {place}.", name_of(*.found))]
    Character {
        /// The character.
        found: char,
        /// Where it stands.
        place: Place,
    },
    /// More than [`MAX_HEADER_NAME`] bytes.
    #[error("Shorten it to {MAX_HEADER_NAME} characters: it has {0}.")]
    TooLong(usize),
}

/// What is wrong with a header value. The message says what to do, and nothing of the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderValueError {
    /// More than one line: whoever reads the header would take the rest for another one.
    #[error("A header value is one line (RFC 9110): remove the line break, or enter it again without.")]
    LineBreak,
    /// Another character that no header may hold.
    #[error("A header value has no control characters (RFC 9110): enter it again without.")]
    Control,
    /// Space around it, which gets lost on the way.
    #[error("Remove the space {}: a header cannot carry it (RFC 9110).", if *.at_start { "at the start" } else { "at the end" })]
    EdgeSpace {
        /// Whether it stands at the start.
        at_start: bool,
    },
}

/// What is wrong with a scope. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// There is nothing.
    #[error("Write a scope, such as profile.")]
    Empty,
    /// A character that no scope may hold.
    #[error("A scope cannot hold {} (RFC 6749): remove it {place}.", name_of(*.found))]
    Character {
        /// The character.
        found: char,
        /// Where it stands.
        place: Place,
    },
}

/// What is wrong with a URL. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It does not begin with `https://`.
    #[error("Write the whole URL, beginning with https://.")]
    NotAbsolute,
    /// `http` to another machine: the client secret would travel in the clear.
    #[error("Use https: http is taken only for this machine itself (localhost), since others could read what is sent.")]
    NotEncrypted,
    /// A user name or a password in it.
    #[error("Remove what stands before the @: a URL is shown to everyone, so it must hold no credentials.")]
    Credentials,
    /// A `#` and what follows it.
    #[error("Remove the # and what follows it: a fragment is never sent.")]
    Fragment,
    /// A character that must be written as `%` and two hex digits.
    #[error("A URL cannot hold {} as it is: remove or percent-encode it {place}.", name_of(*.found))]
    Character {
        /// The character.
        found: char,
        /// Where it stands.
        place: Place,
    },
    /// A `%` without two hex digits.
    #[error("Put two hex digits behind each %, as in %20.")]
    Percent,
    /// No host, or one that cannot exist.
    #[error("Write a host name after the //, such as idm.example.com (xn--… for other alphabets).")]
    Host,
    /// A port that is no number from 1 to 65535.
    #[error("Write the port as a number from 1 to 65535, or leave it out.")]
    Port,
    /// More than [`MAX_URL`] bytes.
    #[error("Shorten it to {MAX_URL} characters: it has {0}.")]
    TooLong(usize),
}

/// Checks an HTTP field name: a token (RFC 9110, section 5.6.2) of at most 128 characters.
///
/// # Errors
/// The first rule that `name` breaks.
pub fn check_header_name(name: &str) -> Result<(), HeaderNameError> {
    if name.is_empty() {
        return Err(HeaderNameError::Empty);
    }
    if let Some((at, found)) = name.char_indices().find(|(_, c)| !is_token_character(*c)) {
        let place = Place::of(name, at);
        return Err(match found {
            ' ' => HeaderNameError::Space(place),
            _ => HeaderNameError::Character { found, place },
        });
    }
    if name.len() > MAX_HEADER_NAME {
        return Err(HeaderNameError::TooLong(name.len()));
    }
    Ok(())
}

/// Checks an HTTP field value: field-content (RFC 9110, section 5.5). Bytes above ASCII are taken as they are.
///
/// # Errors
/// The first rule that `value` breaks.
pub fn check_header_value(value: &[u8]) -> Result<(), HeaderValueError> {
    if value.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        return Err(HeaderValueError::LineBreak);
    }
    if value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
        return Err(HeaderValueError::Control);
    }
    let is_space = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    match (is_space(value.first()), is_space(value.last())) {
        (false, false) => Ok(()),
        (at_start, _) => Err(HeaderValueError::EdgeSpace { at_start }),
    }
}

/// Checks one OAuth2 scope: a scope-token (RFC 6749, section 3.3).
///
/// # Errors
/// When it is empty or holds a character that no scope may hold.
pub fn check_scope(scope: &str) -> Result<(), ScopeError> {
    if scope.is_empty() {
        return Err(ScopeError::Empty);
    }
    let allowed = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    match scope.char_indices().find(|(_, c)| !allowed(*c)) {
        Some((at, found)) => Err(ScopeError::Character { found, place: Place::of(scope, at) }),
        None => Ok(()),
    }
}

/// The scopes in a line where a space or a comma stands after each, each of them once.
pub fn split_scopes(line: &str) -> Vec<&str> {
    let mut scopes = Vec::new();
    for scope in line.split([' ', ',', '\t', '\n']).filter(|scope| !scope.is_empty()) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

/// Checks an absolute URL (RFC 3986): `https`, or `http` to a loopback host; no credentials, no fragment.
///
/// It is stricter than browsers, which mend what people write: this text goes to programs.
///
/// # Errors
/// The first rule that `url` breaks.
pub fn check_url(url: &str) -> Result<(), UrlError> {
    if url.len() > MAX_URL {
        return Err(UrlError::TooLong(url.len()));
    }
    let (scheme, rest) = url.split_once("://").ok_or(UrlError::NotAbsolute)?;
    let encrypted = scheme.eq_ignore_ascii_case("https");
    if !encrypted && !scheme.eq_ignore_ascii_case("http") {
        return Err(UrlError::NotAbsolute);
    }
    let (authority, _) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    if authority.contains('@') {
        return Err(UrlError::Credentials);
    }
    check_characters(url)?;
    let host = split_host(authority)?;
    if encrypted || is_loopback(host) { Ok(()) } else { Err(UrlError::NotEncrypted) }
}

fn is_token_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

fn check_characters(url: &str) -> Result<(), UrlError> {
    for (at, found) in url.char_indices() {
        match found {
            '#' => return Err(UrlError::Fragment),
            '%' if !two_hex_digits(&url[at + 1..]) => return Err(UrlError::Percent),
            c if !c.is_ascii_graphic() || "\"<>\\^`{|}".contains(c) => {
                return Err(UrlError::Character { found, place: Place::of(url, at) });
            }
            _ => {}
        }
    }
    Ok(())
}

fn two_hex_digits(text: &str) -> bool {
    text.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Checks `host` or `host:port`, and gives the host.
///
/// # Errors
/// What is wrong with it.
pub fn split_host(authority: &str) -> Result<&str, UrlError> {
    let host_end = match authority.find(']') {
        Some(bracket) => bracket + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(host_end);
    if !is_host(host) {
        return Err(UrlError::Host);
    }
    match port.strip_prefix(':') {
        None if port.is_empty() => Ok(host),
        Some(digits) if digits.parse::<u16>().is_ok_and(|port| port > 0) && !digits.starts_with('+') => Ok(host),
        _ => Err(UrlError::Port),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let labels = host.strip_suffix('.').unwrap_or(host);
    let last = labels.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return labels.parse::<Ipv4Addr>().is_ok();
    }
    labels.len() <= 253 && labels.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=63).contains(&label.len()) && label.bytes().all(good) && !label.starts_with('-') && !label.ends_with('-')
}

fn is_loopback(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok_and(|ip| ip.is_loopback());
    }
    host.parse::<Ipv4Addr>().is_ok_and(|ip| ip.is_loopback()) || host.eq_ignore_ascii_case("localhost")
}

fn name_of(c: char) -> String {
    match c {
        ' ' => "a space".into(),
        c if c.is_whitespace() || super::text::is_forbidden(c) => {
            format!("the invisible character U+{:04X}", u32::from(c))
        }
        c => format!("\"{c}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_header_value_is_one_line() {
        let told = |value: &str| check_header_value(value.as_bytes()).map_err(|error| error.to_string());
        assert_eq!(told("Bearer abc\td\u{e9}f"), Ok(()));
        assert!(told("Bearer abc\ndef").unwrap_err().contains("remove the line break"));
        assert!(told("abc\r").unwrap_err().contains("one line"));
        assert!(told("a\u{0}b").unwrap_err().contains("control characters"));
        assert!(told(" abc").unwrap_err().contains("at the start"));
        assert!(told("abc\t").unwrap_err().contains("at the end"));
    }

    #[test]
    fn a_header_name_is_a_token() {
        for good in ["Authorization", "X-Api-Key", "x", "!#$%&'*+-.^_`|~09"] {
            assert_eq!(check_header_name(good), Ok(()), "{good}");
        }
        let told = |name: &str| check_header_name(name).unwrap_err().to_string();
        assert_eq!(
            told("Authoriz ation"),
            "A header name has no spaces (RFC 9110 token): remove the one after \"Authoriz\"."
        );
        assert_eq!(told(" X"), "A header name has no spaces (RFC 9110 token): remove the one at the start.");
        assert_eq!(told("X:"), "A header name cannot hold \":\" (RFC 9110 token): remove it after \"X\".");
        assert!(told("X\n").contains("U+000A"));
        assert!(told("Ação").contains('ç'));
        assert_eq!(check_header_name(&"x".repeat(129)), Err(HeaderNameError::TooLong(129)));
    }

    #[test]
    fn scopes_are_split_and_checked() {
        assert_eq!(split_scopes("profile, edit  email,iam.role profile"), ["profile", "edit", "email", "iam.role"]);
        assert_eq!(check_scope("https://example.com/a:read"), Ok(()));
        assert!(matches!(check_scope("a\\b"), Err(ScopeError::Character { found: '\\', .. })));
        assert!(matches!(check_scope("é"), Err(ScopeError::Character { .. })));
    }

    #[test]
    fn urls_that_are_taken() {
        for good in [
            "https://idm.example.com/oauth/token",
            "HTTPS://example.com:8443?x=%20y",
            "https://[2001:db8::1]/",
            "http://localhost:8080/token",
            "http://127.0.0.1",
            "http://[::1]:9/",
            "https://xn--bcher-kva.example./",
        ] {
            assert_eq!(check_url(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn urls_that_are_refused() {
        for (bad, why) in [
            ("idm.example.com/token", UrlError::NotAbsolute),
            ("ftp://example.com", UrlError::NotAbsolute),
            ("http://example.com", UrlError::NotEncrypted),
            ("http://localhost.example.com", UrlError::NotEncrypted),
            ("https://me:pw@example.com", UrlError::Credentials),
            ("https://example.com/#top", UrlError::Fragment),
            ("https://example.com/100%", UrlError::Percent),
            ("https://example.com/%zz", UrlError::Percent),
            ("https:///token", UrlError::Host),
            ("https://exa_mple..com", UrlError::Host),
            ("https://127.1", UrlError::Host),
            ("https://[::1", UrlError::Host),
            ("https://example.com:", UrlError::Port),
            ("https://example.com:99999", UrlError::Port),
            ("https://example.com:+80", UrlError::Port),
            ("https://[::1]x", UrlError::Port),
        ] {
            assert_eq!(check_url(bad), Err(why), "{bad}");
        }
        assert!(matches!(check_url("https://exa mple.com"), Err(UrlError::Character { found: ' ', .. })));
        assert!(matches!(check_url("https://bücher.example"), Err(UrlError::Character { found: 'ü', .. })));
    }

    proptest! {
        #[test]
        fn no_input_panics(text in any::<String>(), tail in "[\\[\\]:@/%#.a-z0-9]{0,40}") {
            let _ = (check_header_name(&text), check_scope(&text), check_url(&text));
            let _ = check_url(&format!("https://{tail}"));
        }
    }
}
