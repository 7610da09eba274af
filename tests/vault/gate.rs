//! The gate, at the door: what may be handed over in which status, in which way, and what is noted of it.

use strongroom::domain::audit::{Action, Event, Outcome};
use strongroom::domain::{Delivery, Draft, Header, Kind, Order, PublicField, Reference, Status, Timestamp, Value};
use strongroom::service::{AuditQuery, DoorError, Request, Response};

use crate::support::{Bench, DAY, START, changed, draft, target};

/// A secret of every status, by name; whether it is handed over, and whether it is when an expired one may be.
const STATES: [(&str, bool, bool); 6] = [
    ("Active", true, true),
    ("ExpiresSoon", true, true),
    ("Inactive", false, false),
    ("Expired", false, true),
    ("NotYetValid", false, false),
    ("Deleted", false, false),
];

fn prepared(write_only: bool) -> Bench {
    let mut bench = Bench::open();
    let mut add = |name: &str, expires: Option<i64>| {
        let expires = expires.map(|days| Timestamp(START + days * DAY));
        bench.register(Draft { expires, write_only, ..draft(name, "value") })
    };
    add("Active", None);
    add("ExpiresSoon", Some(9));
    add("Expired", Some(1));
    let (off, gone) = (add("Inactive", None), add("Deleted", None));
    changed(bench.call(Request::Deactivate(target(&off)))).unwrap();
    changed(bench.call(Request::Delete(target(&gone)))).unwrap();
    bench.register(Draft {
        kind: Kind::ClientCredentials,
        public: vec![PublicField { key: "client_id".into(), text: "me".into() }],
        value: Value(vec![("client_secret".into(), "value".into())]),
        not_before: Some(Timestamp(START + 20 * DAY)),
        write_only,
        ..draft("NotYetValid", "")
    });
    bench.clock.advance(3 * DAY);
    bench.reopen();
    bench
}

fn status_of(header: &Header, now: Timestamp) -> String {
    let told = format!("{:?}", Status::of(header, now));
    told.split('(').next().unwrap().to_owned()
}

/// The last event, and how many there are.
fn last(bench: &mut Bench) -> (Event, u64) {
    match bench.call(Request::Audit(AuditQuery { most: 1, ..AuditQuery::default() })).unwrap() {
        Response::Events(mut events) => {
            let event = events.pop().unwrap();
            let number = event.number;
            (event, number)
        }
        other => panic!("{other:?}"),
    }
}

fn holds(write_only: bool) {
    let mut bench = prepared(write_only);
    let now = bench.clock_now();
    for header in bench.headers() {
        assert_eq!(status_of(&header, now), *header.name, "prepared as its name says");
    }
    for (name, passes, passes_expired) in STATES {
        for how in Delivery::ALL {
            for allow_expired in [false, true] {
                let case = format!("{name}, {}, {allow_expired}, write-only {write_only}", how.word());
                let (_, before) = last(&mut bench);
                let reference = Reference { secret: name.into(), field: None };
                let answer = bench.call(Request::Deliver(Order { allow_expired, ..Order::of(how, reference) }));
                let (event, number) = last(&mut bench);
                assert_eq!((number, event.action), (before + 1, Action::Delivered(how)), "{case}");
                let gate_is_open = if allow_expired { passes_expired } else { passes };
                match answer {
                    Ok(Response::Delivered { handed, .. }) => {
                        assert!(gate_is_open && !(write_only && how.is_display()), "{case}");
                        assert_eq!(handed[0].bytes.expose(), b"value");
                        let came = if name == "Expired" { Outcome::AllowedExpired } else { Outcome::Done };
                        assert_eq!(event.outcome, came, "{case}");
                    }
                    Err(DoorError::WriteOnly) => {
                        assert!(gate_is_open && write_only && how.is_display(), "{case}");
                        assert!(matches!(event.outcome, Outcome::Refused(_)), "{case}");
                    }
                    Err(DoorError::Unavailable(refusal)) => {
                        assert!(!gate_is_open, "{case}");
                        assert_eq!(&*refusal.name, name);
                        assert_eq!(refusal.by.is_some(), ["Inactive", "Deleted"].contains(&name), "{case}");
                        assert!(matches!(event.outcome, Outcome::Refused(_)), "{case}");
                    }
                    other => panic!("{case}: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn nothing_passes_that_may_not_and_every_try_is_noted() {
    holds(false);
}

#[test]
fn of_what_is_write_only_nobody_sees_the_value() {
    holds(true);
}
