//! A vault in a temporary directory, with a clock and randomness that the test holds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use strongroom::crypto::KdfCost;
use strongroom::domain::{Draft, Header, Kind, PublicField, Scope, SecretBytes, Timestamp, Value};
use strongroom::host::{Clock, FixedClock, SeededEntropy, files as host_files};
use strongroom::service::{Credential, Delivery, Door, DoorError, OpenReport, Request, Response, Service, Target};
use strongroom::vault::Place;
use tempfile::TempDir;

/// The passphrase of every vault here.
pub(crate) const PASSPHRASE: &str = "correct horse battery";
/// When every test begins.
pub(crate) const START: i64 = 1_790_000_000;
/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

/// A vault with nothing in it, made once: the key derivation takes its time.
static BLANK: LazyLock<(TempDir, SecretBytes)> = LazyLock::new(|| {
    let dir = TempDir::new().unwrap();
    let clock = Arc::new(FixedClock::at(START));
    let mut service = service(&place_in(dir.path()), &clock, 1);
    let create = Request::Create {
        organization: "Canary Organization".into(),
        member: "Canary Member".into(),
        passphrase: SecretBytes::from(PASSPHRASE),
    };
    let Response::Created { recovery_key, .. } = service.call(create, &|_| {}).unwrap() else { panic!("not created") };
    service.call(Request::Lock, &|_| {}).unwrap();
    (dir, recovery_key)
});

/// A vault under test, and the way to it.
pub(crate) struct Bench {
    pub(crate) dir: TempDir,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) service: Service,
    pub(crate) recovery: Credential,
}

impl Bench {
    /// A vault with nothing in it, locked.
    pub(crate) fn locked() -> Self {
        let dir = TempDir::new().unwrap();
        copy_tree(BLANK.0.path(), dir.path());
        Self::at(dir, START)
    }

    /// A vault with nothing in it, open.
    pub(crate) fn open() -> Self {
        let mut bench = Self::locked();
        bench.unlock().unwrap();
        bench
    }

    /// Whatever vault is in `dir`, locked.
    pub(crate) fn at(dir: TempDir, now: i64) -> Self {
        let clock = Arc::new(FixedClock::at(now));
        let service = service(&place_in(dir.path()), &clock, 2);
        Self { dir, clock, service, recovery: Credential::Recovery(BLANK.1.clone()) }
    }

    pub(crate) fn clock_now(&self) -> Timestamp {
        Timestamp(self.clock.now())
    }

    pub(crate) fn place(&self) -> Place {
        place_in(self.dir.path())
    }

    pub(crate) fn call(&mut self, request: Request) -> Result<Response, DoorError> {
        self.service.call(request, &|_| {})
    }

    /// Opens with the recovery key, which needs no key derivation.
    pub(crate) fn unlock(&mut self) -> Result<OpenReport, DoorError> {
        self.unlock_with(self.recovery.clone())
    }

    pub(crate) fn unlock_with(&mut self, credential: Credential) -> Result<OpenReport, DoorError> {
        match self.call(Request::Unlock(credential))? {
            Response::Unlocked { report, .. } => Ok(report),
            other => panic!("{other:?}"),
        }
    }

    /// Locks and opens again.
    pub(crate) fn reopen(&mut self) -> OpenReport {
        self.call(Request::Lock).unwrap();
        self.unlock().unwrap()
    }

    /// As the member does it who knows [`PASSPHRASE`].
    pub(crate) fn change_passphrase(&mut self, new: &str) -> Result<Response, DoorError> {
        let current = Some(Credential::Passphrase(PASSPHRASE.into()));
        self.call(Request::ChangePassphrase { current, new: SecretBytes::from(new) })
    }

    pub(crate) fn register(&mut self, draft: Draft) -> Arc<Header> {
        changed(self.call(Request::Register(draft))).unwrap()
    }

    pub(crate) fn headers(&mut self) -> Vec<Arc<Header>> {
        let Response::Headers(mut headers) = self.call(Request::List).unwrap() else { panic!("no headers") };
        headers.sort_by(|a, b| a.name.cmp(&b.name));
        headers
    }

    pub(crate) fn reveal(&mut self, header: &Header, part: &str) -> Result<String, DoorError> {
        let request = Request::hand_over(header.id, part, Delivery::Reveal);
        match self.call(request)? {
            Response::Delivered { handed, .. } => Ok(handed[0].bytes.expose_text().unwrap().to_owned()),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn changed(answer: Result<Response, DoorError>) -> Result<Arc<Header>, DoorError> {
    match answer? {
        Response::Changed(header) => Ok(header),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn target(header: &Header) -> Target {
    Target { id: header.id, revision: header.revision }
}

pub(crate) fn service(place: &Place, clock: &Arc<FixedClock>, seed: u64) -> Service {
    host_files::set_umask_077();
    Service::new(place.clone(), clock.clone(), Arc::new(SeededEntropy::new(seed)), KdfCost::DEFAULT)
}

pub(crate) fn place_in(dir: &Path) -> Place {
    Place { vault: dir.join("vault"), state: dir.join("state") }
}

/// An API key called `name`.
pub(crate) fn draft(name: &str, value: &str) -> Draft {
    Draft {
        scope: Scope::Organization,
        kind: Kind::ApiKey,
        name: name.into(),
        public: vec![PublicField { key: "header_name".into(), text: "X-Canary-Header".into() }],
        value: Value(vec![("value".into(), SecretBytes::from(value))]),
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    }
}

pub(crate) fn copy_tree(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::DirBuilder::new().create(&target).unwrap();
            fs::set_permissions(&target, entry.metadata().unwrap().permissions()).unwrap();
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every regular file under `dir`.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found.sort();
    found
}

/// Leaves the recovery key for a process that [`recovery_from`] reads it in.
pub(crate) fn write_recovery(dir: &Path, recovery: &Credential) {
    let Credential::Recovery(text) = recovery else { panic!("no recovery key") };
    fs::write(dir.join("recovery"), text.expose()).unwrap();
}

/// The recovery key that [`write_recovery`] left.
pub(crate) fn recovery_from(dir: &Path) -> Credential {
    Credential::Recovery(SecretBytes::new(fs::read(dir.join("recovery")).unwrap()))
}
