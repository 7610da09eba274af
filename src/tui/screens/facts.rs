//! What may be said of a secret without its value: the same words in the pane, the detail and the dialogs.

use crate::domain::certificate::{Certificate, Chain, read_chain};
use crate::domain::date::relative;
use crate::domain::kind::Input;
use crate::domain::lifecycle::gone_at;
use crate::domain::organization::Permission;
use crate::domain::{Header, Part, Scope, Stamp, State, Status, Timestamp};
use crate::tui::app::Shared;
use crate::tui::keymap::Cmd;
use crate::tui::layer::Lack;
use crate::tui::screens::notices;
use crate::tui::text::clean;
use crate::tui::widgets::Row;

/// The status with what belongs to it: since when, by whom, how long.
pub(in crate::tui) fn status(header: &Header, now: Timestamp) -> String {
    let word = Status::of(header, now).word();
    match (&header.state, Status::of(header, now)) {
        (State::Inactive(Stamp { at, by }), _) => format!("{word} since {} by {}", at.date(), clean(by)),
        (State::Deleted(Stamp { at, by }), _) => {
            let left = gone_at(header).map_or(0, |gone| gone.days_from(now).max(0));
            format!("{word} {} by {}, gone in {left} d", at.date(), clean(by))
        }
        (_, Status::ExpiresSoon(0)) => "Expires today".to_owned(),
        (_, Status::ExpiresSoon(days)) => format!("Expires in {days} d"),
        (_, Status::Expired) => {
            format!("{word} {}", header.expires.map_or(String::new(), |end| relative(end, now)))
        }
        (_, Status::NotYetValid) => {
            format!("{word}, begins {}", header.not_before.map_or(String::new(), |start| start.date().to_string()))
        }
        _ => word.to_owned(),
    }
}

/// The status in a word or two: of what is deleted, what counts is how long it is still there.
pub(in crate::tui) fn short(header: &Header, now: Timestamp) -> String {
    match gone_at(header) {
        Some(gone) => format!("Gone in {} d", gone.days_from(now).max(0)),
        None => Status::of(header, now).word().to_owned(),
    }
}

/// What a scope is called.
pub(in crate::tui) fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Organization => "Organization",
        Scope::Personal => "Personal",
    }
}

/// What whoever is in lacks to do `cmd` with the secret under `header`.
pub(in crate::tui) fn lacks(header: &Header, cmd: Cmd, shared: &Shared) -> Option<Lack> {
    let permission = match cmd {
        Cmd::Reveal | Cmd::Copy => Permission::Reveal,
        Cmd::Edit => Permission::Edit,
        Cmd::ToggleActive => Permission::Deactivate,
        Cmd::Delete => Permission::Delete,
        _ => return None,
    };
    if shared.may(permission, header) {
        return None;
    }
    Some(match header.scope {
        Scope::Organization => Lack::Permission(permission, Some((header.id, header.name.clone()))),
        Scope::Personal => Lack::Personal(Box::from(&*header.created.by)),
    })
}

/// Why `cmd` cannot be done with a secret, if it is one that is done with secrets.
pub(in crate::tui) fn why_not(header: Option<&Header>, cmd: Cmd, shared: &Shared) -> Option<String> {
    let changes = matches!(cmd, Cmd::Edit | Cmd::ToggleActive | Cmd::Delete);
    if let Some(header) = header.filter(|_| changes || matches!(cmd, Cmd::MoreOptions | Cmd::Reveal | Cmd::Copy)) {
        if let State::Deleted(Stamp { at, by }) = &header.state {
            let gone = gone_at(header).unwrap_or(*at).date();
            return Some(format!("Deleted {} by {}; gone on {gone}.", at.date(), clean(by)));
        }
        if cmd == Cmd::Reveal && header.write_only {
            return Some("It is write-only: its value can be used, but it is never displayed.".to_owned());
        }
    }
    ((changes || cmd == Cmd::Register) && shared.is_read_only()).then(|| notices::read_only(shared))
}

/// The fields of the schema: label, and the text if it is not secret.
pub(in crate::tui) fn fields(header: &Header) -> impl Iterator<Item = (String, Option<String>)> + '_ {
    let schema = header.kind.schema();
    let public = schema.fields.iter().filter(|field| field.input != Input::CertificateFile).filter_map(|field| {
        let text = header.public(field.key)?;
        let text = match field.input {
            // What it led to: pairs may have come out of a file as well.
            Input::Choice(_) => schema.led_to(field.key, text).map_or(text, |field| field.label),
            _ => text,
        };
        Some((field.label.to_owned(), Some(text.to_owned())))
    });
    let parts = header.parts.iter().map(|part| (part_label(header, &part.name), None));
    public.chain(parts)
}

/// The label of a part: the schema's, or its own name for pairs and files.
pub(in crate::tui) fn part_label(header: &Header, part: &str) -> String {
    header.kind.schema().part_label(part).to_owned()
}

/// The label of the field `key`: the schema's, or its own name for pairs and files.
pub(in crate::tui) fn field_label(header: &Header, key: &str) -> String {
    match header.public(key).and_then(|_| header.kind.schema().field(key)) {
        Some(field) => field.label.to_owned(),
        None => part_label(header, key),
    }
}

