//! Wrong guesses of one client beside another one that knows the passphrase.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use strongroom::service::{Credential, Request};

use crate::home::{Home, call};
use crate::wait_for;

/// What stderr says of an unlocking with the right passphrase, which has to be done at the first call.
#[track_caller]
fn unlocked(home: &Home) -> String {
    let output = home.run(&["unlock", "--passphrase-file", "pass"]);
    let says = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{says}");
    says
}

/// Tries the passphrases one after the other, on and on, as fast as a script does, while `owner` does something.
fn beside_a_loop(home: &Home, guess: impl Fn(u32) -> String + Sync, owner: impl FnOnce()) {
    let (over, tried) = (AtomicBool::new(false), AtomicU32::new(0));
    scope(|scope| {
        scope.spawn(|| {
            let mut door = home.remote();
            for n in (0..).take_while(|_| !over.load(Ordering::SeqCst)) {
                let answer = call(&mut door, Request::Unlock(Credential::Passphrase(guess(n).as_str().into())));
                assert!(answer.is_err());
                tried.store(n, Ordering::SeqCst);
                sleep(Duration::from_millis(100));
            }
        });
        wait_for("the guesses", || (tried.load(Ordering::SeqCst) >= 6).then_some(()));
        // A panic must not leave the loop running.
        let done = catch_unwind(AssertUnwindSafe(owner));
        over.store(true, Ordering::SeqCst);
        done.unwrap();
    });
}

#[test]
fn a_loop_with_a_stale_passphrase_makes_its_owner_wait_for_nothing() {
    let home = Home::new();
    beside_a_loop(
        &home,
        |_| "the one before".to_owned(),
        || {
            for _ in 0..3 {
                assert!(!unlocked(&home).contains("wrong guesses"));
                home.run(&["lock"]);
            }
        },
    );
}

#[test]
fn whoever_waits_gets_through_beside_a_loop_of_guesses() {
    let home = Home::new();
    beside_a_loop(&home, |n| format!("wrong {n}"), || assert!(unlocked(&home).contains("trying again in")));
}

#[test]
fn a_command_waits_once_and_says_so() {
    let home = Home::new();
    for n in 0..4 {
        fs::write(home.path().join("wrong"), format!("wrong {n}")).unwrap();
        assert_eq!(home.run(&["unlock", "--passphrase-file", "wrong"]).status.code(), Some(11));
    }
    unlocked(&home);
}
