//! Tables: the general one, and those of KeePass and KeePassXC.

use csv::{ByteRecord, ReaderBuilder};

use super::json::{day, typed};
use super::{Entry, Found, ImportError, Skipped};
use crate::domain::text::sanitize;
use crate::domain::{Draft, SecretBytes, Timestamp};

/// The columns of the general table that are no fields.
const META: [&str; 4] = ["name", "type", "expires", "write_only"];
/// What KeePass and KeePassXC call a column, and what we call the part; an empty name stays out.
const KEEPASS: [(&str, &str); 14] = [
    ("Account", TITLE),
    ("Title", TITLE),
    ("Login Name", "username"),
    ("Username", "username"),
    ("Password", "password"),
    ("Web Site", "url"),
    ("URL", "url"),
    ("Comments", "notes"),
    ("Notes", "notes"),
    ("TOTP", "totp"),
    ("Group", GROUP),
    ("Icon", ""),
    ("Last Modified", ""),
    ("Created", ""),
];
const TITLE: &str = "title";
const GROUP: &str = "group";

/// A table as it is read: the names of the columns, and the rows with the lines on which they stand.
struct Table {
    columns: Vec<String>,
    rows: Vec<(u64, ByteRecord)>,
}

impl Table {
    fn read(bytes: &SecretBytes) -> Result<Self, ImportError> {
        let bytes = bytes.expose();
        let mut reader = ReaderBuilder::new().from_reader(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
        let headers = reader.byte_headers().map_err(|error| broken(&error))?.clone();
        let column = |bytes: &[u8]| std::str::from_utf8(bytes).map(|text| text.trim().to_owned());
        let columns = headers.iter().map(column).collect::<Result<_, _>>().map_err(|_| ImportError::NotUtf8)?;
        let line = |record: &ByteRecord| record.position().map_or(0, csv::Position::line);
        let rows = reader.byte_records().map(|record| record.map(|record| (line(&record), record)));
        Ok(Self { columns, rows: rows.collect::<Result<_, _>>().map_err(|error| broken(&error))? })
    }

    /// The text of the column called `name` in `row`; empty where there is none.
    fn text<'r>(&self, row: &'r ByteRecord, name: &str) -> &'r str {
        let at = self.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        let bytes = at.and_then(|at| row.get(at)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default().trim()
    }

    /// All columns and what stands there in `row`.
    fn cells<'t>(&'t self, row: &'t ByteRecord) -> impl Iterator<Item = (&'t str, &'t [u8])> {
        self.columns.iter().map(String::as_str).zip(row)
    }

    fn has(&self, is_it: impl Fn(&str) -> bool) -> bool {
        self.columns.iter().any(|column| is_it(column))
    }
}

fn broken(error: &csv::Error) -> ImportError {
    ImportError::Csv(error.position().map_or(1, csv::Position::line))
}

/// Reads a table with a column `name`.
pub(super) fn read_table(bytes: &SecretBytes, now: Timestamp) -> Result<Found, ImportError> {
    let table = Table::read(bytes)?;
    if !table.has(|column| column.eq_ignore_ascii_case("name")) {
        return Err(ImportError::NoColumn("name"));
    }
    let mut found = Found::default();
    table.rows.iter().for_each(|(line, row)| found.add_row(*line, table_row(&table, row, now)));
    Ok(found)
}

fn table_row(table: &Table, row: &ByteRecord, now: Timestamp) -> Result<Draft, Skipped> {
    let name = table.text(row, "name");
    if name.is_empty() {
        return Err(Skipped { what: String::new(), why: "It has no name.".into() });
    }
    let write_only = yes_or_no(table.text(row, "write_only"))
        .ok_or_else(|| Skipped { what: name.into(), why: "write_only has to be true or false.".into() })?;
    let is_field = |column: &str| !META.iter().any(|meta| column.eq_ignore_ascii_case(meta));
    let fields = table.cells(row).filter(|(column, bytes)| is_field(column) && !bytes.is_empty());
    let fields = fields.map(|(column, bytes)| (column.to_owned(), SecretBytes::from(bytes))).collect();
    typed(name, table.text(row, "type"), day(table.text(row, "expires"), now), write_only, fields)
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "" | "false" | "no" | "0" => Some(false),
        "true" | "yes" | "1" => Some(true),
        _ => None,
    }
}

/// Reads what KeePass or KeePassXC exports. The group, but for the root, becomes the beginning of the name.
pub(super) fn read_keepass(bytes: &SecretBytes) -> Result<Found, ImportError> {
    let table = Table::read(bytes)?;
    if !table.has(|column| part_of(column) == Some(TITLE)) {
        return Err(ImportError::NoColumn("Title"));
    }
    let mut found = Found::default();
    for (line, row) in &table.rows {
        let entry = keepass_entry(&table, row);
        let draft = match entry.name.is_empty() {
            true => Err(Skipped { what: String::new(), why: "It has no title.".into() }),
            false => entry.into_draft(),
        };
        found.add_row(*line, draft);
    }
    Ok(found)
}

