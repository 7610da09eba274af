//! `--env VAR=REF` and its like.

use crate::cli::Failed;
use crate::cli::args::Bindings;
use crate::cli::exit::Exit;
use crate::cli::secrets::{check_not_deleted, find, reference};
use crate::domain::{Binding, BindingTarget, Header};
use crate::service::{Door, DoorError};

/// A way to make a target of its name.
type Target = fn(Box<str>) -> BindingTarget;

/// What `args` say, in their order within each kind.
///
/// # Errors
/// When one of them is no binding.
pub(super) fn parse(args: &Bindings) -> Result<Vec<(BindingTarget, String)>, Failed> {
    let kinds: [(&str, &[String], Target); 4] = [
        ("--env", &args.env, BindingTarget::Variable),
        ("--header", &args.header, BindingTarget::Header),
        ("--file", &args.file, BindingTarget::File),
        ("--host", &args.host, BindingTarget::Host),
    ];
    let mut wanted = Vec::new();
    for (option, texts, target) in kinds {
        for text in texts {
            let (name, to) =
                text.split_once('=').filter(|(name, to)| !name.is_empty() && !to.is_empty()).ok_or_else(|| {
                    Failed::new(Exit::Usage, format!("{option} {text}: write TARGET=strongroom://NAME/FIELD."))
                })?;
            let target = target(name.into()).checked();
            let target = target.map_err(|error| Failed::new(Exit::Usage, format!("{option} {name}: {error}")))?;
            reference(to)?;
            wanted.push((target, to.to_owned()));
        }
    }
    Ok(wanted)
}

/// The secrets and fields that were named.
///
/// # Errors
/// When there is no such secret, or it has several fields and none is named.
pub(super) fn resolve(door: &mut dyn Door, wanted: Vec<(BindingTarget, String)>) -> Result<Vec<Binding>, Failed> {
    wanted.into_iter().map(|(target, to)| bind(door, target, &to)).collect()
}

fn bind(door: &mut dyn Door, target: BindingTarget, to: &str) -> Result<Binding, Failed> {
    let field = reference(to)?.field;
    let header = find(door, to)?.header;
    check_not_deleted(&header)?;
    let field = field.map_or_else(|| only_field(&header), |field| known_field(&header, field))?;
    Ok(Binding { target, secret: header.id, field })
}

fn known_field(header: &Header, field: Box<str>) -> Result<Box<str>, DoorError> {
    if header.has(&field) {
        return Ok(field);
    }
    Err(DoorError::NoField { secret: header.name.clone(), field, fields: fields(header) })
}

fn only_field(header: &Header) -> Result<Box<str>, DoorError> {
    match &header.parts[..] {
        [only] => Ok(only.name.clone()),
        _ => Err(DoorError::WhichField { secret: header.name.clone(), fields: fields(header) }),
    }
}

fn fields(header: &Header) -> Vec<String> {
    header.fields().map(str::to_owned).collect()
}
