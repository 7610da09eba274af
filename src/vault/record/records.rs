//! Records, but for their values.

use super::frame::{
    FORMAT, MAX_HEADER, MOST_BATCHES, OLD_FORMAT, OUTER, PERSONAL, Parts, RECORD_VERSION, check_version, frame, id_of,
    most_of_record,
};
use super::shapes::{Closed, Opened, Record, SealedValue};
use super::{RecordError, Sealer};
use crate::crypto::wire::{Reader, Writer};
use crate::crypto::{self, Binding, Key, OpenError, PartTag, SealError};
use crate::domain::organization::Tampering;
use crate::domain::{Header, MemberId, Scope, SecretId, State};
use crate::host::Entropy;
use crate::vault::codec::{decode_old_header, read_link, write_link};
use crate::vault::layout::Item;
use crate::vault::signed::{Block, Signed};

impl Sealer {
    /// The record of `header`, of which all that is `signed` is written.
    pub(in crate::vault) fn seal_record(
        &self,
        header: &Header,
        signed: &Signed,
        value: &SealedValue,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let mut plain = Writer::with_capacity(1024);
        plain.u8(RECORD_VERSION);
        signed.write(&mut plain);
        plain.flag(value.for_registrar);
        write_link(&mut plain, &value.link);
        if header.scope == Scope::Organization {
            let binding = self.binding(header.id, PartTag::HEADER, header.revision);
            let sealed = crypto::seal(&self.keys().header, &binding, plain.as_bytes(), entropy)?;
            return Ok(frame(FORMAT, header.revision, &[&sealed], &value.inline));
        }
        let personal = self.chest().personal().ok_or(SealError::TooLong(0))?;
        let binding = self.personal_binding(header.id, PartTag::HEADER, header.revision);
        let inner = crypto::seal(&personal.header(), &binding, plain.as_bytes(), entropy)?;
        let deleted = signed.state.as_ref().filter(|_| matches!(header.state, State::Deleted(_)));
        let closed = Closed {
            id: header.id,
            revision: header.revision,
            owner: header.owner,
            deleted: deleted.cloned(),
            batches: signed.blocks().map(|(_, block)| block.mark.batch).collect(),
            has_inner: true,
        };
        let outer = self.seal_outer(&closed, entropy)?;
        Ok(frame(PERSONAL, header.revision, &[&outer, &inner], &value.inline))
    }

    /// The record of a personal secret of somebody else, which is deleted.
    pub(in crate::vault) fn seal_closed(&self, closed: &Closed, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        let outer = self.seal_outer(closed, entropy)?;
        Ok(frame(PERSONAL, closed.revision, &[&outer, &[]], &[]))
    }

