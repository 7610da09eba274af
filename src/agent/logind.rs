//! What logind tells and answers: which login session a process belongs to, when that ends, when the machine goes to sleep.

use std::os::fd::OwnedFd;

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use zbus::{OwnedObjectPath, OwnedVariant, Variant};

use crate::host::bus::{Bus, BusAddress, BusError, Kind, Message, Method};

const NAME: &str = "org.freedesktop.login1";
const MANAGER: Method<'_> =
    Method { of: NAME, path: "/org/freedesktop/login1", interface: "org.freedesktop.login1.Manager", name: "" };
const SESSION: &str = "org.freedesktop.login1.Session";

/// A login session.
#[derive(Debug)]
pub(super) struct Login {
    /// What logind calls it.
    path: Box<str>,
    /// The process that stands for it, such as sshd's for this user: the session ends with it, even where other processes
    /// of the session stay on and logind keeps it for their sake. `None` when it is gone already.
    pub(super) leader: Option<OwnedFd>,
}

impl Login {
    /// The one that process `pid` belongs to; `None` when that is none, or there is no logind to know.
    pub(super) fn of(pid: u32, address: &BusAddress) -> Option<Self> {
        let mut bus = Bus::connect(address).ok()?;
        let found = bus.call(&Method { name: "GetSessionByPID", ..MANAGER }, &pid).ok()?;
        let path = found.read::<OwnedObjectPath>().ok()?;
        let mut property = |name: &str| {
            let get =
                Method { of: NAME, path: path.as_str(), interface: "org.freedesktop.DBus.Properties", name: "Get" };
            bus.call(&get, &(SESSION, name)).and_then(|answer| answer.read::<OwnedVariant>()).ok()
        };
        let leader = property("Leader");
        // Of one that has ended the leader is gone, and its number may be another's.
        let ended = matches!(property("State").as_deref(), Some(Variant::Str(state)) if state.as_str() == "closing");
        let leader = leader.filter(|_| !ended).and_then(|leader| process(&leader));
        Some(Self { path: path.as_str().into(), leader })
    }

    /// Whether this is the session that logind calls `path`.
    pub(super) fn is(&self, path: &str) -> bool {
        *self.path == *path
    }
}

fn process(number: &Variant<'_>) -> Option<OwnedFd> {
    let Variant::U32(number) = number else { return None };
    let pid = Pid::from_raw(i32::try_from(*number).ok()?)?;
    pidfd_open(pid, PidfdFlags::empty()).ok()
}

/// What logind has told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// The machine goes to sleep as soon as we let it.
    Sleep,
    /// The session with this path is gone.
    Ended(Box<str>),
    /// Nothing that is to be acted on.
    Nothing,
}

/// A line to logind.
pub(super) struct Logind {
    bus: Bus,
    /// The unique name of the real one: others on the bus can send what looks the same.
    owner: Option<String>,
    /// While we have it, the machine waits for us before it goes to sleep; some seconds at most.
    delay: Option<OwnedFd>,
}

impl Logind {
    /// Listens to the logind on the bus at `address`, also when it comes later only.
    pub(super) fn connect(address: &BusAddress) -> Result<Self, BusError> {
        let mut bus = Bus::connect(address)?;
        for member in ["PrepareForSleep", "SessionRemoved"] {
            let (interface, path) = (MANAGER.interface, MANAGER.path);
            bus.listen(&format!(
                "type='signal',sender='{NAME}',interface='{interface}',path='{path}',member='{member}'"
            ))?;
        }
        bus.listen(&format!("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{NAME}'"))?;
        let owner = bus.owner(NAME)?;
        let mut logind = Self { bus, owner, delay: None };
        logind.delay_sleep()?;
        Ok(logind)
    }

    /// Whether logind runs.
    pub(super) fn is_there(&self) -> bool {
        self.owner.is_some()
    }

    /// Whether the machine waits for us before it goes to sleep.
    pub(super) fn delays_sleep(&self) -> bool {
        self.delay.is_some()
    }

    /// The machine may sleep.
    pub(super) fn allow_sleep(&mut self) {
        self.delay = None;
    }

    /// Asks to be waited for. One that is told no still hears of the sleep, but may be late.
    fn delay_sleep(&mut self) -> Result<(), BusError> {
        self.delay = None;
        if self.owner.is_none() {
            return Ok(());
        }
        let asked = ("sleep", "strongroom", "locks the vault", "delay");
        match self.bus.call(&Method { name: "Inhibit", ..MANAGER }, &asked) {
            Ok(answer) => self.delay = Some(answer.read::<zbus::OwnedFd>()?.into()),
            Err(BusError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// What was told while we asked something.
    pub(super) fn waiting(&mut self) -> Result<Option<Told>, BusError> {
        self.bus.waiting().map(|message| self.understand(&message)).transpose()
    }

    /// What is told next, once there is something.
    pub(super) fn receive(&mut self) -> Result<Told, BusError> {
        let message = self.bus.receive()?;
        self.understand(&message)
    }

    fn understand(&mut self, message: &Message) -> Result<Told, BusError> {
        if message.kind != Kind::Signal {
            return Ok(Told::Nothing);
        }
        let of_logind = self.owner.as_deref() == Some(&*message.sender);
        match &*message.name {
            "org.freedesktop.login1.Manager.PrepareForSleep" if of_logind => {
                if message.read::<bool>()? {
                    return Ok(Told::Sleep);
                }
                self.delay_sleep()?;
            }
            "org.freedesktop.login1.Manager.SessionRemoved" if of_logind => {
                let (_, path) = message.read::<(String, OwnedObjectPath)>()?;
                return Ok(Told::Ended(path.as_str().into()));
            }
            "org.freedesktop.DBus.NameOwnerChanged" if &*message.sender == "org.freedesktop.DBus" => {
                let (name, _, owner) = message.read::<(String, String, String)>()?;
                if name == NAME {
                    self.owner = Some(owner).filter(|owner| !owner.is_empty());
                    self.delay_sleep()?;
                }
            }
            _ => {}
        }
        Ok(Told::Nothing)
    }
}

/// The connection to the bus: readable when something is told, or it is gone.
impl std::os::fd::AsFd for Logind {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.bus.as_fd()
    }
}
