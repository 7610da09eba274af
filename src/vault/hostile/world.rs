//! An organization in memory, whose members come in with machine keys: no key derivation is paid for.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::crypto::{Identity, KdfCost, MachineKey, PersonalKey, Slot, SlotSecret};
use crate::domain::organization::{Act, Permission, Permissions, PublicKeys, Reach, Role, Tampering};
use crate::domain::{
    Change, Draft, Header, InvitationId, Kind, MemberId, PartChange, PublicField, Scope, SecretBytes, SecretId,
    Timestamp, Value,
};
use crate::host::{FixedClock, SeededEntropy};
use crate::vault::home::Memory;
use crate::vault::rewrite::key_of;
use crate::vault::{Credential, Founding, Home, Look, MemoryHome, Tools, Vault, VaultError};

pub(super) const NOW: i64 = 1_790_000_000;
/// The founder, an Account Holder.
pub(super) const ADA: &str = "Ada";
/// A Member, who is hostile.
pub(super) const MALLORY: &str = "Mallory";
/// A Member.
pub(super) const BOB: &str = "Bob";

/// A vault, and what everybody needs to open it on a machine of their own.
#[derive(Clone)]
pub(super) struct World {
    pub(super) home: MemoryHome,
    pub(super) tools: Tools,
    pub(super) members: BTreeMap<&'static str, MemberId>,
    keys: BTreeMap<&'static str, Credential>,
    memories: BTreeMap<&'static str, Memory>,
}

impl World {
    /// Ada, Mallory and Bob.
    pub(super) fn founded() -> Self {
        let tools = Tools {
            clock: Arc::new(FixedClock::at(NOW)),
            entropy: Arc::new(SeededEntropy::new(1)),
            cost: KdfCost::DEFAULT,
        };
        let home = MemoryHome::default();
        let founding = Founding { organization: "Northwind", member: ADA, passphrase: None };
        let (vault, recovery) = Vault::create(Box::new(home.clone()), founding, tools.clone(), &|_| {}).unwrap();
        let (keys, members) = ([(ADA, Credential::Recovery(recovery))].into(), [(ADA, vault.me)].into());
        vault.close().unwrap();
        let memories = [(ADA, home.memory())].into();
        let mut world = Self { home, tools, members, keys, memories };
        world.join(MALLORY, Role::Member);
        world.join(BOB, Role::Member);
        world
    }

    pub(super) fn vault(&self) -> crate::domain::VaultId {
        crate::crypto::VaultFile::decode(&self.home.header().unwrap().unwrap()).unwrap().vault
    }

    /// The same again, to be attacked.
    pub(super) fn fork(&self) -> Self {
        Self { home: self.home.fork(), ..self.clone() }
    }

    /// Ada admits somebody, whose slot is one for a machine.
    pub(super) fn join(&mut self, name: &'static str, role: Role) {
        let entropy = self.tools.entropy.clone();
        let (machine, identity) = (MachineKey::generate(&*entropy).unwrap(), Identity::generate(&*entropy).unwrap());
        let (mut id, mut invitation) = (MemberId([0; 16]), InvitationId([0; 5]));
        entropy.fill(&mut id.0).unwrap();
        entropy.fill(&mut invitation.0).unwrap();
        self.with(ADA, |ada| {
            let (vault, epoch, secret) = (ada.file.vault, ada.file.epoch, SlotSecret::Machine(&machine));
            let cost = ada.tools.cost;
            let mut slot = Slot::create_for(vault, id, secret, cost, &identity, &ada.anchor, &*entropy).unwrap();
            slot.grant_personal(vault, &PersonalKey::generate(&*entropy).unwrap(), &*entropy).unwrap();
            let public = PublicKeys(Identity::generate(&*entropy).unwrap().public().to_bytes());
            let expires = Timestamp(NOW + 1000);
            let invited = Act::Invited { invitation, name: name.into(), role, uid: None, expires, public };
            let admitted = Act::Admitted { invitation, member: id, key: key_of(&slot) };
            let mut change = ada.begin_change(vec![invited, admitted]).unwrap();
            let root = change.root().unwrap().clone();
            if role.manages() {
                slot.grant_root(vault, epoch, &root, &*entropy).unwrap();
            } else {
                let own = root.values(vault, epoch).member(id);
                slot.grant_member(vault, epoch, &root.common(vault, epoch), &own, &*entropy).unwrap();
            }
            change.take_in(slot, "", Timestamp(NOW));
            ada.make_change(change).unwrap();
        });
        self.members.insert(name, id);
        self.keys.insert(name, Credential::Machine(machine.to_text()));
    }

