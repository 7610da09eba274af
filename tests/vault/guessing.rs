//! Guesses are slow, and make nobody wait for long who knows what opens the vault.

use strongroom::service::{Credential, CredentialKind, DoorError, Request};

use crate::support::{Bench, PASSPHRASE};

fn passphrase(text: &str) -> Credential {
    Credential::Passphrase(text.into())
}

/// Three wrong guesses: the next one has to wait.
fn guessed_at(mut bench: Bench) -> Bench {
    for (guess, expected) in [("wrong 1", 0), ("wrong 2", 0), ("wrong 3", 1)] {
        let error = bench.unlock_with(passphrase(guess)).unwrap_err();
        assert!(
            matches!(error, DoorError::WrongCredential { kind: CredentialKind::Passphrase, wait_seconds } if wait_seconds == expected),
            "{error:?}"
        );
    }
    bench
}

#[test]
fn wrong_guesses_are_slowed_down() {
    let mut bench = guessed_at(Bench::locked());
    let answer = bench.unlock_with(passphrase(PASSPHRASE));
    assert!(matches!(answer, Err(DoorError::TooSoon { wait_seconds: 1 })), "{answer:?}");
    bench.clock.advance(1);
    bench.unlock_with(passphrase(PASSPHRASE)).unwrap();
}

#[test]
fn keys_that_nobody_can_guess_never_wait() {
    let mut bench = guessed_at(Bench::locked());
    bench.unlock().unwrap();
}

#[test]
fn a_program_with_a_stale_passphrase_keeps_nobody_waiting() {
    let mut bench = Bench::locked();
    for _ in 0..5 {
        let answer = bench.unlock_with(passphrase("the one before"));
        assert!(matches!(answer, Err(DoorError::WrongCredential { wait_seconds: 0, .. })), "{answer:?}");
    }
    bench.unlock_with(passphrase(PASSPHRASE)).unwrap();
}

#[test]
fn who_was_told_to_wait_gets_through_although_a_guesser_is_faster() {
    let mut bench = guessed_at(Bench::locked());
    let mut others = (4..).map(|n| passphrase(&format!("wrong {n}")));
    bench.clock.advance(1);
    assert!(bench.unlock_with(others.next().unwrap()).is_err());
    let Err(DoorError::TooSoon { wait_seconds }) = bench.unlock_with(passphrase(PASSPHRASE)) else { panic!("no wait") };
    for _ in 0..wait_seconds {
        assert!(bench.unlock_with(others.next().unwrap()).is_err());
        bench.clock.advance(1);
        assert!(bench.unlock_with(others.next().unwrap()).is_err());
    }
    bench.unlock_with(passphrase(PASSPHRASE)).unwrap();
}

#[test]
fn who_proves_it_on_an_open_vault_ends_the_waiting() {
    let mut bench = Bench::open();
    bench.change_passphrase("another passphrase").unwrap();
    bench = guessed_at(bench);
    bench.clock.advance(1);
    bench.unlock_with(passphrase("another passphrase")).unwrap();
    let answer = bench.unlock_with(passphrase("wrong 4"));
    assert!(matches!(answer, Err(DoorError::WrongCredential { wait_seconds: 0, .. })), "{answer:?}");
    assert!(bench.call(Request::List).is_ok(), "and the vault stays open for the others");
}
