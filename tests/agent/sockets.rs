//! Clients that do not keep the rules, at a real socket: each costs its own connection alone.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use strongroom::host::{Entropy, SeededEntropy};
use strongroom::service::wire::{self, Call, HELLO_LEN, Hello, MAX_CALL, MAX_REPLY, PROTOCOL, Reply};
use strongroom::service::{Door, DoorError, News, Remote, Request};

use crate::home::{Home, call, changed, draft, list, status};
use crate::wait_for;

/// Bad frames that are sent, each over a connection of its own.
const BAD: usize = 3_000;

/// A connection on which both sides have said hello.
fn greeted(home: &Home) -> UnixStream {
    let mut stream = UnixStream::connect(home.socket()).unwrap();
    Hello::ours().send(&mut stream).unwrap();
    assert_eq!(Hello::receive(&mut stream).unwrap().protocol, PROTOCOL);
    stream.set_read_timeout(Some(crate::PATIENCE)).unwrap();
    stream
}

fn reply(stream: &mut UnixStream) -> Reply {
    wire::decode(&wire::receive(stream, MAX_REPLY).unwrap()).unwrap()
}

/// Whether the agent ends this connection.
fn ends(mut stream: &UnixStream) -> bool {
    let ended = stream.read_to_end(&mut Vec::new());
    // What it did not read before it closed makes the system say so in another way.
    ended.map_or_else(|error| error.kind() == ErrorKind::ConnectionReset, |_| true)
}

/// Descriptors and threads of the agent.
fn holdings(pid: u32) -> (usize, usize) {
    let count = |what| fs::read_dir(format!("/proc/{pid}/{what}")).unwrap().count();
    (count("fd"), count("task"))
}

#[test]
fn a_bad_frame_ends_its_own_connection_alone() {
    let home = Home::new();
    let mut good = home.unlocked();
    let mut news = good.listen().unwrap().unwrap();
    let entropy = SeededEntropy::new(crate::seed());
    for n in 0..BAD {
        let mut noise = [0; 64];
        entropy.fill(&mut noise).unwrap();
        let mut stream = greeted(&home);
        let length = usize::from(noise[0]) % 60;
        // A byte that no call begins with, and then anything.
        let mut frame = vec![2 + noise[1] % 100];
        frame.extend_from_slice(&noise[2..2 + length]);
        let length = u32::try_from(frame.len()).unwrap();
        stream.write_all(&[&length.to_le_bytes()[..], &frame].concat()).unwrap();
        assert!(ends(&stream), "{frame:?}");
        if n % 100 == 0 {
            let header = changed(call(&mut good, Request::Register(draft(&format!("{n}"), "x")))).unwrap();
            assert_eq!(news.next().unwrap(), News::Changed(vec![header]));
        }
    }
    assert_eq!(list(&mut good).len(), BAD / 100);
}

#[test]
fn lies_about_the_length_cost_little() {
    let home = Home::new();
    let mut good = home.unlocked();
    let pid = home.agent_pid();
    let resident = || {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
    };
    let before = resident();
    let claimed = u32::try_from(MAX_CALL).unwrap();
    // They say that much comes, and then nothing.
    let half_open: Vec<UnixStream> = (0..64)
        .map(|_| {
            let mut stream = greeted(&home);
            stream.write_all(&claimed.to_le_bytes()).unwrap();
            stream.write_all(b"and then").unwrap();
            stream
        })
        .collect();
    let mut too_long = greeted(&home);
    too_long.write_all(&(claimed + 1).to_le_bytes()).unwrap();
    assert!(ends(&too_long));
    list(&mut good);
    let grown = resident().saturating_sub(before);
    assert!(grown < 64 * 512, "{grown} kB for nothing");
    drop(half_open);
}

#[test]
fn another_version_is_told_so() {
    let home = Home::new();
    let mut good = home.unlocked();
    let mut stream = UnixStream::connect(home.socket()).unwrap();
    Hello { protocol: PROTOCOL + 1, ..Hello::ours() }.send(&mut stream).unwrap();
    let theirs = Hello::receive(&mut stream).unwrap();
    assert_eq!(theirs, Hello::ours(), "enough to tell the person what it is");
    assert!(ends(&stream));
    list(&mut good);
}

#[test]
fn strangers_to_the_protocol_are_let_go() {
    let home = Home::new();
    let mut good = home.unlocked();
    let mut stream = UnixStream::connect(home.socket()).unwrap();
    stream.write_all(&[b'G'; HELLO_LEN]).unwrap();
    assert!(ends(&stream));
    // One that says nothing at all, and one that says only half.
    let silent = UnixStream::connect(home.socket()).unwrap();
    let mut half = UnixStream::connect(home.socket()).unwrap();
    half.write_all(&Hello::ours().encode()[..9]).unwrap();
    list(&mut good);
    for stream in [silent, half] {
        stream.set_read_timeout(Some(crate::PATIENCE)).unwrap();
        assert!(ends(&stream));
    }
}

