//! Several members at one open vault: each has a seat, and one of them at a time is in.
//!
//! What everybody can open, everybody sees in the same way. A seat has what is one member's own: the keys of values, the
//! key that signs, and the personal secrets. When another one sits down, these change hands.

use super::chest::Chest;
use super::layout::{self, Item};
use super::opening::chest_of;
use super::record::Record;
use super::report::{Credential, Watch};
use super::signed::{Seen, Signer, Verifier};
use super::unlock::{granted_keys, open_file};
use super::{Vault, VaultError};
use crate::crypto::Unsealed;
use crate::domain::organization::Tampering;
use crate::domain::{MemberId, Scope, SecretId};

/// What is one member's own.
pub(super) struct Seat {
    signer: Signer,
    chest: Chest,
    owes_passphrase: bool,
    /// Of which change of the header file the keys are.
    as_of: u64,
}

impl Vault {
    /// Gives the member whose `credential` it is a seat, and lets them sit down.
    ///
    /// # Errors
    /// [`VaultError::WrongCredential`] (with no wait, as [`Vault::unlock`] has it), [`VaultError::Tampered`] when the slot is
    /// not one that the membership log names.
    pub fn seat(&mut self, credential: &Credential, watch: Watch<'_>) -> Result<MemberId, VaultError> {
        let (slot, Unsealed { identity, .. }) = open_file(&self.file, credential, watch)?;
        let (vault, epoch) = (self.file.vault, self.file.epoch);
        let signer = Signer { vault, epoch, member: slot.member(), slot: slot.id(), identity };
        let seat = Seat {
            chest: self.chest_at(&signer)?,
            signer,
            owes_passphrase: matches!(credential, Credential::Recovery(_)),
            as_of: self.header_changes,
        };
        let (member, before) = (seat.signer.member, self.me);
        self.check_called(credential, member)?;
        self.seats.insert(member, seat);
        self.sit(member).inspect_err(|_| {
            // Nobody sits on somebody else's chair.
            let _ = self.sit(before);
        })?;
        Ok(member)
    }

    /// Lets the member who has a seat sit down.
    ///
    /// # Errors
    /// [`VaultError::Locked`] when they have none, or are no member any more.
    pub fn sit(&mut self, member: MemberId) -> Result<(), VaultError> {
        if member == self.me && !self.seats.contains_key(&member) {
            return Ok(());
        }
        let mut seat = self.seats.remove(&member).ok_or(VaultError::Locked)?;
        if seat.as_of != self.header_changes {
            seat.signer.epoch = self.file.epoch;
            seat.chest = self.chest_at(&seat.signer).map_err(|_| VaultError::Locked)?;
            seat.as_of = self.header_changes;
        }
        let before = self.exchange_seats(seat);
        if before.signer.member != member {
            self.seats.insert(before.signer.member, before);
        }
        self.open_personal()
    }

    /// Takes the seat of the member away, with all keys that are theirs alone. Says whether anybody else has one.
    pub fn leave(&mut self, member: MemberId) -> bool {
        self.seats.remove(&member);
        if member != self.me {
            return true;
        }
        let Some(next) = self.seats.keys().next().copied() else { return false };
        let stays = self.sit(next).is_ok();
        self.seats.remove(&member);
        stays
    }

    fn exchange_seats(&mut self, seat: Seat) -> Seat {
        let chest = self.sealer.exchange_chest(seat.chest);
        self.me = seat.signer.member;
        Seat {
            signer: std::mem::replace(&mut self.signer, seat.signer),
            chest,
            owes_passphrase: std::mem::replace(&mut self.owes_passphrase, seat.owes_passphrase),
            as_of: std::mem::replace(&mut self.seated_as_of, seat.as_of),
        }
    }

    /// What the slot of `signer` is granted now.
    fn chest_at(&self, signer: &Signer) -> Result<Chest, VaultError> {
        let log = self.log.as_ref().ok_or(VaultError::ReadOnly)?;
        let foreign = || VaultError::Tampered(Tampering::SlotForeign);
        let slot = self.file.slots.iter().find(|slot| slot.id() == signer.slot).ok_or_else(foreign)?;
        let keys = granted_keys(&self.file, slot, &signer.identity)?;
        keys.check(&self.file)?;
        chest_of(log, &self.file, keys, (signer.member, signer.slot, &signer.identity))
    }

    /// Opens the personal secrets of whoever sits down, and closes those of whoever stood up.
    fn open_personal(&mut self) -> Result<(), VaultError> {
        let personal = self.index.headers().filter(|header| header.scope == Scope::Personal).map(|header| header.id);
        let all: Vec<SecretId> = personal.chain(self.closed.keys().copied()).collect();
        for id in all {
            self.index.remove(id);
            self.closed.remove(&id);
            let item = Item::Record(id);
            let Some(stored) = layout::read(&*self.store, item)? else { continue };
            match self.sealer.open_any(item, &stored.bytes)? {
                Record::Closed(closed) => drop(self.closed.insert(id, closed)),
                Record::Open(opened) => {
                    let (header, Some(signed)) = (opened.header, opened.signed) else { continue };
                    if !self.known.has(id, header.revision, &signed) {
                        let Some(log) = &self.log else { continue };
                        let (vault, epoch) = (self.file.vault, self.file.epoch);
                        let verifier = Verifier::new(vault, epoch, log.organization(), &*self.store);
                        let Ok(told) = verifier.check(id, &signed) else { continue };
                        self.known.learn(id, Seen::of(&signed, &told));
                    }
                    self.index.insert(std::sync::Arc::new(header));
                }
            }
        }
        Ok(())
    }
}
