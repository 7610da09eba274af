//! Unlock, do something with a secret, lock, look: again and again in one process.

use std::time::{Duration, Instant};

use crate::aloud::skip_for_want;
use rustix::process::Pid;

use crate::pty::Session;
use crate::scan::{Found, cells, scan};
use crate::secrets::{Secret, canary};
use crate::vault::{Known, known};

const SIZE: (u16, u16) = (100, 30);
const SUBMIT: &str = "\x13";
const SHOW: &str = "\x12";
const LOCK: &str = "\x0c";
const ENTER: &str = "\r";
/// What is left a moment after the lock, when every thread has come to rest, stays.
const MOMENT: Duration = Duration::from_secs(2);
/// The place of a way's passphrase among its canaries.
const PASSPHRASE: usize = 1000;

/// How a value gets into the program, or out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Typed,
    Pasted,
    Revealed,
    Edited,
    Copied,
    Unfinished,
}

/// A program, and what it has been told so far.
struct Run {
    session: Session,
    way: Way,
    passphrase: String,
    known: Known,
    /// Every value so far.
    values: Vec<Secret>,
}

/// `count` rounds of `way` in one process.
pub fn rounds(way: Way, count: usize) {
    let passphrase = canary(way as usize, PASSPHRASE);
    let known = known(&passphrase);
    let session = known.home.start(&[], SIZE, &[]);
    let mut run = Run { session, way, passphrase, known, values: Vec::new() };
    run.session.wait_for("The vault is locked");
    if let Err(error) = scan(&run.processes(), &[]) {
        return skip_for_want(&format!("memory, {way:?}"), &format!("its memory cannot be read: {error}"));
    }
    for round in 0..count {
        run.round(round, round == 0, round + 1 == count);
    }
}

impl Run {
    /// The processes that work with the vault: all of them are looked into.
    fn processes(&self) -> Vec<Pid> {
        vec![self.session.pid()]
    }

    fn round(&mut self, round: usize, first: bool, last: bool) {
        self.unlock(first);
        let value = canary(self.way as usize, round);
        let name = format!("round-{round:03}");
        self.values.push(Secret::text(format!("value {round}"), &value));
        self.work(&name, &value);
        if first {
            self.is_there();
        }
        self.session.send(LOCK);
        self.session.wait_for("The vault is locked");
        self.is_gone(last);
    }

    fn unlock(&mut self, control: bool) {
        self.session.send(&self.passphrase);
        if control {
            let dots = "•".repeat(self.passphrase.len());
            self.session.wait_for(&dots);
            let found = self.look(&[self.secret_passphrase()]);
            assert!(found.has("passphrase", "raw"), "the search finds a passphrase that is being typed: {found:?}");
        }
        self.session.send(ENTER);
        self.session.wait_for("Secrets Management");
        self.session.wait_gone("Reading the secrets");
        self.session.wait_gone("The vault is locked");
    }

    /// Gets `value` into the program, and out again, as the way says.
    fn work(&mut self, name: &str, value: &str) {
        match self.way {
            Way::Typed => self.register(name, value),
            Way::Pasted => self.register(name, &format!("\x1b[200~{value}\x1b[201~")),
            Way::Revealed => {
                self.register(name, value);
                self.session.send("v");
                self.session.wait_for(value);
            }
            Way::Edited => {
                self.register(name, "something else");
                self.session.send("e");
                self.session.wait_for("Save changes");
                self.session.send(format!("\t\t{value}{SUBMIT}"));
                self.session.wait_for(&format!("Saved {name}"));
            }
            Way::Copied => {
                self.register(name, value);
                let before = self.session.bytes().len();
                self.session.send("y");
                self.session.wait_until("the clipboard sequence", |_, bytes| {
                    bytes[before..].windows(7).any(|b| b == b"\x1b]52;c;")
                });
                self.session.wait_for("clipboard for 45 s");
            }
            Way::Unfinished => {
                // The form of the round before is there again, without its value.
                if self.values.len() == 1 {
                    self.form(name);
                } else {
                    self.session.wait_for("enter them again");
                }
                self.session.send([value, SHOW].concat());
                self.session.wait_for(value);
            }
        }
    }

    /// Opens the form of an API key, up to its value.
    fn form(&mut self, name: &str) {
        self.session.send("n");
        self.session.wait_for("Bearer Token (OAuth)");
        self.session.send(ENTER);
        self.session.wait_for("Secret Name");
        self.session.send([name, "\tX-Api-Key\t"].concat());
    }

    fn register(&mut self, name: &str, value: &str) {
        self.form(name);
        self.session.send([value, SUBMIT].concat());
        self.session.wait_for(&format!("Registered {name}"));
        self.session.send(ENTER);
        self.session.wait_for(&format!("▌ {name}"));
    }

    fn secret_passphrase(&self) -> Secret {
        Secret::text("passphrase", &self.passphrase)
    }

    fn look(&self, secrets: &[Secret]) -> Found {
        scan(&self.processes(), secrets).expect("it could be read before")
    }

    /// While the vault is open, its keys are there, and a value that is shown is, too.
    fn is_there(&self) {
        let found = self.look(&[&self.known.in_use[..], &self.values].concat());
        let missing: Vec<&Secret> = self.known.in_use.iter().filter(|key| !found.has(&key.name, "raw")).collect();
        assert!(missing.is_empty(), "the search finds keys in use: {missing:?} are not in {found:?}");
        if matches!(self.way, Way::Revealed | Way::Unfinished) {
            assert!(found.has("value 0", "raw"), "the search finds a value: {found:?}");
            assert!(found.has("value 0", &cells()), "the search finds what is on the screen: {found:?}");
        }
    }

    /// Nothing is left: of this round, and in the `last` one of all before it.
    fn is_gone(&self, last: bool) {
        let values = if last { &self.values[..] } else { &self.values[self.values.len() - 1..] };
        let secrets = [&[self.secret_passphrase()], &self.known.in_use[..], &self.known.in_passing, values].concat();
        let locked = Instant::now();
        let mut found = self.look(&secrets);
        while !found.0.is_empty() && locked.elapsed() < MOMENT {
            std::thread::sleep(Duration::from_millis(100));
            found = self.look(&secrets);
        }
        assert!(found.0.is_empty(), "after the lock ({:?}): {:#?}", self.way, found.0);
    }
}
