//! Whose login session the vault is open for.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex};

use super::logind::Login;
use crate::host::bell::Bell;
use crate::host::bus::BusAddress;
use crate::host::sync::hold;

/// The login session that opened the vault, of each user who is in, if it is known; it stays the one, whoever else proves
/// the passphrase meanwhile.
pub(super) struct Logins {
    /// The bus that logind is on.
    pub(super) bus: BusAddress,
    current: Mutex<BTreeMap<u32, Arc<Login>>>,
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

    /// The vault was opened by a process of the user `uid` in `login`; whoever waits is woken.
    pub(super) fn opened_by(&self, uid: u32, login: Option<Login>) {
        match login {
            Some(login) => drop(hold(&self.current).insert(uid, Arc::new(login))),
            None => drop(hold(&self.current).remove(&uid)),
        }
        self.opened.ring();
    }

    /// The user `uid` is not in any more: there is nothing to wait for.
    pub(super) fn locked(&self, uid: u32) {
        hold(&self.current).remove(&uid);
    }

    /// The sessions that the vault is open for.
    pub(super) fn current(&self) -> Vec<Arc<Login>> {
        hold(&self.current).values().cloned().collect()
    }

    /// `login` is not waited for any more; whose it was, if it was.
    pub(super) fn forget(&self, login: &Arc<Login>) -> Option<u32> {
        let mut current = hold(&self.current);
        let uid = current.iter().find(|(_, other)| Arc::ptr_eq(other, login)).map(|(uid, _)| *uid)?;
        current.remove(&uid).map(|_| uid)
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
