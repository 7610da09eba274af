//! The values of records: in the record itself, or in pieces beside it.

use super::frame::{PIECE, most_of_record};
use super::shapes::{Link, Opened, SealedValue};
use super::{RecordError, Sealer};
use crate::crypto::{self, Binding, Key, PartTag, SealError};
use crate::domain::organization::Tampering;
use crate::domain::{Header, Scope, SecretBytes, Value};
use crate::host::Entropy;
use crate::store::Store;
use crate::vault::codec::{SALT_LEN, commitment, decode_value, encode_value};
use crate::vault::layout::MAX_ENTRY;

impl Sealer {
    /// Seals `value` for the record of `header`, at `revision`, which set it.
    ///
    /// # Errors
    /// [`RecordError::NotShared`] when the member has no key for it.
    pub(in crate::vault) fn seal_value(
        &self,
        header: &Header,
        value: &Value,
        revision: u64,
        entropy: &dyn Entropy,
    ) -> Result<SealedValue, RecordError> {
        if value.0.is_empty() {
            return Ok(SealedValue::none());
        }
        let mut salt = [0; SALT_LEN];
        entropy.fill(&mut salt).map_err(SealError::from)?;
        self.seal_plain(header, &encode_value(value, &salt), revision, entropy)
    }

    /// Seals the plaintext of a value that was sealed before.
    ///
    /// # Errors
    /// As [`Sealer::seal_value`].
    pub(in crate::vault) fn seal_plain(
        &self,
        header: &Header,
        plain: &SecretBytes,
        revision: u64,
        entropy: &dyn Entropy,
    ) -> Result<SealedValue, RecordError> {
        let (key, for_registrar) = self.chest().seals(header).ok_or(RecordError::NotShared)?;
        let commitment = commitment(header.id, plain);
        if most_of_record(header) + crypto::sealed_len(plain.len()) > MAX_ENTRY {
            let (link, pieces) = self.seal_pieces(header, plain, revision, &key, entropy)?;
            return Ok(SealedValue { link, commitment, for_registrar, inline: Vec::new(), pieces });
        }
        let binding = self.value_binding(header, PartTag::VALUE, revision);
        let inline = crypto::seal(&key, &binding, plain.expose(), entropy)?;
        Ok(SealedValue { link: Link::Inline { revision }, commitment, for_registrar, inline, pieces: Vec::new() })
    }

    /// Opens the value of a record.
    pub(in crate::vault) fn open_value(&self, opened: &Opened<'_>, store: &dyn Store) -> Result<Value, RecordError> {
        match self.open_plain(opened, store)? {
            None => Ok(Value::default()),
            Some(plain) => Ok(decode_value(&plain)?),
        }
    }

    /// The plaintext of the value of a record, if it has one: it is the one that its author signed.
    pub(in crate::vault) fn open_plain(
        &self,
        opened: &Opened<'_>,
        store: &dyn Store,
    ) -> Result<Option<SecretBytes>, RecordError> {
        let header = &opened.header;
        let key = || self.chest().opens(header, opened.for_registrar).ok_or(RecordError::NotShared);
        let plain = match opened.link {
            Link::None if opened.commitment.is_some() => return Err(Tampering::OtherValue.into()),
            Link::None => return Ok(None),
            Link::Inline { revision } => {
                crypto::open(&key()?, &self.value_binding(header, PartTag::VALUE, revision), opened.inline)?
            }
            Link::Pieces { revision, count, digest } => {
                self.open_pieces(opened, (revision, count, digest), &key()?, store)?
            }
        };
        if opened.signed.is_some() && commitment(header.id, &plain) != opened.commitment {
            return Err(Tampering::OtherValue.into());
        }
        Ok(Some(plain))
    }

    fn seal_pieces(
        &self,
        header: &Header,
        plain: &SecretBytes,
        revision: u64,
        key: &Key,
        entropy: &dyn Entropy,
    ) -> Result<(Link, Vec<Vec<u8>>), SealError> {
        let mut pieces = Vec::new();
        let mut digests = Vec::new();
        for (n, piece) in (0..).zip(plain.expose().chunks(PIECE)) {
            let part = PartTag::chunk(n).ok_or(SealError::TooLong(plain.len()))?;
            let sealed = crypto::seal(key, &self.value_binding(header, part, revision), piece, entropy)?;
            digests.extend_from_slice(&crypto::digest(&sealed));
            pieces.push(sealed);
        }
        let count = u32::try_from(pieces.len()).map_err(|_| SealError::TooLong(plain.len()))?;
        Ok((Link::Pieces { revision, count, digest: crypto::digest(&digests) }, pieces))
    }

    fn open_pieces(
        &self,
        of: &Opened<'_>,
        (revision, count, digest): (u64, u32, [u8; 32]),
        key: &Key,
        store: &dyn Store,
    ) -> Result<SecretBytes, RecordError> {
        let mut plain = SecretBytes::default();
        let mut digests = Vec::new();
        for n in 0..count {
            let entry = store.get(&of.item.piece_key(n))?.ok_or(RecordError::Piece)?;
            let part = PartTag::chunk(n).ok_or(RecordError::Piece)?;
            digests.extend_from_slice(&crypto::digest(&entry.bytes));
            plain.push(crypto::open(key, &self.value_binding(&of.header, part, revision), &entry.bytes)?.expose());
        }
        if crypto::digest(&digests) == digest { Ok(plain) } else { Err(RecordError::Piece) }
    }

    fn value_binding(&self, header: &Header, part: PartTag, revision: u64) -> Binding {
        match header.scope {
            Scope::Organization => self.binding(header.id, part, revision),
            Scope::Personal => self.personal_binding(header.id, part, revision),
        }
    }
}
