//! Servers that applications are bound to, and what to say to one.

use std::sync::Arc;

use super::hand_over;
use crate::cli::exit::Exit;
use crate::cli::{Failed, call, no_application, unexpected};
use crate::domain::target::is_plain_step;
use crate::domain::web::split_host;
use crate::domain::{
    Application, Binding, BindingTarget, Delivery, Header, Order, Reference, SecretBytes, Timestamp, Want,
};
use crate::service::{Details, Door, Request, Response};

/// Longest request of git or docker, in bytes.
pub(super) const MAX_REQUEST: usize = 64 * 1024;
/// The fields and parts that can be a name to log in with.
const NAMES: [&str; 2] = ["username", "client_id"];

/// A place on a server: what is asked for, or what an application is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    user: Option<String>,
    host: String,
    port: Option<u16>,
    /// Its steps.
    path: Vec<String>,
}

impl Place {
    /// Reads `[user@]host[:port][/path]`.
    pub(super) fn read(text: &str) -> Self {
        let (authority, path) = text.split_once('/').unwrap_or((text, ""));
        let (user, server) = authority.rsplit_once('@').map_or((None, authority), |(user, rest)| (Some(user), rest));
        let split = server.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let (host, port) = split.map_or((server, None), |(host, port)| (host, Some(port)));
        Self {
            user: user.map(str::to_owned),
            host: host.to_ascii_lowercase(),
            port,
            path: path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect(),
        }
    }

    /// The place `path` on the server `host`, which must be a host and nothing else.
    pub(super) fn on(host: &str, path: &str) -> Option<Self> {
        split_host(host).ok().map(|_| Self { user: None, ..Self::read(&format!("{host}/{path}")) })
    }

    /// With another user, where one is told.
    pub(super) fn of_user(self, user: Option<&str>) -> Self {
        Self { user: user.map(str::to_owned).or(self.user), ..self }
    }

    /// The user, if one is named.
    pub(super) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The host, with the port and the path if they are named.
    pub(super) fn server(&self) -> String {
        let port = self.port.map_or(String::new(), |port| format!(":{port}"));
        std::iter::once(format!("{}{port}", self.host)).chain(self.path.iter().cloned()).collect::<Vec<_>>().join("/")
    }

    /// Whether `other` is a part of this.
    pub(super) fn is_above(&self, other: &Self) -> bool {
        self.host == other.host && other.path.len() > self.path.len()
    }

    /// How closely this place, which something is bound to, fits the one that is `asked` for; `None` when it does not.
    fn fits(&self, asked: &Self, usual_port: u16) -> Option<(usize, bool)> {
        let port = |place: &Self| place.port.unwrap_or(usual_port);
        let same_user = match (&self.user, &asked.user) {
            (Some(bound), Some(asked)) => bound == asked,
            _ => true,
        };
        // `group/project` is the same as `group/project.git`.
        let plain = |step: &str| step.strip_suffix(".git").unwrap_or(step).to_owned();
        let below = asked.path.len() >= self.path.len()
            && self.path.iter().zip(&asked.path).all(|(bound, asked)| plain(bound) == plain(asked));
        // What a server would decode or walk may end elsewhere than it says.
        let plain_path = asked.path.iter().all(|step| is_plain_step(step));
        let fits = plain_path && self.host == asked.host && port(self) == port(asked) && same_user && below;
        fits.then_some((self.path.len(), self.user.is_some()))
    }
}

/// What an application is bound to, where that is a server.
pub(super) fn hosts(applications: &[Arc<Application>]) -> impl Iterator<Item = (&Application, &Binding, Place)> {
    applications.iter().flat_map(|application| {
        application.bindings.iter().filter_map(|binding| match &binding.target {
            BindingTarget::Host(text) => Some((&**application, binding, Place::read(text))),
            _ => None,
        })
    })
}

/// Every application.
///
/// # Errors
/// What the door says.
pub(super) fn applications(door: &mut dyn Door) -> Result<Vec<Arc<Application>>, Failed> {
    match call(door, Request::Applications)? {
        Response::Applications(all) => Ok(all),
        _ => Err(unexpected()),
    }
}

/// The application called `name`.
///
/// # Errors
/// That there is none, and what the door says.
pub(super) fn application(door: &mut dyn Door, name: &str) -> Result<Arc<Application>, Failed> {
    applications(door)?.into_iter().find(|one| *one.name == *name).ok_or_else(|| no_application(name))
}

/// A binding, and what it says of the user.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bound {
    application: Box<str>,
    user: Option<String>,
    binding: Binding,
}

/// The binding that fits the place that is asked for best, if one does.
///
/// # Errors
/// When two fit as well and are not the same.
pub(super) fn find(all: &[Arc<Application>], asked: &Place, usual_port: u16) -> Result<Option<Bound>, Failed> {
    let fitting =
        hosts(all).filter_map(|(app, binding, place)| Some((place.fits(asked, usual_port)?, app, binding, place)));
    let fitting: Vec<_> = fitting.collect();
    let Some(closest) = fitting.iter().map(|(closeness, ..)| *closeness).max() else { return Ok(None) };
    let mut best = fitting.into_iter().filter(|(closeness, ..)| *closeness == closest);
    let Some((_, application, binding, place)) = best.next() else { return Ok(None) };
    let same = |other: &Binding| (other.secret, &other.field) == (binding.secret, &binding.field);
    if let Some((_, other, ..)) = best.find(|(_, _, other, found)| !same(other) || found.user != place.user) {
        let message = format!(
            "{} and {} are both bound to {}, and not to the same. Name a user or a path in one of the bindings.",
            application.name, other.name, asked.host
        );
        return Err(Failed::new(Exit::Failure, message));
    }
    let user = place.user.or_else(|| asked.user.clone());
    Ok(Some(Bound { application: application.name.clone(), user, binding: binding.clone() }))
}

