//! What a paste is: a path that a terminal wrote for a dropped file, a PEM text, or just text.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// What was pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pasted {
    /// Files: at least one, in the order in which they were dropped.
    Paths(Vec<PathBuf>),
    /// A text that holds PEM blocks.
    Pem,
    /// Anything else.
    Text,
}

/// Tells what `paste` is. Terminals write a dropped file as an absolute path: bare, in quotes, with backslashes
/// before special characters, or as a `file://` URL; several are separated by spaces or lines.
/// `home` stands for `~/`. Whether a file is there is for others to see.
pub fn classify(paste: &str, home: Option<&Path>) -> Pasted {
    if paste.lines().any(|line| line.starts_with("-----BEGIN ")) {
        return Pasted::Pem;
    }
    let lines = paste.lines().map(str::trim).filter(|line| !line.is_empty());
    let paths: Option<Vec<Vec<PathBuf>>> = lines.map(|line| paths_in(line, home)).collect();
    match paths.map(|paths| paths.concat()) {
        Some(paths) if !paths.is_empty() => Pasted::Paths(paths),
        _ => Pasted::Text,
    }
}

/// The paths in one line: every word of it as a shell would split it, or else the line as it is.
fn paths_in(line: &str, home: Option<&Path>) -> Option<Vec<PathBuf>> {
    let words = words(line).and_then(|words| words.iter().map(|word| path(word, home)).collect());
    words.or_else(|| path(line, home).map(|path| vec![path]))
}

/// The path that `word` is, if it begins as paths do.
fn path(word: &str, home: Option<&Path>) -> Option<PathBuf> {
    if word.contains('\0') {
        return None;
    }
    if let Some(rest) = word.strip_prefix("~/") {
        return home.map(|home| home.join(rest));
    }
    if let Some(url) = word.strip_prefix("file://") {
        let local = url.strip_prefix("localhost").unwrap_or(url);
        return local.starts_with('/').then(|| percent_decoded(local)).flatten();
    }
    ["/", "./", "../"].iter().any(|start| word.starts_with(start)).then(|| PathBuf::from(word))
}

/// Splits as a POSIX shell does; `None` when a quote stays open.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().push(characters.next()?),
            (Some('"'), '\\') => {
                let escaped = characters.next()?;
                let plain = !"\"\\$`".contains(escaped);
                word.get_or_insert_default().extend(plain.then_some('\\').into_iter().chain([escaped]));
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// Resolves `%20` and the like; `None` for a `%` without two digits, and for a zero byte.
fn percent_decoded(text: &str) -> Option<PathBuf> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = rest.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok().filter(|byte| *byte != 0)?);
        rest = &rest[2..];
    }
    Some(PathBuf::from(OsString::from_vec(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paths(paste: &str) -> Vec<String> {
        match classify(paste, Some(Path::new("/home/ada"))) {
            Pasted::Paths(paths) => paths.into_iter().map(|path| path.to_str().unwrap().to_owned()).collect(),
            other => panic!("{paste:?} is {other:?}"),
        }
    }

    #[test]
    fn a_dropped_file_in_every_form() {
        for (paste, path) in [
            ("/tmp/a.pem", "/tmp/a.pem"),
            ("/tmp/a.pem \n", "/tmp/a.pem"),
            ("'/tmp/my file.pem' ", "/tmp/my file.pem"),
            ("\"/tmp/my file.pem\"", "/tmp/my file.pem"),
            ("/tmp/my\\ file\\(1\\).pem", "/tmp/my file(1).pem"),
            ("/tmp/my file.pem", "/tmp/my file.pem"),
            ("'/tmp/it'\\''s.pem'", "/tmp/it's.pem"),
            ("\"/tmp/a\\\"b\\c\"", "/tmp/a\"b\\c"),
            ("/tmp/o'brien.pem", "/tmp/o'brien.pem"),
            ("file:///tmp/my%20file%C3%A9.pem\r\n", "/tmp/my fileé.pem"),
            ("file://localhost/tmp/a.pem", "/tmp/a.pem"),
            ("~/keys/a.key", "/home/ada/keys/a.key"),
            ("../a.key", "../a.key"),
        ] {
            assert_eq!(paths(paste), [path], "{paste:?}");
        }
    }

    #[test]
    fn several_files_keep_their_order() {
        assert_eq!(paths("/a/c.pem '/a/k 1.key'"), ["/a/c.pem", "/a/k 1.key"]);
        assert_eq!(paths("file:///a/c.pem\nfile:///a/k%201.key\n"), ["/a/c.pem", "/a/k 1.key"]);
    }

    #[test]
    fn other_text_is_no_path() {
        for text in ["", " \n", "ghp_token", "https://a.example/b", "file://server/share", "/a\nb", "file:///a%zz"] {
            assert_eq!(classify(text, None), Pasted::Text, "{text:?}");
        }
        assert_eq!(classify("~/a", None), Pasted::Text);
        assert_eq!(classify("Bag Attributes\n-----BEGIN CERTIFICATE-----\nAA==", None), Pasted::Pem);
    }

    proptest! {
        #[test]
        fn no_paste_panics(text in any::<String>(), path in "(file://)?/[a-z %'\"\\\\~0-9]{0,30}") {
            let _ = (classify(&text, None), classify(&path, None));
        }

        #[test]
        fn quoted_paths_come_back(name in "[^\\p{Cc}]{1,30}") {
            let quoted = format!("'/{}'", name.replace('\'', "'\\''"));
            prop_assert_eq!(paths(&quoted), [format!("/{name}")]);
        }
    }
}
