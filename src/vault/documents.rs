//! What a vault holds besides secrets: its applications and its settings, each in one sealed document.
//!
//! A document is `version (u8) ‖ revision (u64) ‖ sealed`, written whole with every change, and counted by the manifest as a
//! record is. One that was never written is as its default is; one that is lost is noticed.

use std::sync::Arc;

use super::applications::{decode_applications, encode_applications};
use super::layout::{self, Item};
use super::record::{RecordError, Sealer};
use super::settings::{decode_settings, encode_settings};
use super::{Vault, VaultError};
use crate::crypto::wire::{Reader, Writer};
use crate::crypto::{self, MAX_PLAINTEXT, PartTag, SealError, SetHash};
use crate::domain::{Application, SecretBytes, SecretId, Settings};
use crate::host::Entropy;
use crate::store::{Store, StoreError};

const VERSION: u8 = 1;
/// Version and revision.
const FRAME: usize = 1 + 8;

/// One of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Document {
    /// The applications.
    Applications,
    /// The settings.
    Settings,
}

impl Document {
    /// Every document.
    pub(super) const ALL: [Self; 2] = [Self::Applications, Self::Settings];

    /// What stands where a record has its id. No random id is like that.
    pub(super) fn id(self) -> [u8; 16] {
        match self {
            Self::Applications => *b"applications\0\0\0\0",
            Self::Settings => *b"settings\0\0\0\0\0\0\0\0",
        }
    }
}

/// The documents of an open vault.
#[derive(Debug, Clone, Default)]
pub(super) struct Documents {
    /// By name.
    pub(super) applications: Vec<Arc<Application>>,
    pub(super) settings: Settings,
    /// How often each has been written.
    revisions: [u64; Document::ALL.len()],
}

/// What a store says about its documents.
pub(super) struct FoundDocuments {
    pub(super) documents: Documents,
    /// How many there are that cannot be read.
    pub(super) broken: u64,
}

impl Documents {
    /// Reads what there is in `store`, and counts it in `set`.
    ///
    /// # Errors
    /// When the system does not let it be read: that is no damage, and nothing to be repaired.
    pub(super) fn load(store: &dyn Store, sealer: &Sealer, set: &mut SetHash) -> Result<FoundDocuments, StoreError> {
        let mut found = FoundDocuments { documents: Self::default(), broken: 0 };
        for document in Document::ALL {
            let item = Item::Document(document);
            let read = match layout::read(store, item) {
                Err(RecordError::Store(error @ StoreError::Io { .. })) => return Err(error),
                Ok(None) => continue,
                Ok(Some(stored)) => sealer.open_document(document, &stored.bytes).map(|opened| (opened, stored)),
                Err(error) => Err(error),
            };
            let Ok(((revision, plain), stored)) = read else {
                found.broken += 1;
                continue;
            };
            let (id, counted) = item.element(revision);
            set.toggle(&id, counted, &crypto::digest(&stored.bytes));
            found.broken += u64::from(found.documents.take(document, revision, &plain).is_err());
        }
        Ok(found)
    }

