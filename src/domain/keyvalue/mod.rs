//! Keys and values out of a file: `.env` and flat JSON become pairs, other files are kept whole.

mod dotenv;
mod json;

use std::collections::HashMap;

use super::SecretBytes;
use super::text::{self, MAX_VALUE, TextError, sanitize};

/// Most pairs in one secret.
pub const MAX_PAIRS: usize = 1000;

/// A key and its value.
pub type Pair = (String, SecretBytes);

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parsed {
    /// Pairs, in the file's order.
    Pairs {
        /// At least one pair, no key twice, no value empty.
        pairs: Vec<Pair>,
        /// How the file was read.
        from: Format,
        /// The keys without a value, fit to be shown: they are no pairs.
        left_out: Vec<String>,
    },
    /// The file as it is.
    Whole {
        /// The name that it is kept under.
        file_name: String,
        /// Its bytes, unchanged.
        bytes: SecretBytes,
        /// It is valid JSON, but no flat object: that is why it did not become pairs.
        nested_json: bool,
    },
}

/// A file format that yields pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lines of `KEY=value`.
    Dotenv,
    /// One JSON object whose values are strings, numbers, booleans or null, which is no value.
    Json,
}

/// What is wrong with the key of a pair. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It breaks a rule that all names keep.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It holds a `=`, which ends a key.
    #[error("Remove the = from the key: it ends where the value begins.")]
    EqualsSign,
}

/// Why a file cannot be read. Tells lines and keys, never values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// No bytes.
    #[error("The file is empty: choose another.")]
    Empty,
    /// More than 1 MiB.
    #[error("The file has {0} bytes, and 1 MiB (1048576 bytes) is the most: choose a smaller one.")]
    TooLarge(usize),
    /// The file name cannot be the name of a part.
    #[error("Rename the file first: its name is not fit to be shown or too long.")]
    FileName(#[source] TextError),
    /// No pair in it.
    #[error("There is no pair in the file: write KEY=value on a line.")]
    NoPairs,
    /// More than [`MAX_PAIRS`].
    #[error("The file has more than {MAX_PAIRS} pairs: split it.")]
    TooMany,
    /// A key twice.
    #[error("\"{key}\" stands on line {first} and on line {second}: remove one of them.")]
    Duplicate {
        /// The key, fit to be shown.
        key: String,
        /// The line where it stands first, from 1.
        first: usize,
        /// The line where it stands again.
        second: usize,
    },
    /// A key that breaks a rule.
    #[error("Line {line}: {cause}")]
    Key {
        /// The line, from 1.
        line: usize,
        /// The rule.
        cause: KeyError,
    },
    /// A line of a `.env` file that has no `=`.
    #[error("Line {0} has no =: write KEY=value, or put # before a comment.")]
    NoEqualsSign(usize),
    /// A quote that is never closed.
    #[error("The quote that opens on line {0} is never closed: add the closing one.")]
    OpenQuote(usize),
    /// Something after the closing quote.
    #[error("Line {0}: remove what follows the closing quote, or put # before it.")]
    AfterQuote(usize),
    /// Not UTF-8 where it has to be.
    #[error("Line {0} is not UTF-8 text: save the file as UTF-8.")]
    NotUtf8(usize),
    /// Not JSON.
    #[error("This is no valid JSON: mend it at line {line}, column {column}, or rename the file to keep it whole.")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
}

/// Checks the key of a pair: like a name, and without a `=`.
///
/// # Errors
/// The first rule that `key` breaks.
pub fn check_key(key: &str) -> Result<(), KeyError> {
    text::check_name(key)?;
    if key.contains('=') { Err(KeyError::EqualsSign) } else { Ok(()) }
}

