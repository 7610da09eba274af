//! `strongroom curl-config`: the header that carries a secret, for `curl -K -`.

use std::io::{self, IsTerminal};

use super::{hand_over, header};
use crate::cli::args::CurlArgs;
use crate::cli::exit::Exit;
use crate::cli::{Failed, output, unexpected, unlock};
use crate::domain::kind::{Field, Input};
use crate::domain::{Delivery, Header, Order, Reference, SecretBytes};
use crate::service::{Door, Handed};

pub(super) fn run(args: &CurlArgs, door: &mut dyn Door) -> Result<(), Failed> {
    if io::stdout().is_terminal() {
        let message = format!(
            "the value would be shown on the terminal. Pipe it: strongroom curl-config {0} | curl -K - URL",
            args.name
        );
        return Err(Failed::new(Exit::Usage, message));
    }
    unlock(door, &args.unlocking)?;
    let header = header(door, &args.name)?;
    let (name, value) = carried(&header)?;
    let reference = Reference { secret: header.id.into(), field: Some(value.key.into()) };
    let order = Order { allow_expired: args.allow_expired, ..Order::of(Delivery::Curl, reference) };
    let [Handed { header, bytes, .. }] = &hand_over(door, order)?[..] else { return Err(unexpected()) };
    let name = header.public(name.key).unwrap_or_default();
    output::value(&line(name, bytes).ok_or_else(|| unfit(header))?)
}

/// The fields with the name of an HTTP header and what it says, of a type that has them.
fn carried(header: &Header) -> Result<(&'static Field, &'static Field), Failed> {
    let schema = header.kind.schema();
    let has = |input| schema.with_input(input);
    if let Some(fields) = has(Input::HeaderName).zip(has(Input::HeaderValue)) {
        return Ok(fields);
    }
    let next = match () {
        () if has(Input::CertificateFile).is_some() => "Use strongroom cert, and curl --cert and --key.",
        () if has(Input::Url).is_some() => "Use strongroom token.",
        () => "Use strongroom run or strongroom inject.",
    };
    Err(Failed::new(Exit::Usage, format!("{}: a {} goes into no HTTP header. {next}", header.name, schema.label)))
}

/// The line of the configuration; `None` when the value does not fit on one.
fn line(name: &str, value: &SecretBytes) -> Option<SecretBytes> {
    let mut line = SecretBytes::with_capacity(name.len() + 2 * value.len() + 16);
    line.push(format!("header = \"{name}: ").as_bytes());
    for byte in value.expose() {
        match byte {
            b'\r' | b'\n' | 0 => return None,
            b'"' | b'\\' => line.push(&[b'\\', *byte]),
            byte => line.push(&[*byte]),
        }
    }
    line.push(b"\"\n");
    Some(line)
}

fn unfit(header: &Header) -> Failed {
    let message = format!("{}: its value has a line break, and a header is one line. Enter it again.", header.name);
    Failed::new(Exit::Failure, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_quoted_as_curl_reads_it() {
        let written = |value: &str| line("X-Key", &value.into()).map(|line| line.expose_text().unwrap().to_owned());
        assert_eq!(written("plain").unwrap(), "header = \"X-Key: plain\"\n");
        assert_eq!(written(r#"a"b\c\n#=é"#).unwrap(), "header = \"X-Key: a\\\"b\\\\c\\\\n#=é\"\n");
        for unfit in ["a\nb", "a\r", "\0"] {
            assert_eq!(written(unfit), None);
        }
    }
}
