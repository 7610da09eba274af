//! What whoever is in may do, and who can change that.

use crate::domain::organization::{Permission, Whose};
use crate::domain::{Header, Scope};
use crate::vault::{Vault, VaultError};

impl Vault {
    /// Whether the member who is in may do that with the secret of `header`.
    ///
    /// # Errors
    /// [`VaultError::NotPermitted`].
    pub(in crate::vault) fn permit(&self, permission: Permission, header: &Header) -> Result<(), VaultError> {
        if self.rights()?.may(permission, Whose::from(header)) {
            return Ok(());
        }
        self.not_permitted(&format!("{} {}", permission.word(), header.name), Some(permission))
    }

    /// Whether the member may register secrets of `scope`.
    ///
    /// # Errors
    /// As [`Vault::permit`].
    pub(in crate::vault) fn permit_register(&self, scope: Scope) -> Result<(), VaultError> {
        if self.rights()?.may_register(scope) {
            return Ok(());
        }
        self.not_permitted("register secrets of the organization", Some(Permission::Register))
    }

    /// Whether the member manages the organization, which it takes to do `act`.
    ///
    /// # Errors
    /// As [`Vault::permit`].
    pub(in crate::vault) fn permit_managing(&self, act: &str) -> Result<(), VaultError> {
        if self.log.is_none() || self.manages() { Ok(()) } else { self.not_permitted(act, None) }
    }

    /// The refusal of `act`.
    pub(in crate::vault) fn not_permitted<T>(
        &self,
        act: &str,
        permission: Option<Permission>,
    ) -> Result<T, VaultError> {
        let who_can = self.log.as_ref().map(|log| log.organization().who_can_grant()).unwrap_or_default();
        let member = self.member()?.name.clone();
        Err(VaultError::NotPermitted { member, act: act.into(), permission, who_can })
    }
}
