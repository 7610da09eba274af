//! `strongroom get NAME`: one value, handed over: printed, written to a file, or sent to the clipboard.
//!
//! Into a pipe or a file go the bytes as they are, and none besides. On a terminal a line break follows, and what a terminal
//! would obey is written as an escape.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Serialize;

use super::reference;
use crate::cli::args::GetArgs;
use crate::cli::deliver::warn;
use crate::cli::exit::Exit;
use crate::cli::{Failed, call, new_file, output, shown, unexpected, unlock};
use crate::domain::text::is_forbidden;
use crate::domain::{Delivery, Order, Reference, SecretBytes, Want};
use crate::host::answer::in_words;
use crate::host::clipboard::Route;
use crate::host::handed_over::Withheld;
use crate::service::{Door, DoorError, Handed, Request, Response};

/// What was sent to the clipboard is overwritten after so many seconds.
const CLIPBOARD_SECONDS: u64 = 45;

pub(super) fn run(args: &GetArgs, door: &mut dyn Door) -> Result<(), Failed> {
    let reference = wanted(args)?;
    args.out.as_deref().map_or(Ok(()), new_file::check_free)?;
    let clipboard = if args.clip { Some(Clipboard::find()?) } else { None };
    unlock(door, &args.unlocking)?;
    let how = if args.clip { Delivery::Copy } else { Delivery::Get };
    let wants = vec![Want { reference, revision: args.revision }];
    let order = Order { allow_expired: args.allow_expired, ..Order::new(how, wants) };
    let Response::Delivered { handed, .. } = call(door, Request::Deliver(order))? else { return Err(unexpected()) };
    let [handed] = &handed[..] else { return Err(unexpected()) };
    warn(&handed.header.name, handed.status);
    match (clipboard, &args.out) {
        (Some(clipboard), _) => clipboard.send(&handed.bytes),
        (None, Some(file)) => {
            new_file::write(file, handed.bytes.expose())?;
            output::remark(&format!("Written to {}, which only you can read.", shown(file)));
            Ok(())
        }
        (None, None) if args.json => output::value(&json(handed, args.revision)?),
        (None, None) if io::stdout().is_terminal() => show(&handed.bytes),
        (None, None) => output::value(&handed.bytes),
    }
}

/// The field may be named in the reference or by the option.
fn wanted(args: &GetArgs) -> Result<Reference, Failed> {
    let mut reference = reference(&args.name)?;
    if let Some(field) = &args.field {
        if reference.field.as_deref().is_some_and(|named| named != field.as_str()) {
            let message = "the reference names one field and --field another. Leave one of them away.";
            return Err(Failed::new(Exit::Usage, message));
        }
        reference.field = Some(field.as_str().into());
    }
    Ok(reference)
}

/// What a value is, as `--json` prints it before the value.
#[derive(Serialize)]
struct Told<'a> {
    name: &'a str,
    id: String,
    field: &'a str,
    revision: u64,
    status: &'static str,
}

/// The value with what it is, for scripts.
fn json(handed: &Handed, revision: Option<u64>) -> Result<SecretBytes, Failed> {
    let Handed { header, status, part, bytes } = handed;
    if bytes.expose_text().is_none() {
        let message = format!("{}: its field {part} is no text, as JSON is. Leave --json away.", header.name);
        return Err(Failed::new(Exit::Failure, message));
    }
    let told = Told {
        name: &header.name,
        id: header.id.to_string(),
        field: part,
        revision: revision.unwrap_or(header.revision),
        status: status.slug(),
    };
    Ok(output::json_with(&told, "value", bytes))
}

/// Prints a value on a terminal.
fn show(value: &SecretBytes) -> Result<(), Failed> {
    let (mut line, escaped) = fit_for_a_terminal(value);
    if line.expose().last() != Some(&b'\n') {
        line.push(b"\n");
    }
    output::value(&line)?;
    if escaped {
        output::remark(
            "Not all of it can be shown: what a terminal would obey stands there as \\x or \\u. \
                        Into a pipe or with --out it goes as it is.",
        );
    }
    Ok(())
}

