//! A small file system of its own, to be filled up.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;

use crate::aloud::{skip, skip_for_want};

/// How the names of the files begin that fill it up.
const FILLER: &str = "filler-";

/// Unmounted when dropped.
pub(crate) struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// A disk for `test`, with the options of `mount` that limit it; `None`, said aloud, where we may not mount.
    pub(crate) fn mount(test: &str, limits: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            skip(test, "only root may mount a file system");
            return None;
        }
        let place = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("{limits},mode=700"), "strongroom-test"]).arg(place.path());
        match mount.env("LC_ALL", "C").output() {
            Err(error) => skip_for_want(test, &format!("mount does not run: {error}")),
            Ok(mounted) if mounted.status.success() => return Some(Self(place)),
            Ok(failed) => {
                let why = String::from_utf8_lossy(&failed.stderr);
                let why = why.lines().next().unwrap_or("no reason given");
                assert!(is_refusal(why), "{test}: {why}");
                skip(test, &format!("we may not mount a file system here: {why}"));
            }
        }
        None
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes until there is not one byte left.
    pub(crate) fn fill(&self) {
        let mut file = File::create(self.filler(0)).unwrap();
        for block in [1 << 20, 4096, 1] {
            let full = loop {
                if let Err(e) = file.write_all(&vec![0xAA; block]) {
                    break e;
                }
            };
            assert_eq!(full.kind(), ErrorKind::StorageFull);
        }
    }

    /// Creates files until there is not one more, although there is room in them.
    pub(crate) fn fill_with_files(&self) {
        let full = (1..).find_map(|n| File::create_new(self.filler(n)).err()).unwrap();
        assert_eq!(full.kind(), ErrorKind::StorageFull);
    }

    /// Makes room again.
    pub(crate) fn empty(&self) {
        for entry in std::fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap()) {
            if entry.file_name().as_encoded_bytes().starts_with(FILLER.as_bytes()) {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
    }

    fn filler(&self, n: u32) -> std::path::PathBuf {
        self.path().join(format!("{FILLER}{n}"))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Whether `mount` says that we may not, as root of a container without that right is told.
fn is_refusal(message: &str) -> bool {
    ["permission denied", "not permitted", "must be superuser"].iter().any(|words| message.contains(words))
}

#[test]
fn a_refusal_to_mount_is_told_from_a_failure() {
    assert!(is_refusal("mount: /tmp/.tmpX: permission denied."));
    assert!(is_refusal("mount: permission denied (are you root?)"));
    assert!(is_refusal("mount: /tmp/.tmpX: Operation not permitted."));
    assert!(!is_refusal("mount: /tmp/.tmpX: unknown filesystem type 'tmpfs'."));
    assert!(!is_refusal("mount: /tmp/.tmpX: wrong fs type, bad option, bad superblock on strongroom-test."));
}
