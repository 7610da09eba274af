//! Frames that are no good, through what reads them: no panic, no big allocation, no end that does not come.

use std::thread;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use strongroom::host::{Entropy, SeededEntropy};
use strongroom::service::wire::{self, Call, HELLO_LEN, Hello, MAX_CALL, Reply, WireError};

use crate::aloud::say;
use crate::counting;
use crate::wire_samples;

/// Cases of a run, half of them calls and half replies.
const CASES: usize = 1_000_000;
/// What all of them together may take of processors: how long that is depends on who else is at work.
const IN: Duration = Duration::from_secs(10);
/// The most that reading one of them may take in memory at once, in bytes: serde takes at most 1 MiB at once for a
/// sequence on the word of its length, and sequences lie in sequences.
const MOST: usize = 4 << 20;

/// Chooses, fast: a million cases are some hundred million bytes.
struct Dice(u64);

impl Dice {
    fn new(entropy: &SeededEntropy) -> Self {
        let mut seed = [0; 8];
        entropy.fill(&mut seed).unwrap();
        Self(u64::from_le_bytes(seed) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn roll(&mut self, sides: usize) -> usize {
        usize::try_from(self.next() % sides as u64).unwrap()
    }
}

/// The frames of `messages`, as they should be.
fn whole(messages: &[impl Serialize]) -> Vec<Vec<u8>> {
    let frame = |message| {
        let mut frame = Vec::new();
        wire::send(&mut frame, message, MAX_CALL).unwrap();
        frame
    };
    messages.iter().map(frame).collect()
}

/// Makes something else of a `frame`, or something that never was one.
fn spoil(frame: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.roll(frame.len());
    let byte = dice.next().to_le_bytes()[0];
    match dice.roll(8) {
        0 => frame[at] ^= 1 << dice.roll(8),
        1 => frame[at] = byte,
        2 => frame.truncate(at),
        3 => frame.insert(at, byte),
        4 => frame.extend([byte; 3]),
        // What postcard reads as a length, or as a number, without an end.
        5 => frame[at..].fill(0xff),
        6 => frame.splice(..4.min(frame.len()), [byte, dice.next().to_le_bytes()[1], 0x3f, 0]).for_each(drop),
        _ => frame.iter_mut().for_each(|byte| *byte = dice.next().to_le_bytes()[2]),
    }
}

/// The length as it is, so that what follows it is read.
fn true_length(frame: &mut [u8]) {
    let length = u32::try_from(frame.len().saturating_sub(4)).unwrap();
    if let Some(place) = frame.first_chunk_mut::<4>() {
        *place = length.to_le_bytes();
    }
}

/// Reads so many spoilt frames; gives how many were good all the same.
fn read_spoilt<M: for<'a> Deserialize<'a>>(samples: &[Vec<u8>], cases: usize, entropy: &SeededEntropy) -> usize {
    let mut dice = Dice::new(entropy);
    let mut good = 0;
    for _ in 0..cases {
        let mut frame = samples[dice.roll(samples.len())].clone();
        (0..=dice.roll(3)).for_each(|_| {
            if !frame.is_empty() {
                spoil(&mut frame, &mut dice);
            }
        });
        if dice.roll(4) > 0 {
            true_length(&mut frame);
        }
        counting::begin();
        good += usize::from(reads::<M>(&frame));
        let most = counting::most();
        assert!(most <= MOST, "{most} bytes at once for {frame:02x?}");
    }
    good
}

/// How long a processor worked for this thread so far.
fn worked() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap()
}

fn reads<M: for<'a> Deserialize<'a>>(mut frame: &[u8]) -> bool {
    wire::receive(&mut frame, MAX_CALL).and_then(|frame| wire::decode::<M>(&frame)).is_ok()
}

#[test]
fn a_million_spoilt_frames_are_read_without_a_panic() {
    let (calls, replies) = (whole(&wire_samples::calls()), whole(&wire_samples::replies()));
    let entropy = SeededEntropy::new(crate::seed());
    let (good, took) = thread::scope(|scope| {
        let half = scope.spawn(|| (read_spoilt::<Call>(&calls, CASES / 2, &entropy), worked()));
        let before = worked();
        let good = read_spoilt::<Reply>(&replies, CASES / 2, &entropy);
        let (others, took) = half.join().unwrap();
        (good + others, worked() - before + took)
    });
    say(&format!(
        "{CASES} spoilt frames in {:.1} s of a processor, {good} of them good all the same",
        took.as_secs_f64()
    ));
    assert!(took < IN, "{took:?}");
    assert!(good > CASES / 1000 && good < CASES / 2, "{good} good ones: the generator does not do what it should");
}

#[test]
fn spoilt_hellos_are_strangers() {
    let mut dice = Dice::new(&SeededEntropy::new(crate::seed()));
    for _ in 0..10_000 {
        let mut bytes = Hello::ours().encode();
        bytes[dice.roll(HELLO_LEN)] = dice.next().to_le_bytes()[0];
        let end = dice.roll(HELLO_LEN + 1);
        match Hello::receive(&mut &bytes[..end]) {
            Err(WireError::Closed) => assert!(end < HELLO_LEN),
            Err(WireError::Stranger) => assert_ne!(bytes[..8], Hello::ours().encode()[..8]),
            Ok(hello) => assert!(hello.version.bytes().all(|byte| byte.is_ascii_graphic())),
            Err(other) => panic!("{other:?}"),
        }
    }
}
