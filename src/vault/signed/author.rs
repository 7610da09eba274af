//! Signing what is written.

use crate::crypto::{Batch, BatchError, Identity, Key};
use crate::domain::{Header, MemberId, SecretBytes, SecretId, SlotId, State, VaultId};
use crate::host::Entropy;
use crate::host::EntropyError;
use crate::vault::documents::{Document, document_block};
use crate::vault::record::Opened;

use super::{BLOCK_SALT_LEN, Block, Mark, Signed, What, birth_of, content_of, state_of};

/// Who writes, and in which vault and epoch.
#[derive(Clone)]
pub(in crate::vault) struct Signer {
    /// The vault.
    pub(in crate::vault) vault: VaultId,
    /// The epoch.
    pub(in crate::vault) epoch: u64,
    /// Who.
    pub(in crate::vault) member: MemberId,
    /// Which of their keys.
    pub(in crate::vault) slot: SlotId,
    /// That key.
    pub(in crate::vault) identity: Identity,
}

/// A batch that is being written: blocks are added, then all of them are signed at once.
pub(in crate::vault) struct Signing {
    signer: Signer,
    id: [u8; 16],
    /// What the salts of its blocks come from.
    salt: Key,
    statements: Vec<[u8; 32]>,
}

/// A batch as it goes into the store.
pub(in crate::vault) struct SignedBatch {
    /// Its id.
    pub(in crate::vault) id: [u8; 16],
    /// Its bytes.
    pub(in crate::vault) bytes: Vec<u8>,
}

impl Signer {
    /// Begins a batch.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(in crate::vault) fn begin(&self, entropy: &dyn Entropy) -> Result<Signing, EntropyError> {
        let mut id = [0; 16];
        entropy.fill(&mut id)?;
        Ok(Signing { signer: self.clone(), id, salt: Key::generate(entropy)?, statements: Vec::new() })
    }
}

impl Signing {
    /// Whether nothing was added yet.
    pub(in crate::vault) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Adds the block `bytes` of `id`.
    pub(in crate::vault) fn add(&mut self, what: What, id: SecretId, bytes: SecretBytes) -> Block {
        let index = u32::try_from(self.statements.len()).expect("a batch is far smaller than 4 billion statements");
        let block = Block { bytes, mark: Mark { epoch: self.signer.epoch, batch: self.id, index } };
        self.statements.push(block.statement(self.signer.vault, what, id.0));
        block
    }

    /// Adds `document`, whose plaintext is `plain` at `revision`.
    pub(in crate::vault) fn document(&mut self, document: Document, revision: u64, plain: &SecretBytes) -> Block {
        let id = SecretId(document.id());
        self.add(What::Document, id, document_block(revision, &self.salt_of(id), plain))
    }

    /// What is signed of the record of `header`, which comes in the place of `old`: what is different about it.
    pub(in crate::vault) fn record(
        &mut self,
        header: &Header,
        old: Option<&Opened<'_>>,
        commitment: Option<&[u8; 32]>,
    ) -> Signed {
        let before = old.and_then(|old| Some((&old.header, old.signed.as_ref()?, old.commitment())));
        let birth = match before {
            Some((_, signed, _)) => signed.birth.clone(),
            None => self.add(What::Birth, header.id, birth_of(header, &self.salt_of(header.id))),
        };
        let new_state = before.map_or(header.state != State::Active, |(old, ..)| old.state != header.state);
        let kept = before.filter(|(old, _, had)| new_state && says_the_same(old, header) && had.as_ref() == commitment);
        let content = match kept {
            Some((_, signed, _)) => signed.content.clone(),
            None => self.add(What::Content, header.id, content_of(header, &birth.bytes, commitment)),
        };
        let state = match before {
            _ if new_state => Some(self.add(What::State, header.id, state_of(header, &birth.bytes))),
            Some((_, signed, _)) => signed.state.clone(),
            None => None,
        };
        Signed { birth, content, state }
    }

    /// The salt of the birth of `id`, or of the document. Each has its own: who can read one learns nothing of the others.
    fn salt_of(&self, id: SecretId) -> [u8; BLOCK_SALT_LEN] {
        let [salt @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] = *self.salt.derive("salt", &[&id.0]).expose();
        salt
    }

    /// Signs what was added.
    ///
    /// # Errors
    /// [`BatchError`].
    pub(in crate::vault) fn finish(self, entropy: &dyn Entropy) -> Result<SignedBatch, BatchError> {
        let Signer { vault, epoch, slot, identity, .. } = &self.signer;
        let batch = Batch::sign(*vault, *epoch, *slot, self.statements, identity, entropy)?;
        Ok(SignedBatch { id: self.id, bytes: batch.encode() })
    }
}

/// Whether the content of both is the same, whatever their state.
fn says_the_same(a: &Header, b: &Header) -> bool {
    let said = |header: &Header| Header {
        revision: 0,
        author: header.owner,
        modified: header.created.clone(),
        state: State::Active,
        ..header.clone()
    };
    said(a) == said(b)
}
