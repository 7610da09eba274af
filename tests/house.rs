//! The arrows of the house point down only: reads the `use` lines and paths of every file in `src/`.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room, and the rooms that it may use.
const MAY_USE: [(&str, &[&str]); 9] = [
    ("host", &[]),
    ("domain", &[]),
    ("form", &["domain", "host"]),
    ("crypto", &["domain", "host"]),
    ("store", &["host"]),
    ("vault", &["crypto", "store", "form", "domain", "host"]),
    ("service", &["vault", "crypto", "store", "form", "domain", "host"]),
    ("cli", &["service", "form", "domain", "host"]),
    ("tui", &["service", "form", "domain", "host"]),
];

/// Crates that only one place may know.
const KEPT_IN: [(&str, &[&str]); 5] = [
    ("orion", &["crypto/"]),
    ("sled", &["store/sled/"]),
    ("tui_textarea", &["tui/widgets/text_input.rs"]),
    ("nucleo_matcher", &["tui/fuzzy.rs"]),
    ("crossterm", &["tui/terminal/"]),
];

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
    found.iter().map(|path| (name(path), code(&fs::read_to_string(path).unwrap()))).collect()
}

/// The text without comments, and without what tests of the file need.
fn code(text: &str) -> String {
    let shipped = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
    shipped.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn arrows_point_down_only() {
    let mut wrong = Vec::new();
    for (file, code) in sources() {
        let Some((room, allowed)) = MAY_USE.iter().find(|(room, _)| file.starts_with(&format!("{room}/"))) else {
            continue;
        };
        for (other, _) in MAY_USE.iter().filter(|(other, _)| other != room && !allowed.contains(other)) {
            if code.contains(&format!("crate::{other}::")) || code.contains(&format!("crate::{other};")) {
                wrong.push(format!("{file} uses {other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point up: {wrong:#?}");
}

#[test]
fn crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (file, code) in sources() {
        for (name, places) in KEPT_IN {
            let used = code.contains(&format!("{name}::")) || code.contains(&format!("use {name};"));
            let own_room = format!("crate::store::{name}::");
            if used && !code.contains(&own_room) && !places.iter().any(|place| file.starts_with(place)) {
                wrong.push(format!("{file} uses {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "crates outside their rooms: {wrong:#?}");
}

#[test]
fn only_the_form_and_the_schema_know_the_types_by_name() {
    let named = ["Kind::ApiKey", "Kind::BearerToken", "Kind::ClientCredentials", "Kind::Certificate", "Kind::KeyValue"];
    let wrong: Vec<String> = sources()
        .into_iter()
        .filter(|(file, code)| file.starts_with("tui/") && named.iter().any(|kind| code.contains(kind)))
        .map(|(file, _)| file)
        .collect();
    assert!(wrong.is_empty(), "screens that match on a type by hand: {wrong:#?}");
}
