//! A disk with a cache, built from the notes of the shim: what is surely on it, and what a power cut may take away.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use strongroom::host::{Entropy, SeededEntropy};

/// The unit in which a disk keeps or loses what was not synced, in bytes.
const PAGE: usize = 4096;

/// One thing that the writer did.
pub(crate) enum Note {
    Open { fd: u32, path: String, truncate: bool },
    Close { fd: u32 },
    Write { fd: u32, offset: usize, bytes: Vec<u8> },
    Truncate { fd: u32, length: usize },
    Sync { fd: u32 },
    Rename { from: String, to: String },
    Remove { path: String },
    MakeDir { path: String },
    Said { text: Vec<u8> },
}

/// Reads a journal of the shim.
pub(crate) fn notes(mut journal: &[u8]) -> Vec<Note> {
    let mut notes = Vec::new();
    while let Some((kind, rest)) = journal.split_first() {
        let (fd, rest) = rest.split_first_chunk().unwrap();
        let (number, rest) = rest.split_first_chunk().unwrap();
        let (a, rest) = rest.split_first_chunk().unwrap();
        let (b, rest) = rest.split_first_chunk().unwrap();
        let (a, rest) = rest.split_at(u32::from_ne_bytes(*a).try_into().unwrap());
        let (b, rest) = rest.split_at(u32::from_ne_bytes(*b).try_into().unwrap());
        let (fd, number) = (u32::from_ne_bytes(*fd), usize::try_from(u64::from_ne_bytes(*number)).unwrap());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        notes.push(match kind {
            b'o' => Note::Open { fd, path: text(a), truncate: number != 0 },
            b'c' => Note::Close { fd },
            b'w' => Note::Write { fd, offset: number, bytes: a.to_vec() },
            b't' => Note::Truncate { fd, length: number },
            b's' => Note::Sync { fd },
            b'r' => Note::Rename { from: text(a), to: text(b) },
            b'u' => Note::Remove { path: text(a) },
            b'm' => Note::MakeDir { path: text(a) },
            b'a' => Note::Said { text: a.to_vec() },
            other => panic!("no such kind of note: {other}"),
        });
        journal = rest;
    }
    notes
}

#[derive(Clone)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate(usize),
}

/// The contents of a file: as synced, and what came after.
#[derive(Default)]
struct Contents {
    synced: Vec<u8>,
    pending: Vec<Change>,
}

/// A change of the names in a directory.
#[derive(Clone)]
enum Naming {
    Add(String, usize),
    Rename(String, String),
    Remove(String),
}

type Names = BTreeMap<String, usize>;

/// The files of one directory, and of the directories in it.
pub(crate) struct Disk {
    root: String,
    files: Vec<Contents>,
    names: Names,
    synced_names: Names,
    pending_names: Vec<Naming>,
    /// What is behind a file descriptor: a file, or a directory by its path.
    open: HashMap<u32, Result<usize, String>>,
}

impl Disk {
    /// The files in `root`, all of them synced.
    pub(crate) fn load(root: &Path) -> Self {
        let (mut files, mut names) = (Vec::new(), Names::new());
        for entry in fs::read_dir(root).unwrap().map(|entry| entry.unwrap()).filter(|entry| entry.path().is_file()) {
            names.insert(entry.path().to_str().unwrap().to_owned(), files.len());
            files.push(Contents { synced: fs::read(entry.path()).unwrap(), pending: Vec::new() });
        }
        let root = root.to_str().unwrap().to_owned();
        Self { root, files, synced_names: names.clone(), names, pending_names: Vec::new(), open: HashMap::new() }
    }

    /// Does what the writer did.
    pub(crate) fn apply(&mut self, note: &Note) {
        match note {
            Note::Open { fd, path, truncate } => self.open(*fd, path, *truncate),
            Note::Close { fd } => drop(self.open.remove(fd)),
            Note::Write { fd, offset, bytes } => {
                self.change(*fd, Change::Write { offset: *offset, bytes: bytes.clone() });
            }
            Note::Truncate { fd, length } => self.change(*fd, Change::Truncate(*length)),
            Note::Sync { fd } => self.sync(*fd),
            Note::Rename { from, to } => self.name(Naming::Rename(from.clone(), to.clone())),
            Note::Remove { path } => self.name(Naming::Remove(path.clone())),
            // The store under test has its directories already.
            Note::MakeDir { .. } | Note::Said { .. } => {}
        }
    }

