//! Fields of a secret from the command line, through the form engine: its rules and its words are those of the screens.

mod fill;
mod source;

pub(super) use fill::Filling;