    /// The record of a personal secret of somebody else, sealed anew on the outside: what is in it stays as it is.
    pub(in crate::vault) fn reseal_closed(
        &self,
        from: &Self,
        item: Item,
        bytes: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<(Vec<u8>, Closed), RecordError> {
        let (id, parts) = (id_of(item)?, Parts::read(bytes)?);
        let outer = from.open_outer(id, &parts)?;
        let sealed = self.seal_outer(&outer, entropy)?;
        Ok((frame(PERSONAL, parts.revision, &[&sealed, parts.header], parts.inline), outer))
    }

    /// A personal record with `inner` inside, whatever that is.
    #[cfg(test)]
    pub(in crate::vault) fn seal_around(&self, closed: &Closed, inner: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let outer = self.seal_outer(closed, entropy);
        frame(PERSONAL, closed.revision, &[&outer.unwrap(), inner], &[])
    }

    fn seal_outer(&self, closed: &Closed, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        let Closed { id, revision, owner, deleted, batches, .. } = closed;
        let mut plain = Writer::with_capacity(256);
        plain.u8(RECORD_VERSION);
        plain.raw(&owner.0);
        plain.flag(deleted.is_some());
        deleted.iter().for_each(|block| block.write(&mut plain));
        plain.count(batches.len());
        batches.iter().for_each(|batch| plain.raw(batch));
        crypto::seal(&self.keys().header, &self.binding(*id, OUTER, *revision), plain.as_bytes(), entropy)
    }

    fn open_outer(&self, id: SecretId, parts: &Parts<'_>) -> Result<Closed, RecordError> {
        let revision = parts.revision;
        let plain = crypto::open(&self.keys().header, &self.binding(id, OUTER, revision), parts.outer)?;
        let mut from = Reader::new(plain.expose());
        check_version(from.u8()?)?;
        let owner = MemberId(from.array()?);
        let deleted = if from.flag()? { Some(Block::read(&mut from)?) } else { None };
        let count = from.count(MOST_BATCHES, 16)?;
        let batches = (0..count).map(|_| from.array()).collect::<Result<_, _>>()?;
        from.finish()?;
        Ok(Closed { id, revision, owner, deleted, batches, has_inner: !parts.header.is_empty() })
    }

    /// Whether `header` is small enough to be stored.
    pub(in crate::vault) fn fits(header: &Header) -> bool {
        most_of_record(header) <= MAX_HEADER
    }

    /// Opens the record `item`; a kept one opens only at its revision.
    ///
    /// # Errors
    /// [`RecordError::Closed`] for a personal one of somebody else.
    pub(in crate::vault) fn open_record<'a>(&self, item: Item, bytes: &'a [u8]) -> Result<Opened<'a>, RecordError> {
        match self.open_any(item, bytes)? {
            Record::Open(opened) => Ok(*opened),
            Record::Closed(_) => Err(RecordError::Closed),
        }
    }

    /// Opens the record `item` as far as this member can.
    pub(in crate::vault) fn open_any<'a>(&self, item: Item, bytes: &'a [u8]) -> Result<Record<'a>, RecordError> {
        let (id, parts) = (id_of(item)?, Parts::read(bytes)?);
        if matches!(item, Item::Kept(_, kept) if kept != parts.revision) {
            return Err(OpenError::Refused.into());
        }
        let opened = match parts.format {
            OLD_FORMAT => self.open_old(item, id, &parts)?,
            FORMAT => {
                let binding = self.binding(id, PartTag::HEADER, parts.revision);
                open_header(item, id, &parts, &self.keys().header, &binding)?
            }
            _ => {
                let closed = self.open_outer(id, &parts)?;
                match self.chest().personal().filter(|_| closed.has_inner && closed.owner == self.chest().me()) {
                    None => return Ok(Record::Closed(closed)),
                    Some(personal) => {
                        let binding = self.personal_binding(id, PartTag::HEADER, parts.revision);
                        open_header(item, id, &parts, &personal.header(), &binding)?
                    }
                }
            }
        };
        // The outside says whose it is, too: neither may be moved to the other side.
        let is_personal = parts.format == PERSONAL;
        if (opened.header.scope == Scope::Personal) != is_personal && parts.format != OLD_FORMAT {
            return Err(Tampering::Mixed.into());
        }
        Ok(Record::Open(Box::new(opened)))
    }

    fn open_old<'a>(&self, item: Item, id: SecretId, parts: &Parts<'a>) -> Result<Opened<'a>, RecordError> {
        // A vault that has members has no record that nobody signed.
        if self.format != OLD_FORMAT {
            return Err(Tampering::Unsigned.into());
        }
        let binding = self.binding(id, PartTag::HEADER, parts.revision);
        let plain = crypto::open(&self.keys().header, &binding, parts.header)?;
        let (header, link) = decode_old_header(id, parts.revision, plain.expose())?;
        let inline = parts.inline;
        Ok(Opened { item, header, signed: None, commitment: None, link, for_registrar: false, inline })
    }
}

fn open_header<'a>(
    item: Item,
    id: SecretId,
    parts: &Parts<'a>,
    key: &Key,
    binding: &Binding,
) -> Result<Opened<'a>, RecordError> {
    let plain = crypto::open(key, binding, parts.header)?;
    let mut from = Reader::new(plain.expose());
    check_version(from.u8()?)?;
    let signed = Signed::read(&mut from)?;
    let (for_registrar, link) = (from.flag()?, read_link(&mut from)?);
    from.finish()?;
    let told = signed.told(id).map_err(|_| Tampering::Mixed)?;
    if told.header.revision != parts.revision {
        return Err(Tampering::Mixed.into());
    }
    let commitment = told.content.commitment;
    let inline = parts.inline;
    Ok(Opened { item, header: told.header, signed: Some(signed), commitment, link, for_registrar, inline })
}
