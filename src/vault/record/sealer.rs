//! What seals and opens everything in a vault, and all that is no record: the manifest, the profile, the membership log,
//! unfinished forms and the events of the audit log.

use super::frame::{FORMAT, OLD_FORMAT};
use crate::crypto::{self, Binding, CommonKey, Manifest, OpenError, PartTag, SealError, Subkeys, VaultKey};
use crate::domain::{MemberId, SecretBytes, SecretId, VaultId};
use crate::host::Entropy;
use crate::vault::chest::{Chest, Values};

/// Seals and opens what is in one vault during one epoch, for one member.
pub(in crate::vault) struct Sealer {
    vault: VaultId,
    epoch: u64,
    /// The format of all that it seals and opens.
    pub(super) format: u8,
    keys: Subkeys,
    chest: Chest,
}

impl Sealer {
    /// The sealer of `epoch`, whose common key is `common`, for whoever has `chest`.
    pub(in crate::vault) fn new(vault: VaultId, epoch: u64, common: &CommonKey, chest: Chest) -> Self {
        Self { vault, epoch, format: FORMAT, keys: common.subkeys(vault, epoch), chest }
    }

    /// The sealer of a vault of format 2 or older, whose one member is `me`.
    pub(in crate::vault) fn old(vault: VaultId, epoch: u64, key: &VaultKey, me: MemberId) -> Self {
        let chest = Chest::new(me, Values::Old(key.old_value_key(vault, epoch)), None);
        Self { vault, epoch, format: OLD_FORMAT, keys: key.subkeys(vault, epoch), chest }
    }

    /// The vault.
    pub(in crate::vault) fn vault(&self) -> VaultId {
        self.vault
    }

    /// The epoch.
    pub(in crate::vault) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The keys of the epoch.
    pub(in crate::vault) fn keys(&self) -> &Subkeys {
        &self.keys
    }

    /// The keys of values.
    pub(in crate::vault) fn chest(&self) -> &Chest {
        &self.chest
    }

    /// Has other keys of values from here on.
    pub(in crate::vault) fn take_chest(&mut self, chest: Chest) {
        self.chest = chest;
    }

    /// The same; gives those that it had.
    pub(in crate::vault) fn exchange_chest(&mut self, chest: Chest) -> Chest {
        std::mem::replace(&mut self.chest, chest)
    }

    /// Seals the manifest.
    pub(in crate::vault) fn seal_manifest(
        &self,
        manifest: &Manifest,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        manifest.seal(&self.keys.manifest, &self.manifest_binding(), entropy)
    }

    /// Opens the manifest.
    pub(in crate::vault) fn open_manifest(&self, sealed: &[u8]) -> Result<Manifest, OpenError> {
        Manifest::open(&self.keys.manifest, &self.manifest_binding(), sealed)
    }

    /// Seals the plaintext of the profile.
    pub(in crate::vault) fn seal_profile(
        &self,
        plain: &SecretBytes,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        crypto::seal(&self.keys.profile, &self.manifest_binding(), plain.expose(), entropy)
    }

    /// Opens the plaintext of the profile.
    pub(in crate::vault) fn open_profile(&self, sealed: &[u8]) -> Result<SecretBytes, OpenError> {
        crypto::open(&self.keys.profile, &self.manifest_binding(), sealed)
    }

    /// Seals the membership log.
    pub(in crate::vault) fn seal_log(&self, plain: &SecretBytes, entropy: &dyn Entropy) -> Result<Vec<u8>, SealError> {
        crypto::seal(&self.keys.log, &Binding::membership_log(self.vault, self.epoch), plain.expose(), entropy)
    }

    /// Seals the plaintext of the unfinished forms of the member who is in, for them alone.
    pub(in crate::vault) fn seal_own_forms(
        &self,
        plain: &SecretBytes,
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let personal = self.chest().personal().ok_or(SealError::TooLong(0))?;
        crypto::seal(&personal.forms(), &self.forms_binding(), plain.expose(), entropy)
    }

    /// Opens what [`Sealer::seal_own_forms`] made.
    pub(in crate::vault) fn open_own_forms(&self, sealed: &[u8]) -> Result<SecretBytes, OpenError> {
        let personal = self.chest().personal().ok_or(OpenError::Refused)?;
        crypto::open(&personal.forms(), &self.forms_binding(), sealed)
    }

    fn forms_binding(&self) -> Binding {
        self.personal_binding(SecretId(self.chest().me().0), PartTag::VALUE, 0)
    }

    /// Whose it is that is sealed for one member alone.
    pub(in crate::vault) fn me(&self) -> MemberId {
        self.chest().me()
    }

    /// Opens the plaintext of unfinished forms of version 1, which everybody could open.
    pub(in crate::vault) fn open_forms(&self, sealed: &[u8]) -> Result<SecretBytes, OpenError> {
        crypto::open(&self.keys.forms, &self.manifest_binding(), sealed)
    }

    /// Seals the plaintext of event `number` of the audit log; 0 is the log's beginning.
    pub(in crate::vault) fn seal_event(
        &self,
        number: u64,
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        crypto::seal(&self.keys.audit, &self.event_binding(number), plain, entropy)
    }

    /// Opens what [`Sealer::seal_event`] made.
    pub(in crate::vault) fn open_event(&self, number: u64, sealed: &[u8]) -> Result<SecretBytes, OpenError> {
        crypto::open(&self.keys.audit, &self.event_binding(number), sealed)
    }

    /// What is sealed to its owner alone stays as it is when an epoch begins.
    pub(super) fn personal_binding(&self, id: SecretId, part: PartTag, revision: u64) -> Binding {
        Binding { format: FORMAT, vault: self.vault, epoch: 0, record: id.0, part, revision }
    }

    /// The place of `part` of what has the id `id`.
    pub(in crate::vault) fn binding(&self, id: SecretId, part: PartTag, revision: u64) -> Binding {
        Binding { format: self.format, vault: self.vault, epoch: self.epoch, record: id.0, part, revision }
    }

    /// Events have a key of their own, too: their number is their place.
    fn event_binding(&self, number: u64) -> Binding {
        self.binding(SecretId([0; 16]), PartTag::HEADER, number)
    }

    /// The one manifest, the one profile and the forms of an epoch have keys of their own, so their place needs no name.
    fn manifest_binding(&self) -> Binding {
        self.binding(SecretId([0; 16]), PartTag::HEADER, 0)
    }
}
