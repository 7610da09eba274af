//! Every verb with hostile texts. The program under test is this test program itself, started again with a terminal of no
//! kind: it carries out thousands of command lines at a door in memory, and looks at what each of them prints.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use strongroom::cli::{self, Exit};
use strongroom::domain::organization::{Rights, Role};
use strongroom::domain::{Draft, Kind, MemberId, PublicField, Scope, SecretBytes, Value};
use strongroom::host::{FixedClock, SeededEntropy};
use strongroom::service::wire::Reply;
use strongroom::service::{Door, DoorError, Progress, Request, Response, Service, Session, VaultStatus};
use strongroom::tui::harness::START;

use crate::door::{Shared, Twisted, twisted_error};
use crate::texts::Texts;
use crate::verbs::{Job, Known, contents, jobs, verbs};
use crate::{checks, thorough, wire_samples};

const ROLE: &str = "STRONGROOM_TEST_HOSTILE";
/// The texts that are promised.
const TEXTS: usize = 10_000;
/// What these print is a value as it is.
const VALUES: [&str; 4] = ["get", "inject", "curl-config", "git-credential"];

/// Where standard output and standard error go.
struct Printed {
    out: File,
    err: File,
}

impl Printed {
    fn in_folder(dir: &Path) -> Self {
        let open = |name| OpenOptions::new().read(true).append(true).create(true).open(dir.join(name)).unwrap();
        let (out, err) = (open("out"), open("err"));
        rustix::stdio::dup2_stdout(&out).unwrap();
        rustix::stdio::dup2_stderr(&err).unwrap();
        Self { out, err }
    }

    /// What was printed since the last time.
    fn take(&mut self) -> (Vec<u8>, Vec<u8>) {
        io::stdout().flush().unwrap();
        let taken = [&mut self.out, &mut self.err].map(|file| {
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(0)).unwrap();
            file.read_to_end(&mut bytes).unwrap();
            file.set_len(0).unwrap();
            bytes
        });
        let [out, err] = taken;
        (out, err)
    }
}

/// What is wrong with what was printed.
fn look(job: &Job, done: Result<(), Exit>, out: &[u8], err: &[u8]) -> Result<(), String> {
    checks::printed(err, false).map_err(|why| format!("stderr: {why}"))?;
    let verb = job.verb.split(' ').next().unwrap_or_default();
    if VALUES.contains(&verb) {
        return Ok(());
    }
    checks::printed(out, matches!(verb, "completions" | "man")).map_err(|why| format!("stdout: {why}"))?;
    let is_json = job.args.iter().any(|arg| arg == "--json") && done.is_ok() && !out.is_empty();
    match serde_json::from_slice::<serde_json::Value>(out) {
        Err(error) if is_json => Err(format!("no JSON: {error}")),
        _ => Ok(()),
    }
}

/// Carries it out.
fn carry_out(job: &Job, door: &mut dyn Door, dir: &Path) -> Result<(), Exit> {
    fs::write(dir.join("in"), &job.input).unwrap();
    rustix::stdio::dup2_stdin(File::open(dir.join("in")).unwrap()).unwrap();
    let args = [OsString::from("strongroom")].into_iter().chain(job.args.iter().cloned());
    let parsed = cli::parse(args)?;
    let Some(command) = &parsed.command else { return Ok(()) };
    cli::run(command, door, START).map(drop).map_err(|failed| {
        cli::complain(&failed);
        failed.exit
    })
}

/// Answers the first request that is more than a look with this refusal.
struct Refusing(Option<DoorError>);

impl Door for Refusing {
    fn call(&mut self, request: Request, _progress: &dyn Fn(Progress)) -> Result<Response, DoorError> {
        match request {
            Request::Status => Ok(Response::Status(VaultStatus::Unlocked(Session {
                organization: "acme".into(),
                member: "Ada".into(),
                rights: Rights::of(MemberId([1; 16]), Role::AccountHolder),
                read_only: false,
                locks_in: None,
            }))),
            _ => Err(self.0.take().unwrap_or(DoorError::Locked)),
        }
    }
}

/// Has an organization, whose answers are the samples of the wire; all else the other door answers.
struct Organized(Box<dyn Door>);

impl Door for Organized {
    fn call(&mut self, request: Request, progress: &dyn Fn(Progress)) -> Result<Response, DoorError> {
        let fits = |response: &Response| match &request {
            Request::Invite { .. } => matches!(response, Response::Invited { .. }),
            Request::Accept { .. } => matches!(response, Response::Accepted { .. }),
            Request::RemoveMember { .. } => matches!(response, Response::MemberRemoved { .. }),
            Request::AskPermission { .. } => matches!(response, Response::Asked(_)),
            Request::Organization
            | Request::Withdraw(_)
            | Request::Admit { .. }
            | Request::ChangeRole { .. }
            | Request::Grant { .. }
            | Request::Revoke { .. }
            | Request::BindMember { .. }
            | Request::AnswerRequest { .. } => matches!(response, Response::Organization(_)),
            _ => false,
        };
        match answers().find(fits) {
            Some(response) => Ok(response),
            None => self.0.call(request, progress),
        }
    }
}

fn answers() -> impl Iterator<Item = Response> {
    wire_samples::replies().into_iter().filter_map(|reply| match reply {
        Reply::Answer(Ok(response)) => Some(response),
        _ => None,
    })
}

/// One of each, but for the one that makes a guess wait.
fn refusals() -> impl Iterator<Item = DoorError> {
    wire_samples::replies().into_iter().filter_map(|reply| match reply {
        Reply::Answer(Err(error)) if !matches!(error, DoorError::TooSoon { .. }) => Some(error),
        _ => None,
    })
}

