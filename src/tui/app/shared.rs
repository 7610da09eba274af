//! What every layer may read.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use super::Now;
use crate::domain::organization::{Permission, Rights};
use crate::domain::{Header, Keeper, SecretId, Timestamp};
use crate::host::Entropy;
use crate::service::{Session, StoreTrouble};
use crate::tui::layer::Millis;
use crate::tui::theme::Theme;

/// What the app is told once, at its start.
pub struct Setup {
    /// How it looks.
    pub theme: Theme,
    /// The vault's place, as shown on the unlock screen.
    pub place: String,
    /// A throw-away vault with samples.
    pub demo: bool,
    /// Where the file picker begins.
    pub folder: PathBuf,
    /// For generated values and for which characters of the recovery key are asked back.
    pub entropy: Arc<dyn Entropy>,
    /// The terminal's size, in cells.
    pub size: (u16, u16),
}

/// What every layer may read while it handles something or draws itself: its fields, and those of [`Setup`].
pub struct Shared {
    setup: Setup,
    /// Which program this is, for those who find what it kept.
    pub keeper: Keeper,
    /// Who is in, once the vault is open.
    pub session: Option<Session>,
    /// What is wrong with its store, as far as it was told when it was opened here.
    pub trouble: Option<StoreTrouble>,
    /// Every secret's header, tombstones included, in no order.
    pub headers: Vec<Arc<Header>>,
    /// Whether [`Shared::headers`] has been filled since the vault was opened.
    pub loaded: bool,
    /// The vault is locked here, and was unlocked in another session since.
    pub open_elsewhere: bool,
    /// The secret on which the listing was left the last time.
    pub left_at: Option<SecretId>,
    /// The time of day at the last message.
    pub wall: Timestamp,
    mono: Millis,
}

impl Deref for Shared {
    type Target = Setup;

    fn deref(&self) -> &Setup {
        &self.setup
    }
}

impl Shared {
    pub(super) fn new(setup: Setup, now: Now) -> Self {
        let Now { wall, mono } = now;
        Self {
            setup,
            keeper: Keeper::default(),
            session: None,
            trouble: None,
            headers: Vec::new(),
            loaded: false,
            open_elsewhere: false,
            left_at: None,
            wall,
            mono,
        }
    }

    /// The header of the secret `id`.
    pub fn header(&self, id: SecretId) -> Option<&Arc<Header>> {
        self.headers.iter().find(|header| header.id == id)
    }

    /// Whether anything can be changed.
    pub fn writable(&self) -> bool {
        self.session.as_ref().is_some_and(|session| !session.read_only)
    }

    /// What whoever is in may do, once the vault is open.
    pub fn rights(&self) -> Option<&Rights> {
        self.session.as_ref().map(|session| &session.rights)
    }

    /// Whether whoever is in may do that with the secret under `header`.
    pub fn may(&self, permission: Permission, header: &Header) -> bool {
        self.rights().is_some_and(|rights| rights.may(permission, header.into()))
    }

    /// Whether whoever is in is an Account Holder or Manager.
    pub fn manages(&self) -> bool {
        self.rights().is_some_and(|rights| rights.role.manages())
    }

    /// What may be done has changed, or may have.
    pub(super) fn set_rights(&mut self, rights: &Rights) {
        if let Some(session) = &mut self.session {
            session.rights = rights.clone();
        }
    }

    /// Whether the vault is open for reading only.
    pub fn is_read_only(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.read_only)
    }

    /// The time of the last message, on the clock that only goes forward.
    pub fn mono(&self) -> Millis {
        self.mono
    }

    pub(super) fn set_now(&mut self, now: Now) {
        (self.wall, self.mono) = (now.wall, now.mono);
    }

    pub(super) fn set_size(&mut self, columns: u16, rows: u16) {
        self.setup.size = (columns, rows);
    }

    /// Takes in a header, unless a newer one is known.
    pub(super) fn put(&mut self, header: Arc<Header>) {
        match self.headers.iter_mut().find(|old| old.id == header.id) {
            Some(old) if old.revision > header.revision => {}
            Some(old) => *old = header,
            None => self.headers.push(header),
        }
    }
}