/// When it was made and changed, and when it ends.
pub(in crate::tui) fn dates(header: &Header, now: Timestamp) -> impl Iterator<Item = (String, Option<String>)> {
    let stamp = |stamp: &Stamp| format!("{} by {}", stamp.at.date(), stamp.by);
    let expires = match header.expires {
        Some(end) => format!("{} ({})", end.date(), relative(end, now)),
        None => "never".to_owned(),
    };
    let mut rows = vec![("Created", stamp(&header.created)), ("Expires", expires)];
    if header.modified.at != header.created.at {
        rows.insert(1, ("Changed", stamp(&header.modified)));
    }
    if header.write_only {
        rows.push(("Write-only", "used, never displayed".to_owned()));
    }
    rows.into_iter().map(|(label, text)| (label.to_owned(), Some(text)))
}

/// What the pane tells: the fields, what the first certificate is for, the dates.
pub(in crate::tui) fn summary<'a>(
    header: &'a Header,
    chain: Option<&'a Chain>,
    now: Timestamp,
) -> impl Iterator<Item = (String, Option<String>)> + 'a {
    let leaf = chain.and_then(Chain::leaf).into_iter().flat_map(|leaf| {
        let begins = ("Valid from", leaf.not_before.date().to_string());
        subject(leaf).into_iter().chain([begins])
    });
    fields(header).chain(leaf.map(|(label, text)| (label.to_owned(), Some(text)))).chain(dates(header, now))
}

/// The certificates of a secret that has some.
pub(in crate::tui) fn chain(header: &Header) -> Option<Chain> {
    let field = header.kind.schema().with_input(Input::CertificateFile)?;
    read_chain(header.public(field.key)?.as_bytes()).ok().map(|bundle| bundle.chain)
}

/// Whom a certificate names.
fn subject(certificate: &Certificate) -> Vec<(&'static str, String)> {
    let mut rows = vec![("Subject", certificate.subject.clone())];
    if !certificate.sans.is_empty() {
        rows.push(("Alternative names", certificate.sans.join(", ")));
    }
    rows
}

/// Everything about a secret, as the rows of its detail; `applied` are those of where it is applied.
pub(in crate::tui) fn rows(header: &Header, chain: Option<&Chain>, applied: Vec<Row>, now: Timestamp) -> Vec<Row> {
    let plain = |label: &str, text: &str| Row::Plain { label: label.into(), text: text.into() };
    let mut rows: Vec<Row> = vec![plain("Secret Name", &header.name)];
    rows.extend(fields(header).filter_map(|(label, text)| text.map(|text| plain(&label, &text))));
    rows.extend(header.parts.iter().map(|part| secret_row(header, part)));
    rows.extend(chain.and_then(|chain| document_row(header, chain)));
    rows.extend(dates(header, now).filter_map(|(label, text)| text.map(|text| plain(&label, &text))));
    rows.extend(whose(header).map(|(label, text)| plain(label, &text)));
    rows.extend(applied);
    rows.extend(chain.into_iter().flat_map(|chain| certificate_rows(chain, now)));
    rows
}

/// Whose secret it is.
fn whose(header: &Header) -> impl Iterator<Item = (&'static str, String)> {
    let scope = match header.scope {
        Scope::Organization => scope_word(header.scope).to_owned(),
        Scope::Personal => "Personal: sealed to its owner alone".to_owned(),
    };
    [("Scope", scope), ("Owner", header.created.by.to_string())].into_iter()
}

fn secret_row(header: &Header, part: &Part) -> Row {
    let is_key = header.kind.schema().field_of_part(&part.name).is_some_and(|f| f.input == Input::PrivateKeyFile);
    let note = match (header.write_only, header.encrypted_key && is_key) {
        (true, _) => "write-only: never displayed",
        (_, true) => "encrypted with a passphrase of its own",
        _ => "",
    };
    Row::Secret { label: part_label(header, &part.name).into(), part: part.name.clone(), note: note.into() }
}

/// The certificates themselves, to be copied.
fn document_row(header: &Header, chain: &Chain) -> Option<Row> {
    let field = header.kind.schema().with_input(Input::CertificateFile)?;
    let summary = match chain.certificates.len() {
        1 => "one certificate, PEM".to_owned(),
        count => format!("{count} certificates, PEM, in order"),
    };
    let text = header.public(field.key)?.into();
    Some(Row::Document { label: field.label.into(), summary: summary.into(), text })
}

/// The certificate that was just registered: whom it names and until when it is valid; copying takes the file.
pub(in crate::tui) fn new_certificate(header: &Header, chain: &Chain) -> Option<Row> {
    let field = header.kind.schema().with_input(Input::CertificateFile)?;
    let leaf = chain.leaf()?;
    let summary = format!("{}, until {}", leaf.subject, leaf.not_after.date()).into();
    Some(Row::Document { label: field.label.into(), summary, text: header.public(field.key)?.into() })
}

fn certificate_rows(chain: &Chain, now: Timestamp) -> Vec<Row> {
    let plain = |label: &str, text: &str| Row::Plain { label: label.into(), text: text.into() };
    let mut rows = Vec::new();
    for (i, certificate) in chain.certificates.iter().enumerate() {
        let of = chain.certificates.len();
        let heading = if i == 0 { format!("Certificate 1 of {of}") } else { format!("Issuer, {} of {of}", i + 1) };
        rows.push(Row::Heading(heading.into()));
        rows.extend(subject(certificate).iter().map(|(label, text)| plain(label, text)));
        let (start, end) = (certificate.not_before, certificate.not_after);
        rows.push(plain("Valid", &format!("{} to {} ({})", start.date(), end.date(), relative(end, now))));
        rows.push(plain("Issuer", &certificate.issuer));
        rows.push(plain("Serial", &certificate.serial));
        rows.push(plain("Key", &certificate.key));
        rows.push(plain("SHA-256", &certificate.fingerprint));
    }
    rows
}