#[test]
fn one_that_never_reads_makes_nobody_wait() {
    let home = Home::new();
    let mut good = home.unlocked();
    for n in 0..300 {
        changed(call(&mut good, Request::Register(draft(&format!("{n}"), "x")))).unwrap();
    }
    let mut deaf = greeted(&home);
    let mut deaf_listener = greeted(&home);
    wire::send(&mut deaf_listener, &Call::Listen, MAX_CALL).unwrap();
    // Far more answers than the socket holds.
    for _ in 0..200 {
        wire::send(&mut deaf, &Call::Request(Request::List), MAX_CALL).unwrap();
    }
    let started = Instant::now();
    for n in 300..600 {
        changed(call(&mut good, Request::Register(draft(&format!("{n}"), "x")))).unwrap();
    }
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    // And it is let go.
    deaf.set_write_timeout(Some(crate::PATIENCE)).unwrap();
    wait_for("its end", || deaf.write_all(&[0; 4096]).is_err().then_some(()));
}

/// What is told of long work is told with the vault in the agent's hands.
#[test]
fn one_that_never_hears_of_progress_makes_nobody_wait_either() {
    let home = Home::new();
    let mut good = home.unlocked();
    changed(call(&mut good, Request::Register(draft("examined", "x")))).unwrap();
    let mut slowest = Duration::ZERO;
    // They ask until they are let go, which is when the socket is full of progress and answers.
    let deaf = (0..2).map(|_| greeted(&home)).map(|mut stream| {
        let ask = move || while wire::send(&mut stream, &Call::Request(Request::Doctor(None)), MAX_CALL).is_ok() {};
        std::thread::spawn(ask)
    });
    let deaf: Vec<_> = deaf.collect();
    let started = Instant::now();
    while deaf.iter().any(|deaf| !deaf.is_finished()) {
        assert!(started.elapsed() < crate::PATIENCE, "they are never let go");
        let asked = Instant::now();
        list(&mut good);
        slowest = slowest.max(asked.elapsed());
    }
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
}

#[test]
fn who_comes_and_goes_leaves_nothing_behind() {
    let home = Home::new();
    let mut good = home.unlocked();
    let pid = home.agent_pid();
    let before = wait_for("rest", || Some(holdings(pid)));
    for n in 0..1_000 {
        match n % 4 {
            0 => drop(greeted(&home)),
            1 => drop(UnixStream::connect(home.socket()).unwrap()),
            2 => drop(home.remote().listen().unwrap()),
            _ => drop(list(&mut home.remote())),
        }
    }
    wait_for("what it had before", || (holdings(pid) == before).then_some(()));
    list(&mut good);
}

#[test]
fn there_is_an_end_to_how_many_clients_it_takes() {
    let home = Home::new();
    let mut good = home.unlocked();
    let mut crowd: Vec<UnixStream> = (0..255).map(|_| greeted(&home)).collect();
    // The agent counts a client after it has said hello.
    for stream in &mut crowd {
        wire::send(stream, &Call::Request(Request::Status), MAX_CALL).unwrap();
        assert!(matches!(reply(stream), Reply::Answer(Ok(_))));
    }
    let mut one_more = greeted(&home);
    wire::send(&mut one_more, &Call::Listen, MAX_CALL).unwrap();
    assert!(matches!(reply(&mut one_more), Reply::Busy));
    assert!(ends(&one_more));
    match call(&mut home.remote(), Request::Status) {
        Err(DoorError::Agent(why)) => assert!(why.contains("as many clients as it takes"), "{why}"),
        other => panic!("{other:?}"),
    }
    list(&mut good);
    drop(crowd);
    wait_for("room", || call(&mut home.remote(), Request::Status).ok());
}

#[test]
fn a_listener_that_speaks_is_let_go_and_a_reply_is_no_call() {
    let home = Home::new();
    let mut good = home.unlocked();
    let mut listener = greeted(&home);
    wire::send(&mut listener, &Call::Listen, MAX_CALL).unwrap();
    assert!(matches!(reply(&mut listener), Reply::Answer(Ok(_))));
    wire::send(&mut listener, &Call::Listen, MAX_CALL).unwrap();
    assert!(ends(&listener));
    list(&mut good);
    status(&mut good);
}

/// Something that listens in the agent's place, and says `hello`.
fn served_by(home: &Home, hello: &[u8]) -> DoorError {
    home.agent(&[]);
    let place = home.place();
    let listener = strongroom::host::socket::SocketDir::open(&place.lock_dir()).unwrap();
    let (listener, _) = listener.listen(&place.socket_name(), strongroom::host::socket::Open::ToUs).unwrap();
    let hello = hello.to_vec();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut theirs = [0; HELLO_LEN];
        stream.read_exact(&mut theirs).unwrap();
        stream.write_all(&hello).unwrap();
        stream
    });
    let Err(error) = Remote::to_running(place, home.starter()) else { panic!("it took that for an agent") };
    drop(server.join().unwrap());
    error
}

#[test]
fn a_client_tells_an_agent_of_another_version_and_what_is_none() {
    let home = Home::new();
    let newer = Hello { protocol: PROTOCOL + 1, version: "9.9.9".into() };
    let told = served_by(&home, &newer.encode()).to_string();
    assert!(
        told.contains("is strongroom 9.9.9, which does not understand this one") && told.contains("kill"),
        "{told}"
    );
    let told = served_by(&home, &[b'x'; HELLO_LEN]).to_string();
    assert!(told.contains("does not speak our protocol"), "{told}");
}
