//! The three blocks of a record, and the header that they make up.
//!
//! ```text
//! birth    type (u8) ‖ scope (u8) ‖ owner (16) ‖ registered at, by ‖ salt (16)
//! content  birth's digest (32) ‖ revision (u64) ‖ author (16) ‖ written at, by ‖ flags (u8) ‖ name ‖ value set at ‖
//!          expires? ‖ not before? ‖ fields ‖ parts ‖ commitment to the value (32)
//! state    birth's digest (32) ‖ revision (u64) ‖ author (16) ‖ written at, by ‖ 0 active, 1 inactive, 2 deleted (u8)
//! ```
//!
//! Content and state each have the revision of the record that wrote them; the newer of the two is the record's own. The salt
//! is in the digests of all three, which lie in the store in the open: nobody can guess a name and see that it is right.

use crate::crypto::wire::{Reader, WireError, Writer};
use crate::crypto::{digest, statement};
use crate::domain::{
    Header, MemberId, Part, PublicField, SecretBytes, SecretId, Stamp, State as SecretState, Timestamp, VaultId,
};
use crate::vault::codec::{read_kind, read_list, read_scope, read_stamp, read_text, write_stamp};

const WRITE_ONLY: u8 = 1;
const ENCRYPTED_KEY: u8 = 2;
const EXPIRES: u8 = 4;
const NOT_BEFORE: u8 = 8;

/// Most bytes of a block: all the text of the longest chain of certificates, and room to spare.
const MAX_BLOCK: usize = 4 * 1024 * 1024;
/// Length of the salt of a birth, and of the block of a document, in bytes.
pub(in crate::vault) const BLOCK_SALT_LEN: usize = 16;
/// How a value that is not there is committed to.
const NO_VALUE: [u8; 32] = [0; 32];

/// Which block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vault) enum What {
    /// Whose the secret is.
    Birth = 1,
    /// What it says.
    Content = 2,
    /// Whether it is in use.
    State = 3,
    /// Not of a secret: one of the vault's documents.
    Document = 4,
}

/// Where the signature of a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vault) struct Mark {
    /// The epoch that it was signed in.
    pub(in crate::vault) epoch: u64,
    /// The batch that it was signed with.
    pub(in crate::vault) batch: [u8; 16],
    /// Its place among the statements of that batch.
    pub(in crate::vault) index: u32,
}

impl Mark {
    pub(in crate::vault) fn write(&self, to: &mut Writer) {
        to.u64(self.epoch);
        to.raw(&self.batch);
        to.u32(self.index);
    }

    pub(in crate::vault) fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self { epoch: from.u64()?, batch: from.array()?, index: from.u32()? })
    }
}

/// A block as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::vault) struct Block {
    /// What was signed.
    pub(in crate::vault) bytes: SecretBytes,
    /// Where the signature is.
    pub(in crate::vault) mark: Mark,
}

impl Block {
    /// What a batch has of it.
    pub(in crate::vault) fn statement(&self, vault: VaultId, what: What, id: [u8; 16]) -> [u8; 32] {
        statement(vault, what as u8, self.mark.epoch, SecretId(id), self.bytes.expose())
    }

    pub(in crate::vault) fn write(&self, to: &mut Writer) {
        to.bytes(self.bytes.expose());
        self.mark.write(to);
    }

    pub(in crate::vault) fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self { bytes: from.bytes(MAX_BLOCK)?.into(), mark: Mark::read(from)? })
    }
}

/// Who wrote a block, when, and as which revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::vault) struct Written {
    /// The revision of the record.
    pub(in crate::vault) revision: u64,
    /// Who.
    pub(in crate::vault) author: MemberId,
    /// When, and what they were called.
    pub(in crate::vault) stamp: Stamp,
}

impl Written {
    fn write(&self, to: &mut Writer, birth: &SecretBytes) {
        to.raw(&digest(birth.expose()));
        to.u64(self.revision);
        to.raw(&self.author.0);
        write_stamp(to, &self.stamp);
    }

    fn read(from: &mut Reader<'_>, birth: &SecretBytes) -> Result<Self, WireError> {
        // One that was signed for another birth is as good as unreadable.
        if from.array()? != digest(birth.expose()) {
            return Err(WireError::UnknownCode);
        }
        Self::read_rest(from)
    }

