//! What a vault holds besides secrets: its applications and its settings, each in one sealed document.
//!
//! A document is `version (u8) ‖ revision (u64) ‖ sealed`, written whole with every change, signed as a record is, and counted
//! by the manifest as a record is. What is sealed is `author (16) ‖ block`; the block is `revision (u64) ‖ salt (16) ‖ plaintext`. One
//! that was never written is as its default is; one that is lost is noticed.

use std::sync::Arc;

use super::applications::{decode_applications, encode_applications};
use super::batches::Stated;
use super::layout::{self, Item, LAST_REVISION};
use super::members::{decode_requests, encode_requests};
use super::record::{RecordError, Sealer};
use super::refused::Refused;
use super::settings::{decode_settings, encode_settings};
use super::signed::{BLOCK_SALT_LEN, Block, Known, Seen, Verifier, What};
use super::{Vault, VaultError};
use crate::crypto::wire::{Reader, Writer};
use crate::crypto::{self, MAX_PLAINTEXT, PartTag, SealError, SetHash};
use crate::domain::organization::{PermissionRequest, Rights, Tampering, Whose};
use crate::domain::{Application, MemberId, Scope, SecretBytes, SecretId, Settings};
use crate::host::Entropy;
use crate::store::{Store, StoreError};

const VERSION: u8 = 2;
/// The version that nobody signed, of vaults with one member.
const OLD_VERSION: u8 = 1;
/// Version and revision.
const FRAME: usize = 1 + 8;

/// One of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Document {
    /// The applications.
    Applications,
    /// The settings.
    Settings,
    /// The permissions that were asked for.
    Requests,
}

impl Document {
    /// What people call it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Applications => "the applications",
            Self::Settings => "the settings",
            Self::Requests => "the requests for permissions",
        }
    }

    /// Every document.
    pub(super) const ALL: [Self; 3] = [Self::Applications, Self::Settings, Self::Requests];

    /// The document that has `id` in the place of a record's.
    pub(super) fn of(id: SecretId) -> Option<Self> {
        Self::ALL.into_iter().find(|document| document.id() == id.0)
    }

    /// What stands where a record has its id. No random id is like that.
    pub(super) fn id(self) -> [u8; 16] {
        match self {
            Self::Applications => *b"applications\0\0\0\0",
            Self::Settings => *b"settings\0\0\0\0\0\0\0\0",
            Self::Requests => *b"requests\0\0\0\0\0\0\0\0",
        }
    }
}

/// The documents of an open vault.
#[derive(Debug, Clone, Default)]
pub(super) struct Documents {
    /// By name.
    pub(super) applications: Vec<Arc<Application>>,
    pub(super) settings: Settings,
    /// The oldest first.
    pub(super) requests: Vec<PermissionRequest>,
    /// How often each has been written.
    revisions: [u64; Document::ALL.len()],
    /// Who wrote each, and what they signed.
    signed: [Option<(MemberId, Block)>; Document::ALL.len()],
}

/// What a store says about its documents.
pub(super) struct FoundDocuments {
    pub(super) documents: Documents,
    /// How many there are that cannot be read.
    pub(super) broken: u64,
    /// Those that somebody wrote who may not.
    pub(super) refused: Vec<Refused>,
}

impl Documents {
    /// Reads what there is in `store`, and counts it in `set`.
    ///
    /// # Errors
    /// When the system does not let it be read: that is no damage, and nothing to be repaired.
    pub(super) fn load(
        store: &dyn Store,
        sealer: &Sealer,
        verifier: Option<&Verifier<'_>>,
        known: &Known,
        set: &mut SetHash,
    ) -> Result<FoundDocuments, StoreError> {
        let mut found = FoundDocuments { documents: Self::default(), broken: 0, refused: Vec::new() };
        for document in Document::ALL {
            let item = Item::Document(document);
            let read = match layout::read(store, item) {
                Err(RecordError::Store(error @ StoreError::Io { .. })) => return Err(error),
                Ok(None) => continue,
                Ok(Some(stored)) => sealer.open_document(document, &stored.bytes).map(|opened| (opened, stored)),
                Err(error) => Err(error),
            };
            let Ok((opened, stored)) = read else {
                found.broken += 1;
                continue;
            };
            let (id, counted) = item.element(opened.revision);
            set.toggle(&id, counted, &crypto::digest(&stored.bytes));
            if let Err(why) = verifier.map_or(Ok(()), |verifier| opened.check(document, verifier, known)) {
                found.refused.push(Refused::document(document.word(), why));
                // Its place is taken all the same: the next change goes on from here.
                found.documents.revisions[document as usize] = opened.revision;
                continue;
            }
            found.broken += u64::from(found.documents.take(document, &opened).is_err());
        }
        Ok(found)
    }

