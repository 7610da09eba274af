//! What stands between a header file whose keys are open and its records: the membership log, and what the member holds.

use super::chest::{Chest, Values};
use super::codec::decode_profile;
use super::history::kept_of;
use super::layout;
use super::load::{Check, Loaded};
use super::members::owner_of;
use super::organization::{MembershipLog, Pin};
use super::record::Sealer;
use super::refused::Refused;
use super::signed::{Held, Known, Seen, Signed, Verifier};
use super::unlock::EpochKeys;
use super::{Home, Profile, VaultError};
use crate::crypto::{self, Anchor, Binding, CommonKey, Identity, Ring, VaultFile};
use crate::domain::organization::{KeyState, Tampering};
use crate::domain::{MemberId, SecretId, SlotId};
use crate::store::Store;

/// Whether what this machine has pinned of the membership log is held against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pinned {
    /// It is.
    Held,
    /// Only its foundation: a backup is older than what was seen.
    Foundation,
}

/// What a header file says to whoever has its keys.
pub(super) struct Opening {
    pub(super) sealer: Sealer,
    /// None in a vault of format 2 or older.
    pub(super) log: Option<MembershipLog>,
    pub(super) profile: Profile,
    /// What the member was granted.
    pub(super) held: Option<Held>,
}

impl Opening {
    /// Opens what `file` says to `member`, who came through `slot`.
    pub(super) fn new(
        home: &dyn Home,
        file: &VaultFile,
        keys: EpochKeys,
        (member, slot, identity): (MemberId, SlotId, &Identity),
        pinned: Pinned,
    ) -> Result<Self, VaultError> {
        let (vault, epoch) = (file.vault, file.epoch);
        if let EpochKeys::Old(key) = keys {
            return Self::old(file, Sealer::old(vault, epoch, &key, member));
        }
        let common = keys.common(vault, epoch);
        let log = open_log(home, file, &common, pinned)?;
        check_epoch(&log, file)?;
        let own = if let EpochKeys::Member(_, own) = &keys { Some(own.clone()) } else { None };
        let chest = chest_of(&log, file, keys, (member, slot, identity))?;
        let held = Held::of(epoch, own.as_ref(), chest.personal());
        let sealer = Sealer::new(vault, epoch, &common, chest);
        let profile = decode_profile(&sealer.open_profile(&file.profile)?);
        let profile = profile.map_err(|error| VaultError::Damaged(error.to_string()))?;
        Ok(Self { sealer, profile: profile.of_members(log.organization()), log: Some(log), held: Some(held) })
    }

    fn old(file: &VaultFile, sealer: Sealer) -> Result<Self, VaultError> {
        let profile = decode_profile(&sealer.open_profile(&file.profile)?);
        let profile = profile.map_err(|error| VaultError::Damaged(error.to_string()))?;
        Ok(Self { sealer, log: None, profile, held: None })
    }
}

/// What `member`, who came through `slot` and was granted `keys` there, can open.
///
/// # Errors
/// [`VaultError::Tampered`] when the membership log does not know the slot as theirs.
pub(super) fn chest_of(
    log: &MembershipLog,
    file: &VaultFile,
    keys: EpochKeys,
    (member, slot, identity): (MemberId, SlotId, &Identity),
) -> Result<Chest, VaultError> {
    let (vault, epoch) = (file.vault, file.epoch);
    check_slot(log, file, member, slot)?;
    let slot = file.slots.iter().find(|other| other.id() == slot);
    let personal = slot.map(|slot| slot.personal(vault, identity)).transpose()?.flatten();
    Ok(match keys {
        EpochKeys::Old(key) | EpochKeys::Root(key) => {
            Chest::new(member, Values::All(key.values(vault, epoch)), personal)
        }
        EpochKeys::Member(_, own) => {
            let ring = file.ring(member).map(|ring| Ring::open(&own, vault, epoch, member, ring)).transpose()?;
            Chest::of_ring(member, own, ring, personal)
        }
    })
}

/// The membership log of `file`, checked against what is pinned.
fn open_log(
    home: &dyn Home,
    file: &VaultFile,
    common: &CommonKey,
    pinned: Pinned,
) -> Result<MembershipLog, VaultError> {
    if file.log.is_empty() {
        return Err(VaultError::Tampered(Tampering::LogMissing));
    }
    let sealed = (&file.log, Binding::membership_log(file.vault, file.epoch));
    let bytes = crypto::open(&common.subkeys(file.vault, file.epoch).log, &sealed.1, sealed.0)?;
    let pin = home.organization_pin(file.vault)?.and_then(|bytes| Pin::decode(&bytes));
    let pin = match pinned {
        Pinned::Held => pin,
        Pinned::Foundation => pin.map(|pin| Pin::to_foundation(pin.foundation)),
    };
    MembershipLog::decode(bytes.expose(), file.vault, pin.as_ref()).map_err(VaultError::Tampered)
}