/// Reads the file called `file_name` (without its folder): by its name it is `.env`
/// (`.env`, `.env.local`, `prod.env`), JSON (`.json`) or any other, which is kept whole.
/// JSON that is no flat object is kept whole too.
///
/// # Errors
/// When it is empty or over 1 MiB, or when a `.env` or JSON file is malformed, has a key twice, a bad key or no value at all.
pub fn read_file(file_name: &str, bytes: SecretBytes) -> Result<Parsed, FileError> {
    match bytes.len() {
        0 => return Err(FileError::Empty),
        1..=MAX_VALUE => {}
        len => return Err(FileError::TooLarge(len)),
    }
    let format = format_of(file_name);
    let lines = match format {
        Some(Format::Dotenv) => Some(dotenv::parse(bytes.expose())?),
        Some(Format::Json) => json::parse(bytes.expose())?,
        None => None,
    };
    match (lines, format) {
        (Some(lines), Some(from)) => {
            let (pairs, left_out) = checked(lines)?;
            Ok(Parsed::Pairs { pairs, from, left_out })
        }
        _ => {
            text::check_name(file_name).map_err(FileError::FileName)?;
            Ok(Parsed::Whole { file_name: file_name.to_owned(), bytes, nested_json: format == Some(Format::Json) })
        }
    }
}

/// The text of one JSON value, as it is written: a string without quotes and escapes, nothing for null, a number or a boolean
/// as it stands; `None` for what has members.
pub fn json_text(raw: &str) -> Option<SecretBytes> {
    if raw.starts_with(['{', '[']) { None } else { json::value(raw) }
}

/// One pair, and the line where its key stands.
struct Line {
    number: usize,
    key: String,
    value: SecretBytes,
}

fn format_of(file_name: &str) -> Option<Format> {
    let name = file_name.to_ascii_lowercase();
    if name.ends_with(".json") {
        Some(Format::Json)
    } else if name.ends_with(".env") || name.starts_with(".env.") {
        Some(Format::Dotenv)
    } else {
        None
    }
}