    /// How often `document` has been written; 0 when it never was, or cannot be read.
    pub(super) fn revision(&self, document: Document) -> u64 {
        self.revisions[document as usize]
    }

    /// Who wrote `document`, and what they signed.
    pub(super) fn signed(&self, document: Document) -> Option<&(MemberId, Block)> {
        self.signed[document as usize].as_ref()
    }

    /// `author` signed `document` as `block`.
    pub(super) fn sign(&mut self, document: Document, author: MemberId, block: Block) {
        self.signed[document as usize] = Some((author, block));
    }

    /// Takes from `other` the documents that are newer there, or not here at all.
    pub(super) fn take_newer(&mut self, other: &Self) {
        for document in Document::ALL {
            if self.revision(document) >= other.revision(document) {
                continue;
            }
            match document {
                Document::Applications => self.applications.clone_from(&other.applications),
                Document::Settings => self.settings = other.settings,
                Document::Requests => self.requests.clone_from(&other.requests),
            }
            self.revisions[document as usize] = other.revision(document);
            self.signed[document as usize].clone_from(&other.signed[document as usize]);
        }
    }

    /// The plaintext of `document`.
    pub(super) fn encode(&self, document: Document) -> SecretBytes {
        match document {
            Document::Applications => encode_applications(&self.applications),
            Document::Settings => encode_settings(&self.settings),
            Document::Requests => encode_requests(&self.requests),
        }
    }

    fn take(&mut self, document: Document, opened: &OpenedDocument) -> Result<(), RecordError> {
        let OpenedDocument { revision, plain, signed } = opened;
        let (revision, plain) = (*revision, plain);
        self.signed[document as usize].clone_from(signed);
        match document {
            Document::Applications => self.applications = decode_applications(plain.expose())?,
            Document::Settings => self.settings = decode_settings(plain.expose())?,
            Document::Requests => self.requests = decode_requests(plain.expose())?,
        }
        self.revisions[document as usize] = revision;
        Ok(())
    }
}

impl Vault {
    /// Writes `document` as it is in `new`, which takes the place of the documents that there are.
    ///
    /// # Errors
    /// [`VaultError::ReadOnly`], [`VaultError::DiskFull`] and others; nothing was changed then.
    pub(super) fn put_document(&mut self, document: Document, mut new: Documents) -> Result<(), VaultError> {
        self.check_writable()?;
        let item = Item::Document(document);
        let old = self.documents.revision(document);
        let stored = layout::read(&*self.store, item)?;
        if stored.is_some() != (old > 0) {
            return Err(VaultError::Damaged("the store was changed by somebody else".into()));
        }
        let revision = old + 1;
        new.revisions[document as usize] = revision;
        let mut signing = self.signer.begin(&*self.tools.entropy)?;
        let block = signing.document(document, revision, &new.encode(document));
        let sealed = self.sealer.seal_document(document, revision, (self.me, &block), &*self.tools.entropy)?;
        let mut changes = self.changes();
        changes.write(item, revision, &sealed, stored.as_ref().map(|stored| (old, stored)))?;
        changes.sign(signing.finish(&*self.tools.entropy)?)?;
        if let Some((_, before)) = self.documents.signed(document) {
            let mut gone = Stated::default();
            gone.add(self.file.vault, What::Document, document.id(), before);
            changes.drop_batches(&*self.store, &gone, &Stated::default())?;
        }
        self.make(changes)?;
        self.known.learn_document(document, revision, &block);
        new.sign(document, self.me, block);
        self.documents = new;
        Ok(())
    }

    /// Over how many entries of the store the documents are spread.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub(super) fn document_entries(&self) -> Result<u64, RecordError> {
        let mut entries = 0;
        for document in Document::ALL {
            let stored = layout::read(&*self.store, Item::Document(document))?;
            entries += stored.map_or(0, |stored| stored.entries());
        }
        Ok(entries)
    }
}

/// A document, opened.
pub(super) struct OpenedDocument {
    /// How often it had been written.
    pub(super) revision: u64,
    /// What it says.
    pub(super) plain: SecretBytes,
    /// Who wrote it, and what they signed; `None` in a vault of format 2 or older.
    pub(super) signed: Option<(MemberId, Block)>,
}

