//! What a record is once it is open, and before it is sealed.

use super::frame::most_of_record;
use crate::domain::{Header, Kind, MemberId, Scope, SecretId};
use crate::vault::layout::{Item, MAX_ENTRY};
use crate::vault::signed::{Block, Signed, StateBlock};

/// Where the value of a record is, and the revision that it was sealed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vault) enum Link {
    /// Nowhere: a tombstone, or a certificate without its key.
    None,
    /// In the record itself.
    Inline {
        /// The revision that set it.
        revision: u64,
    },
    /// In pieces of its own.
    Pieces {
        /// The revision that set it.
        revision: u64,
        /// How many.
        count: u32,
        /// The digest over the digests of all pieces, in order.
        digest: [u8; 32],
    },
}

impl Link {
    /// The revision that set the value, if there is one.
    pub(in crate::vault) fn set_at(&self) -> Option<u64> {
        match self {
            Link::None => None,
            Link::Inline { revision } | Link::Pieces { revision, .. } => Some(*revision),
        }
    }

    /// How many pieces there are.
    pub(in crate::vault) fn pieces(&self) -> u32 {
        match self {
            Link::Pieces { count, .. } => *count,
            Link::None | Link::Inline { .. } => 0,
        }
    }
}

/// A record, opened as far as a listing needs it.
pub(in crate::vault) struct Opened<'a> {
    /// Where it lies in the store.
    pub(in crate::vault) item: Item,
    /// The header.
    pub(in crate::vault) header: Header,
    /// What is signed of it; `None` in a vault of format 2 or older.
    pub(in crate::vault) signed: Option<Signed>,
    /// What the content says to be bound to the value.
    pub(super) commitment: Option<[u8; 32]>,
    /// Where the value is.
    pub(in crate::vault) link: Link,
    /// Whether the value is sealed for its registrar alone, and for those who hold the key of all values.
    pub(in crate::vault) for_registrar: bool,
    /// The sealed value, when it is in the record.
    pub(in crate::vault) inline: &'a [u8],
}

impl Opened<'_> {
    /// What the content says to be bound to the value.
    pub(in crate::vault) fn commitment(&self) -> Option<[u8; 32]> {
        self.commitment
    }

    /// Whether the sealed value may stay in the record when `header` comes in the place of this one.
    pub(in crate::vault) fn fits_beside(&self, header: &Header) -> bool {
        most_of_record(header) + self.inline.len() <= MAX_ENTRY
    }
}

/// A personal record, as far as others can open it.
#[derive(Debug, Clone)]
pub(in crate::vault) struct Closed {
    /// The secret.
    pub(in crate::vault) id: SecretId,
    /// Its revision.
    pub(in crate::vault) revision: u64,
    /// Whose it is.
    pub(in crate::vault) owner: MemberId,
    /// That it is deleted, as it was signed.
    pub(in crate::vault) deleted: Option<Block>,
    /// The batches that its owner signed what is in it with: nobody else can look, and they go where it goes.
    pub(in crate::vault) batches: Vec<[u8; 16]>,
    /// Whether its owner could open more.
    pub(in crate::vault) has_inner: bool,
}

impl Closed {
    /// When it was deleted, and by whom.
    pub(in crate::vault) fn deletion(&self) -> Option<StateBlock> {
        self.deleted.as_ref().and_then(|block| StateBlock::read_alone(block).ok())
    }

    /// What is left of it for its owner, and for whoever deleted it: not even its name.
    pub(in crate::vault) fn tombstone(&self) -> Option<Header> {
        let StateBlock { written, state } = self.deletion()?;
        Some(Header {
            id: self.id,
            revision: self.revision,
            kind: Kind::KeyValue,
            name: personal_name(self.id),
            scope: Scope::Personal,
            owner: self.owner,
            author: written.author,
            created: written.stamp.clone(),
            value_set: written.stamp.at,
            modified: written.stamp,
            expires: None,
            not_before: None,
            state,
            write_only: false,
            encrypted_key: false,
            public: Vec::new(),
            parts: Vec::new(),
        })
    }
}

/// A record of the store.
pub(in crate::vault) enum Record<'a> {
    /// One that this member can open.
    Open(Box<Opened<'a>>),
    /// A personal one of somebody else, or one's own that somebody else deleted.
    Closed(Closed),
}

/// A value, sealed.
pub(in crate::vault) struct SealedValue {
    /// What the header has to say about it.
    pub(in crate::vault) link: Link,
    /// What the content has to say to be bound to it.
    pub(in crate::vault) commitment: Option<[u8; 32]>,
    /// Whether it is sealed for its registrar alone.
    pub(in crate::vault) for_registrar: bool,
    /// What goes into the record.
    pub(in crate::vault) inline: Vec<u8>,
    /// What goes beside it, in order.
    pub(in crate::vault) pieces: Vec<Vec<u8>>,
}

impl SealedValue {
    /// No value, as of a tombstone.
    pub(in crate::vault) fn none() -> Self {
        Self { link: Link::None, commitment: None, for_registrar: false, inline: Vec::new(), pieces: Vec::new() }
    }

    /// The value of `old` as it is.
    pub(in crate::vault) fn kept(old: &Opened<'_>) -> Self {
        let (commitment, for_registrar) = (old.commitment, old.for_registrar);
        Self { link: old.link, commitment, for_registrar, inline: old.inline.to_vec(), pieces: Vec::new() }
    }
}

/// What a personal secret is called where others read it.
pub(in crate::vault) fn personal_name(id: SecretId) -> Box<str> {
    format!("personal secret {}", &id.to_string()[..8]).into()
}
