//! Permissions, and how far each reaches.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::SecretId;

/// Something that a member may be permitted to do with secrets of the organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Permission {
    /// Have its value handed to programs: run, inject, the helpers.
    Use,
    /// See its value, or copy it.
    Reveal,
    /// Register new ones. Reaches all secrets or none.
    Register,
    /// Change fields, dates and the value.
    Edit,
    /// Put it out of use, and back.
    Deactivate,
    /// Delete it.
    Delete,
}

impl Permission {
    /// Every permission, in the order of the screens and of the numbers that they are written as.
    pub const ALL: [Self; 6] = [Self::Use, Self::Reveal, Self::Register, Self::Edit, Self::Deactivate, Self::Delete];

    /// Its name on the command line and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Use => "use",
            Self::Reveal => "reveal",
            Self::Register => "register",
            Self::Edit => "edit",
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        }
    }

    /// Its name on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Use => "Use",
            Self::Reveal => "Reveal",
            Self::Register => "Register",
            Self::Edit => "Edit",
            Self::Deactivate => "Deactivate",
            Self::Delete => "Delete",
        }
    }

    /// Whether somebody with it has to hold the key of the value.
    pub fn needs_value(self) -> bool {
        matches!(self, Self::Use | Self::Reveal | Self::Edit)
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Permissions(u8);

impl Permissions {
    /// None of them.
    pub const NONE: Self = Self(0);

    /// The set with these bits, the first permission being the lowest; `None` when there is no such permission.
    pub fn from_bits(bits: u8) -> Option<Self> {
        (bits >> Permission::ALL.len() == 0).then_some(Self(bits))
    }

    /// The set as bits, as [`Permissions::from_bits`] reads them.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Whether `permission` is in it.
    pub fn has(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether there is none in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those in it, in their order.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.has(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | permission.bit()))
    }
}

/// Which secrets of the organization a permission is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// All, also those that are registered later.
    All,
    /// These.
    Named(BTreeSet<SecretId>),
}

impl Reach {
    /// Whether `secret` is among them.
    pub fn covers(&self, secret: SecretId) -> bool {
        match self {
            Self::All => true,
            Self::Named(secrets) => secrets.contains(&secret),
        }
    }
}

/// What was granted to one member: for each permission, how far it reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants(BTreeMap<Permission, Reach>);

impl Grants {
    /// How far `permission` reaches; `None` when it was not granted.
    pub fn reach(&self, permission: Permission) -> Option<&Reach> {
        self.0.get(&permission)
    }

    /// Whether `permission` was granted for `secret`.
    pub fn covers(&self, permission: Permission, secret: SecretId) -> bool {
        self.reach(permission).is_some_and(|reach| reach.covers(secret))
    }

    /// Whether `permission` was granted for all secrets.
    pub fn covers_all(&self, permission: Permission) -> bool {
        self.reach(permission) == Some(&Reach::All)
    }

    /// Whether nothing was granted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Grants `permissions` for `reach`, besides what was granted before. Says whether that is more than before.
    pub fn grant(&mut self, permissions: Permissions, reach: &Reach) -> bool {
        let before = self.clone();
        for permission in permissions.iter() {
            match (self.0.get_mut(&permission), reach) {
                (Some(Reach::All), _) => {}
                (Some(Reach::Named(had)), Reach::Named(more)) => had.extend(more),
                (_, reach) => drop(self.0.insert(permission, reach.clone())),
            }
        }
        *self != before
    }

    /// Takes `permissions` back for `reach`; [`Reach::Named`] takes nothing from what was granted for all. Says whether
    /// that is less than before.
    pub fn revoke(&mut self, permissions: Permissions, reach: &Reach) -> bool {
        let before = self.clone();
        for permission in permissions.iter() {
            match (self.0.get_mut(&permission), reach) {
                (_, Reach::All) => drop(self.0.remove(&permission)),
                (Some(Reach::Named(had)), Reach::Named(less)) => had.retain(|secret| !less.contains(secret)),
                _ => {}
            }
        }
        self.0.retain(|_, reach| !matches!(reach, Reach::Named(secrets) if secrets.is_empty()));
        *self != before
    }
}
