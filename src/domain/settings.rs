//! What members agree on for their vault.

use serde::{Deserialize, Serialize};

/// Settings of a vault, sealed in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How many earlier values of a secret are kept; 0 keeps none.
    pub kept_revisions: u16,
    /// For how many days audit events are kept; 0 is for ever.
    pub audit_days: u32,
    /// How many MiB the audit log may take before its oldest events go.
    pub audit_mib: u32,
}

impl Settings {
    /// Most earlier values that can be kept.
    pub const MOST_REVISIONS: u16 = 100;
    /// The largest audit log, in MiB.
    pub const MOST_MIB: u32 = 256;
}

impl Default for Settings {
    fn default() -> Self {
        Self { kept_revisions: 5, audit_days: 400, audit_mib: 16 }
    }
}
