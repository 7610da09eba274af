//! `strongroom show NAME`: everything about a secret but its value, and where it is applied.

use std::borrow::Cow;

use serde::Serialize;

use super::dependents::{taker, uses};
use super::told::Secret;
use super::{app, find, reference};
use crate::cli::args::NamedArgs;
use crate::cli::table::{facts, table};
use crate::cli::{Failed, output, unlock};
use crate::domain::certificate::Certificate;
use crate::domain::date::relative;
use crate::domain::kind::Input;
use crate::domain::lifecycle::gone_at;
use crate::domain::text::grouped;
use crate::domain::{Header, Scope, SeenDelivery, Stamp, State, Status, Timestamp};
use crate::service::{Details, Door, Uses};

/// A secret with all that belongs to it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    secret: Secret<'a>,
    certificates: Option<Vec<ShownCertificate<'a>>>,
    applications: Vec<app::Told<'a>>,
    deliveries: Vec<ShownDelivery<'a>>,
}

#[derive(Serialize)]
struct ShownCertificate<'a> {
    subject: &'a str,
    names: &'a [String],
    issuer: &'a str,
    serial: &'a str,
    not_before: String,
    not_after: String,
    key: &'a str,
    sha256: &'a str,
}

#[derive(Serialize)]
struct ShownDelivery<'a> {
    at: String,
    how: &'static str,
    user: &'a str,
    pid: u32,
    tty: Option<&'a str>,
    host: &'a str,
    parent: Option<&'a str>,
    command: Option<&'a str>,
    application: Option<&'a str>,
    revision: u64,
    old_value: bool,
    times: u64,
}

pub(super) fn run(args: &NamedArgs, door: &mut dyn Door, now: Timestamp) -> Result<(), Failed> {
    reference(&args.name)?;
    unlock(door, &args.unlocking)?;
    let details = find(door, &args.name)?;
    let uses = uses(door, details.header.id)?;
    output::data(&if args.json { json(&details, &uses, now) } else { text(&details, &uses, now) })
}

fn json(details: &Details, uses: &Uses, now: Timestamp) -> String {
    let certificates = details.chain.as_ref().map(|chain| chain.certificates.iter().map(shown_certificate).collect());
    output::json(&Shown {
        secret: Secret::of(&details.header, now),
        certificates,
        applications: uses
            .applications
            .iter()
            .map(|application| app::Told::of(application, std::slice::from_ref(&details.header)))
            .collect(),
        deliveries: uses.deliveries.iter().map(shown_delivery).collect(),
    })
}

fn shown_certificate(certificate: &Certificate) -> ShownCertificate<'_> {
    ShownCertificate {
        subject: &certificate.subject,
        names: &certificate.sans,
        issuer: &certificate.issuer,
        serial: &certificate.serial,
        not_before: certificate.not_before.to_iso(),
        not_after: certificate.not_after.to_iso(),
        key: &certificate.key,
        sha256: &certificate.fingerprint,
    }
}

fn shown_delivery(delivery: &SeenDelivery) -> ShownDelivery<'_> {
    let origin = &delivery.origin;
    ShownDelivery {
        at: delivery.at.to_iso(),
        how: delivery.how.word(),
        user: &origin.user,
        pid: origin.pid,
        tty: origin.terminal.as_deref(),
        host: &origin.host,
        parent: origin.parent.as_deref(),
        command: delivery.command.as_deref(),
        application: delivery.application.as_deref(),
        revision: delivery.revision,
        old_value: delivery.old_value,
        times: delivery.times,
    }
}

fn text(details: &Details, uses: &Uses, now: Timestamp) -> String {
    let header = &details.header;
    let mut rows = vec![fact("Secret Name", &header.name), fact("Credential Type", header.kind.label())];
    rows.push(fact("Scope", &scope(header)));
    rows.push(fact("Status", &status(header, now)));
    rows.extend(fields(header));
    rows.extend(header.parts.iter().map(|part| value(header, &part.name, part.size)));
    rows.extend(dates(header, now));
    let chain = details.chain.iter().flat_map(|chain| &chain.certificates);
    rows.extend(chain.flat_map(|certificate| certificate_facts(certificate, now)));
    format!("{}{}", facts(&rows), applied(header, uses, now))
}

fn fact(label: &str, text: &str) -> (String, String) {
    (label.to_owned(), text.to_owned())
}

/// Whose it is.
fn scope(header: &Header) -> String {
    match header.scope {
        Scope::Personal => format!("Personal: {} alone reads it", header.created.by),
        Scope::Organization => "Organization".to_owned(),
    }
}

