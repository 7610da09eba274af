//! Vaults with many secrets, and how figures are told.

#![allow(dead_code, unreachable_pub, reason = "each bench uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use strongroom::crypto::KdfCost;
use strongroom::domain::audit::Origin;
use strongroom::domain::{Draft, Kind, PublicField, Scope, SecretBytes, Value};
use strongroom::host::{OsEntropy, SystemClock};
use strongroom::service::{Credential, Service};
use strongroom::vault::{self, Founding, Hold, MemoryHome, Place, Restoring, Tools, Vault};
use tempfile::TempDir;

/// The passphrase of every vault here.
pub const PASSPHRASE: &str = "correct horse battery";

/// One in so many secrets is a certificate, whose PEM is part of the header; the other types share the rest.
const CERTIFICATES: usize = 20;

const PLACES: [&str; 10] =
    ["github", "gitlab", "billing", "grafana", "payments", "legacy", "stripe", "smtp", "metrics", "webhook"];

/// A vault on the disk, locked.
pub struct Filled {
    dir: TempDir,
    recovery: SecretBytes,
}

impl Filled {
    /// A vault with `count` secrets: registered one by one in memory, then brought to the disk by way of a backup,
    /// since 100,000 acknowledged writes would take long.
    pub fn new(count: usize) -> Self {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        let tools = Tools { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy), cost: KdfCost::DEFAULT };
        let passphrase = SecretBytes::from(PASSPHRASE);
        let founding = Founding { organization: "Northwind", member: "Ada Park", passphrase: Some(&passphrase) };
        let home = Box::new(MemoryHome::default());
        let (mut vault, recovery) = Vault::create(home, founding, tools.clone(), &|_| {}).expect("a vault");
        for n in 0..count {
            vault.register(draft(n)).expect("registered");
        }
        let backup = dir.path().join("backup");
        vault.backup(&backup, &|_| {}).expect("a backup");
        drop(vault);
        let filled = Self { dir, recovery };
        vault::prepare_restoring(
            &filled.place(),
            &backup,
            &filled.recovery(),
            Hold::Now,
            &Origin::default(),
            tools,
            &|_| {},
        )
        .and_then(Restoring::finish)
        .expect("restored");
        fs::remove_file(backup).expect("the backup removed");
        filled
    }

    /// Where its files are.
    pub fn place(&self) -> Place {
        place_in(self.dir.path())
    }

    /// The directory that all of it is in.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What opens it without a key derivation.
    pub fn recovery(&self) -> Credential {
        Credential::Recovery(self.recovery.clone())
    }
}

/// Where the files of a vault in `dir` are.
pub fn place_in(dir: &Path) -> Place {
    Place { vault: dir.join("vault"), state: dir.join("state") }
}

/// A service for the vault at `place`.
pub fn service(place: Place) -> Service {
    Service::new(place, Arc::new(SystemClock), Arc::new(OsEntropy), KdfCost::DEFAULT)
}

/// The secret number `n`: all types, names and sizes as people have them.
pub fn draft(n: usize) -> Draft {
    let kind = match n % CERTIFICATES {
        0 => Kind::Certificate,
        n => [Kind::ApiKey, Kind::BearerToken, Kind::ClientCredentials, Kind::KeyValue][n % 4],
    };
    let text = |key: &str, text: &str| PublicField { key: key.into(), text: text.into() };
    let (public, part) = match kind {
        Kind::ApiKey => (vec![text("header_name", "X-Api-Key")], "value"),
        Kind::BearerToken => (vec![text("header_name", "Authorization")], "header_value"),
        Kind::ClientCredentials => (vec![text("client_id", "northwind-billing")], "client_secret"),
        Kind::Certificate => (vec![text("certificate", include_str!("../../fixtures/ec-p256.pem"))], "private_key"),
        Kind::KeyValue => (Vec::new(), "DATABASE_PASSWORD"),
    };
    let secret = match kind {
        Kind::Certificate => include_str!("../../fixtures/ec-p256-pkcs8.key"),
        _ => "b0b1c2d3e4f5a6978877665544332211",
    };
    Draft {
        scope: Scope::Organization,
        kind,
        name: format!("{}-{n:06}", PLACES[n * 7 % PLACES.len()]).into(),
        public,
        value: Value(vec![(part.into(), SecretBytes::from(secret))]),
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    }
}

/// The middle one of `times`, and the shortest.
pub fn middle_and_best(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    (times[times.len() / 2], times[0])
}

/// How long `work` takes.
pub fn timed(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

/// Two memory figures of a process, in MB (10⁶ bytes): what is resident now, and the most that ever was.
pub fn memory(status: &Path) -> (f64, f64) {
    let status = fs::read_to_string(status).expect("the kernel's word on a process");
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the field");
        let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
        kib * 1024.0 / 1e6
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// The directory of the vault, for a process of its own.
pub fn argument(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}

/// A line of the report: what was measured, the figure, the goal.
pub fn tell(what: &str, figure: &str, goal: &str) {
    println!("{what:<48} {figure:<34} {goal}");
}