impl OpenedDocument {
    /// Whether whoever wrote it may: the applications and the settings belong to those who manage the organization.
    fn check(&self, document: Document, verifier: &Verifier<'_>, known: &Known) -> Result<(), Tampering> {
        let (author, block) = self.signed.as_ref().ok_or(Tampering::Unsigned)?;
        known.check(SecretId(document.id()), &Seen::document(self.revision, block))?;
        let whose = Whose { id: SecretId(document.id()), scope: Scope::Organization, owner: *author };
        let may = |rights: &Rights| document == Document::Requests || rights.role.manages();
        let checked = verifier.check_block(What::Document, whose, block, *author, may);
        checked.map_err(|why| if matches!(why, Tampering::NotPermitted(_)) { Tampering::NotManaged } else { why })
    }
}

/// What a document's block has of it. Its digest lies in the store in the open, so that `salt` nobody must be able to guess.
pub(super) fn document_block(revision: u64, salt: &[u8; BLOCK_SALT_LEN], plain: &SecretBytes) -> SecretBytes {
    let mut to = Writer::with_capacity(8 + BLOCK_SALT_LEN + plain.len());
    to.u64(revision);
    to.raw(salt);
    to.raw(plain.expose());
    to.into_secret()
}

impl Sealer {
    /// Seals `document` at `revision`, as its author signed it.
    pub(super) fn seal_document(
        &self,
        document: Document,
        revision: u64,
        (author, block): (MemberId, &Block),
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let binding = self.binding(SecretId(document.id()), PartTag::VALUE, revision);
        let mut plain = Writer::with_capacity(64 + block.bytes.len());
        plain.raw(&author.0);
        block.write(&mut plain);
        let sealed = crypto::seal(&self.keys().documents, &binding, plain.as_bytes(), entropy)?;
        let mut to = Writer::with_capacity(FRAME + sealed.len());
        to.u8(VERSION);
        to.u64(revision);
        to.raw(&sealed);
        Ok(to.as_bytes().to_vec())
    }

    /// Opens `document`.
    pub(super) fn open_document(&self, document: Document, bytes: &[u8]) -> Result<OpenedDocument, RecordError> {
        let mut from = Reader::new(bytes);
        let version = from.u8()?;
        let revision = from.u64()?;
        if revision > LAST_REVISION {
            return Err(Tampering::Mixed.into());
        }
        let sealed = from.raw(from.remaining().min(crypto::sealed_len(MAX_PLAINTEXT)))?;
        from.finish()?;
        let binding = self.binding(SecretId(document.id()), PartTag::VALUE, revision);
        let plain = crypto::open(&self.keys().documents, &binding, sealed);
        match version {
            OLD_VERSION => Ok(OpenedDocument { revision, plain: plain?, signed: None }),
            VERSION => read_document(revision, &plain?),
            other => Err(RecordError::Format(other)),
        }
    }
}

