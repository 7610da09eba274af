//! `strongroom curl-config`: the header that carries a secret, for `curl -K -`.

use std::io::{self, IsTerminal};

use super::{bound, hand_over, header};
use crate::cli::args::CurlArgs;
use crate::cli::exit::Exit;
use crate::cli::words::quoted;
use crate::cli::{Failed, output, unlock};
use crate::domain::kind::{Field, Input};
use crate::domain::{Application, Binding, BindingTarget, Delivery, Header, Order, Reference, SecretBytes, Want};
use crate::service::{Door, Handed};

pub(super) fn run(args: &CurlArgs, door: &mut dyn Door) -> Result<(), Failed> {
    if io::stdout().is_terminal() {
        let message = "the value would be shown on the terminal. Pipe it: strongroom curl-config … | curl -K - URL";
        return Err(Failed::new(Exit::Usage, message));
    }
    unlock(door, &args.unlocking)?;
    let headers = headers(args, door)?;
    let wants = headers.iter().map(|(_, reference)| Want { reference: reference.clone(), revision: None });
    let order = Order {
        application: args.app.as_deref().map(Into::into),
        allow_expired: args.allow_expired,
        ..Order::new(Delivery::Curl, wants.collect())
    };
    let mut config = SecretBytes::default();
    for ((name, _), Handed { header, bytes, .. }) in headers.iter().zip(hand_over(door, order)?) {
        config.push(line(name, &bytes).ok_or_else(|| unfit(&header))?.expose());
    }
    output::value(&config)
}

/// The headers that are asked for, each with what goes into it.
fn headers(args: &CurlArgs, door: &mut dyn Door) -> Result<Vec<(Box<str>, Reference)>, Failed> {
    if let Some(name) = &args.app {
        return of_application(&*bound::application(door, name)?);
    }
    let header = header(door, args.name.as_deref().unwrap_or_default())?;
    let (name, value) = carried(&header)?;
    let reference = Reference { secret: header.id.into(), field: Some(value.key.into()) };
    Ok(vec![(header.public(name.key).unwrap_or_default().into(), reference)])
}

/// Those that it is bound to.
fn of_application(application: &Application) -> Result<Vec<(Box<str>, Reference)>, Failed> {
    let header = |binding: &Binding| match &binding.target {
        BindingTarget::Header(name) => {
            let field = Some(binding.field.clone());
            Some((name.clone(), Reference { secret: binding.secret.into(), field }))
        }
        _ => None,
    };
    let headers: Vec<_> = application.bindings.iter().filter_map(header).collect();
    if headers.is_empty() {
        let (name, quoted) = (&application.name, quoted(&application.name));
        let message = format!(
            "{name} is bound to no header. Bind it with strongroom app edit {quoted} --header NAME=strongroom://NAME/FIELD."
        );
        return Err(Failed::new(Exit::Usage, message));
    }
    Ok(headers)
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