/// What to log in with.
pub(super) struct Login {
    /// The name, if any is known.
    pub(super) user: Option<SecretBytes>,
    pub(super) password: SecretBytes,
    pub(super) expires: Option<Timestamp>,
}

/// What `bound` says, through the gate.
///
/// # Errors
/// What the door says; when nobody is known who logs in there, `without_user`, before anything goes out: nothing is recorded that nobody got.
pub(super) fn log_in(
    door: &mut dyn Door,
    bound: Bound,
    how: Delivery,
    without_user: Option<Failed>,
) -> Result<Login, Failed> {
    let Bound { application, user, binding } = bound;
    let Response::Details(Details { header, .. }) = call(door, Request::Details(binding.secret.into()))? else {
        return Err(unexpected());
    };
    let want = |field: &str| Want {
        reference: Reference { secret: binding.secret.into(), field: Some(field.into()) },
        revision: None,
    };
    let name = name_field(&header).filter(|name| user.is_none() && **name != *binding.field);
    if let Some(failed) = without_user.filter(|_| user.is_none() && name.is_none()) {
        return Err(failed);
    }
    let wants = std::iter::once(&*binding.field).chain(name).map(want).collect();
    let handed = hand_over(door, Order { application: Some(application), ..Order::new(how, wants) })?;
    let mut bytes = handed.into_iter().map(|one| one.bytes);
    let password = bytes.next().ok_or_else(unexpected)?;
    let user = user.map(|user| SecretBytes::from(user.as_str())).or_else(|| bytes.next());
    Ok(Login { user, password, expires: header.expires })
}

/// The field that holds a name to log in with.
pub(super) fn name_field(header: &Header) -> Option<&'static str> {
    NAMES.into_iter().find(|name| header.has(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ApplicationId, SecretId, Stamp};

    #[test]
    fn places_are_read() {
        let place = |user: Option<&str>, host: &str, port, path: &[&str]| Place {
            user: user.map(str::to_owned),
            host: host.to_owned(),
            port,
            path: path.iter().map(|step| (*step).to_owned()).collect(),
        };
        assert_eq!(Place::read("Git.Example.com"), place(None, "git.example.com", None, &[]));
        let full = place(Some("ada"), "h", Some(8443), &["group", "sub"]);
        assert_eq!(Place::read("ada@h:8443/group//sub/"), full);
        assert_eq!(Place::read("a@b@h/x@y:1"), place(Some("a@b"), "h", None, &["x@y:1"]));
        assert_eq!(Place::read("[::1]:80"), place(None, "[::1]", Some(80), &[]));
        assert_eq!(Place::read("[::1]").port, None);
    }

    fn application(name: &str, hosts: &[(&str, u8)]) -> Arc<Application> {
        let stamp = || Stamp { at: Timestamp(0), by: "Ada".into() };
        let binding = |(host, secret): &(&str, u8)| Binding {
            target: BindingTarget::Host((*host).into()),
            secret: SecretId([*secret; 16]),
            field: "value".into(),
        };
        let bindings = hosts.iter().map(binding).collect();
        let id = ApplicationId([0; 16]);
        Arc::new(Application {
            id,
            revision: 1,
            name: name.into(),
            description: "".into(),
            bindings,
            created: stamp(),
            modified: stamp(),
        })
    }

    #[test]
    fn the_closest_binding_counts() {
        let all = [application("one", &[("h", 1), ("h/group", 2), ("ada@h", 3), ("h:8443", 4), ("h/group/p.git", 5)])];
        assert_eq!(Place::on("h?@x", ""), None);
        let found = |asked: &str| find(&all, &Place::read(asked), 443).unwrap().map(|bound| bound.binding.secret.0[0]);
        assert_eq!(found("bo@h"), Some(1));
        assert_eq!(found("ada@h"), Some(3));
        assert_eq!([found("h:443/group/x"), found("h/groups"), found("bo@h/group/p")], [Some(2), Some(3), Some(5)]);
        assert_eq!([found("H:8443"), found("h:80"), found("other"), found("h.")], [Some(4), None, None, None]);
        for path in ["group/../x", "group/%2e%2e/x", "group/./x", "group/a%2f..%2fb", "group\\x", ".."] {
            assert_eq!(find(&all, &Place::on("h", path).unwrap(), 443).unwrap(), None, "{path}");
        }
        assert_eq!(find(&all, &Place::read("h"), 80).unwrap().unwrap().user.as_deref(), Some("ada"));
    }

    #[test]
    fn two_that_fit_as_well_have_to_be_the_same() {
        let find = |all: &[Arc<Application>]| find(all, &Place::read("h"), 443);
        assert!(find(&[application("one", &[("h", 1)]), application("two", &[("h", 1)])]).unwrap().is_some());
        let told = find(&[application("one", &[("h", 1)]), application("two", &[("h", 2)])]).unwrap_err().message;
        assert!(told.starts_with("one and two are both bound to h"), "{told}");
    }
}
