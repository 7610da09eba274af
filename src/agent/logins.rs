//! Whose login session the vault is open for.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex};

use super::logind::Login;
use crate::host::bell::Bell;
use crate::host::bus::BusAddress;
use crate::host::sync::hold;

/// The session that opened the vault, if it is known; it stays the one, whoever else proves the passphrase meanwhile.
pub(super) struct Logins {
    /// The bus that logind is on.
    pub(super) bus: BusAddress,
    current: Mutex<Option<Arc<Login>>>,
    opened: Bell,
}

impl Logins {
    /// Asks the logind on `bus`.
    pub(super) fn new(bus: BusAddress) -> io::Result<Self> {
        Ok(Self { bus, current: Mutex::default(), opened: Bell::new()? })
    }

    /// The session of the process `pid`, if it can be known.
    pub(super) fn of(&self, pid: u32) -> Option<Login> {
        // logind takes 0 for whoever asks it, which is us.
        if pid == 0 { None } else { Login::of(pid, &self.bus) }
    }

    /// The vault was opened by a process in `login`; whoever waits is woken.
    pub(super) fn opened_by(&self, login: Option<Login>) {
        *hold(&self.current) = login.map(Arc::new);
        self.opened.ring();
    }

    /// The vault is locked: there is nothing to wait for.
    pub(super) fn locked(&self) {
        *hold(&self.current) = None;
    }

    /// The session that the vault is open for.
    pub(super) fn current(&self) -> Option<Arc<Login>> {
        hold(&self.current).clone()
    }

    /// `login` is not waited for any more; whether it was.
    pub(super) fn forget(&self, login: &Arc<Login>) -> bool {
        hold(&self.current).take_if(|current| Arc::ptr_eq(current, login)).is_some()
    }

    /// Takes note that somebody looks: not readable until the vault is opened again.
    pub(super) fn seen(&self) {
        self.opened.hear();
    }
}

/// Readable when the vault was opened.
impl AsFd for Logins {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.opened.as_fd()
    }
}