    /// Opens the vault for `name`, on the machine that they always use.
    pub(super) fn open(&self, name: &str) -> Result<Vault, VaultError> {
        self.home.move_to(self.memories.get(name).cloned().unwrap_or_default());
        self.open_here(name)
    }

    /// Opens it for `name`, on a machine that never saw it.
    pub(super) fn open_fresh(&self, name: &str) -> Result<Vault, VaultError> {
        self.home.move_to(Memory::default());
        self.open_here(name)
    }

    fn open_here(&self, name: &str) -> Result<Vault, VaultError> {
        let home: Box<dyn Home> = Box::new(self.home.clone());
        Vault::open(home, &self.keys[name], Look::Use, self.tools.clone(), &|_| {})
    }

    /// Lets `name` in, to do `work`; what the machine has seen by the end it remembers.
    pub(super) fn with<T>(&mut self, name: &'static str, work: impl FnOnce(&mut Vault) -> T) -> T {
        let mut vault = self.open(name).unwrap();
        let done = work(&mut vault);
        vault.remember_organization();
        vault.close().unwrap();
        self.memories.insert(name, self.home.memory());
        done
    }

    /// What the machine of `name` remembers, to be changed.
    pub(super) fn memory(&mut self, name: &'static str) -> &mut Memory {
        self.memories.get_mut(name).unwrap()
    }

    /// Ada registers a secret of the organization, and sets its value anew: the first one is kept.
    pub(super) fn shared(&mut self, name: &str) -> SecretId {
        self.with(ADA, |ada| {
            let header = ada.register(draft(name, Scope::Organization)).unwrap();
            ada.edit(header.id, 1, new_value(&header, "second")).unwrap().id
        })
    }

    pub(super) fn personal(&mut self, owner: &'static str, name: &str) -> SecretId {
        self.with(owner, |vault| vault.register(draft(name, Scope::Personal)).unwrap().id)
    }

    pub(super) fn grant(&mut self, name: &'static str, permissions: &[Permission], reach: &Reach) {
        let (id, permissions) = (self.members[name], permissions.iter().copied().collect::<Permissions>());
        self.with(ADA, |ada| ada.grant(id, permissions, reach).unwrap());
    }
}

/// Why `id` is refused, and the revision that is served in its place.
pub(super) fn refused(vault: &Vault, id: SecretId) -> Option<(Tampering, Option<u64>)> {
    assert_eq!(vault.trouble, None, "it is no damage");
    let refused = vault.refused.iter().find(|refused| refused.id == Some(id))?;
    Some((refused.why.clone(), refused.served))
}

/// Why a document, or a key slot, is refused.
pub(super) fn refused_document(vault: &Vault, word: &str) -> Option<Tampering> {
    assert_eq!(vault.trouble, None, "it is no damage");
    vault
        .refused
        .iter()
        .find(|refused| refused.id.is_none() && refused.name.as_deref() == Some(word))
        .map(|refused| refused.why.clone())
}

pub(super) fn draft(name: &str, scope: Scope) -> Draft {
    Draft {
        scope,
        kind: Kind::ApiKey,
        name: name.into(),
        public: vec![PublicField { key: "header_name".into(), text: "X-Key".into() }],
        value: value("first"),
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    }
}

pub(super) fn value(text: &str) -> Value {
    Value(vec![("value".into(), SecretBytes::from(text))])
}

/// The change that sets the value of `header`.
pub(super) fn new_value(header: &Header, text: &str) -> Change {
    Change {
        name: header.name.clone(),
        public: header.public.clone(),
        parts: vec![("value".into(), PartChange::Set(text.into()))],
        expires: header.expires,
        not_before: header.not_before,
        write_only: header.write_only,
        encrypted_key: header.encrypted_key,
    }
}