    /// How often `document` has been written; 0 when it never was, or cannot be read.
    pub(super) fn revision(&self, document: Document) -> u64 {
        self.revisions[document as usize]
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
            }
            self.revisions[document as usize] = other.revision(document);
        }
    }

    /// The plaintext of `document`.
    pub(super) fn encode(&self, document: Document) -> SecretBytes {
        match document {
            Document::Applications => encode_applications(&self.applications),
            Document::Settings => encode_settings(&self.settings),
        }
    }

    fn take(&mut self, document: Document, revision: u64, plain: &SecretBytes) -> Result<(), RecordError> {
        match document {
            Document::Applications => self.applications = decode_applications(plain.expose())?,
            Document::Settings => self.settings = decode_settings(plain.expose())?,
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
        let sealed = self.sealer.seal_document(document, revision, &new.encode(document), &*self.tools.entropy)?;
        let mut changes = self.changes();
        changes.write(item, revision, &sealed, stored.as_ref().map(|stored| (old, stored)))?;
        self.make(changes)?;
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

impl Sealer {
    /// Seals the plaintext of `document` at `revision`.
    pub(super) fn seal_document(
        &self,
        document: Document,
        revision: u64,
        plain: &SecretBytes,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let binding = self.binding(SecretId(document.id()), PartTag::VALUE, revision);
        let sealed = crypto::seal(&self.keys().documents, &binding, plain.expose(), entropy)?;
        let mut to = Writer::with_capacity(FRAME + sealed.len());
        to.u8(VERSION);
        to.u64(revision);
        to.raw(&sealed);
        Ok(to.as_bytes().to_vec())
    }

    /// The revision and the plaintext of `document`.
    pub(super) fn open_document(&self, document: Document, bytes: &[u8]) -> Result<(u64, SecretBytes), RecordError> {
        let mut from = Reader::new(bytes);
        let version = from.u8()?;
        if version != VERSION {
            return Err(RecordError::Format(version));
        }
        let revision = from.u64()?;
        let sealed = from.raw(from.remaining().min(crypto::sealed_len(MAX_PLAINTEXT)))?;
        from.finish()?;
        let binding = self.binding(SecretId(document.id()), PartTag::VALUE, revision);
        Ok((revision, crypto::open(&self.keys().documents, &binding, sealed)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::crypto::VaultKey;
    use crate::domain::{ApplicationId, Binding, BindingTarget, Stamp, Timestamp, VaultId};
    use crate::host::SeededEntropy;

    fn sealer() -> Sealer {
        Sealer::new(VaultId([3; 16]), 4, &VaultKey::generate(&SeededEntropy::new(1)).unwrap())
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
        Documents { applications: vec![Arc::new(application)], settings, revisions: [7, 1] }
    }

    /// Both documents, as they are on disks: a difference means a new version of them.
    #[test]
    fn documents_are_those_of_version_1() {
        let (documents, sealer) = (documents(), sealer());
        let (mut written, mut read) = (String::new(), Documents::default());
        for document in Document::ALL {
            let (revision, plain) = (documents.revision(document), documents.encode(document));
            let sealed = sealer.seal_document(document, revision, &plain, &SeededEntropy::new(2)).unwrap();
            sealed.iter().for_each(|byte| written += &format!("{byte:02x}"));
            written += "\n";
            let (revision, plain) = sealer.open_document(document, &sealed).unwrap();
            read.take(document, revision, &plain).unwrap();
        }
        assert_eq!(written, include_str!("../../tests/vectors/documents.hex"));
        assert_eq!((read.applications, read.settings), (documents.applications, documents.settings));
        assert_eq!(read.revisions, documents.revisions);
    }

    #[test]
    fn a_document_opens_only_as_itself_and_at_its_revision() {
        let (sealer, plain) = (sealer(), SecretBytes::from("anything"));
        let sealed = sealer.seal_document(Document::Settings, 5, &plain, &SeededEntropy::new(2)).unwrap();
        assert_eq!(sealer.open_document(Document::Settings, &sealed).unwrap(), (5, plain));
        assert!(sealer.open_document(Document::Applications, &sealed).is_err());
        let mut later = sealed.clone();
        later[1] += 1;
        assert!(sealer.open_document(Document::Settings, &later).is_err());
        let mut newer = sealed;
        newer[0] = 2;
        assert!(matches!(sealer.open_document(Document::Settings, &newer), Err(RecordError::Format(2))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn nothing_makes_decoding_panic(noise in proptest::collection::vec(any::<u8>(), 0..200), at in 0..150usize, byte: u8) {
            let _ = (decode_applications(&noise), decode_settings(&noise));
            let _ = sealer().open_document(Document::Settings, &noise);
            for document in Document::ALL {
                let good = documents().encode(document);
                let mut bytes = good.clone();
                let at = at % good.len();
                bytes.splice(at, 1, &[byte]);
                let _ = Documents::default().take(document, 1, &bytes);
                let cut = SecretBytes::from(&good.expose()[..at]);
                prop_assert!(Documents::default().take(document, 1, &cut).is_err());
            }
        }
    }
}