/// The status with what belongs to it: since when, by whom, how long.
fn status(header: &Header, now: Timestamp) -> String {
    let status = Status::of(header, now);
    let word = status.word();
    match (&header.state, status) {
        (State::Inactive(Stamp { at, by }), _) => format!("{word} since {} by {by}", at.date()),
        (State::Deleted(Stamp { at, by }), _) => {
            let gone = gone_at(header).unwrap_or(*at).date();
            format!("{word} {} by {by}, gone on {gone}", at.date())
        }
        (_, Status::ExpiresSoon(0)) => "Expires today".to_owned(),
        (_, Status::ExpiresSoon(days)) => format!("Expires in {days} d"),
        (_, Status::Expired) => format!("{word} {}", relative(header.expires, now)),
        (_, Status::NotYetValid) => {
            format!("{word}, begins {}", header.not_before.map_or(String::new(), |start| start.date().to_string()))
        }
        _ => word.to_owned(),
    }
}

/// The fields that are not secret, with the schema's labels.
fn fields(header: &Header) -> impl Iterator<Item = (String, String)> {
    let schema = header.kind.schema();
    schema.fields.iter().filter(|field| field.input != Input::CertificateFile).filter_map(|field| {
        let text = header.public(field.key)?;
        let text = match field.input {
            // What it led to: pairs may have come out of a file as well.
            Input::Choice(_) => schema.led_to(field.key, text).map_or(text, |field| field.label),
            _ => text,
        };
        Some(fact(field.label, text))
    })
}

fn value(header: &Header, part: &str, size: u32) -> (String, String) {
    let field = header.kind.schema().field_of_part(part);
    let is_key = field.is_some_and(|field| field.input == Input::PrivateKeyFile);
    let note = match (header.write_only, header.encrypted_key && is_key) {
        (true, _) => ", write-only: never displayed",
        (_, true) => ", encrypted with a passphrase of its own",
        _ => "",
    };
    let bytes = if size == 1 { "byte" } else { "bytes" };
    (header.kind.schema().part_label(part).to_owned(), format!("{} {bytes}{note}", grouped(size.into())))
}

fn dates(header: &Header, now: Timestamp) -> Vec<(String, String)> {
    let stamp = |stamp: &Stamp| format!("{} by {}", stamp.at.date(), stamp.by);
    let expires = match header.expires {
        Some(end) => format!("{} ({})", end.date(), relative(end, now)),
        None if header.state.deleted().is_some() => "-".to_owned(),
        None => "never".to_owned(),
    };
    let mut rows = vec![fact("Created", &stamp(&header.created)), fact("Expires", &expires)];
    if header.modified.at != header.created.at {
        rows.insert(1, fact("Changed", &stamp(&header.modified)));
    }
    if header.write_only {
        rows.push(fact("Write-only", "used, never displayed"));
    }
    rows.push(fact("Revision", &header.revision.to_string()));
    rows.push(fact("Id", &header.id.to_string()));
    rows
}

fn certificate_facts(certificate: &Certificate, now: Timestamp) -> Vec<(String, String)> {
    let valid = format!(
        "{} to {} ({})",
        certificate.not_before.date(),
        certificate.not_after.date(),
        relative(certificate.not_after, now)
    );
    vec![
        fact("Subject", &certificate.subject),
        fact("Alternative names", &certificate.sans.join(", ")),
        fact("Valid", &valid),
        fact("Issuer", &certificate.issuer),
        fact("Serial", &certificate.serial),
        fact("Key", &certificate.key),
        fact("SHA-256", &certificate.fingerprint),
    ]
}

/// Where it is applied: the applications that name it, and the deliveries seen.
fn applied(header: &Header, uses: &Uses, now: Timestamp) -> String {
    let mut out = String::new();
    if uses.applications.is_empty() && uses.deliveries.is_empty() {
        return "\nNo application depends on it, and it has not been delivered.\n".to_owned();
    }
    let bindings: Vec<[Cow<'_, str>; 3]> = uses
        .applications
        .iter()
        .flat_map(|application| {
            let of_it = application.bindings.iter().filter(|binding| binding.secret == header.id);
            of_it.map(|binding| {
                let target = format!("{} {}", binding.target.slug(), binding.target.name());
                [(&*application.name).into(), target.into(), (&*binding.field).into()]
            })
        })
        .collect();
    if !bindings.is_empty() {
        out = format!("\n{}", table(["Application", "Target", "Field"], &bindings));
    }
    let rows: Vec<[Cow<'_, str>; 5]> = uses.deliveries.iter().map(|delivery| delivery_row(delivery, now)).collect();
    if !rows.is_empty() {
        out = format!("{out}\n{}", table(["Delivered", "How", "To", "By", "Revision"], &rows));
    }
    out
}

fn delivery_row(delivery: &SeenDelivery, now: Timestamp) -> [Cow<'_, str>; 5] {
    let old = if delivery.old_value { ", replaced since" } else { "" };
    let by = format!("{}@{}", delivery.origin.user, delivery.origin.host);
    [
        relative(delivery.at, now).into(),
        delivery.how.word().into(),
        taker(delivery).into(),
        by.into(),
        format!("{}{old}", delivery.revision).into(),
    ]
}