    fn open(&mut self, fd: u32, path: &str, truncate: bool) {
        if path == self.root || Path::new(path).file_name().is_some_and(|name| name == "blobs") {
            self.open.insert(fd, Err(path.to_owned()));
            return;
        }
        if !self.names.contains_key(path) {
            self.files.push(Contents::default());
            self.name(Naming::Add(path.to_owned(), self.files.len() - 1));
        }
        self.open.insert(fd, Ok(self.names[path]));
        if truncate {
            self.change(fd, Change::Truncate(0));
        }
    }

    fn change(&mut self, fd: u32, change: Change) {
        let Some(Ok(file)) = self.open.get(&fd) else { panic!("a write to a directory") };
        self.files[*file].pending.push(change);
    }

    fn name(&mut self, naming: Naming) {
        rename(&mut self.names, &naming);
        self.pending_names.push(naming);
    }

    fn sync(&mut self, fd: u32) {
        match &self.open[&fd] {
            Ok(file) => {
                let Contents { synced, pending } = &mut self.files[*file];
                pending.drain(..).for_each(|change| write(synced, &change));
            }
            Err(dir) => {
                let here = |naming: &Naming| {
                    let (Naming::Add(path, _) | Naming::Rename(path, _) | Naming::Remove(path)) = naming;
                    Path::new(path).parent() == Some(Path::new(dir))
                };
                let (settled, pending) = self.pending_names.drain(..).partition::<Vec<_>, _>(here);
                settled.iter().for_each(|naming| rename(&mut self.synced_names, naming));
                self.pending_names = pending;
            }
        }
    }

    /// Puts into `dir` what a power cut leaves: what is synced and, with `luck`, some of the rest.
    pub(crate) fn write_after_power_cut(&self, dir: &Path, luck: Option<&SeededEntropy>) {
        fs::create_dir_all(dir.join("blobs")).unwrap();
        let mut names = self.synced_names.clone();
        if let Some(luck) = luck {
            // A journalling file system keeps names in order.
            let kept = roll(luck) % (self.pending_names.len() + 1);
            self.pending_names[..kept].iter().for_each(|naming| rename(&mut names, naming));
        }
        for (path, file) in names {
            let mut bytes = self.files[file].synced.clone();
            if let Some(luck) = luck {
                let kept_of_ten = [1, 5, 9][roll(luck) % 3];
                self.files[file].pending.iter().for_each(|change| write_torn(&mut bytes, change, luck, kept_of_ten));
            }
            fs::write(dir.join(Path::new(&path).strip_prefix(&self.root).unwrap()), bytes).unwrap();
        }
    }
}

fn rename(names: &mut Names, naming: &Naming) {
    match naming {
        Naming::Add(path, file) => drop(names.insert(path.clone(), *file)),
        Naming::Rename(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        Naming::Remove(path) => drop(names.remove(path)),
    }
}

fn write(file: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Truncate(length) => file.resize(*length, 0),
        Change::Write { offset, bytes } => {
            file.resize(file.len().max(offset + bytes.len()), 0);
            file[*offset..offset + bytes.len()].copy_from_slice(bytes);
        }
    }
}

/// Writes each page of the change, or does not, by chance.
fn write_torn(file: &mut Vec<u8>, change: &Change, luck: &SeededEntropy, kept_of_ten: usize) {
    let kept = |luck| roll(luck) % 10 < kept_of_ten;
    let Change::Write { offset, bytes } = change else {
        if kept(luck) {
            write(file, change);
        }
        return;
    };
    let (mut offset, mut rest) = (*offset, bytes.as_slice());
    while !rest.is_empty() {
        let (page, after) = rest.split_at(rest.len().min(PAGE - offset % PAGE));
        if kept(luck) {
            write(file, &Change::Write { offset, bytes: page.to_vec() });
        }
        offset += page.len();
        rest = after;
    }
}

/// A random number.
pub(crate) fn roll(luck: &SeededEntropy) -> usize {
    let mut bytes = [0; size_of::<usize>()];
    luck.fill(&mut bytes).unwrap();
    usize::from_ne_bytes(bytes)
}
