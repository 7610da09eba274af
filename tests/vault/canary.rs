//! No name and no value is in any file that the vault writes.

use std::fs;

use strongroom::domain::{Draft, Kind, SecretBytes, Value};
use strongroom::service::Request;

use crate::support::{Bench, DAY, PASSPHRASE, changed, draft, files, target};

const CANARIES: [&str; 7] = [
    "Canary Organization",
    "Canary Member",
    "X-Canary-Header",
    "canary-name",
    "canary-value",
    "CANARY_KEY",
    PASSPHRASE,
];

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

fn check(bench: &Bench) {
    for file in files(bench.dir.path()) {
        let bytes = fs::read(&file).unwrap();
        for canary in CANARIES {
            assert!(!contains(&bytes, canary), "{canary} is in {}", file.display());
        }
    }
}

#[test]
fn nothing_readable_is_on_the_disk() {
    let mut bench = Bench::open();
    let header = bench.register(draft("canary-name-1", "canary-value-1"));
    let pairs = Value(vec![("CANARY_KEY".into(), SecretBytes::from("canary-value-2".repeat(2_000).as_str()))]);
    bench.register(Draft { kind: Kind::KeyValue, value: pairs, public: Vec::new(), ..draft("canary-name-2", "") });
    changed(bench.call(Request::Delete(target(&header)))).unwrap();
    bench.call(Request::KeepUnfinished(crate::unfinished::form(1, "canary-name"))).unwrap();
    check(&bench);
    let backup = bench.dir.path().join("backup");
    bench.call(Request::Backup(backup)).unwrap();
    bench.clock.advance(31 * DAY);
    bench.reopen();
    bench.call(Request::SweepAnyway).unwrap();
    check(&bench);
    bench.call(Request::Lock).unwrap();
    assert!(files(bench.dir.path()).len() >= 6);
    check(&bench);
}

#[test]
#[should_panic(expected = "canary-name is in")]
fn the_search_would_find_one() {
    let bench = Bench::locked();
    let page = [&[0; 5000][..], b"canary-name", &[0; 10]].concat();
    fs::write(bench.place().vault.join("leak"), page).unwrap();
    check(&bench);
}
