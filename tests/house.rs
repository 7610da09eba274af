//! The arrows of the house point down only: parses every file in `src/` and looks at the paths that it names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// Each room, and the rooms that it may use.
const MAY_USE: [(&str, &[&str]); 10] = [
    ("host", &[]),
    ("domain", &[]),
    ("form", &["domain", "host"]),
    ("crypto", &["domain", "host"]),
    ("store", &["host"]),
    ("vault", &["crypto", "store", "form", "domain", "host"]),
    ("service", &["vault", "crypto", "store", "form", "domain", "host"]),
    ("agent", &["service", "domain", "host"]),
    ("cli", &["service", "form", "domain", "host"]),
    ("tui", &["service", "form", "domain", "host"]),
];

/// Crates that only one place may know.
const KEPT_IN: [(&str, &[&str]); 9] = [
    ("orion", &["crypto/"]),
    ("sled", &["store/sled/"]),
    ("postcard", &["service/wire/"]),
    ("zbus", &["host/bus/", "agent/logind.rs"]),
    ("tui_textarea", &["tui/widgets/text_input.rs"]),
    ("nucleo_matcher", &["tui/fuzzy.rs"]),
    ("crossterm", &["tui/terminal/"]),
    ("ureq", &["cli/deliver/token_server.rs"]),
    ("rustls", &["cli/deliver/token_server.rs"]),
];

/// A path in pieces: from `crate` on, or from the name of a crate outside.
type Segments = Vec<String>;

/// What a file names, but for what only its tests need.
struct File {
    name: String,
    paths: BTreeSet<Segments>,
    /// Modules in files of their own that are only there for tests.
    test_modules: Vec<Segments>,
}

/// Reads a file; `name` is its path below `src/`.
fn read(name: &str, text: &str) -> File {
    let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut reader = Reader { module: module_of(name), ..Reader::default() };
    reader.in_module(&parsed.items);
    File { name: name.to_owned(), paths: reader.paths, test_modules: reader.test_modules }
}

/// `tui/screens/mod.rs` is `crate::tui::screens`.
fn module_of(name: &str) -> Segments {
    let steps = name.trim_end_matches(".rs").split('/').filter(|step| !["lib", "main", "mod"].contains(step));
    std::iter::once("crate").chain(steps).map(str::to_owned).collect()
}

#[derive(Default)]
struct Reader {
    module: Segments,
    /// The modules declared in this one: paths may begin with them.
    children: Vec<String>,
    paths: BTreeSet<Segments>,
    test_modules: Vec<Segments>,
}

impl Reader {
    fn in_module(&mut self, items: &[Item]) {
        let children = items.iter().filter_map(|item| match item {
            Item::Mod(module) => Some(module.ident.to_string()),
            _ => None,
        });
        let around = std::mem::replace(&mut self.children, children.collect());
        items.iter().for_each(|item| self.visit_item(item));
        self.children = around;
    }

    /// Notes a path, from the root on.
    fn note(&mut self, path: &[String]) {
        let Some(first) = path.first() else { return };
        let supers = path.iter().take_while(|step| *step == "super").count();
        let rest = match first.as_str() {
            "self" => [&self.module, &path[1..]].concat(),
            "super" => [&self.module[..self.module.len().saturating_sub(supers)], &path[supers..]].concat(),
            child if self.children.iter().any(|c| c == child) => [&self.module, path].concat(),
            _ => path.to_vec(),
        };
        self.paths.insert(rest);
    }