fn read_document(revision: u64, plain: &SecretBytes) -> Result<OpenedDocument, RecordError> {
    let mut from = Reader::new(plain.expose());
    let author = MemberId(from.array()?);
    let block = Block::read(&mut from)?;
    from.finish()?;
    let mut signed = Reader::new(block.bytes.expose());
    if signed.u64()? != revision {
        return Err(Tampering::Mixed.into());
    }
    signed.array::<BLOCK_SALT_LEN>()?;
    let plain = signed.raw(signed.remaining())?.into();
    Ok(OpenedDocument { revision, plain, signed: Some((author, block)) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::VaultKey;
    use crate::domain::organization::Permission;
    use crate::domain::{ApplicationId, Binding, BindingTarget, RequestId, Stamp, Timestamp, VaultId};
    use crate::host::SeededEntropy;
    use crate::vault::chest::{Chest, Values};
    use crate::vault::signed::Mark;

    const ME: MemberId = MemberId([9; 16]);

    fn old_sealer() -> Sealer {
        Sealer::old(VaultId([3; 16]), 4, &VaultKey::generate(&SeededEntropy::new(1)).unwrap(), ME)
    }

    fn sealer() -> Sealer {
        let key = VaultKey::generate(&SeededEntropy::new(1)).unwrap();
        let chest = Chest::new(ME, Values::All(key.values(VaultId([3; 16]), 4)), None);
        Sealer::new(VaultId([3; 16]), 4, &key.common(VaultId([3; 16]), 4), chest)
    }

    fn block(revision: u64, plain: &SecretBytes) -> Block {
        Block {
            bytes: document_block(revision, &[7; BLOCK_SALT_LEN], plain),
            mark: Mark { epoch: 4, batch: [5; 16], index: 6 },
        }
    }

    fn documents() -> Documents {
        let targets = [
            BindingTarget::Variable("KEY".into()),
            BindingTarget::Header("X-Key".into()),
            BindingTarget::File("KEY_FILE".into()),
            BindingTarget::Host("git.example.com".into()),
        ];
        let binding = |target| Binding { target, secret: SecretId([2; 16]), field: "value".into() };
        let application = Application {
            id: ApplicationId([1; 16]),
            revision: 2,
            name: "billing-worker".into(),
            description: "".into(),
            bindings: targets.into_iter().map(binding).collect(),
            created: Stamp { at: Timestamp(10), by: "Ada Park".into() },
            modified: Stamp { at: Timestamp(20), by: "Ben Okafor".into() },
        };
        let settings = Settings { kept_revisions: 3, audit_days: 90, audit_mib: 8 };
        let request = PermissionRequest {
            id: RequestId([4; 5]),
            member: MemberId([2; 16]),
            permission: Permission::Reveal,
            secret: Some(SecretId([2; 16])),
            at: Timestamp(30),
        };
        let (applications, requests) = (vec![Arc::new(application)], vec![request]);
        Documents { applications, settings, requests, revisions: [7, 1, 2], ..Documents::default() }
    }

    /// The documents of version 1, as they are on disks, still open.
    #[test]
    fn documents_of_version_1_can_be_read() {
        let (documents, mut read) = (documents(), Documents::default());
        let lines = include_str!("../../tests/vectors/documents.hex").lines();
        for (document, line) in [Document::Applications, Document::Settings].into_iter().zip(lines) {
            let opened = old_sealer().open_document(document, &from_hex(line)).unwrap();
            read.take(document, &opened).unwrap();
        }
        assert_eq!((read.applications, read.settings), (documents.applications, documents.settings));
        assert_eq!(read.revisions[..2], documents.revisions[..2]);
    }

    /// All documents, as they are on disks: a difference means a new version of them.
    #[test]
    fn documents_are_those_of_version_2() {
        let (documents, sealer) = (documents(), sealer());
        let (mut written, mut read) = (String::new(), Documents::default());
        for document in Document::ALL {
            let (revision, plain) = (documents.revision(document), documents.encode(document));
            let signed = (ME, &block(revision, &plain));
            let sealed = sealer.seal_document(document, revision, signed, &SeededEntropy::new(2)).unwrap();
            sealed.iter().for_each(|byte| written += &format!("{byte:02x}"));
            written += "\n";
            read.take(document, &sealer.open_document(document, &sealed).unwrap()).unwrap();
        }
        assert_eq!(written, include_str!("../../tests/vectors/documents-2.hex"));
        assert_eq!((read.applications, read.settings), (documents.applications, documents.settings));
        assert_eq!((read.requests, read.revisions), (documents.requests, documents.revisions));
    }

    fn from_hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap()).collect()
    }

    #[test]
    fn a_document_opens_only_as_itself_and_at_its_revision() {
        let (sealer, plain) = (sealer(), SecretBytes::from("anything"));
        let signed = (ME, &block(5, &plain));
        let sealed = sealer.seal_document(Document::Settings, 5, signed, &SeededEntropy::new(2)).unwrap();
        let opened = sealer.open_document(Document::Settings, &sealed).unwrap();
        assert_eq!((opened.revision, opened.plain, opened.signed), (5, plain, Some((ME, signed.1.clone()))));
        assert!(sealer.open_document(Document::Applications, &sealed).is_err());
        let mut later = sealed.clone();
        later[1] += 1;
        assert!(sealer.open_document(Document::Settings, &later).is_err());
        let mut newer = sealed;
        newer[0] = 3;
        assert!(matches!(sealer.open_document(Document::Settings, &newer), Err(RecordError::Format(3))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn nothing_makes_decoding_panic(noise in proptest::collection::vec(any::<u8>(), 0..200), at in 0..150usize, byte: u8) {
            let _ = (decode_applications(&noise), decode_settings(&noise), decode_requests(&noise));
            let _ = sealer().open_document(Document::Settings, &noise);
            for document in Document::ALL {
                let good = documents().encode(document);
                let mut bytes = good.clone();
                let at = at % good.len();
                bytes.splice(at, 1, &[byte]);
                let opened = |plain| OpenedDocument { revision: 1, plain, signed: None };
                let _ = Documents::default().take(document, &opened(bytes));
                let cut = SecretBytes::from(&good.expose()[..at]);
                prop_assert!(Documents::default().take(document, &opened(cut)).is_err());
            }
        }
    }
}
