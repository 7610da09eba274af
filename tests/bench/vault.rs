//! What a vault costs: `cargo bench --bench vault`, or with a size: `cargo bench --bench vault -- 10000`.
//!
//! Times are the median and the best. The files are on the disk under `target/`, in the page cache.

// In a bench, unwrapping is how helpers fail.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use strongroom::domain::SecretBytes;
use strongroom::service::{Credential, Door, Request, Response};
use support::{Filled, PASSPHRASE, argument, draft, memory, middle_and_best, place_in, service, tell, timed};

/// Tells the child process where the vault is whose memory it is to measure.
const CHILD: &str = "STRONGROOM_BENCH_VAULT";
/// Tells it how many secrets it is to import there instead.
const IMPORTS: &str = "STRONGROOM_BENCH_IMPORT";
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const UNLOCKS: usize = 11;
const WRITES: usize = 200;

fn main() {
    if let Some(dir) = argument(CHILD) {
        return match std::env::var(IMPORTS) {
            Ok(count) => import(&dir, count.parse().unwrap()),
            Err(_) => measure_memory(&dir),
        };
    }
    let chosen: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    for size in SIZES.into_iter().filter(|size| chosen.is_empty() || chosen.contains(size)) {
        println!("\n{size} secrets");
        let filled = Filled::new(size);
        unlock(&filled, size);
        resident(&filled, size);
        write(&filled, size);
        imported(size);
    }
}

/// An unlock with the recovery key, which needs no key derivation, and the list that follows.
fn unlock(filled: &Filled, size: usize) {
    let mut service = service(filled.place());
    let times = (0..UNLOCKS).map(|_| {
        let time = timed(|| {
            service.call(Request::Unlock(filled.recovery()), &|_| {}).unwrap();
            let Ok(Response::Headers(headers)) = service.call(Request::List, &|_| {}) else { panic!("no list") };
            assert_eq!(headers.len(), size);
        });
        service.call(Request::Lock, &|_| {}).unwrap();
        time
    });
    let goal = match size {
        100_000 => "≤ 600 ms",
        10_000 => "≤ 100 ms",
        _ => "",
    };
    tell("unlock besides the key derivation, and list", &times_of(times.collect()), goal);
}

/// The memory of a process of its own that unlocks with the passphrase and lists.
fn resident(filled: &Filled, size: usize) {
    let this = std::env::current_exe().unwrap();
    let child = Command::new(this).env(CHILD, filled.dir()).stdout(Stdio::piped()).output().unwrap();
    assert!(child.status.success());
    let goal = match size {
        100_000 => "≤ 120 MB",
        10_000 => "≤ 20 MB",
        _ => "",
    };
    tell("resident after unlock and list", String::from_utf8(child.stdout).unwrap().trim(), goal);
}

/// The child's part.
fn measure_memory(dir: &Path) {
    let mut service = service(place_in(dir));
    let passphrase = Credential::Passphrase(SecretBytes::from(PASSPHRASE));
    service.call(Request::Unlock(passphrase), &|_| {}).unwrap();
    let headers = service.call(Request::List, &|_| {}).unwrap();
    let (now, most) = memory(Path::new("/proc/self/status"));
    drop(headers);
    println!("{now:.1} MB (at most {most:.1} MB)");
}

/// Acknowledged writes, in turn with bare ones on the same disk.
fn write(filled: &Filled, size: usize) {
    let mut service = service(filled.place());
    service.call(Request::Unlock(filled.recovery()), &|_| {}).unwrap();
    let mut bare = File::create(filled.dir().join("bare")).unwrap();
    let (mut registered, mut appended) = (Vec::new(), Vec::new());
    for n in 0..WRITES {
        let draft = draft(size + n);
        registered.push(timed(|| drop(service.call(Request::Register(draft), &|_| {}).unwrap())));
        appended.push(timed(|| {
            bare.write_all(&[7; 4096]).unwrap();
            bare.sync_all().unwrap();
        }));
    }
    let ratio = middle_and_best(registered.clone()).0.as_secs_f64() / middle_and_best(appended.clone()).0.as_secs_f64();
    tell("an acknowledged write", &times_of(registered), "");
    tell("a bare 4 KiB append and fsync", &times_of(appended), "");
    tell("a write, in bare ones", &format!("{ratio:.2}"), "≤ 3");
}

/// An import into an empty vault, by a process of its own.
fn imported(size: usize) {
    let empty = Filled::new(0);
    let Credential::Recovery(key) = empty.recovery() else { panic!("no recovery key") };
    std::fs::write(empty.dir().join("recovery"), key.expose()).unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.env(CHILD, empty.dir()).env(IMPORTS, size.to_string());
    let child = child.stdout(Stdio::piped()).output().unwrap();
    assert!(child.status.success());
    let goal = if size == 10_000 { "≤ 500 ms, ≤ 60 MB" } else { "" };
    tell("an import of as many", String::from_utf8(child.stdout).unwrap().trim(), goal);
}

/// The child's part.
fn import(dir: &Path, count: usize) {
    let mut service = service(place_in(dir));
    let key = SecretBytes::new(std::fs::read(dir.join("recovery")).unwrap());
    service.call(Request::Unlock(Credential::Recovery(key)), &|_| {}).unwrap();
    let drafts = (0..count).map(draft).collect();
    let (before, _) = memory(Path::new("/proc/self/status"));
    let time = timed(|| drop(service.call(Request::Import { drafts, dry_run: false }, &|_| {}).unwrap()));
    let (_, most) = memory(Path::new("/proc/self/status"));
    println!("{:.0} ms, at most {most:.1} MB ({before:.1} MB before)", time.as_secs_f64() * 1e3);
}

fn times_of(times: Vec<Duration>) -> String {
    let (middle, best) = middle_and_best(times);
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    format!("{:.2} ms (best {:.2} ms)", ms(middle), ms(best))
}
