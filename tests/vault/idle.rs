//! What keeps a vault open, and for how long.

use std::time::Duration;

use strongroom::host::Clock;
use strongroom::service::{Credential, DoorError, Request, Response, Session, VaultStatus};

use crate::support::{Bench, PASSPHRASE};

fn right() -> Option<Credential> {
    Some(Credential::Passphrase(PASSPHRASE.into()))
}

/// When the vault is locked unless somebody does something, in seconds.
fn lock_after(
    bench: &mut Bench,
    seconds: Option<u32>,
    credential: Option<Credential>,
) -> Result<Option<u32>, DoorError> {
    match bench.call(Request::LockAfter { seconds, credential })? {
        Response::Status(VaultStatus::Unlocked(Session { locks_in, .. })) => Ok(locks_in),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_is_turned_away_keeps_no_vault_open() {
    let mut bench = Bench::open();
    let wrong = |n: u32| Some(Credential::Passphrase(format!("wrong {n}").as_str().into()));
    let guesses: Vec<Request> = (0..4)
        .map(|n| Request::Unlock(wrong(n).unwrap()))
        .chain([
            Request::Unlock(Credential::Recovery("none".into())),
            Request::Unlock(Credential::Machine("none".into())),
            Request::ChangePassphrase { current: None, new: "another passphrase".into() },
            Request::LockAfter { seconds: None, credential: None },
        ])
        .collect();
    for guess in guesses {
        bench.clock.pass(60_000);
        assert!(bench.call(guess.clone()).is_err(), "{guess:?}");
    }
    assert_eq!(bench.service.locks_in(), Some(Duration::from_secs(7 * 60)));
    bench.call(Request::List).unwrap();
    assert_eq!(bench.service.locks_in(), Some(Duration::from_secs(15 * 60)));
    assert!(bench.clock.uptime() >= Duration::from_secs(8 * 60));
}

#[test]
fn a_longer_time_than_the_present_one_takes_what_opens_the_vault() {
    let mut bench = Bench::open();
    assert_eq!(lock_after(&mut bench, Some(60), None).unwrap(), Some(60), "a shorter one is anybody's");
    for longer in [Some(61), None] {
        let answer = lock_after(&mut bench, longer, None);
        assert!(matches!(&answer, Err(DoorError::Invalid { field, .. }) if &**field == "credential"), "{answer:?}");
        let wrong = lock_after(&mut bench, longer, Some(Credential::Passphrase("wrong".into())));
        assert!(matches!(wrong, Err(DoorError::WrongCredential { .. })), "{wrong:?}");
    }
    assert_eq!(lock_after(&mut bench, Some(60), None).unwrap(), Some(60));
    assert_eq!(lock_after(&mut bench, None, right()).unwrap(), None);
    assert_eq!(lock_after(&mut bench, Some(3600), None).unwrap(), Some(3600));
}
