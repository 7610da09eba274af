//! Dialogs: at most one, on top of the screens.

mod bind;
mod choose;
mod confirm;
mod conflict;
mod copy;
mod delete;
mod help;
mod lifecycle;
mod not_permitted;
mod offer;
mod options;
mod palette;
mod prove;
mod role;
mod sort;
mod ticked;
mod verdict;

pub use bind::bind;
pub use choose::{choose_field, choose_secret};
pub use confirm::{Confirm, Then, quit};
pub use conflict::{conflict, gone};
pub use copy::copy;
pub use delete::delete;
pub use help::{help, lines as help_lines};
pub use lifecycle::toggle;
pub use not_permitted::{not_permitted, refused};
pub use offer::offer;
pub use options::options;
pub use palette::palette;
pub use prove::{Prove, Proved};
pub use role::{ask_permission, role};
pub use sort::SortDialog;
pub use ticked::{events, filter, reach};
pub use verdict::verdict;
