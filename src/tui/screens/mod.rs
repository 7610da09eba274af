//! The portal's steps as screens, a file or folder each.

mod accept;
mod applications;
pub mod audit;
pub mod detail;
mod facts;
mod form;
mod history;
pub mod listing;
mod members;
mod menu;
mod new_passphrase;
mod new_recovery_key;
mod notices;
mod picker;
pub mod register;
mod saved;
#[cfg(test)]
pub(in crate::tui) mod script;
mod served;
mod settings;
mod unlock;
#[cfg(test)]
mod uses_tests;
mod wizard;

pub use applications::applications;
pub use audit::audit_log;
pub(in crate::tui) use facts::{field_label, lacks, scope_word, short as status_in_short};
pub use form::resume;
pub use members::{matrix, members};
pub use new_passphrase::{new_passphrase, required_passphrase};
pub use new_recovery_key::new_recovery_key;
pub use notices::tell;
pub use settings::vault_settings;
pub use unlock::unlock;
pub use wizard::wizard;

use crate::tui::layer::Layer;

/// The first step of every path.
pub const ROOT: &str = "Account Portal";
/// How many steps down Secrets Management is.
pub const DEPTH_OF_SECRETS: usize = 4;

/// Account Portal → Organization → Identity and Security → Secrets Management: where one stands after unlocking.
pub fn path_to_secrets() -> Vec<Box<dyn Layer>> {
    vec![menu::account_portal(), menu::organization(), menu::identity_and_security(), listing::screen()]
}
