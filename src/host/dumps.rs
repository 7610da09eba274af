//! No core dumps: one would put every key that is in memory on the disk.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// From now on this process, and what it starts, leaves no core dump, and no other process of the same user may look
/// into its memory. The limit alone is not enough: a collector of dumps that the kernel pipes to takes no notice of it.
/// How high it may be set is left as it is, for a program that is started in our place gets it back.
///
/// # Errors
/// When the system refuses, as a sandbox may.
pub fn forbid() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), ..getrlimit(Resource::Core) })?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}
