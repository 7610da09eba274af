//! The main job, end to end, by keyboard on a terminal of 80×24: first run, every type, edit, out of use and
//! back, deleted, unlocked again.

mod pty;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use pty::Session;
use pty::home::{Home, PASSPHRASE};
use pty::wizard::found_vault;

const SIZE: (u16, u16) = (80, 24);
/// A value that is shown goes by itself after 15 s: what is gone sooner went for another reason.
const SOONER: Duration = Duration::from_secs(14);
const TAB: &str = "\t";
const ENTER: &str = "\r";
const LOCK: &str = "\x0c";
const DOWN: &str = "\x1b[B";
const SUBMIT: &str = "\x13";
const ESC: &str = "\x1b";

/// What a terminal sends for a paste, or for a file dropped on it.
fn pasted(text: &str) -> String {
    format!("\x1b[200~{text}\x1b[201~")
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).expect("the fixture")
}

/// Registers a secret of the type at `place` in the list by `keys`, looks at what was saved and goes on to the listing,
/// where it is number `count`.
fn register(session: &mut Session, place: usize, name: &str, keys: &[&str], saved: &str, count: usize) {
    session.send("n");
    session.wait_for("Bearer Token (OAuth)");
    session.send(DOWN.repeat(place) + ENTER);
    session.wait_for("Secret Name");
    session.send([name, TAB].concat() + &keys.concat());
    session.wait_for(&format!("Registered {name}"));
    session.wait_for(saved);
    session.send(ENTER);
    session.wait_for(&format!("of {count}"));
    session.wait_for(&format!("▌ {}", name.split('.').next().unwrap_or(name)));
}

fn register_all(session: &mut Session, home: &Home) {
    home.write("client.pem", fixture("ec-p256.pem"));
    let key = home.write("client of acme.key", fixture("ec-p256-pkcs8.key"));
    home.write("app.env", "PORT=8080\nDB_URL=postgres://db\n");
    let dropped = pasted(&format!("'{}' ", key.display()));
    register(session, 0, "maps", &["X-Api-Key", TAB, "key-4711", TAB, "+90d", SUBMIT], "Header Name", 1);
    register(session, 1, "crm", &["Authorization", TAB, &pasted("Bearer eyJ-1\n"), SUBMIT], "Header Value", 2);
    let credentials = ["acme-client", TAB, "s3cr3t", TAB, "profile email", TAB, "https://idm.example.com/t", SUBMIT];
    register(session, 2, "billing", &credentials, "profile email", 3);
    register(session, 3, "gateway", &["~/client.pem", TAB, &dropped, SUBMIT], "Private Key", 4);
    let rows = [TAB, "USER", TAB, "ada", ENTER, "PASSWORD", TAB, "hunter2", SUBMIT];
    register(session, 4, "database", &rows, "PASSWORD", 5);
    register(session, 4, "service", &[" ", TAB, "~/app.env", SUBMIT], "DB_URL", 6);
}

/// Opens the first secret that `find` finds, and waits for its details.
fn open(session: &mut Session, find: &str) {
    session.send(["/", find, ENTER, ENTER].concat());
    session.wait_for("Where it is applied");
}

fn back_to_all(session: &mut Session) {
    session.send(ESC);
    session.wait_for("(Esc shows all)");
    session.send(ESC);
    session.wait_gone("(Esc shows all)");
}

fn details_are_right(session: &mut Session) {
    open(session, "gateway");
    session.wait_for("CN=");
    back_to_all(session);
    open(session, "maps");
    session.wait_for("in 90 d");
    session.send(DOWN.repeat(2));
    let asked = Instant::now();
    session.send("v");
    session.wait_for("key-4711");
    session.send("v");
    session.wait_gone("key-4711");
    assert!(asked.elapsed() < SOONER, "it went by itself, not because of the key");
    back_to_all(session);
}

fn quit(mut session: Session) {
    session.send("q");
    assert!(session.wait_exit().success());
    session.assert_restored();
}

fn edit_and_retire(session: &mut Session) {
    session.send(["/crm", ENTER, "e"].concat());
    session.wait_for("New Header Value");
    session.send([TAB, TAB, "Bearer eyJ-2", SUBMIT].concat());
    session.wait_for("Saved crm");
    session.send("v");
    session.wait_for("Bearer eyJ-2");
    session.send(ESC);
    session.wait_for("(Esc shows all)");
    session.send("d");
    session.wait_for("Deactivate crm?");
    session.send([TAB, ENTER].concat());
    session.wait_for("Deactivated crm");
    session.wait_for("○ Inactive");
    session.send("d");
    session.wait_for("Reactivate crm?");
    session.send([TAB, ENTER].concat());
    session.wait_for("Reactivated crm");
    session.wait_for("● Active");
    session.send("x");
    session.wait_for("Delete crm?");
    session.send(["crm", ENTER].concat());
    session.wait_for("Deleted crm");
    session.wait_for("⌫ Gone in 30 d");
}

#[test]
fn from_the_first_run_to_a_tombstone() {
    let home = Home::empty();
    let mut session = home.start(&[], SIZE, &[]);
    let recovery_key = found_vault(&mut session, "acme", "Ada", PASSPHRASE);
    register_all(&mut session, &home);
    details_are_right(&mut session);
    quit(session);

    let mut session = home.start(&[], SIZE, &[]);
    // The agent has kept it open.
    session.wait_for("6 secrets");
    session.send(LOCK);
    session.wait_for("The vault is locked");
    session.send(["wrong horse", ENTER].concat());
    session.wait_for("does not open this vault");
    session.wait_gone("Try again in");
    session.send([PASSPHRASE, ENTER].concat());
    session.wait_for("6 secrets");
    edit_and_retire(&mut session);
    quit(session);
    assert!(home.run(&["lock"]).status.success());

    let mut session = home.start(&[], SIZE, &[]);
    session.wait_for("The vault is locked");
    session.send([TAB, &recovery_key.join("-").to_lowercase(), ENTER].concat());
    session.wait_for("New passphrase");
    let new = "a lamp under nine green stairs";
    session.send([new, TAB, new, ENTER].concat());
    session.wait_for("The passphrase is changed");
    session.wait_for("5 secrets");
    session.wait_for("⌫ 1 deleted");
    quit(session);
    home.write("old", PASSPHRASE);
    home.write("new", new);
    assert!(home.run(&["lock"]).status.success());
    assert_eq!(home.run(&["list", "--passphrase-file", "old"]).status.code(), Some(11));
    let listed = home.run(&["list", "--passphrase-file", "new"]);
    let table = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(["maps", "billing", "gateway", "database", "service"].iter().all(|name| table.contains(name)), "{table}");
}
