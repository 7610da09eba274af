//! Pieces that screens and dialogs are made of.

mod buttons;
mod column;
mod dialog;
mod list;
mod passphrase_pair;
mod progress;
pub mod rows;
mod secret_input;
mod secret_line;
mod text_input;
mod ticks;
mod written;

pub use buttons::Buttons;
pub use column::{Column, Note};
pub use dialog::{dialog_box, menu_box};
pub use list::{ListState, list_row};
pub use passphrase_pair::PassphrasePair;
pub use progress::{progress_words, render_progress};
pub use rows::{Revealed, Row};
pub use secret_input::SecretInput;
pub use secret_line::{MAX_PASSPHRASE, Refused, SecretLine};
pub use text_input::TextInput;
pub use ticks::{Tick, Ticks};
pub use written::{groups, render_fingerprint, render_groups};
