//! No name, value or passphrase where nobody asked to see it: not in a file, not in what the kernel tells of the
//! process, not on the terminal while masked. Each search is also shown to find what it looks for.

mod pty;

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64ct::{Base64Unpadded, Encoding};
use memchr::memmem;
use pty::Session;
use pty::home::{Home, MEMBER, ORGANIZATION, PASSPHRASE};

const SIZE: (u16, u16) = (100, 30);
const NAMES: [&str; 3] = ["kestrel-9d41-name", "merlin-77c0-name", "MERLIN_PAIR_KEY"];
const TYPED: &str = "osprey-5b2e-typed-value";
const PASTED: &str = "harrier-c8a3-pasted-value";
const PAIR: &str = "buzzard-1f06-pair-value";
/// A value that is shown goes by itself after 15 s: what is gone sooner went for another reason.
const SOONER: Duration = Duration::from_secs(14);
/// So many characters of a value on the screen give it away.
const GIVEAWAY: usize = 8;

/// The ways in which `canary` could be written down.
fn spellings(canary: &str) -> Vec<Vec<u8>> {
    let bytes = canary.as_bytes();
    let utf16 = canary.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut all = vec![bytes.to_vec(), utf16, hex.to_uppercase().into_bytes(), hex.into_bytes()];
    // Within a longer text, base64 depends on where a group of three bytes begins.
    all.extend((0..3).map(|skip| {
        let whole = (bytes.len() - skip) / 3 * 3;
        base64(&bytes[skip..skip + whole])
    }));
    all
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut room = [0; 256];
    Base64Unpadded::encode(bytes, &mut room).expect("room").as_bytes().to_vec()
}

fn contains(text: &[u8], canary: &str) -> bool {
    spellings(canary).iter().any(|spelling| memmem::find(text, spelling).is_some())
}

fn canaries() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter().chain([TYPED, PASTED, PAIR, PASSPHRASE, ORGANIZATION, MEMBER])
}

/// The files of vault and state that hold a canary.
fn tainted(home: &Home) -> Vec<(PathBuf, &'static str)> {
    let files = home.files();
    assert!(files.iter().any(|(path, _)| path.ends_with("vault.header")), "{files:?}");
    files
        .iter()
        .flat_map(|(path, content)| canaries().filter(|canary| contains(content, canary)).map(|c| (path.clone(), c)))
        .collect()
}

/// Whether the first characters of `canary` stood on the screen after any frame.
fn was_shown(session: &Session, canary: &str) -> bool {
    let size = |number| NonZeroU16::new(number).expect("a size");
    let mut screen = vt100::Parser::new(size(SIZE.1), size(SIZE.0), 0);
    let bytes = session.bytes();
    bytes.split_inclusive(|byte| *byte == b'l').any(|part| {
        screen.process(part);
        screen.screen().contents().contains(&canary[..GIVEAWAY])
    })
}

fn register(session: &mut Session, place: usize, keys: &str, name: &str) {
    session.send(["n", &"j".repeat(place), "\r", name, "\t", keys, "\x13"].concat());
    session.wait_for(&format!("Registered {name}"));
}

/// Unlocks and registers by every way in: typed, pasted, in pairs.
fn fill(home: &Home) -> Session {
    let mut session = home.unlocked(SIZE);
    register(&mut session, 0, &format!("X-Api-Key\t{TYPED}"), NAMES[0]);
    session.send("\r");
    session.wait_for("1 of 1");
    let pairs = format!("\t{}\t\x1b[200~{PAIR}\x1b[201~", NAMES[2]);
    register(&mut session, 4, &pairs, NAMES[1]);
    session.send("\r");
    session.wait_for("of 2");
    session.send("e");
    session.wait_for("Save changes");
    session.send(format!("\t\t\t\x1b[200~{PASTED}\n\x1b[201~"));
    session
}

#[test]
fn files_and_the_kernel_know_nothing() {
    let home = Home::with_vault();
    std::fs::remove_file(home.path().join("pass")).expect("the passphrase's file goes");
    let mut session = fill(&home);
    for of in ["cmdline", "environ"] {
        // The environment of a process that may not be dumped is root's to read.
        let Some(told) = session.told_by_kernel(of) else { continue };
        assert!(contains(&told, if of == "cmdline" { "strongroom" } else { "HOME=" }));
        assert!(!canaries().any(|canary| contains(&told, canary)), "{of}");
    }
    let agents = pty::agents::pids(home.path());
    assert_eq!(agents.len(), 1);
    for (of, there) in [("cmdline", "agent"), ("environ", "HOME=")] {
        let Some(told) = pty::told_by_kernel(agents[0], of) else { continue };
        assert!(contains(&told, there) && !canaries().any(|canary| contains(&told, canary)), "{of}: {told:?}");
    }
    assert_eq!(tainted(&home), []);
    session.send("\x13");
    session.wait_for("Saved");
    session.send("q");
    session.wait_exit();
    assert_eq!(tainted(&home), []);
}

#[test]
fn the_search_of_files_finds_what_is_there() {
    let home = Home::with_vault();
    assert_eq!(tainted(&home).len(), 1, "the passphrase's file");
    for spelling in spellings(TYPED) {
        std::fs::write(home.vault().join("planted"), [&b"before"[..], &spelling, b"after"].concat()).expect("a file");
        assert!(tainted(&home).contains(&(home.vault().join("planted"), TYPED)));
    }
    assert!(contains(&base64(format!("xy{PAIR}z").as_bytes()), PAIR));
}

#[test]
fn the_terminal_shows_values_only_when_asked() {
    let home = Home::with_vault();
    let mut session = fill(&home);
    session.wait_for("••••");
    session.send("\x13");
    session.wait_for("Saved");
    assert!(was_shown(&session, NAMES[0]) && was_shown(&session, NAMES[1]), "names are there to be seen");
    let masked = [TYPED, PASTED, PAIR, PASSPHRASE];
    assert!(!masked.iter().any(|value| was_shown(&session, value) || contains(&session.bytes(), value)));
    let asked = Instant::now();
    session.send(["/", NAMES[0], "\r", "v"].concat());
    session.wait_for(TYPED);
    assert!(was_shown(&session, TYPED) && contains(&session.bytes(), TYPED), "now it was asked for");
    assert!(!was_shown(&session, PASTED) && !was_shown(&session, PASSPHRASE));
    session.send("\x1b[O");
    session.wait_gone(TYPED);
    assert!(asked.elapsed() < SOONER, "it went by itself, not because nobody looked");
}
