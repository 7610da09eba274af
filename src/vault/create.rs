//! Making a vault. The header is written last: before it is there, there is no vault.

use super::chest::{Chest, Values};
use super::layout::{MANIFEST, RECORDS};
use super::members::HeaderParts;
use super::opening::Pinned;
use super::organization::MembershipLog;
use super::passphrase::check_passphrase;
use super::record::Sealer;
use super::report::{Progress, Step, Watch};
use super::rewrite::key_of;
use super::unlock::{Entered, EpochKeys, Look};
use super::{Home, Member, Profile, Tools, Vault, VaultError};
use crate::crypto::{
    Anchor, Identity, Manifest, PersonalKey, RecoveryKey, SetHash, Slot, SlotSecret, VaultKey, digest,
};
use crate::domain::organization::{Act, Role};
use crate::domain::text::check_name;
use crate::domain::{MemberId, SecretBytes, SlotId, Timestamp, VaultId};
use crate::store::{Batch, Store};

/// What a vault is founded with.
#[derive(Debug, Clone, Copy)]
pub struct Founding<'a> {
    /// The organization's name.
    pub organization: &'a str,
    /// The name of its first member, the Account Holder.
    pub member: &'a str,
    /// That member's passphrase; without one only the recovery key opens the vault.
    pub passphrase: Option<&'a SecretBytes>,
}

impl Vault {
    /// Makes a vault in `home` and opens it. Also gives the recovery key in its written form, which is kept nowhere.
    ///
    /// # Errors
    /// [`VaultError::VaultExists`]; [`VaultError::Invalid`] for `organization`, `member` or `passphrase`;
    /// others when something cannot be written. There is no vault then, unless the store that was just made cannot be
    /// opened again.
    pub fn create(
        mut home: Box<dyn Home>,
        founding: Founding<'_>,
        tools: Tools,
        watch: Watch<'_>,
    ) -> Result<(Self, SecretBytes), VaultError> {
        check(&founding)?;
        if home.header()?.is_some() {
            return Err(VaultError::VaultExists);
        }
        let vault = VaultId(random_id(&tools)?);
        let member = MemberId(random_id(&tools)?);
        let root = VaultKey::generate(&*tools.entropy)?;
        let anchor = Anchor::generate(&*tools.entropy)?;
        let recovery = RecoveryKey::generate(&*tools.entropy)?;
        let identity = Identity::generate(&*tools.entropy)?;
        watch(Progress { step: Step::DerivingKey, done: 0, total: 0 });
        let slots = slots(&founding, (vault, member), &identity, &anchor, &recovery, &tools)?;
        let slot = slots.first().map(Slot::id).ok_or_else(|| VaultError::System("no key slot was made".into()))?;
        let profile = profile(&founding, member, &slots, &tools);
        let common = root.common(vault, 1);
        let mut log = found(&founding, (vault, member), &slots, &identity, &tools)?;
        let begun = Act::EpochBegun { epoch: 1, key: common.commitment(vault, 1), taken_over: digest(&[]) };
        log.append(begun, Timestamp(tools.clock.now()), slot, &identity, &*tools.entropy)?;
        let personal = PersonalKey::generate(&*tools.entropy)?;
        let chest = Chest::new(member, Values::All(root.values(vault, 1)), Some(personal.clone()));
        let sealer = Sealer::new(vault, 1, &common, chest);
        let parts = HeaderParts {
            root: &root,
            sealer: &sealer,
            log: &log,
            slots,
            profile: &profile,
            invitations: Vec::new(),
            personal: Some((member, &personal)),
        };
        let file = parts.build(&*tools.entropy)?;
        make_store(&mut *home, &sealer, &tools)?.close()?;
        home.replace_header(&file.encode_with(&common, &anchor)?)?;
        let entered = Entered { file, keys: EpochKeys::Root(root), anchor, member, slot, identity };
        let mut opened = Self::enter(home, entered, Look::Use, Pinned::Held, tools, watch)?;
        opened.remember();
        opened.remember_organization();
        Ok((opened, recovery.to_text()))
    }
}

