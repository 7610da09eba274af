//! Access tokens that are kept for client credentials.

use strongroom::domain::audit::Action;
use strongroom::domain::{Delivery, Draft, Kind, PublicField, Timestamp, Value};
use strongroom::service::{AuditQuery, DoorError, Grant, Request, Response};

use crate::support::{Bench, START, changed, draft, target};

#[test]
fn a_token_is_kept_for_its_credentials_until_they_change_or_the_vault_is_locked() {
    let mut bench = Bench::open();
    let header = bench.register(Draft {
        kind: Kind::ClientCredentials,
        public: vec![PublicField { key: "client_id".into(), text: "me".into() }],
        value: Value(vec![("client_secret".into(), "s3cr3t".into())]),
        write_only: true,
        ..draft("credentials", "")
    });
    let token = |bench: &mut Bench, anew| {
        let request = Request::Token { secret: "credentials".into(), allow_expired: false, anew };
        match bench.call(request)? {
            Response::Token(grant) => Ok(grant),
            other => panic!("{other:?}"),
        }
    };
    let is_kept = |grant: Result<Grant, DoorError>| matches!(grant.unwrap(), Grant::Kept { .. });
    let Grant::Ask { client_secret, .. } = token(&mut bench, false).unwrap() else { panic!("none is kept yet") };
    assert_eq!(client_secret.expose(), b"s3cr3t");
    let keep = |revision| Request::KeepToken {
        id: header.id,
        revision,
        token: "t0k3n".into(),
        expires: Timestamp(START + 3600),
    };
    bench.call(keep(header.revision + 1)).unwrap();
    assert!(!is_kept(token(&mut bench, false)), "given for credentials that are not these");
    bench.call(keep(header.revision)).unwrap();
    assert!(is_kept(token(&mut bench, false)) && !is_kept(token(&mut bench, true)));
    let last = Request::Audit(AuditQuery { most: 4, ..AuditQuery::default() });
    let Response::Events(seen) = bench.call(last).unwrap() else { panic!("no events") };
    assert!(seen.iter().all(|event| event.action == Action::Delivered(Delivery::Token)), "{seen:?}");
    let off = changed(bench.call(Request::Deactivate(target(&header)))).unwrap();
    assert!(matches!(token(&mut bench, false), Err(DoorError::Unavailable(_))));
    let on = changed(bench.call(Request::Reactivate(target(&off)))).unwrap();
    assert!(!is_kept(token(&mut bench, false)));
    bench.call(keep(on.revision)).unwrap();
    bench.clock.advance(3570);
    assert!(!is_kept(token(&mut bench, false)), "it ends too soon");
    bench.call(keep(on.revision)).unwrap();
    bench.reopen();
    assert!(!is_kept(token(&mut bench, false)));
    bench.register(draft("key", "1"));
    let other = Request::Token { secret: "key".into(), allow_expired: false, anew: false };
    assert!(matches!(bench.call(other), Err(DoorError::Invalid { .. })));
}
