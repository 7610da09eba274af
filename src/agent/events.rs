//! The log of events: what was asked for and what came of it, when and by which process. No name and no value.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;
use std::time::Duration;

use rustix::fs::OFlags;

use super::AgentError;
use crate::domain::Timestamp;
use crate::host::Clock;
use crate::host::files::{FileError, open_flags};
use crate::host::owner::{self, Owner};

/// Lines that wait to be written.
const MOST_WAITING: usize = 1024;
/// How long the end waits for them.
const PATIENCE: Duration = Duration::from_millis(500);

/// Where events are written, if anywhere. A thread of its own does it: a disk that hangs must not keep the vault from being
/// locked.
pub(super) struct EventLog {
    entries: Option<SyncSender<Entry>>,
    lost: Arc<AtomicU64>,
    clock: Arc<dyn Clock>,
}

enum Entry {
    Line(String),
    /// All before this is written: whoever waits is told.
    Mark(SyncSender<()>),
}

impl EventLog {
    /// Appends to the file at `path`, which is made when it is not there, for its owner alone.
    ///
    /// # Errors
    /// When it cannot be written, is a link or no file, is somebody else's, or others can write it.
    pub(super) fn open(path: Option<&Path>, clock: Arc<dyn Clock>) -> Result<Self, AgentError> {
        match path {
            Some(path) => Ok(Self::to(open(path)?, clock)?),
            None => Ok(Self { entries: None, lost: Arc::default(), clock }),
        }
    }

    fn to(file: impl Write + Send + 'static, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let (entries, waiting) = sync_channel(MOST_WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let for_thread = lost.clone();
        Builder::new().name("log".to_owned()).spawn(move || keep(file, &waiting, &for_thread))?;
        Ok(Self { entries: Some(entries), lost, clock })
    }

    /// Writes a line, some time soon. `words` come from a fixed stock: see the callers.
    pub(super) fn write(&self, words: std::fmt::Arguments<'_>) {
        let Some(entries) = &self.entries else { return };
        let line = format!("{} {words}\n", Timestamp(self.clock.now()).to_iso());
        if entries.try_send(Entry::Line(line)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all is written, but not long.
    pub(super) fn finish(&self) {
        let (written, wait) = sync_channel(1);
        if self.entries.as_ref().is_some_and(|entries| entries.try_send(Entry::Mark(written)).is_ok()) {
            let _ = wait.recv_timeout(PATIENCE);
        }
    }
}

/// Writes what comes. A full disk must not stop the agent.
fn keep(mut file: impl Write, waiting: &Receiver<Entry>, lost: &AtomicU64) {
    for entry in waiting {
        let missing = lost.swap(0, Ordering::Relaxed);
        if missing > 0 {
            let _ = file.write_all(format!("lost {missing} lines: the log could not be written in time\n").as_bytes());
        }
        match entry {
            Entry::Line(line) => drop(file.write_all(line.as_bytes())),
            // Nobody may wait any more.
            Entry::Mark(written) => drop(written.try_send(())),
        }
    }
}

fn open(path: &Path) -> Result<File, FileError> {
    let flags = open_flags(OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY);
    let mut options = OpenOptions::new();
    options.append(true).create(true).mode(0o600).custom_flags(flags);
    let file = options.open(path).map_err(FileError::at(path))?;
    let metadata = file.metadata().map_err(FileError::at(path))?;
    if !metadata.is_file() {
        return Err(FileError::NotRegular(path.to_path_buf()));
    }
    Owner::from(&metadata).check(path, owner::WRITE)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};
    use std::time::Instant;

    use super::*;
    use crate::host::FixedClock;

    /// A file on a disk that answers when it is told to.
    struct Hung(Receiver<()>, Sender<String>);

    impl Write for Hung {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let _ = self.0.recv();
            let _ = self.1.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_waits_for_a_disk_that_hangs_and_what_is_lost_is_told() {
        let (answer, wait) = channel();
        let (told, lines) = channel();
        let log = EventLog::to(Hung(wait, told), Arc::new(FixedClock::at(0))).unwrap();
        let begun = Instant::now();
        (0..2 * MOST_WAITING).for_each(|n| log.write(format_args!("line {n}")));
        log.finish();
        assert!(begun.elapsed() < PATIENCE * 4, "{:?}", begun.elapsed());
        drop(answer);
        // Which comes first, a line or the word about those that were lost, depends on when the thread began.
        assert!(lines.iter().any(|line| line.starts_with("lost ")));
    }
}
