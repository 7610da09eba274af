//! A bus that is not as it should be; how we get along with a real one is in `tests/login`.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixListener;
use std::thread::{self, JoinHandle};

use proptest::prelude::*;

use super::message::{decode, encode, length};
use super::*;

/// A bus that has `words` for whoever connects, and then hangs up.
fn bus(words: &'static [u8]) -> (BusAddress, JoinHandle<String>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bus");
    let listener = UnixListener::bind(&path).unwrap();
    let served = thread::spawn(move || {
        let _dir = dir;
        let (stream, _) = listener.accept().unwrap();
        (&stream).write_all(words).unwrap();
        let mut heard = String::new();
        BufReader::new(&stream).read_line(&mut heard).unwrap();
        heard
    });
    (BusAddress::system(|_| Some(format!("unix:path={}", path.display()).into())), served)
}

#[test]
fn we_say_who_we_are() {
    let (address, served) = bus(b"REJECTED EXTERNAL\r\n");
    assert!(matches!(Bus::connect(&address), Err(BusError::Unwelcome)));
    let uid = super::super::owner::our_uid().to_string();
    let uid: String = uid.bytes().map(|digit| format!("{digit:x}")).collect();
    assert_eq!(served.join().unwrap(), format!("\0AUTH EXTERNAL {uid}\r\n"));
}

#[test]
fn a_bus_that_is_none_is_told_from_one_and_keeps_nobody() {
    assert!(matches!(Bus::connect(&BusAddress::none()), Err(BusError::Io(_))), "no address");
    let nobody = BusAddress::system(|_| Some("unix:path=/nonexistent/bus".into()));
    assert!(matches!(Bus::connect(&nobody), Err(BusError::Io(_))), "nobody there");
    for (words, why) in [
        (&b""[..], "it hangs up"),
        (b"OK 00\r\n", "it hangs up later"),
        (b"OK 00\r\nERROR\r\n", "no descriptors"),
        (b"OK 00\r\nAGREE_UNIX_FD\r\n", "it has no answer"),
        (b"OK 00\r\nAGREE_UNIX_FD\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxx", "it babbles"),
        (&[b'x'; 4096], "a line without end"),
    ] {
        let start = Instant::now();
        assert!(Bus::connect(&bus(words).0).is_err(), "{why}");
        assert!(start.elapsed() < PATIENCE * 2, "{why}: {:?}", start.elapsed());
    }
}

fn call() -> Vec<u8> {
    let method = Method { of: "a.b", path: "/a/b", interface: "c.d", name: "E" };
    encode(&method, 7, &("sleep", "delay")).unwrap()
}

#[test]
fn a_message_is_as_long_as_it_says() {
    let bytes = call();
    assert_eq!(length(bytes.first_chunk().unwrap()).unwrap(), bytes.len());
    let message = decode(&bytes, Vec::new()).unwrap();
    assert_eq!(message.read::<(String, String)>().unwrap(), ("sleep".into(), "delay".into()));
    assert!(message.read::<u32>().is_err() && message.read::<String>().is_err() && message.read::<()>().is_err());
    let too_long = [b"l\x01\x00\x01", &u32::MAX.to_le_bytes()[..], &[1, 0, 0, 0], &[0; 4]].concat();
    assert!(length(too_long.first_chunk().unwrap()).is_err());
}

proptest! {
    #[test]
    fn what_makes_no_sense_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes, Vec::new());
    }

    #[test]
    fn neither_does_a_message_with_a_fault(at in 0usize..100, byte: u8, cut in 0usize..100) {
        let mut bytes = call();
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(bytes.len() - cut % bytes.len());
        let _ = bytes.first_chunk().map(length);
        if let Ok(message) = decode(&bytes, Vec::new()) {
            let _ = (message.read::<(String, String)>(), message.read::<u32>(), message.read::<bool>());
        }
    }
}
