//! Where a bus is met.

use std::ffi::OsString;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixStream};

/// Where the system's bus is unless the environment says otherwise.
const SYSTEM: &[u8] = b"unix:path=/run/dbus/system_bus_socket";

/// The sockets that a bus may be at, the likeliest first.
#[derive(Debug, Clone)]
pub struct BusAddress(Vec<SocketAddr>);

impl BusAddress {
    /// The system's bus; `env` gives the variables of the environment.
    pub fn system(env: impl Fn(&str) -> Option<OsString>) -> Self {
        let named = env("DBUS_SYSTEM_BUS_ADDRESS").filter(|address| !address.is_empty());
        Self::parse(named.as_ref().map_or(SYSTEM, |address| address.as_bytes()))
    }

    /// No bus at all.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// As in the D-Bus specification; only sockets of this machine are known to us.
    fn parse(text: &[u8]) -> Self {
        Self(text.split(|byte| *byte == b';').filter_map(socket).collect())
    }

    pub(super) fn connect(&self) -> io::Result<UnixStream> {
        let nowhere = io::Error::new(io::ErrorKind::NotFound, "no address");
        self.0.iter().map(UnixStream::connect_addr).reduce(Result::or).unwrap_or(Err(nowhere))
    }
}

/// `unix:path=/a/b,guid=…` or `unix:abstract=name`.
fn socket(text: &[u8]) -> Option<SocketAddr> {
    let keys = text.strip_prefix(b"unix:")?;
    keys.split(|byte| *byte == b',').find_map(|pair| {
        if let Some(path) = pair.strip_prefix(b"path=") {
            return SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(&unescaped(path)?)).ok();
        }
        SocketAddr::from_abstract_name(unescaped(pair.strip_prefix(b"abstract=")?)?).ok()
    })
}

/// Without the `%2d` for bytes that an address may not hold.
fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = after;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_specification_says() {
        let path = |path: &str| format!("{:?}", SocketAddr::from_pathname(path).unwrap());
        let read = |text: &[u8]| BusAddress::parse(text).0.iter().map(|at| format!("{at:?}")).collect::<Vec<_>>();
        assert_eq!(read(b"unix:path=/run/bus,guid=00ff"), [path("/run/bus")]);
        assert_eq!(read(b"tcp:host=h,port=1;unix:guid=1,path=/a%20b%2fc"), [path("/a b/c")]);
        assert_eq!(read(b"unix:path=/a;unix:path=/b"), [path("/a"), path("/b")]);
        let name = SocketAddr::from_abstract_name("x").unwrap();
        assert_eq!(BusAddress::parse(b"unix:abstract=x").0[0].as_abstract_name(), name.as_abstract_name());
        for nothing in ["", ";", "unix:", "unix:path=%", "unix:path=%zz", "unix:path=%e", "unix:tmpdir=/tmp"] {
            assert!(read(nothing.as_bytes()).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn the_environment_comes_first() {
        let at = |value: Option<&str>| format!("{:?}", BusAddress::system(|_| value.map(Into::into)).0[0]);
        assert!(at(None).contains("/run/dbus/system_bus_socket") && at(Some("")).contains("/run/dbus"));
        assert!(at(Some("unix:path=/tmp/bus")).contains("/tmp/bus"));
    }
}
