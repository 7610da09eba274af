//! Who asks, as the kernel tells it.

use crate::domain::audit::Origin;
use crate::host::owner::our_uid;
use crate::host::process::{host_name, started_by, terminal_of, user_name};

/// Whoever runs process `pid` as user `uid`. Looks into the file system: where that hangs, so does this.
pub fn origin_of(pid: u32, uid: u32) -> Origin {
    Origin { terminal: terminal_of(pid), parent: started_by(pid), ..bare(pid, uid) }
}

/// Whoever runs this process.
pub(super) fn ourselves() -> Origin {
    origin_of(std::process::id(), our_uid())
}

/// This process, when it acts of its own accord. Waits for nothing.
pub fn of_our_own_accord() -> Origin {
    bare(std::process::id(), our_uid())
}

fn bare(pid: u32, uid: u32) -> Origin {
    Origin { user: user_name(uid), pid, terminal: None, host: host_name(), parent: None }
}
