//! Several members at one open vault: each has a seat, and one of them at a time is in.
//!
//! What everybody can open, everybody sees in the same way. A seat has what is one member's own: the keys of values, the
//! key that signs, and the personal secrets. When another one sits down, these change hands.

use std::sync::Arc;

use super::chest::Chest;
use super::layout::{self, Item};
use super::opening::chest_of;
use super::record::Record;
use super::refused::Refused;
use super::report::{Credential, OpenReport, Watch};
use super::signed::{Seen, Signed, Signer, Verifier};
use super::unlock::{granted_keys, open_file};
use super::{Vault, VaultError};
use crate::crypto::Unsealed;
use crate::domain::organization::{Rights, Tampering};
use crate::domain::{Header, MemberId, Scope, SecretId};

/// What is one member's own.
pub(super) struct Seat {
    signer: Signer,
    chest: Chest,
    owes_passphrase: bool,
    /// Of which change of the header file the keys are.
    as_of: u64,
}

impl Vault {
    /// Gives the member whose `credential` it is a seat, lets them sit down, and settles what only they can.
    ///
    /// # Errors
    /// [`VaultError::WrongCredential`] (with no wait, as [`Vault::unlock`] has it), [`VaultError::Tampered`] when the slot is
    /// not one that the membership log names.
    pub fn seat(&mut self, credential: &Credential, watch: Watch<'_>) -> Result<OpenReport, VaultError> {
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
        let settled = if self.trouble.is_none() { self.settle_organization(watch) } else { Ok(()) };
        Ok(OpenReport { reseal_failed: settled.err().map(|error| error.to_string().into()), ..self.report() })
    }

    /// Who is in at the moment.
    pub fn seated(&self) -> MemberId {
        self.me
    }

    /// What the member may do; `None` when they are no member any more.
    pub fn rights_of(&self, member: MemberId) -> Option<Rights> {
        self.log.as_ref()?.organization().rights(member)
    }

    /// The name of the member.
    pub fn name_of(&self, member: MemberId) -> Option<&str> {
        self.profile.member(member).map(|member| &*member.name)
    }

    /// The member who is bound to the Unix user `uid`.
    pub fn bound_to(&self, uid: u32) -> Option<MemberId> {
        let organization = self.log.as_ref()?.organization();
        organization.members().find(|member| member.is_present() && member.uid == Some(uid)).map(|member| member.id)
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
        while let Some(next) = self.seats.keys().next().copied() {
            let sits = self.sit(next);
            if self.me != member {
                self.seats.remove(&member);
            }
            if sits.is_ok() {
                return true;
            }
        }
        false
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
            let was_closed = self.closed.remove(&id);
            let item = Item::Record(id);
            let Some(stored) = layout::read(&*self.store, item)? else { continue };
            match self.sealer.open_any(item, &stored.bytes)? {
                Record::Closed(closed) => drop(self.closed.insert(id, closed)),
                Record::Open(opened) => {
                    let (header, Some(signed)) = (opened.header, opened.signed) else { continue };
                    match self.verify_personal(&header, &signed) {
                        Ok(()) => self.index.insert(Arc::new(header)),
                        Err(why) => {
                            // It stays as it is, and is not served.
                            self.closed.extend(was_closed.map(|closed| (id, closed)));
                            self.refused.retain(|refused| refused.id != Some(id));
                            self.refused.push(Refused::of(&header, why));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether the record is the one that was verified before, or can be.
    fn verify_personal(&mut self, header: &Header, signed: &Signed) -> Result<(), Tampering> {
        let id = header.id;
        if self.known.has(id, header.revision, signed) {
            return Ok(());
        }
        let log = self.log.as_ref().ok_or(Tampering::LogMissing)?;
        let verifier = Verifier::new(self.file.vault, self.file.epoch, log.organization(), &*self.store);
        let told = verifier.check(id, signed)?;
        self.known.learn(id, Seen::of(signed, &told));
        Ok(())
    }
}