fn keepass_entry(table: &Table, row: &ByteRecord) -> Entry {
    let (mut entry, mut group, mut title) = (Entry::default(), String::new(), String::new());
    for (column, bytes) in table.cells(row) {
        let text = || String::from_utf8_lossy(bytes).trim().to_owned();
        match part_of(column) {
            Some(TITLE) => title = text(),
            Some(GROUP) => group = text(),
            Some("") => {}
            Some(part) => entry.add(part, bytes.into()),
            None => entry.add(&sanitize(column), bytes.into()),
        }
    }
    let group = group.split_once('/').map_or("", |(_, below)| below);
    entry.name = if group.is_empty() || title.is_empty() { title } else { format!("{group}/{title}") };
    entry
}

fn part_of(column: &str) -> Option<&'static str> {
    KEEPASS.iter().find(|(theirs, _)| column.eq_ignore_ascii_case(theirs)).map(|(_, ours)| *ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Kind, Value};

    fn value(parts: &[(&str, &str)]) -> Value {
        Value(parts.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
    }

    fn reasons(found: &Found) -> Vec<(&str, &str)> {
        found.skipped.iter().map(|skipped| (&*skipped.what, &*skipped.why)).collect()
    }

    #[test]
    fn keepass_entries_are_called_by_group_and_title() {
        let keepassxc = "\"Group\",\"Title\",\"Username\",\"Password\",\"URL\",\"Notes\",\"TOTP\",\"Icon\",\"Last Modified\",\"Created\"\n\
            \"Root/Web\",\"Shop\",\"ada\",\"s3,\"\"cret\",\"https://shop.example\",\"two\nlines\",\"\",\"0\",\"2026-01-01\",\"2026-01-01\"\n\
            \"Root\",\"Plain\",\"\",\"x\",\"\",\"\",\"\",\"0\",\"\",\"\"\n\
            \"Root\",\"\",\"\",\"x\",\"\",\"\",\"\",\"0\",\"\",\"\"\n\
            \"Root\",\"Empty\",\"\",\"\",\"\",\"\",\"\",\"0\",\"\",\"\"\n";
        let found = read_keepass(&keepassxc.into()).unwrap();
        let parts =
            [("username", "ada"), ("password", "s3,\"cret"), ("url", "https://shop.example"), ("notes", "two\nlines")];
        assert_eq!((&*found.drafts[0].name, &found.drafts[0].value), ("Web/Shop", &value(&parts)));
        assert_eq!((&*found.drafts[1].name, found.drafts.len()), ("Plain", 2));
        assert_eq!(reasons(&found), [("line 5", "It has no title."), ("Empty, line 6", "It has no value.")]);

        let keepass =
            "\"Account\",\"Login Name\",\"Password\",\"Web Site\",\"Comments\"\n\"Shop\",\"ada\",\"x\",\"\",\"\"\n";
        let found = read_keepass(&keepass.into()).unwrap();
        assert_eq!(found.drafts[0].value, value(&[("username", "ada"), ("password", "x")]));
        assert_eq!(read_keepass(&"a,b\n1,2\n".into()).unwrap_err(), ImportError::NoColumn("Title"));
    }

    #[test]
    fn a_table_has_fields_of_the_type_or_pairs() {
        let table = "name,type,header_name,value,expires,write_only,REGION\n\
            gateway,api-key,X-Key,abc,2027-01-31,true,\n\
            shop,,,,,,eu\n\
            odd,api-key,X-Key,abc,,,eu\n\
            bad,nothing,,,,,\n\
            unsure,,,,,perhaps,eu\n\
            ,,,,,,eu\n";
        let found = read_table(&table.into(), Timestamp(0)).unwrap();
        assert_eq!(found.lines, [2, 3]);
        let gateway = &found.drafts[0];
        assert_eq!((gateway.kind, gateway.write_only, gateway.expires.is_some()), (Kind::ApiKey, true, true));
        assert_eq!((&*gateway.public[0].key, &*gateway.public[0].text), ("header_name", "X-Key"));
        assert_eq!(gateway.value, value(&[("value", "abc")]));
        assert_eq!((found.drafts[1].kind, &found.drafts[1].value), (Kind::KeyValue, &value(&[("REGION", "eu")])));
        let types = "api-key, bearer-token, client-credentials, certificate or key-value";
        assert_eq!(
            reasons(&found),
            [
                ("odd, line 4", "API Key has no field \"REGION\"."),
                ("bad, line 5", &*format!("There is no type \"nothing\": use {types}.")),
                ("unsure, line 6", "write_only has to be true or false."),
                ("line 7", "It has no name."),
            ]
        );
        assert_eq!(read_table(&"title\nx\n".into(), Timestamp(0)).unwrap_err(), ImportError::NoColumn("name"));
        assert_eq!(read_table(&"name,v\nx,y,z\n".into(), Timestamp(0)).unwrap_err(), ImportError::Csv(2));
    }
}
