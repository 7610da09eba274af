//! Handing values over: the one gate.

use std::sync::Arc;

use super::layout::{self, Item};
use super::refused::Refused;
use super::{Vault, VaultError};
use crate::domain::lifecycle::gate;
use crate::domain::organization::{Permission, Tampering};
use crate::domain::{Header, Order, SecretBytes, SecretId, SecretRef, State, Status, Value, Want};

/// One part of a value, or one field that is not secret, on its way out.
#[derive(Debug)]
pub struct Part {
    /// The secret, as it is now.
    pub header: Arc<Header>,
    /// Its status at that moment.
    pub status: Status,
    /// The field.
    pub part: Box<str>,
    /// Its bytes.
    pub bytes: SecretBytes,
}

impl Vault {
    /// What `order` wants, in its order; all of it, or nothing. An earlier value passes the gate as the secret is now.
    ///
    /// # Errors
    /// [`VaultError::NotPermitted`]; [`VaultError::Unavailable`] unless the secret is active, or expired and the order says that this is no obstacle;
    /// [`VaultError::WriteOnly`] when a person would see the value; [`VaultError::NoSecret`], [`VaultError::NoField`],
    /// [`VaultError::WhichField`], [`VaultError::NoRevision`], [`VaultError::Damaged`].
    pub fn deliver(&self, order: &Order) -> Result<Vec<Part>, VaultError> {
        order.wants.iter().map(|want| self.hand_over(want, order)).collect()
    }

    /// One thing of those that `order` wants.
    ///
    /// # Errors
    /// As [`Vault::deliver`].
    pub fn hand_over(&self, want: &Want, order: &Order) -> Result<Part, VaultError> {
        let header = self.find(&want.reference.secret)?;
        let status = self.pass(&header, order)?;
        let (item, had) = match want.revision {
            None => (self.item_of(header.id), header.clone()),
            Some(revision) => self.at_revision(&header, revision)?,
        };
        let part = field_of(&had, want.reference.field.as_deref())?;
        let bytes = match had.public(&part) {
            Some(text) => text.into(),
            None => self.secret_part(item, &had, &part)?,
        };
        Ok(Part { header, status, part, bytes })
    }

    /// The gate.
    fn pass(&self, header: &Header, order: &Order) -> Result<Status, VaultError> {
        let needs = if order.how.is_display() { Permission::Reveal } else { Permission::Use };
        self.permit(needs, header)?;
        let refused = |mut refusal: crate::domain::lifecycle::Refusal| {
            refusal.application.clone_from(&order.application);
            VaultError::Unavailable(refusal)
        };
        let status = gate(header, self.now(), order.allow_expired).map_err(refused)?;
        if header.write_only && order.how.is_display() { Err(VaultError::WriteOnly) } else { Ok(status) }
    }

    /// The secret that `name` stands for: a living one before a deleted one, and an id before a name, so that nobody takes
    /// over what another secret is known by.
    ///
    /// # Errors
    /// [`VaultError::NoSecret`]; [`VaultError::Ambiguous`] when a personal one and one of the organization are called so;
    /// [`VaultError::Tampered`] for one that is there and not served.
    pub fn find(&self, name: &SecretRef) -> Result<Arc<Header>, VaultError> {
        let known = |id: SecretId| self.index.get(id).cloned();
        let found = match name {
            SecretRef::Id(id) => known(*id),
            SecretRef::Named(text) => {
                let by_id = text.parse().ok().and_then(known);
                if by_id.is_none() && self.index.is_ambiguous(text) {
                    return Err(VaultError::Ambiguous(text.clone()));
                }
                by_id.or_else(|| self.index.named(text).and_then(known)).or_else(|| self.last_deleted(text))
            }
        };
        found.ok_or_else(|| self.refused_called(name).unwrap_or_else(|| VaultError::NoSecret(name.to_string().into())))
    }

    /// Why the secret that `name` stands for is not served, when it is there all the same.
    fn refused_called(&self, name: &SecretRef) -> Option<VaultError> {
        let is_meant = |refused: &&Refused| match name {
            SecretRef::Id(id) => refused.id == Some(*id),
            SecretRef::Named(text) => refused.name.as_deref() == Some(text) || text.parse().ok() == refused.id,
        };
        self.refused.iter().find(is_meant).map(|refused| VaultError::Tampered(refused.why.clone()))
    }

    fn last_deleted(&self, name: &str) -> Option<Arc<Header>> {
        let deleted = self.index.headers().filter(|header| *header.name == *name);
        deleted
            .max_by_key(|header| match &header.state {
                State::Deleted(stamp) => stamp.at,
                State::Active | State::Inactive(_) => header.modified.at,
            })
            .cloned()
    }

    fn secret_part(&self, item: Item, header: &Header, part: &str) -> Result<SecretBytes, VaultError> {
        let mut value = self.value_of(item, header)?;
        let missing = || VaultError::Damaged(format!("{}: its field {part} is missing", header.name));
        let at = value.0.iter().position(|(name, _)| **name == *part).ok_or_else(missing)?;
        Ok(value.0.swap_remove(at).1)
    }

    /// The value of a secret, from the store.
    pub(super) fn value(&self, id: SecretId) -> Result<Value, VaultError> {
        self.value_of(self.item_of(id), &*self.header(id)?)
    }

    /// Where the record of a secret is read: of one that is refused, the earlier revision that is served in its place.
    pub(super) fn item_of(&self, id: SecretId) -> Item {
        let served = self.refused.iter().find(|refused| refused.id == Some(id)).and_then(|refused| refused.served);
        served.map_or(Item::Record(id), |revision| Item::Kept(id, revision))
    }

    /// The value of the record `item`, whose header was verified as `header`.
    fn value_of(&self, item: Item, header: &Header) -> Result<Value, VaultError> {
        let stored = layout::read(&*self.store, item)?.ok_or(VaultError::NotFound)?;
        let opened = self.sealer.open_record(item, &stored.bytes)?;
        if opened.header != *header {
            return Err(VaultError::Tampered(Tampering::Replaced));
        }
        Ok(self.sealer.open_value(&opened, &*self.store)?)
    }
}

/// The field called `wanted`; without a name, the one part that the value has.
fn field_of(header: &Header, wanted: Option<&str>) -> Result<Box<str>, VaultError> {
    let all = || header.fields().map(str::to_owned).collect();
    match wanted {
        Some(field) if header.has(field) => Ok(field.into()),
        Some(field) => Err(VaultError::NoField { secret: header.name.clone(), field: field.into(), fields: all() }),
        None => match &header.parts[..] {
            [only] => Ok(only.name.clone()),
            _ => Err(VaultError::WhichField { secret: header.name.clone(), fields: all() }),
        },
    }
}
