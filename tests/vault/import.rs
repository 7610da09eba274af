//! Importing: all at once, or nothing.

use strongroom::service::{Request, Response};

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
    let request = Request::Import { drafts, dry_run: false };
    let Response::Imported { stored, .. } = bench.call(request).unwrap() else { panic!() };
    assert_eq!(stored, 300);
    assert_eq!(bench.reopen().trouble, None);
    let headers = bench.headers();
    assert_eq!(headers.len(), 301);
    for header in headers.iter().filter(|header| header.name.starts_with("secret")) {
        let number: usize = header.name["secret ".len()..].parse().unwrap();
        assert_eq!(bench.reveal(header, "value").unwrap(), format!("value {number}"));
    }
    let large = headers.iter().find(|header| &*header.name == "large").unwrap();
    assert_eq!(bench.reveal(large, "value").unwrap().len(), 60_000);
}

#[test]
fn what_cannot_be_stored_is_skipped_with_its_reason() {
    let mut bench = Bench::open();
    bench.register(draft("taken", "1"));
    let more = [draft("taken", "1"), draft("secret 00003", "1"), draft("empty", "")];
    for (dry_run, there) in [(true, 1), (false, 6)] {
        let drafts = many(5).into_iter().chain(more.clone()).collect();
        let request = Request::Import { drafts, dry_run };
        let Response::Imported { stored, skipped } = bench.call(request).unwrap() else { panic!() };
        let names: Vec<&str> = skipped.iter().map(|skipped| &*skipped.what).collect();
        assert_eq!((stored, &names[..]), (5, &["taken", "secret 00003", "empty"][..]));
        assert_eq!(bench.reopen().trouble, None);
        assert_eq!(bench.headers().len(), there);
    }
}