/// Whether the epoch, and the key that the file commits to, were begun by somebody who may: any member could make a key, and
/// grant it to everybody.
fn check_epoch(log: &MembershipLog, file: &VaultFile) -> Result<(), VaultError> {
    let begun = log.organization().epoch().map(|begun| (begun.epoch, begun.key));
    let is_named = begun == Some((file.epoch, file.commitment));
    if is_named { Ok(()) } else { Err(VaultError::Tampered(Tampering::EpochForeign)) }
}

/// Whether the log knows the slot that was opened as that of `member`: anybody in the organization can write a header.
fn check_slot(log: &MembershipLog, file: &VaultFile, member: MemberId, slot: SlotId) -> Result<(), VaultError> {
    let organization = log.organization();
    let public = file.slots.iter().find(|other| other.id() == slot).map(|slot| slot.public().to_bytes());
    let is_named = organization.owner_of_key(slot) == Some((member, KeyState::Present))
        && organization.public_keys(slot).map(|public| &public.0) == public.as_ref();
    if is_named { Ok(()) } else { Err(VaultError::Tampered(Tampering::SlotForeign)) }
}

/// Takes the slots out of `file` that the log does not name: whoever put them there is granted nothing, and proves nothing
/// with them.
pub(super) fn leave_foreign_slots_out(file: &mut VaultFile, log: &MembershipLog) -> Option<Refused> {
    let before = file.slots.len();
    file.slots.retain(|slot| owner_of(log.organization(), slot).is_some());
    (file.slots.len() < before).then(|| Refused::document("a key slot", Tampering::SlotForeign))
}

/// What this machine has verified of the vault before.
pub(super) fn known(home: &dyn Home, file: &VaultFile, anchor: &Anchor) -> Known {
    let bytes = home.known(file.vault).ok().flatten();
    bytes.and_then(|bytes| Known::decode(&bytes, file.vault, anchor)).unwrap_or_else(|| Known::nothing(0))
}

/// Why what this machine remembers of the organization counts for nothing: it is there, and not as it was written.
pub(super) fn torn_memory(home: &dyn Home, file: &VaultFile, anchor: &Anchor) -> Option<Box<str>> {
    let vault = file.vault;
    let pin = home.organization_pin(vault).ok().flatten();
    if pin.is_some_and(|bytes| Pin::decode(&bytes).is_none()) {
        return Some("what was pinned of the membership log is torn: an older log would go unnoticed".into());
    }
    let known = home.known(vault).ok().flatten();
    let is_torn = known.is_some_and(|bytes| Known::decode(&bytes, vault, anchor).is_none());
    is_torn.then(|| "what was verified before is torn or forged: it was verified anew".into())
}

/// Serves, in the place of what is refused, the last revision that is kept and whose signatures count.
pub(super) fn serve_earlier(loaded: &mut Loaded, sealer: &Sealer, store: &dyn Store, check: Option<&Check<'_>>) {
    let Some(check) = check else { return };
    let verifier = Verifier::new(sealer.vault(), sealer.epoch(), check.organization, store);
    for refused in &mut loaded.refused {
        let Some(id) = refused.id else { continue };
        let seen = check.known.of(id);
        // What was deleted stays deleted.
        if seen.is_some_and(|seen| seen.is_deleted()) {
            continue;
        }
        let Some(header) = earlier(id, sealer, store, (&verifier, seen)) else { continue };
        (refused.served, refused.name) = (Some(header.revision), Some(header.name.clone()));
        loaded.index.insert(std::sync::Arc::new(header));
    }
}

/// The newest kept revision of the secret `id` whose signatures count.
fn earlier(
    id: SecretId,
    sealer: &Sealer,
    store: &dyn Store,
    (verifier, seen): (&Verifier<'_>, Option<Seen>),
) -> Option<crate::domain::Header> {
    let is_same = |signed: &Signed| seen.is_none_or(|seen| seen.has_birth_of(signed));
    let verified = |signed: &Signed| is_same(signed) && verifier.check(id, signed).is_ok();
    kept_of(store, id).ok()?.into_iter().find_map(|item| {
        let stored = layout::read(store, item).ok()??;
        let opened = sealer.open_record(item, &stored.bytes).ok()?;
        opened.signed.as_ref().is_some_and(verified).then_some(opened.header)
    })
}
