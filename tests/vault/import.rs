//! Importing: all at once, or nothing.

use strongroom::service::{DoorError, Request, Response};

use crate::support::{Bench, draft};

fn many(count: usize) -> Vec<strongroom::domain::Draft> {
    (0..count).map(|n| draft(&format!("secret {n:05}"), &format!("value {n}"))).collect()
}

#[test]
fn everything_is_there_afterwards_each_with_its_value() {
    let mut bench = Bench::open();
    bench.register(draft("before", "1"));
    let mut drafts = many(300);
    drafts[7] = draft("large", &"x".repeat(60_000));
    let Response::Imported(count) = bench.call(Request::Import(drafts)).unwrap() else { panic!() };
    assert_eq!(count, 300);
    assert_eq!(bench.reopen().trouble, None);
    let headers = bench.headers();
    assert_eq!(headers.len(), 301);
    for header in headers.iter().filter(|header| header.name.starts_with("secret")) {
        let number: usize = header.name["secret ".len()..].parse().unwrap();
        assert_eq!(bench.reveal(header, "value").unwrap(), format!("value {number}"));
    }
    let large = headers.iter().find(|header| &*header.name == "large").unwrap();
    assert_eq!(bench.reveal(large, "value").unwrap().len(), 60_000);
    assert!(matches!(bench.call(Request::Import(Vec::new())), Ok(Response::Imported(0))));
}

#[test]
fn one_that_cannot_be_stored_keeps_all_out_and_is_named() {
    let mut bench = Bench::open();
    bench.register(draft("taken", "1"));
    let with = |extra| many(5).into_iter().chain([extra]).collect::<Vec<_>>();
    let mut import = |drafts| bench.call(Request::Import(drafts)).unwrap_err();
    assert!(matches!(import(with(draft("taken", "1"))), DoorError::NameTaken(name) if &*name == "taken"));
    let twice = import(with(draft("secret 00003", "1")));
    assert!(matches!(&twice, DoorError::Invalid { cause, .. } if cause.contains("secret 00003")), "{twice}");
    let empty = import(with(draft("empty", "")));
    assert!(matches!(&empty, DoorError::Invalid { cause, .. } if cause.contains("empty")), "{empty}");
    assert_eq!(bench.headers().len(), 1);
    assert_eq!(bench.reopen().trouble, None);
    assert_eq!(bench.headers().len(), 1);
}
