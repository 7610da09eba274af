//! The hub, without sockets.

use std::sync::mpsc::channel;
use std::time::Instant;

use super::*;
use crate::agent::turn::IN_HAND;
use crate::host::bus::BusAddress;
use crate::host::{OsEntropy, SystemClock};
use crate::service::News;

fn hub(quit: impl Fn() + Send + Sync + 'static) -> Hub {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let service = Service::demo(clock.clone(), Arc::new(OsEntropy)).unwrap();
    let log = EventLog::open(None, clock.clone()).unwrap();
    let logins = Logins::new(BusAddress::system(|_| Some("unix:path=/nowhere".into()))).unwrap();
    Hub::new(service, clock, log, logins, Box::new(quit)).unwrap()
}

#[test]
fn a_request_that_takes_too_long_ends_the_process_instead() {
    let (end, ended) = channel();
    let hub = hub(move || end.send(()).unwrap());
    let (begin, begun) = channel();
    let (go_on, wait) = channel::<()>();
    std::thread::scope(|scope| {
        let at_work = move |_| {
            let _ = begin.send(());
            let _ = wait.recv();
        };
        let hub = &hub;
        scope.spawn(move || hub.call(Request::Doctor(None), (our_uid(), None), &of_our_own_accord, &at_work));
        begun.recv().unwrap();
        let asked = Instant::now();
        hub.lock("sleep");
        ended.try_recv().unwrap();
        assert!(asked.elapsed() < IN_HAND * 2, "{:?}", asked.elapsed());
        drop(go_on);
    });
    assert!(
        matches!(hub.call(Request::List, (our_uid(), None), &of_our_own_accord, &|_| {}), Err(DoorError::Locked)),
        "nothing is served any more"
    );
}

#[test]
fn a_crowd_of_requests_does_not_keep_the_lock_waiting() {
    let hub = hub(|| panic!("it need not end by force"));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while hub.call(Request::Doctor(None), (our_uid(), None), &of_our_own_accord, &|_| {}).is_ok()
                    && hub.is_open()
                {}
            });
        }
        std::thread::sleep(Duration::from_millis(50));
        let asked = Instant::now();
        hub.lock("sleep");
        assert!(asked.elapsed() < IN_HAND / 2, "{:?}", asked.elapsed());
    });
}

#[test]
fn nothing_is_served_once_the_end_has_begun() {
    let hub = hub(|| panic!("it need not end by force"));
    assert!(hub.is_open());
    hub.end("end");
    assert!(!hub.is_open());
    let unlock = Request::Unlock(crate::service::Credential::Passphrase("any".into()));
    for request in [Request::List, unlock, Request::Touch] {
        assert!(matches!(hub.call(request, (our_uid(), None), &of_our_own_accord, &|_| {}), Err(DoorError::Locked)));
    }
    assert!(hub.call(Request::Lock, (our_uid(), None), &of_our_own_accord, &|_| {}).is_ok() && !hub.is_open());
}

#[test]
fn changed_applications_and_imports_are_told_to_everybody() {
    let hub = hub(|| panic!("it need not end by force"));
    let mailbox = hub.newsroom.subscribe(our_uid());
    let draft = crate::domain::ApplicationDraft { name: "new".into(), description: "".into(), bindings: Vec::new() };
    let refused = crate::domain::ApplicationDraft { name: "".into(), ..draft.clone() };
    assert!(hub.call(Request::AddApplication(refused), (our_uid(), None), &of_our_own_accord, &|_| {}).is_err());
    let added = hub.call(Request::AddApplication(draft), (our_uid(), None), &of_our_own_accord, &|_| {}).unwrap();
    let Response::Application(added) = added else { panic!("{added:?}") };
    assert_eq!(mailbox.take(), Some(News::Applications), "nothing of what was refused");
    hub.call(Request::RemoveApplication { id: added.id, revision: 1 }, (our_uid(), None), &of_our_own_accord, &|_| {})
        .unwrap();
    assert_eq!(mailbox.take(), Some(News::Applications));
    hub.call(Request::Import { drafts: Vec::new(), dry_run: false }, (our_uid(), None), &of_our_own_accord, &|_| {})
        .unwrap();
    assert_eq!(mailbox.take(), Some(News::ListAnew));
}

#[test]
fn what_is_seen_of_the_time_left_goes_on() {
    let session = |left| Session {
        organization: "acme".into(),
        member: "Ada".into(),
        rights: crate::domain::organization::Rights::of(
            crate::domain::MemberId([1; 16]),
            crate::domain::organization::Role::Member,
        ),
        read_only: false,
        locks_in: left,
    };
    let seen =
        Seen { status: VaultStatus::Unlocked(session(Some(60))), users: BTreeMap::new(), at: Duration::from_secs(100) };
    assert_eq!(seen.at(Duration::from_secs(110), 0), VaultStatus::Unlocked(session(Some(50))));
    assert_eq!(seen.at(Duration::from_secs(999), 0), VaultStatus::Unlocked(session(Some(0))));
}