/// The value as a terminal may get it, and whether anything in it had to be escaped.
fn fit_for_a_terminal(value: &SecretBytes) -> (SecretBytes, bool) {
    let mut line = SecretBytes::with_capacity(value.len() + 1);
    let mut escaped = false;
    for chunk in value.expose().utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_forbidden(c) && !matches!(c, '\n' | '\t') {
                escaped = true;
                line.push(format!("\\u{{{:04x}}}", u32::from(c)).as_bytes());
            } else {
                line.push(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        for byte in chunk.invalid() {
            escaped = true;
            line.push(format!("\\x{byte:02x}").as_bytes());
        }
    }
    (line, escaped)
}

/// The terminal, and what stands between us and its clipboard.
struct Clipboard {
    terminal: File,
    route: Route,
}

impl Clipboard {
    /// Before anything is asked for: whether there is one.
    fn find() -> Result<Self, Failed> {
        let route = Route::detect(|name| std::env::var(name).ok());
        let refused = |why: String| Failed::new(Exit::Failure, format!("nothing was sent: {why}."));
        route.clear().map_err(|error| refused(error.to_string()))?;
        let terminal = File::options()
            .write(true)
            .open("/dev/tty")
            .map_err(|error| refused(format!("there is no terminal ({}); leave --clip away", in_words(&error))))?;
        Ok(Self { terminal, route })
    }

    /// Sends `value`; a process that stays behind overwrites it when its time is over.
    fn send(mut self, value: &SecretBytes) -> Result<(), Failed> {
        let failed = |why: String| Failed::new(Exit::Failure, format!("nothing was sent: {why}. Use --out FILE."));
        let sequence = self.route.copy(value.expose()).map_err(|error| failed(error.to_string()))?;
        self.terminal.write_all(&sequence).map_err(|error| failed(in_words(&error)))?;
        let cleared = match clear_later() {
            Ok(()) => format!("for {CLIPBOARD_SECONDS} s"),
            Err(_) => "and stays there until something else is copied".to_owned(),
        };
        output::remark(&format!("Sent to the terminal's clipboard {cleared}. {}", self.route.advice()));
        Ok(())
    }
}

/// Starts a process of its own that Ctrl-C at the prompt does not end; a hang-up does, with the terminal.
fn clear_later() -> io::Result<()> {
    let nothing = Stdio::null;
    // A descriptor of whoever asked, such as the pipe that they wait at, does not stay open behind them.
    let _withheld = Withheld::all();
    Command::new("/proc/self/exe")
        .args(["clear-clipboard", &CLIPBOARD_SECONDS.to_string()])
        .stdin(nothing())
        .stdout(nothing())
        .stderr(nothing())
        .process_group(0)
        .spawn()
        .map(drop)
}

/// Overwrites the terminal's clipboard after `seconds`.
pub(super) fn clear_clipboard(seconds: u64) -> Result<(), Failed> {
    let clipboard = Clipboard::find()?;
    std::thread::sleep(Duration::from_secs(seconds));
    let sequence = clipboard.route.clear().map_err(|error| Failed::new(Exit::Failure, error.to_string()))?;
    let mut terminal = clipboard.terminal;
    terminal.write_all(&sequence).map_err(|error| DoorError::System(in_words(&error)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_nothing_that_it_would_obey() {
        let fit = |bytes: &[u8]| {
            let (line, escaped) = fit_for_a_terminal(&bytes.into());
            (line.expose_text().unwrap().to_owned(), escaped)
        };
        assert_eq!(fit("key: ä\tb\nc".as_bytes()), ("key: ä\tb\nc".to_owned(), false));
        assert_eq!(fit(b"a\x1b]52;c;x\x07\r"), ("a\\u{001b}]52;c;x\\u{0007}\\u{000d}".to_owned(), true));
        assert_eq!(fit(b"\xff\xfe\x9b2J"), ("\\xff\\xfe\\x9b2J".to_owned(), true));
        assert_eq!(fit("a\u{202e}b\u{200b}".as_bytes()), ("a\\u{202e}b\\u{200b}".to_owned(), true));
    }
}