/// A token server that says nothing good, and where it is.
fn token_server(texts: &Shared) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let texts = texts.clone();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let _ = stream.write_all(token_answer(&mut texts.lock().unwrap()).as_bytes());
        }
    });
    url
}

fn token_answer(texts: &mut Texts) -> String {
    let [a, b, c] = [(); 3].map(|()| texts.text());
    let json = |value: serde_json::Value| value.to_string();
    let (status, body) = match texts.below(5) {
        0 => (
            "400 Bad Request".to_owned(),
            json(serde_json::json!({ "error": a, "error_description": b, "error_uri": c })),
        ),
        1 => (
            "401 Unauthorized".to_owned(),
            json(serde_json::json!({ "error": "invalid_client", "error_description": b })),
        ),
        2 => {
            ("200 OK".to_owned(), json(serde_json::json!({ "access_token": "good", "token_type": a, "expires_in": 9 })))
        }
        3 => (format!("500 {}", a.replace(['\r', '\n'], "")), b),
        _ => ("200 OK".to_owned(), json(serde_json::json!({ "access_token": a, "token_type": "Bearer", "scope": b }))),
    };
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// The demo, with client credentials for that server.
fn demo(url: &str) -> Service {
    let mut door = Service::demo(Arc::new(FixedClock::at(START)), Arc::new(SeededEntropy::new(7))).unwrap();
    let public = [("client_id", "me"), ("token_url", url)];
    let public = public.map(|(key, text)| PublicField { key: key.into(), text: text.into() });
    let draft = Draft {
        scope: Scope::Organization,
        kind: Kind::ClientCredentials,
        name: "client".into(),
        public: public.into(),
        value: Value(vec![("client_secret".into(), SecretBytes::from("hunter2"))]),
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    };
    door.call(Request::Register(draft), &|_| {}).unwrap();
    door
}

fn known(door: &mut Service) -> Known {
    let Ok(Response::Applications(all)) = door.call(Request::Applications, &|_| {}) else { panic!("no applications") };
    Known { application: all[0].id.to_string() }
}

/// The program.
#[test]
#[ignore = "it is the program that the other tests start"]
fn program() {
    if let Some(dir) = std::env::var_os(ROLE) {
        // No terminal of the person who runs the tests is asked for anything.
        rustix::process::setsid().unwrap();
        std::env::set_current_dir(&dir).unwrap();
        let report = carry_out_all(Path::new(&dir));
        fs::write(Path::new(&dir).join("report"), report).unwrap();
        std::process::exit(0);
    }
}

/// A store of pass in which nothing is what it should be, where pass would look for it.
fn password_store(dir: &Path, texts: &mut Texts) {
    let folder = dir.join(".password-store").join(texts.file_name());
    fs::create_dir_all(&folder).unwrap();
    for n in 0..40 {
        let mut path = folder.join(texts.file_name()).into_os_string();
        path.push(format!("{n}.gpg"));
        // gpg takes its time for each.
        if n < 3 { fs::write(path, "no gpg") } else { symlink("/nowhere", path) }.unwrap();
    }
}

/// A line for each thing that is wrong, and one at the end that begins with `done`.
fn carry_out_all(dir: &Path) -> String {
    let texts: Shared = Arc::new(Mutex::new(Texts::new(5)));
    let url = token_server(&texts);
    let mut printed = Printed::in_folder(dir);
    password_store(dir, &mut texts.lock().unwrap());
    let (mut wrong, mut count) = (String::new(), 0);
    let mut go = |job: &Job, door: &mut dyn Door| {
        let done = carry_out(job, door, dir);
        let (out, err) = printed.take();
        count += 1;
        if let Err(why) = look(job, done, &out, &err) {
            wrong += &format!("{:?}: {why}\n", job.args);
        }
    };
    for _ in 0..if thorough() { 60 } else { 6 } {
        for (name, verb) in verbs() {
            let mut inner = demo(&url);
            let known = known(&mut inner);
            let lines = jobs(&name, &verb, &known, &mut texts.lock().unwrap());
            let mut door = Twisted::before(Box::new(Organized(Box::new(inner))), &texts);
            lines.iter().for_each(|job| go(job, &mut *door));
        }
        let mut door = Twisted::before(Box::new(demo(&url)), &texts);
        let lines = contents(dir, &mut texts.lock().unwrap());
        lines.iter().for_each(|job| go(job, &mut *door));
    }
    for (name, verb) in verbs() {
        let known = Known { application: "none".to_owned() };
        for error in refusals() {
            let (line, error) = {
                let mut texts = texts.lock().unwrap();
                (jobs(&name, &verb, &known, &mut texts).remove(0), twisted_error(error, &mut texts))
            };
            go(&line, &mut Refusing(Some(error)));
        }
    }
    let made = texts.lock().unwrap().made;
    format!("{wrong}done: {count} command lines, {made} texts\n")
}

#[test]
fn no_text_gets_through_a_verb() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["cli::program", "--exact", "--ignored", "--nocapture"]).env(ROLE, dir.path());
    command.env("HOME", dir.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().unwrap();
    let report = fs::read_to_string(dir.path().join("report")).unwrap_or_default();
    let (wrong, done) = report.split_once("done: ").unwrap_or((&report, ""));
    let said = fs::read_to_string(dir.path().join("err")).unwrap_or_default();
    assert!(!done.is_empty(), "it ended early ({status}): {wrong}\n{said}");
    println!("{done}");
    assert!(wrong.is_empty(), "{} of {done}{wrong}", wrong.lines().count());
    let made: usize = done.split(' ').rev().nth(1).and_then(|made| made.parse().ok()).unwrap();
    assert!(made >= TEXTS, "{done}");
}