/// The pairs, and the keys that have no value.
fn checked(lines: Vec<Line>) -> Result<(Vec<Pair>, Vec<String>), FileError> {
    if lines.is_empty() {
        return Err(FileError::NoPairs);
    }
    if lines.len() > MAX_PAIRS {
        return Err(FileError::TooMany);
    }
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for Line { number, key, .. } in &lines {
        check_key(key).map_err(|cause| FileError::Key { line: *number, cause })?;
        if let Some(first) = seen.insert(key, *number) {
            return Err(FileError::Duplicate { key: sanitize(key).into_owned(), first, second: *number });
        }
    }
    let (empty, full): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|line| line.value.is_empty());
    if full.is_empty() {
        return Err(FileError::NoPairs);
    }
    let left_out = empty.iter().map(|line| sanitize(&line.key).into_owned()).collect();
    Ok((full.into_iter().map(|line| (line.key, line.value)).collect(), left_out))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(file_name: &str, content: &str) -> Vec<(String, String)> {
        match read_file(file_name, content.into()) {
            Ok(Parsed::Pairs { pairs, .. }) => {
                pairs.into_iter().map(|(key, value)| (key, value.expose_text().unwrap().to_owned())).collect()
            }
            other => panic!("no pairs: {other:?}"),
        }
    }

    fn told(file_name: &str, content: &str) -> String {
        read_file(file_name, content.into()).unwrap_err().to_string()
    }

    #[test]
    fn the_name_tells_the_format() {
        for name in [".env", ".env.local", "prod.env", "PROD.ENV"] {
            assert_eq!(format_of(name), Some(Format::Dotenv), "{name}");
        }
        assert_eq!(format_of("a.json"), Some(Format::Json));
        assert_eq!(format_of("environment"), None);
    }

    #[test]
    fn a_file_of_another_kind_is_kept_whole() {
        let whole = read_file("id_rsa", "A=b".into()).unwrap();
        assert_eq!(whole, Parsed::Whole { file_name: "id_rsa".into(), bytes: "A=b".into(), nested_json: false });
    }

    #[test]
    fn nested_json_is_kept_whole_and_said_so() {
        for content in [r#"{"a": {"b": 1}}"#, r#"{"a": []}"#, "[1]", "\"x\""] {
            assert!(matches!(read_file("a.json", content.into()), Ok(Parsed::Whole { nested_json: true, .. })));
        }
    }

    #[test]
    fn flat_json_becomes_text_exactly_as_written() {
        let content = r#"{"s": "line\nquote\" \u00e9 \ud83d\ude00", "n": 1.10, "t": true, "z": null, "big": 12345678901234567890}"#;
        let got = pairs("a.json", content);
        let values: Vec<&str> = got.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["line\nquote\" é 😀", "1.10", "true", "12345678901234567890"]);
    }

    #[test]
    fn malformed_json_is_told_by_its_place() {
        assert_eq!(
            told("a.json", "{\n \"a\" 1}"),
            "This is no valid JSON: mend it at line 2, column 6, or rename the file to keep it whole."
        );
        assert!(matches!(read_file("a.json", r#"{"a":"\ud83d"}"#.into()), Err(FileError::Json { line: 1, .. })));
        assert_eq!(
            told("a.json", "{\"a\": 1,\n\"b\": 2,\n\"a\": 3}"),
            "\"a\" stands on line 1 and on line 3: remove one of them."
        );
    }

    #[test]
    fn reads_the_dialects_of_dotenv() {
        let content = "\u{FEFF}# comment\r\nexport A=plain # note\r\nB = 'single $X \\n'\r\n\
            C=\"two\\nlines \\\"q\\\" \\d\"  # note\r\nD=a#b\r\nPEM=\"-----BEGIN\r\nxyz\r\n-----END\"\r\n\n  E=last";
        let expected = [
            ("A", "plain"),
            ("B", "single $X \\n"),
            ("C", "two\nlines \"q\" \\d"),
            ("D", "a#b"),
            ("PEM", "-----BEGIN\nxyz\n-----END"),
            ("E", "last"),
        ];
        assert_eq!(pairs(".env", content), expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    }

    #[test]
    fn dotenv_errors_name_the_line() {
        assert_eq!(told(".env", "A=1\nB=2\n\nA=3"), "\"A\" stands on line 1 and on line 4: remove one of them.");
        assert_eq!(told(".env", "A=1\nhello\n"), "Line 2 has no =: write KEY=value, or put # before a comment.");
        assert_eq!(told(".env", "A='x\ny"), "The quote that opens on line 1 is never closed: add the closing one.");
        assert_eq!(told(".env", "A=\"x\ny\" z"), "Line 2: remove what follows the closing quote, or put # before it.");
        assert_eq!(told(".env", "\nA="), FileError::NoPairs.to_string());
        assert_eq!(told(".env", "# nothing"), FileError::NoPairs.to_string());
        assert_eq!(told(".env", "=x"), "Line 1: Write something here: it cannot be empty.");
    }

    #[test]
    fn keys_without_a_value_are_left_out_and_told() {
        for (name, content) in [
            (".env", "A=1\nEMPTY=\nQUOTED=\"\" # nothing\nB=2"),
            ("a.json", r#"{"A": 1, "EMPTY": "", "QUOTED": null, "B": 2}"#),
        ] {
            let Ok(Parsed::Pairs { pairs, left_out, .. }) = read_file(name, content.into()) else { panic!("{name}") };
            assert_eq!(pairs.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["A", "B"], "{name}");
            assert_eq!(left_out, ["EMPTY", "QUOTED"], "{name}");
        }
    }

    #[test]
    fn a_key_has_no_equals_sign() {
        assert_eq!(check_key("A=B"), Err(KeyError::EqualsSign));
        assert_eq!(check_key("A.B-c"), Ok(()));
    }

    #[test]
    fn sizes_are_capped() {
        assert_eq!(read_file("x", SecretBytes::default()), Err(FileError::Empty));
        let large = SecretBytes::new(vec![b'x'; MAX_VALUE + 1]);
        assert_eq!(read_file("x", large), Err(FileError::TooLarge(MAX_VALUE + 1)));
        let many: String = (0..=MAX_PAIRS).map(|n| format!("K{n}=v\n")).collect();
        assert_eq!(read_file(".env", many.as_str().into()), Err(FileError::TooMany));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in any::<Vec<u8>>(), text in "[A-C=\"'\\\\#{}:,u0-9 \n\r]{0,60}") {
            for name in [".env", "a.json", "other"] {
                let _ = read_file(name, SecretBytes::new(bytes.clone()));
                let _ = read_file(name, text.as_str().into());
            }
        }

        #[test]
        fn a_quoted_value_comes_back(value in "[^\r]{1,40}") {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            prop_assert_eq!(&pairs(".env", &format!("K=\"{escaped}\""))[0].1, &value);
            let json = serde_json::to_string(&serde_json::json!({ "K": value })).unwrap();
            prop_assert_eq!(&pairs("a.json", &json)[0].1, &value);
        }
    }
}