/// The membership log begins, with the first keys of whoever founds the vault.
fn found(
    founding: &Founding<'_>,
    (vault, member): (VaultId, MemberId),
    slots: &[Slot],
    identity: &Identity,
    tools: &Tools,
) -> Result<MembershipLog, VaultError> {
    let slot = slots.first().map(Slot::id).ok_or_else(|| VaultError::System("no key slot was made".into()))?;
    let (organization, name) = (founding.organization.into(), founding.member.into());
    let act = Act::Founded { organization, member, name, keys: slots.iter().map(key_of).collect() };
    MembershipLog::found(vault, act, Timestamp(tools.clock.now()), slot, identity, &*tools.entropy)
}

fn check(founding: &Founding<'_>) -> Result<(), VaultError> {
    for (field, name) in [("organization", founding.organization), ("member", founding.member)] {
        check_name(name).map_err(|error| VaultError::invalid(field, error.to_string()))?;
    }
    founding.passphrase.map_or(Ok(()), check_passphrase)
}

/// The first ways in; the first of them is that of `identity`.
fn slots(
    founding: &Founding<'_>,
    (vault, member): (VaultId, MemberId),
    identity: &Identity,
    anchor: &Anchor,
    recovery: &RecoveryKey,
    tools: &Tools,
) -> Result<Vec<Slot>, VaultError> {
    let (cost, entropy) = (tools.cost, &*tools.entropy);
    let recovery = SlotSecret::Recovery(recovery);
    Ok(match founding.passphrase.map(SlotSecret::Passphrase) {
        None => vec![Slot::create_for(vault, member, recovery, cost, identity, anchor, entropy)?],
        Some(passphrase) => vec![
            Slot::create_for(vault, member, passphrase, cost, identity, anchor, entropy)?,
            Slot::create(vault, member, recovery, cost, anchor, entropy)?,
        ],
    })
}

fn profile(founding: &Founding<'_>, id: MemberId, slots: &[Slot], tools: &Tools) -> Profile {
    let made: Vec<SlotId> = slots.iter().map(Slot::id).collect();
    let founder = Member { id, name: founding.member.into(), role: Role::AccountHolder };
    let bare = Profile { organization: founding.organization.into(), members: vec![founder], slots: Vec::new() };
    bare.noting(&made, &made, Timestamp(tools.clock.now()))
}

/// The first store: a manifest over nothing.
fn make_store(home: &mut dyn Home, sealer: &Sealer, tools: &Tools) -> Result<Box<dyn Store>, VaultError> {
    refuse_orphans(home)?;
    let mut store = home.make_store(1)?;
    let set = SetHash::new(&sealer.keys().manifest).value();
    let manifest = Manifest { generation: 1, records: 0, set, last_seen: tools.clock.now() };
    let mut batch = Batch::default();
    batch.put(MANIFEST, sealer.seal_manifest(&manifest, &*tools.entropy)?);
    store.commit(batch)?;
    Ok(store)
}

/// A store without a header is what an interrupted creation leaves, and may be replaced; one with records
/// is a vault that lost its header, and must not be.
fn refuse_orphans(home: &mut dyn Home) -> Result<(), VaultError> {
    let mut orphans = 0_u64;
    for epoch in home.epochs() {
        let store = home.open_store(epoch)?;
        store.scan(RECORDS, &mut |_, _| {
            orphans += 1;
            false
        })?;
        store.close()?;
    }
    if orphans == 0 {
        return Ok(());
    }
    Err(VaultError::Damaged("there are records here, but no vault.header".into()))
}

fn random_id(tools: &Tools) -> Result<[u8; 16], VaultError> {
    let mut id = [0; 16];
    tools.entropy.fill(&mut id)?;
    Ok(id)
}