    fn expand(&mut self, before: &[String], tree: &UseTree) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.expand(&with(path.ident.to_string()), &path.tree),
            UseTree::Name(name) => self.note(&with(name.ident.to_string())),
            UseTree::Rename(name) => self.note(&with(name.ident.to_string())),
            UseTree::Glob(_) => self.note(&with("*".to_owned())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.expand(before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(module) if is_for_tests(&module.attrs) => {
                if module.content.is_none() {
                    self.test_modules.push([&self.module[..], &[module.ident.to_string()]].concat());
                }
            }
            item if is_for_tests(attributes(item)) => {}
            Item::Use(item) => self.expand(&[], &item.tree),
            Item::Mod(module) => {
                self.module.push(module.ident.to_string());
                module.content.iter().for_each(|(_, items)| self.in_module(items));
                self.module.pop();
            }
            item => visit::visit_item(self, item),
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note(&segments);
        visit::visit_path(self, path);
    }

    /// What stands in a macro is not parsed: whatever looks like a path in it counts.
    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let text = mac.tokens.to_string().replace(" ::", "::").replace(":: ", "::");
        for word in text.split(|c: char| !c.is_alphanumeric() && !"_:".contains(c)).filter(|word| word.contains("::")) {
            let segments: Segments = word.split("::").filter(|step| !step.is_empty()).map(str::to_owned).collect();
            self.note(&segments);
        }
        visit::visit_macro(self, mac);
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

/// The path below `src/` of every file there, and what is in it.
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
    found.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// Every file in `src/` that is not a test.
fn files() -> Vec<File> {
    let mut files: Vec<File> = sources().iter().map(|(name, text)| read(name, text)).collect();
    let tests: Vec<Segments> = files.iter().flat_map(|file| file.test_modules.clone()).collect();
    files.retain(|file| !tests.iter().any(|test| module_of(&file.name).starts_with(test)));
    assert!(files.len() > 100 && !tests.is_empty(), "{} files", files.len());
    files
}

/// Whether `word` stands in `text`, but for its comments.
fn says(text: &str, word: &str) -> bool {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_')).any(|found| found == word)
}

/// The rooms that `file` uses though it may not.
fn arrows_up(file: &File) -> Vec<String> {
    let own = MAY_USE.iter().find(|(room, _)| file.name.starts_with(&format!("{room}/")));
    let Some((own, allowed)) = own else { return Vec::new() };
    let of_ours = file.paths.iter().filter(|path| path[0] == "crate");
    let rooms: BTreeSet<&String> = of_ours.filter_map(|path| path.get(1)).collect();
    let is_room = |name: &String| MAY_USE.iter().any(|(room, _)| room == name);
    let wrong = rooms.into_iter().filter(|room| is_room(room) && *room != own && !allowed.contains(&room.as_str()));
    wrong.map(|room| format!("{} uses {room}", file.name)).collect()
}

/// The crates that `file` knows though it may not.
fn strangers(file: &File) -> Vec<String> {
    let knows = |name: &str| file.paths.iter().any(|path| path[0] == name);
    let may = |places: &[&str]| places.iter().any(|place| file.name.starts_with(place));
    let wrong = KEPT_IN.iter().filter(|(name, places)| knows(name) && !may(places));
    wrong.map(|(name, _)| format!("{} uses {name}", file.name)).collect()
}

/// Whether `file` names a type of secrets.
fn names_a_type(file: &File) -> bool {
    let types = ["ApiKey", "BearerToken", "ClientCredentials", "Certificate", "KeyValue", "*"];
    file.paths.iter().any(|path| path.windows(2).any(|two| two[0] == "Kind" && types.contains(&two[1].as_str())))
}

#[test]
fn arrows_point_down_only() {
    let wrong: Vec<String> = files().iter().flat_map(arrows_up).collect();
    assert!(wrong.is_empty(), "arrows that point up: {wrong:#?}");
}

#[test]
fn crates_stay_in_their_rooms() {
    let wrong: Vec<String> = files().iter().flat_map(strangers).collect();
    assert!(wrong.is_empty(), "crates outside their rooms: {wrong:#?}");
}

#[test]
fn only_the_form_and_the_schema_know_the_types_by_name() {
    let all = files();
    let wrong: Vec<&str> = all
        .iter()
        .filter(|file| file.name.starts_with("tui/") && names_a_type(file))
        .map(|file| file.name.as_str())
        .collect();
    assert!(wrong.is_empty(), "screens that match on a type by hand: {wrong:#?}");
}

#[test]
fn what_the_compiler_cannot_check_stays_in_two_files() {
    let naming = |word| -> BTreeSet<String> {
        sources().into_iter().filter(|(_, text)| says(text, word)).map(|(name, _)| name).collect()
    };
    assert_eq!(naming("unsafe"), BTreeSet::from(["host/memory/page.rs", "host/raw.rs"].map(str::to_owned)));
    // Where it is refused, and where that is lifted.
    let lints = ["host/memory/mod.rs", "host/mod.rs", "lib.rs", "main.rs"].map(str::to_owned);
    assert_eq!(naming("unsafe_code"), BTreeSet::from(lints));
    assert!(says("x; unsafe { y }", "unsafe") && !says("// unsafe\nunsafe_code", "unsafe"));
}

fn paths(file: &File) -> Vec<String> {
    file.paths.iter().map(|path| path.join("::")).collect()
}

#[test]
fn every_way_to_name_a_room_is_seen() {
    for (code, room) in [
        ("use crate::vault::Vault;", "vault"),
        ("use crate::{domain::Kind, host, vault};", "vault"),
        ("use crate::{domain, store::{self, Store}};", "store"),
        ("use super::super::super::crypto as keys;", "crypto"),
        ("use crate::cli::*;", "cli"),
        ("fn f(vault: &crate::vault::Vault) {}", "vault"),
        ("fn f() { super::super::super::store::open(); }", "store"),
        ("fn f(x: u8) { assert!(matches!(x, crate::crypto::KEY), \"{x}\"); }", "crypto"),
        ("mod inner { use super::super::super::super::cli::args; }", "cli"),
        ("#[cfg(test)]\nmod tests;\nuse crate::store::Store;", "store"),
        ("#[cfg(test)]\nmod tests { use crate::cli; }\nfn f() -> crate::crypto::Key {}", "crypto"),
    ] {
        assert_eq!(arrows_up(&read("tui/screens/form/mod.rs", code)), [format!("tui/screens/form/mod.rs uses {room}")]);
    }
}

#[test]
fn what_is_allowed_commented_quoted_or_tested_is_not() {
    let code = "
        //! [`crate::vault`]
        mod store; // crate::store
        use crate::{domain::Kind, service::Door};
        #[cfg(test)]
        use crate::vault::Vault;
        #[cfg(test)]
        fn f() { crate::store::open() }
        pub(in crate::tui) fn g() -> &'static str { store::name(\"crate::crypto::KEY\"); self::store::name(\"\") }
        struct S;
        impl S { #[cfg(test)] fn f() { crate::cli::f() } }
    ";
    let file = read("tui/app/mod.rs", code);
    assert_eq!(arrows_up(&file), [""; 0], "{:?}", paths(&file));
    assert!(paths(&file).contains(&"crate::tui::app::store::name".to_owned()), "{:?}", paths(&file));
}

#[test]
fn crates_and_types_are_seen() {
    let seen = |name: &str, code: &str| strangers(&read(name, code)).len();
    assert_eq!(seen("vault/mod.rs", "use sled::Db;"), 1);
    assert_eq!(seen("vault/mod.rs", "fn f() { ::sled::open() }"), 1);
    assert_eq!(seen("vault/mod.rs", "use {std::fs, orion::{aead, kdf}};"), 1);
    assert_eq!(seen("store/mod.rs", "mod sled;\npub use sled::SledStore;"), 0, "our own module");
    assert_eq!(seen("vault/mod.rs", "use crate::store::sled::SledStore;"), 0);
    assert_eq!(seen("store/sled/mod.rs", "use sled::Db;"), 0);
    for code in [
        "fn f(k: Kind) { matches!(k, Kind::ApiKey); }",
        "use crate::domain::Kind::*;",
        "const K: Kind = Kind::KeyValue;",
    ] {
        assert!(names_a_type(&read("tui/a.rs", code)), "{code}");
    }
    assert!(!names_a_type(&read(
        "tui/a.rs",
        "use crate::domain::{Kind, certificate::Certificate}; fn f() { Kind::ALL }"
    )));
}

#[test]
fn modules_that_are_only_for_tests_are_named() {
    let file = read("tui/screens/form/mod.rs", "#[cfg(test)]\nmod tests;\nmod typing;");
    assert_eq!(file.test_modules, [module_of("tui/screens/form/tests.rs")]);
}
