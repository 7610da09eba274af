//! A home with a vault in which there is a secret of every kind and in every state.

use std::process::{Command, Output, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use strongroom::crypto::KdfCost;
use strongroom::domain::{
    ApplicationDraft, Binding, BindingTarget, Draft, Header, Kind, PublicField, Scope, SecretBytes, Timestamp, Value,
};
use strongroom::host::{FixedClock, OsEntropy};
use strongroom::service::{Credential, Door, Request, Response, Service, Target};

use crate::env::{Env, PASSPHRASE};
use crate::pty::home::copy;

/// What [`world`] has in every state, and what it is called: `api-active`, `oauth-expired`, …
pub(crate) const STATES: [(&str, i32); 6] =
    [("active", 0), ("soon", 0), ("inactive", 13), ("expired", 13), ("early", 13), ("deleted", 13)];
/// The value of `api-active` begins so, and of every other one.
pub(crate) const VALUE: &str = "canary-71e0c4";

/// Values are the canary and the name of their secret.
pub(crate) fn value(name: &str) -> String {
    format!("{VALUE}-{name}")
}

/// A home with that vault: a copy of one.
pub(crate) fn world() -> Env {
    static FIRST: OnceLock<Env> = OnceLock::new();
    let first = FIRST.get_or_init(|| {
        let (env, _) = Env::with_vault();
        let mut door = door(&env);
        for (state, _) in STATES {
            register(&mut door, api_key(&format!("api-{state}")), state);
            register(&mut door, certificate(&format!("cert-{state}"), state), state);
            register(&mut door, client(&format!("oauth-{state}"), "http://127.0.0.1:1/token"), state);
        }
        register(&mut door, Draft { write_only: true, ..api_key("api-hidden") }, "active");
        let nasty = [("binary", &b"\xff\0\n"[..]), ("quoted", br#"a"b\c{{ strongroom://api-active }}$'"#)];
        let parts = nasty.map(|(name, bytes)| (name.into(), SecretBytes::from(bytes)));
        register(&mut door, Draft { value: Value(parts.into()), ..pairs("odd") }, "active");
        env
    });
    let env = Env::new();
    copy(first.path("").as_path(), env.path("").as_path());
    env
}

pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().cast_signed()
}

/// The vault of `env`, open in this process, three days ago.
pub(crate) fn door(env: &Env) -> Service {
    let then = FixedClock::at(now() - 3 * 86_400);
    let mut door = Service::new(env.place(), Arc::new(then), Arc::new(OsEntropy), KdfCost::DEFAULT);
    door.call(Request::Unlock(Credential::Passphrase(PASSPHRASE.into())), &|_| {}).unwrap();
    door
}

/// Registers it, and brings it into `state`.
pub(crate) fn register(door: &mut Service, draft: Draft, state: &str) {
    let header = registered(door, draft, state);
    enter(door, &header, state);
}

/// What is said of a secret in `state` that is refused: its name, the status, since when, by whom, who needs it, what to do.
pub(crate) fn refusal(name: &str, state: &str, application: Option<&str>) -> String {
    let date = |days| Timestamp(now()).plus_days(days).date();
    let needs = application.map_or(String::new(), |application| format!("; {application} needs it"));
    match state {
        "inactive" => format!(
            "{name} is Inactive since {} by Ada{needs}. Reactivate it with strongroom reactivate {name}.",
            date(-3)
        ),
        "expired" => format!(
            "{name} is Expired since {}{needs}. Give it a new value and a later date with strongroom edit {name}, or use \
             it all the same with --allow-expired.",
            date(-1)
        ),
        "early" => {
            format!("{name} is not valid before {}{needs}. Wait, or register another certificate.", date(1))
        }
        "deleted" => {
            let next = match application {
                None => "register a new secret with strongroom register.".to_owned(),
                Some(app) => {
                    format!("register a new secret, and bind the application to it with strongroom app edit {app}.")
                }
            };
            format!("{name} was Deleted on {} by Ada{needs}. Its value is gone: {next}", date(-3))
        }
        other => panic!("{other} is not refused"),
    }
}

/// Registers `api-STATE` once more, as `bound-STATE`, with an application `app-STATE` that sends it to `target`; and only then
/// brings it into that state, for what is deleted cannot be bound any more.
pub(crate) fn bind_in_state(env: &Env, state: &str, target: BindingTarget) {
    let mut at = door(env);
    let header = registered(&mut at, api_key(&format!("bound-{state}")), state);
    drop(at);
    bind(env, &format!("app-{state}"), &[(target, &header.name, "value")]);
    enter(&mut door(env), &header, state);
}

fn registered(door: &mut Service, draft: Draft, state: &str) -> Arc<Header> {
    let day = |days| Some(Timestamp(now()).plus_days(days));
    let draft = match state {
        "soon" => Draft { expires: day(9), ..draft },
        "expired" => Draft { expires: day(-1), ..draft },
        "early" => Draft { not_before: day(1), ..draft },
        _ => draft,
    };
    changed(door, Request::Register(draft))
}

fn enter(door: &mut Service, header: &Header, state: &str) {
    let target = Target { id: header.id, revision: header.revision };
    match state {
        "inactive" => drop(changed(door, Request::Deactivate(target))),
        "deleted" => drop(changed(door, Request::Delete(target))),
        _ => {}
    }
}

fn changed(door: &mut Service, request: Request) -> Arc<Header> {
    match door.call(request, &|_| {}) {
        Ok(Response::Changed(header)) => header,
        other => panic!("{other:?}"),
    }
}

/// Adds an application called `name`, with these bindings of a place to a secret and its field.
pub(crate) fn bind(env: &Env, name: &str, bindings: &[(BindingTarget, &str, &str)]) {
    let mut door = door(env);
    let mut of = |name: &str| match door.call(Request::Details(name.into()), &|_| {}) {
        Ok(Response::Details(details)) => details.header.id,
        other => panic!("{other:?}"),
    };
    let binding = |(target, secret, field): &(BindingTarget, &str, &str)| Binding {
        target: target.clone(),
        secret: of(secret),
        field: (*field).into(),
    };
    let bindings = bindings.iter().map(binding).collect();
    let draft = ApplicationDraft { name: name.into(), description: "".into(), bindings };
    door.call(Request::AddApplication(draft), &|_| {}).unwrap();
}

fn draft(kind: Kind, name: &str, public: &[(&str, &str)], parts: &[(&str, &str)]) -> Draft {
    Draft {
        scope: Scope::Organization,
        kind,
        name: name.into(),
        public: public.iter().map(|(key, text)| PublicField { key: (*key).into(), text: (*text).into() }).collect(),
        value: Value(parts.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect()),
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    }
}

pub(crate) fn api_key(name: &str) -> Draft {
    draft(Kind::ApiKey, name, &[("header_name", "X-Api-Key")], &[("value", &value(name))])
}

pub(crate) fn pairs(name: &str) -> Draft {
    draft(Kind::KeyValue, name, &[], &[("username", "ada"), ("password", &value(name))])
}

pub(crate) fn client(name: &str, url: &str) -> Draft {
    let public = [("client_id", "me & co"), ("scopes", "read write"), ("token_url", url)];
    draft(Kind::ClientCredentials, name, &public, &[("client_secret", &value(name))])
}

/// A certificate tells its own dates.
fn certificate(name: &str, state: &str) -> Draft {
    let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    let day = |days: u64| SystemTime::now() + std::time::Duration::from_secs(86_400 * days);
    let ago = |days: u64| SystemTime::now() - std::time::Duration::from_secs(86_400 * days);
    (params.not_before, params.not_after) = match state {
        "soon" => (ago(9).into(), day(9).into()),
        "expired" => (ago(9).into(), ago(1).into()),
        "early" => (day(1).into(), day(90).into()),
        _ => (ago(9).into(), day(90).into()),
    };
    let pair = rcgen::KeyPair::generate().unwrap();
    let certificate = params.self_signed(&pair).unwrap().pem();
    draft(Kind::Certificate, name, &[("certificate", &certificate)], &[("private_key", &pair.serialize_pem())])
}

/// Runs bash's `line`, in which `$S` is the program and `$P` says what opens the vault; `through_agent` or not.
pub(crate) fn shell(env: &Env, through_agent: bool, line: &str) -> Output {
    of_shell(env, through_agent, line).output().unwrap()
}

pub(crate) fn of_shell(env: &Env, through_agent: bool, line: &str) -> Command {
    let alone = if through_agent { "" } else { " --no-agent" };
    let program = format!("{}{alone}", assert_cmd::cargo::cargo_bin!("strongroom").display());
    let mut shell = Command::new("bash");
    shell.args(["-c", line]).env_clear().env("HOME", env.path("")).env("PATH", "/usr/local/bin:/usr/bin:/bin");
    shell.env("S", program).env("P", "--passphrase-file pass").current_dir(env.path("")).stdin(Stdio::null());
    shell
}

/// What it printed; it has to end well.
#[track_caller]
pub(crate) fn printed(env: &Env, through_agent: bool, line: &str) -> String {
    let output = shell(env, through_agent, line);
    assert!(output.status.success(), "{line}: {:?}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// It has to end with `code`, saying `says`, with no value anywhere in what it says.
#[track_caller]
pub(crate) fn fails(env: &Env, through_agent: bool, line: &str, code: i32, says: &str) {
    let output = shell(env, through_agent, line);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert_eq!(output.status.code(), Some(code), "{line}: {stderr}");
    assert!(stderr.contains(says), "{line}: {says:?} is not in: {stderr}");
    assert!(!stdout.contains(VALUE) && !stderr.contains(VALUE), "{line}: {stdout}{stderr}");
}
