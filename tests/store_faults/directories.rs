//! New directories: each is on the disk before anything relies on it.

use std::collections::BTreeMap;
use std::path::Path;

use strongroom::host::files::private_dir;

use crate::disk::Note;
use crate::shim::Shim;

/// Tells the child where to make directories; without it, the "test" below does nothing.
const PLACE: &str = "STRONGROOM_TEST_PLACE";

/// The directory that the child makes.
const NEW: &str = "share/strongroom/vault";

#[test]
#[ignore = "the child process of another test"]
fn makes_directories() {
    let Some(place) = std::env::var_os(PLACE) else { return };
    private_dir(&Path::new(&place).join(NEW)).unwrap();
}

#[test]
fn every_directory_that_is_created_is_synced_into_the_one_above() {
    let place = crate::fast_place();
    let test = "every_directory_that_is_created_is_synced_into_the_one_above";
    let Some(shim) = Shim::build(test, place.path()) else { return };
    let root = place.path().join("root");
    std::fs::create_dir(&root).unwrap();
    let notes = shim.observe(&root, crate::child("directories::makes_directories").env(PLACE, &root));

    let (mut open, mut made, mut unsynced) = (BTreeMap::new(), 0, Vec::new());
    for note in &notes {
        match note {
            Note::MakeDir { path } => {
                made += 1;
                unsynced.push(path);
            }
            Note::Open { fd, path, .. } => drop(open.insert(fd, path)),
            Note::Sync { fd } => unsynced.retain(|new| Path::new(new).parent() != Some(Path::new(open[fd]))),
            _ => {}
        }
    }
    assert!(root.join(NEW).is_dir());
    assert_eq!((made, unsynced), (3, Vec::<&String>::new()));
}
