//! The shim: a library that is put before a process, and notes down what that does to the files of a directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::aloud::skip_for_want;
use crate::disk::{Note, notes};

/// The library, built.
pub(crate) struct Shim(PathBuf);

impl Shim {
    /// Builds it in `place`; `None`, said aloud, when there is no C compiler.
    pub(crate) fn build(test: &str, place: &Path) -> Option<Self> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store_faults/shim.c");
        let library = place.join("shim.so");
        let mut cc = Command::new("cc");
        cc.args(["-O1", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl");
        if cc.status().is_ok_and(|status| status.success()) {
            return Some(Self(library));
        }
        skip_for_want(test, "there is no C compiler");
        None
    }

    /// Runs `command` to its end, and returns what it did to the files in `root`.
    pub(crate) fn observe(&self, root: &Path, command: &mut Command) -> Vec<Note> {
        let journal = root.with_extension("journal");
        command.env("LD_PRELOAD", &self.0).env("SHIM_ROOT", root).env("SHIM_JOURNAL", &journal);
        command.output().unwrap();
        notes(&fs::read(journal).unwrap())
    }
}
