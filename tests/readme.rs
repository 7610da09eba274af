//! The README's table of keys comes from the keymap. `STRONGROOM_REWRITE=1` writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use strongroom::tui::keymap::{BINDINGS, Context};
use strongroom::tui::modals::help_lines;

const BEGIN: &str = "<!-- keys: generated from the keymap, checked by tests/readme.rs -->\n";
const END: &str = "<!-- end of keys -->";

fn table() -> String {
    let mut contexts: Vec<Context> = Vec::new();
    for binding in BINDINGS {
        if !contexts.contains(&binding.context) {
            contexts.push(binding.context);
        }
    }
    let everywhere = help_lines(Context::Everywhere);
    let mut out = String::from("| where | key | what it does |\n|---|---|---|\n");
    for context in contexts {
        let own = |line: &&(String, &str)| context == Context::Everywhere || !everywhere.contains(line);
        for (keys, help) in help_lines(context).iter().filter(own) {
            let _ = writeln!(out, "| {} | `{}` | {help} |", context.title(), keys.replace('|', "\\|"));
        }
    }
    out
}

#[test]
fn the_table_of_keys_is_the_keymap() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let start = readme.find(BEGIN).unwrap() + BEGIN.len();
    let end = readme.find(END).unwrap();
    if std::env::var_os("STRONGROOM_REWRITE").is_some() {
        fs::write(&path, format!("{}{}{}", &readme[..start], table(), &readme[end..])).unwrap();
        return;
    }
    assert_eq!(&readme[start..end], table(), "STRONGROOM_REWRITE=1 cargo test --test readme writes it anew");
}
