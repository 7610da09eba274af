//! `strongroom generate`: a value that nobody has to think up. Nothing is stored, and no vault is needed.

use std::io::{self, IsTerminal};

use crate::cli::args::GenerateArgs;
use crate::cli::{Failed, output};
use crate::form::generate::generate;
use crate::host::OsEntropy;
use crate::service::DoorError;

pub(super) fn run(args: &GenerateArgs) -> Result<(), Failed> {
    let generated = generate(&OsEntropy, usize::from(args.length));
    let mut value = generated.map_err(|error| DoorError::System(error.to_string()))?;
    if args.json {
        return output::value(&output::json_with(&serde_json::Map::new(), "value", &value));
    }
    // As get does: a line break for people, none for programs.
    if io::stdout().is_terminal() {
        value.push(b"\n");
    }
    output::value(&value)
}
