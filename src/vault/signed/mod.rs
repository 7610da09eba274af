//! What members sign of a secret, and how that is checked.
//!
//! A record has three blocks, each signed by whoever wrote it last: its birth (whose it is), its content (what it says) and
//! its state (whether it is in use). So who may only deactivate a secret leaves alone what others signed of it. The digest
//! of a block is a statement; a batch signs many statements at once, and lies in the store beside the records.

mod author;
mod blocks;
#[cfg(test)]
mod blocks_tests;
mod held;
mod known;
mod verify;

pub(super) use author::{SignedBatch, Signer, Signing};
use blocks::Told;
pub(super) use blocks::{
    BLOCK_SALT_LEN, Block, Mark, Signed, State as StateBlock, What, birth_of, content_of, deletion_of, state_of,
};
pub(super) use held::Held;
pub(super) use known::{Known, Seen};
pub(super) use verify::{TakenOver, Verifier};
