//! `strongroom cert`: a certificate and its private key, in two files, for programs that want them so.

use std::path::Path;

use super::{hand_over, header};
use crate::cli::args::CertArgs;
use crate::cli::exit::Exit;
use crate::cli::new_file::check_free;
use crate::cli::words::quoted;
use crate::cli::{Failed, output, shown, unexpected, unlock};
use crate::domain::kind::{Field, Input};
use crate::domain::{Delivery, Header, Order, Reference, Want};
use crate::host::files::remove_if_there;
use crate::host::put::{Existing, put};
use crate::service::{Door, DoorError};

pub(super) fn run(args: &CertArgs, door: &mut dyn Door) -> Result<(), Failed> {
    [&args.cert, &args.key].into_iter().try_for_each(|path| check_free(path))?;
    if [&args.cert, &args.key].into_iter().any(|path| path == Path::new("-")) || args.cert == args.key {
        return Err(Failed::new(Exit::Usage, "the certificate and the key go to two files. Name both."));
    }
    unlock(door, &args.unlocking)?;
    let header = header(door, &args.name)?;
    let (certificate, key) = fields(&header)?;
    let want = |field: &Field| Want {
        reference: Reference { secret: header.id.into(), field: Some(field.key.into()) },
        revision: None,
    };
    let order = Order::new(Delivery::Cert, vec![want(certificate), want(key)]);
    let handed = hand_over(door, Order { allow_expired: args.allow_expired, ..order })?;
    let [certificate, key] = &handed[..] else { return Err(unexpected()) };
    write([(&args.key, key.bytes.expose()), (&args.cert, certificate.bytes.expose())])?;
    if header.encrypted_key {
        output::remark("The key is encrypted with a passphrase of its own, which strongroom does not know.");
    }
    output::remark(&format!("Wrote {} and {}.", shown(&args.cert), shown(&args.key)));
    Ok(())
}

/// The fields with a certificate and its key, of a type that has them.
fn fields(header: &Header) -> Result<(&'static Field, &'static Field), Failed> {
    let schema = header.kind.schema();
    let found = schema.with_input(Input::CertificateFile).zip(schema.with_input(Input::PrivateKeyFile));
    let (certificate, key) = found.ok_or_else(|| {
        let message = format!("{}: its type is {}, and this takes a certificate.", header.name, schema.label);
        Failed::new(Exit::Usage, format!("{message} Use strongroom get, or run --file."))
    })?;
    // Of what is deleted, the gate says so.
    let has = |field: &Field| header.parts.iter().any(|part| *part.name == *field.key);
    if header.state.deleted().is_none() && !has(key) {
        let name = quoted(&header.name);
        let message = format!(
            "{} was registered without a private key. Its certificate alone: strongroom get {name} --field {}.",
            header.name, certificate.key
        );
        return Err(Failed::new(Exit::NotFound, message));
    }
    Ok((certificate, key))
}

/// Both files, or none.
fn write([first, second]: [(&Path, &[u8]); 2]) -> Result<(), Failed> {
    put(first.0, first.1, Existing::Keep).map_err(DoorError::from)?;
    put(second.0, second.1, Existing::Keep).map_err(|error| {
        if let Err(left) = remove_if_there(first.0) {
            output::remark(&format!("It is left behind: {left}. Remove it."));
        }
        DoorError::from(error).into()
    })
}