    fn read_rest(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self { revision: from.u64()?, author: MemberId(from.array()?), stamp: read_stamp(from)? })
    }
}

/// What a content block says besides the fields of the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::vault) struct Content {
    /// Who wrote it.
    pub(in crate::vault) written: Written,
    /// The commitment to the value; `None` without one.
    pub(in crate::vault) commitment: Option<[u8; 32]>,
}

/// What a state block says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::vault) struct State {
    /// Who wrote it.
    pub(in crate::vault) written: Written,
    /// Active, inactive or deleted.
    pub(in crate::vault) state: SecretState,
}

impl State {
    /// Reads the block, which belongs to `birth`.
    fn read(block: &Block, birth: &SecretBytes) -> Result<Self, WireError> {
        let mut from = Reader::new(block.bytes.expose());
        let written = Written::read(&mut from, birth)?;
        Self::read_rest(from, written)
    }

    /// Reads the block of a record whose birth nobody here can open.
    pub(in crate::vault) fn read_alone(block: &Block) -> Result<Self, WireError> {
        let mut from = Reader::new(block.bytes.expose());
        from.array::<32>()?;
        let written = Written::read_rest(&mut from)?;
        Self::read_rest(from, written)
    }

    fn read_rest(mut from: Reader<'_>, written: Written) -> Result<Self, WireError> {
        let state = match from.u8()? {
            0 => SecretState::Active,
            1 => SecretState::Inactive(written.stamp.clone()),
            2 => SecretState::Deleted(written.stamp.clone()),
            _ => return Err(WireError::UnknownCode),
        };
        from.finish()?;
        Ok(Self { written, state })
    }
}

/// All that is signed of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::vault) struct Signed {
    /// Whose it is.
    pub(in crate::vault) birth: Block,
    /// What it says.
    pub(in crate::vault) content: Block,
    /// Whether it is in use; none while nobody has changed that.
    pub(in crate::vault) state: Option<Block>,
}

/// A record as its blocks tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::vault) struct Told {
    /// The header.
    pub(in crate::vault) header: Header,
    /// Who wrote the content, and what it commits to.
    pub(in crate::vault) content: Content,
    /// Who wrote the state.
    pub(in crate::vault) state: Option<State>,
}

impl Signed {
    /// The blocks, each with what it is.
    pub(in crate::vault) fn blocks(&self) -> impl Iterator<Item = (What, &Block)> {
        let state = self.state.as_ref().map(|block| (What::State, block));
        [(What::Birth, &self.birth), (What::Content, &self.content)].into_iter().chain(state)
    }

    /// The statements of all blocks.
    pub(in crate::vault) fn statements(&self, vault: VaultId, id: SecretId) -> impl Iterator<Item = [u8; 32]> {
        self.blocks().map(move |(what, block)| block.statement(vault, what, id.0))
    }

    pub(in crate::vault) fn write(&self, to: &mut Writer) {
        self.birth.write(to);
        self.content.write(to);
        to.flag(self.state.is_some());
        self.state.iter().for_each(|block| block.write(to));
    }

    pub(in crate::vault) fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let (birth, content) = (Block::read(from)?, Block::read(from)?);
        let state = if from.flag()? { Some(Block::read(from)?) } else { None };
        Ok(Self { birth, content, state })
    }

    /// What the blocks say of the secret `id`.
    pub(in crate::vault) fn told(&self, id: SecretId) -> Result<Told, WireError> {
        let mut header = read_birth(id, &self.birth.bytes)?;
        let content = read_content(&mut header, &self.content.bytes, &self.birth.bytes)?;
        let state = self.state.as_ref().map(|block| State::read(block, &self.birth.bytes)).transpose()?;
        let last = match &state {
            Some(state) if state.written.revision >= content.written.revision => &state.written,
            _ => &content.written,
        };
        (header.revision, header.author, header.modified) = (last.revision, last.author, last.stamp.clone());
        if let Some(state) = &state {
            header.state = state.state.clone();
        }
        Ok(Told { header, content, state })
    }
}

/// The state of a personal secret of somebody else, which is deleted by `author`: its birth is not known.
pub(in crate::vault) fn deletion_of(revision: u64, author: MemberId, stamp: Stamp) -> SecretBytes {
    let mut to = Writer::with_capacity(128);
    Written { revision, author, stamp }.write(&mut to, &SecretBytes::default());
    to.u8(2);
    to.into_secret()
}

