//! Unlock, do something with a secret, lock, look: again and again in the same processes.

use crate::aloud::skip_for_want;
use crate::processes::Process;
use crate::pty::Session;
use crate::scan::{cells, scan};
use crate::secrets::{Secret, canary};
use crate::vault::{Known, known};

const SIZE: (u16, u16) = (100, 30);
const SUBMIT: &str = "\x13";
const SHOW: &str = "\x12";
const LOCK: &str = "\x0c";
const ENTER: &str = "\r";
/// The places of the other canaries of a way, after those of its values.
const NAMES: usize = 500;
const PASSPHRASE: usize = 1000;
const MISTYPED: usize = 1001;

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

/// Which process has the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    Agent,
    Screens,
}

/// The processes, and what they have been told so far.
struct Run {
    session: Session,
    keeper: Process,
    screens: Process,
    way: Way,
    passphrase: String,
    known: Known,
    /// Every value so far, and the name of every secret.
    values: Vec<Secret>,
    names: Vec<Secret>,
}

/// `count` rounds of `way` in the same processes.
pub fn rounds(way: Way, keeper: Keeper, count: usize) {
    let passphrase = canary(way as usize, PASSPHRASE);
    let known = known(&passphrase);
    let arguments: &[&str] = if keeper == Keeper::Agent { &[] } else { &["--no-agent"] };
    let session = known.home.start(arguments, SIZE, &[]);
    session.wait_for("The vault is locked");
    if let Err(error) = scan(&[session.pid()], &[]) {
        return skip_for_want(&format!("memory, {way:?}"), &format!("its memory cannot be read: {error}"));
    }
    let screens = Process::new("the screens", session.pid());
    let keeper = if keeper == Keeper::Agent { Process::agent(&known.home) } else { screens };
    let mut run = Run { session, keeper, screens, way, passphrase, known, values: Vec::new(), names: Vec::new() };
    run.mistype();
    for round in 0..count {
        run.round(round, round + 1 == count);
    }
}

impl Run {
    fn has_agent(&self) -> bool {
        self.keeper.pid() != self.screens.pid()
    }

    /// A passphrase that is refused is forgotten, though nothing is locked after it.
    fn mistype(&mut self) {
        let wrong = canary(self.way as usize, MISTYPED);
        self.session.send([&wrong, ENTER].concat());
        self.session.wait_for("does not open this vault");
        let wrong = [Secret::text("mistyped passphrase", &wrong)];
        let all = [&wrong[..], &self.known.in_use, &self.known.in_passing].concat();
        [self.keeper, self.screens].iter().for_each(|process| process.forgets(&all, "an unlock that failed"));
    }

    fn round(&mut self, round: usize, last: bool) {
        let first = round == 0;
        self.unlock(first);
        let (value, name) = (canary(self.way as usize, round), canary(self.way as usize, NAMES + round));
        self.values.push(Secret::text(format!("value {round}"), &value));
        self.names.push(Secret::text(format!("name {round}"), &name));
        self.work(&name, &value);
        if first {
            self.is_there();
        }
        self.lock_and_look(round, last);
    }

    fn unlock(&mut self, control: bool) {
        self.session.send(&self.passphrase);
        if control {
            let dots = "•".repeat(self.passphrase.len());
            self.session.wait_for(&dots);
            self.screens.knows(&[self.secret_passphrase()]);
        }
        self.session.send(ENTER);
        self.session.wait_for("Secrets Management");
        self.session.wait_gone("Reading the secrets");
        self.session.wait_gone("The vault is locked");
    }

    /// Locks in one of the ways there are, and looks into every process.
    fn lock_and_look(&mut self, round: usize, last: bool) {
        let mut others = None;
        match round % 3 {
            1 if self.has_agent() => assert!(self.known.home.run(&["lock"]).status.success()),
            2 if self.has_agent() => others = Some(self.lock_from_other_screens()),
            _ => self.session.send(LOCK),
        }
        self.session.wait_for("The vault is locked");
        self.is_gone(others.as_ref(), last);
    }

    fn lock_from_other_screens(&self) -> Session {
        let mut others = self.known.home.start(&[], SIZE, &[]);
        others.wait_for("Secrets Management");
        others.wait_gone("Reading the secrets");
        others.send(LOCK);
        others.wait_for("The vault is locked");
        others
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

    /// While the vault is open, whoever has it knows its keys, and only they; a value that is shown is there, too.
    fn is_there(&self) {
        self.keeper.knows(&self.known.in_use);
        if self.has_agent() {
            self.screens.knows_none(&[&self.known.in_use[..], &self.known.in_passing].concat());
        }
        for process in [self.keeper, self.screens] {
            process.knows(&self.known.names);
            if self.way != Way::Unfinished {
                process.knows(&self.names);
            }
        }
        if matches!(self.way, Way::Revealed | Way::Unfinished) {
            self.screens.knows(&self.values);
            let found = self.screens.look(&self.values);
            assert!(found.has("value 0", &cells()), "the search finds what is on the screen: {found:?}");
        }
    }

    /// Nothing is left: of this round, and in the `last` one of all before it.
    fn is_gone(&self, others: Option<&Session>, last: bool) {
        let part = |of: &[Secret]| of[if last { 0 } else { of.len() - 1 }..].to_vec();
        let fixed = [&[self.secret_passphrase()], &self.known.in_use[..], &self.known.in_passing, &self.known.names];
        let secrets = [fixed.concat(), part(&self.values)].concat();
        let named = [&secrets[..], &part(&self.names)].concat();
        let what = format!("the lock ({:?})", self.way);
        // The name in a form that was left half filled is there again after the next unlocking.
        let is_left = self.way == Way::Unfinished;
        self.screens.forgets(if is_left { &secrets } else { &named }, &what);
        if self.has_agent() {
            self.keeper.forgets(&named, &what);
        }
        if let Some(others) = others {
            Process::new("the other screens", others.pid()).forgets(&named, &what);
        }
    }
}
