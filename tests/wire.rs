//! What goes over the agent's socket, committed: after an update, a new program meets an agent of the old one.
//!
//! A difference needs a new `PROTOCOL`, so that both are told; `STRONGROOM_REWRITE_VECTORS=1 cargo test --test wire` then
//! writes the samples of that protocol.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use strongroom::domain::SecretBytes;
use strongroom::domain::organization::{Tampering, Unlawful};
use strongroom::service::wire::{self, Call, Hello, PROTOCOL, Reply};
use strongroom::service::{DoorError, News, Request, Response};

#[path = "support/wire_samples.rs"]
mod wire_samples;

/// The frame of `message` as one line of hex.
fn line(message: &impl Serialize) -> String {
    let mut frame = Vec::new();
    wire::send(&mut frame, message, 1 << 20).unwrap();
    frame.iter().fold(String::new(), |mut line, byte| {
        write!(line, "{byte:02x}").unwrap();
        line
    })
}

fn from_hex(line: &str) -> Vec<u8> {
    (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap()).collect()
}

/// What is read from `line`, written anew.
fn again<M: Serialize + for<'a> Deserialize<'a>>(hex: &str) -> String {
    let frame: SecretBytes = wire::receive(&mut &from_hex(hex)[..], 1 << 20).unwrap();
    line(&wire::decode::<M>(&frame).unwrap())
}

#[test]
fn the_samples_are_those_of_this_protocol() {
    let hello = Hello { protocol: PROTOCOL, version: "0.1.0".into() };
    let hello = hello.encode().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let calls: Vec<String> = wire_samples::calls().iter().map(line).collect();
    let replies: Vec<String> = wire_samples::replies().iter().map(line).collect();
    let now = format!("hello\n{hello}\ncalls\n{}\nreplies\n{}\n", calls.join("\n"), replies.join("\n"));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/vectors/wire-{PROTOCOL}.hex"));
    if std::env::var_os("STRONGROOM_REWRITE_VECTORS").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    for (n, (committed, now)) in committed.lines().zip(now.lines()).enumerate() {
        assert_eq!(committed, now, "line {}: the wire has changed, and PROTOCOL has not", n + 1);
    }
    assert_eq!(committed.lines().count(), now.lines().count(), "the samples have changed: write them anew");
    calls.iter().for_each(|hex| assert_eq!(again::<Call>(hex), *hex));
    replies.iter().for_each(|hex| assert_eq!(again::<Reply>(hex), *hex));
}

/// Whether samples that begin with these bytes are all that `T` has: one variant more says nothing.
fn are_all<T: for<'a> Deserialize<'a>>(firsts: impl Iterator<Item = u8>) -> bool {
    let count = 1 + firsts.max().unwrap();
    postcard::take_from_bytes::<T>(&[&[count][..], &[0; 64]].concat()).is_err()
}

#[test]
fn no_variant_is_without_a_sample() {
    let (calls, replies) = (wire_samples::calls(), wire_samples::replies());
    let calls: Vec<Vec<u8>> = calls.iter().map(|call| from_hex(&line(call))[4..].to_vec()).collect();
    let replies: Vec<Vec<u8>> = replies.iter().map(|reply| from_hex(&line(reply))[4..].to_vec()).collect();
    let at = |messages: &[Vec<u8>], begin: &'static [u8]| -> Vec<u8> {
        messages.iter().filter_map(|message| message.strip_prefix(begin)?.first().copied()).collect()
    };
    assert!(are_all::<Call>(at(&calls, &[]).into_iter()));
    assert!(are_all::<Request>(at(&calls, &[0]).into_iter()));
    assert!(are_all::<Reply>(at(&replies, &[]).into_iter()));
    assert!(are_all::<Response>(at(&replies, &[1, 0]).into_iter()));
    assert!(are_all::<DoorError>(at(&replies, &[1, 1]).into_iter()));
    let errors: Vec<Vec<u8>> = replies.iter().filter_map(|reply| Some(reply.strip_prefix(&[1, 1])?.to_vec())).collect();
    let within = |sample: DoorError| -> u8 { from_hex(&line(&Reply::Answer(Err(sample))))[6] };
    let of = |error: u8| errors.iter().filter(move |sample| sample[0] == error).map(|sample| sample[1]);
    assert!(are_all::<Unlawful>(of(within(DoorError::Unlawful(Unlawful::Epoch)))));
    assert!(are_all::<Tampering>(of(within(DoorError::Tampered(Tampering::Removed)))));
    assert!(are_all::<News>(at(&replies, &[2]).into_iter()));
}