/// The birth of the secret that `header` tells of; `salt` nobody must be able to guess.
pub(in crate::vault) fn birth_of(header: &Header, salt: &[u8; BLOCK_SALT_LEN]) -> SecretBytes {
    let mut to = Writer::with_capacity(64);
    to.u8(header.kind as u8);
    to.u8(header.scope as u8);
    to.raw(&header.owner.0);
    write_stamp(&mut to, &header.created);
    to.raw(salt);
    to.into_secret()
}

/// The content of that secret, whose value is committed to so.
pub(in crate::vault) fn content_of(header: &Header, birth: &SecretBytes, commitment: Option<&[u8; 32]>) -> SecretBytes {
    let mut to = Writer::with_capacity(512);
    written(header).write(&mut to, birth);
    to.u8(flags(header));
    to.text(&header.name);
    to.i64(header.value_set.0);
    [header.expires, header.not_before].into_iter().flatten().for_each(|time| to.i64(time.0));
    to.count(header.public.len());
    for field in &header.public {
        to.text(&field.key);
        to.text(&field.text);
    }
    to.count(header.parts.len());
    for part in &header.parts {
        to.text(&part.name);
        to.u32(part.size);
    }
    to.raw(commitment.unwrap_or(&NO_VALUE));
    to.into_secret()
}

/// The state of that secret.
pub(in crate::vault) fn state_of(header: &Header, birth: &SecretBytes) -> SecretBytes {
    let mut to = Writer::with_capacity(128);
    written(header).write(&mut to, birth);
    to.u8(match header.state {
        SecretState::Active => 0,
        SecretState::Inactive(_) => 1,
        SecretState::Deleted(_) => 2,
    });
    to.into_secret()
}

fn written(header: &Header) -> Written {
    Written { revision: header.revision, author: header.author, stamp: header.modified.clone() }
}

fn read_birth(id: SecretId, bytes: &SecretBytes) -> Result<Header, WireError> {
    let mut from = Reader::new(bytes.expose());
    let (kind, scope) = (read_kind(&mut from)?, read_scope(&mut from)?);
    let (owner, created) = (MemberId(from.array()?), read_stamp(&mut from)?);
    from.array::<BLOCK_SALT_LEN>()?;
    from.finish()?;
    Ok(Header {
        id,
        revision: 0,
        kind,
        name: "".into(),
        scope,
        owner,
        author: owner,
        modified: created.clone(),
        value_set: created.at,
        created,
        expires: None,
        not_before: None,
        state: SecretState::Active,
        write_only: false,
        encrypted_key: false,
        public: Vec::new(),
        parts: Vec::new(),
    })
}

fn read_content(header: &mut Header, bytes: &SecretBytes, birth: &SecretBytes) -> Result<Content, WireError> {
    let mut from = Reader::new(bytes.expose());
    let written = Written::read(&mut from, birth)?;
    let flags = from.u8()?;
    let time = |from: &mut Reader<'_>, flag| match flags & flag {
        0 => Ok::<_, WireError>(None),
        _ => Ok(Some(Timestamp(from.i64()?))),
    };
    header.name = read_text(&mut from)?;
    header.value_set = Timestamp(from.i64()?);
    header.expires = time(&mut from, EXPIRES)?;
    header.not_before = time(&mut from, NOT_BEFORE)?;
    header.write_only = flags & WRITE_ONLY != 0;
    header.encrypted_key = flags & ENCRYPTED_KEY != 0;
    header.public =
        read_list(&mut from, 8, |from| Ok(PublicField { key: read_text(from)?.into(), text: read_text(from)? }))?;
    header.parts = read_list(&mut from, 8, |from| Ok(Part { name: read_text(from)?, size: from.u32()? }))?;
    let commitment = Some(from.array()?).filter(|commitment| *commitment != NO_VALUE);
    from.finish()?;
    Ok(Content { written, commitment })
}

fn flags(header: &Header) -> u8 {
    [
        (header.write_only, WRITE_ONLY),
        (header.encrypted_key, ENCRYPTED_KEY),
        (header.expires.is_some(), EXPIRES),
        (header.not_before.is_some(), NOT_BEFORE),
    ]
    .into_iter()
    .filter_map(|(on, flag)| on.then_some(flag))
    .sum()
}
