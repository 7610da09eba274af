//! What calls that have returned left on the stack.

use std::hint::black_box;

use zeroize::Zeroize;

/// As deep as the deepest of what works with keys goes: a key pair of ML-DSA-65 is computed on the stack.
const DEPTH: usize = 512 * 1024;

/// Overwrites the stack below the caller: ciphers and hash functions copy keys there, and plaintext that they work on.
///
/// Only whoever called them can do so when they are done, and a thread that then waits would keep what they left.
#[inline(never)]
pub fn wipe_stack() {
    let mut room = [0xFF_u8; DEPTH];
    black_box(&mut room);
    room.zeroize();
    black_box(&mut room);
}
