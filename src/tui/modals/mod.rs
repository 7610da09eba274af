//! Dialogs: at most one, on top of the screens.

mod arrange;
mod choose;
mod confirm;
mod conflict;
mod copy;
mod delete;
mod events;
mod help;
mod lifecycle;
mod offer;
mod options;
mod palette;

pub use arrange::{FilterDialog, SortDialog};
pub use choose::{choose_field, choose_secret};
pub use confirm::{Confirm, Then, quit};
pub use conflict::{conflict, gone};
pub use copy::copy;
pub use delete::delete;
pub use events::{EventsDialog, verdict};
pub use help::{help, lines as help_lines};
pub use lifecycle::toggle;
pub use offer::offer;
pub use options::options;
pub use palette::palette;
