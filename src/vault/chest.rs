//! The keys of values that a member holds.

use crate::crypto::{Key, MemberKey, PersonalKey, Ring, ValuesKey};
use crate::domain::{Header, MemberId, Scope, SecretId};

/// What one member can open.
#[derive(Clone)]
pub(super) struct Chest {
    me: MemberId,
    values: Values,
    personal: Option<PersonalKey>,
}

/// The values of the organization that somebody can open.
#[derive(Clone)]
pub(super) enum Values {
    /// All of a vault of format 2 or older, whose one key this is.
    Old(Key),
    /// All.
    All(ValuesKey),
    /// Those that were granted, and those that the member registered.
    Some {
        /// The member's own key.
        own: MemberKey,
        /// By id.
        named: Vec<(SecretId, Key)>,
    },
}

impl Chest {
    /// What `me` holds.
    pub(super) fn new(me: MemberId, values: Values, personal: Option<PersonalKey>) -> Self {
        Self { me, values, personal }
    }

    /// What a Member holds who was granted `ring`.
    pub(super) fn of_ring(me: MemberId, own: MemberKey, ring: Option<Ring>, personal: Option<PersonalKey>) -> Self {
        let values = match ring {
            Some(Ring::All(values)) => Values::All(values),
            Some(Ring::Named(named)) => Values::Some { own, named },
            None => Values::Some { own, named: Vec::new() },
        };
        Self::new(me, values, personal)
    }

    /// Whose it is.
    pub(super) fn me(&self) -> MemberId {
        self.me
    }

    /// The key of all values, for whoever has it.
    pub(super) fn all(&self) -> Option<&ValuesKey> {
        match &self.values {
            Values::All(values) => Some(values),
            Values::Old(_) | Values::Some { .. } => None,
        }
    }

    /// Which keys of values those are.
    #[cfg(test)]
    pub(super) fn values_for_tests(&self) -> &Values {
        &self.values
    }

    /// The member's personal key.
    pub(super) fn personal(&self) -> Option<&PersonalKey> {
        self.personal.as_ref()
    }

    /// What opens the value of `header`, which is sealed for its registrar alone or not; `None` when the member may not.
    pub(super) fn opens(&self, header: &Header, for_registrar: bool) -> Option<Key> {
        if header.scope == Scope::Personal {
            return self.personal.as_ref().map(|personal| personal.value(header.id));
        }
        match &self.values {
            Values::Old(key) => Some(key.clone()),
            Values::All(values) if for_registrar => Some(values.member(header.owner).registered(header.id)),
            Values::All(values) => Some(values.secret(header.id)),
            Values::Some { own, .. } if for_registrar => (header.owner == self.me).then(|| own.registered(header.id)),
            Values::Some { named, .. } => named_key(named, header.id),
        }
    }

    /// What seals the value of `header`, and whether it is sealed for its registrar alone then; `None` when the member may
    /// not.
    pub(super) fn seals(&self, header: &Header) -> Option<(Key, bool)> {
        let for_all = self.opens(header, false).map(|key| (key, false));
        for_all.or_else(|| self.opens(header, true).map(|key| (key, true)))
    }
}

fn named_key(named: &[(SecretId, Key)], id: SecretId) -> Option<Key> {
    named.iter().find(|(other, _)| *other == id).map(|(_, key)| key.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::VaultKey;
    use crate::domain::{Kind, Stamp, State, Timestamp, VaultId};
    use crate::host::SeededEntropy;

    const ME: MemberId = MemberId([1; 16]);
    const OTHER: MemberId = MemberId([2; 16]);
    const VAULT: VaultId = VaultId([3; 16]);

    /// A secret of the organization that `owner` registered.
    fn header(n: u8, owner: MemberId) -> Header {
        let stamp = Stamp { at: Timestamp(1), by: "Ada Park".into() };
        Header {
            id: SecretId([n; 16]),
            revision: 1,
            kind: Kind::ApiKey,
            name: "key".into(),
            scope: Scope::Organization,
            owner,
            author: owner,
            created: stamp.clone(),
            modified: stamp,
            value_set: Timestamp(1),
            expires: None,
            not_before: None,
            state: State::Active,
            write_only: false,
            encrypted_key: false,
            public: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn root() -> VaultKey {
        VaultKey::generate(&SeededEntropy::new(1)).unwrap()
    }

    fn values() -> ValuesKey {
        root().values(VAULT, 4)
    }

    fn personal(seed: u64) -> PersonalKey {
        PersonalKey::generate(&SeededEntropy::new(seed)).unwrap()
    }

    /// What I hold as a Member who was granted `ring`.
    fn of_ring(ring: Option<Ring>) -> Chest {
        Chest::of_ring(ME, values().member(ME), ring, Some(personal(2)))
    }

    fn holder() -> Chest {
        Chest::new(OTHER, Values::All(values()), Some(personal(3)))
    }

    fn bytes(key: Option<Key>) -> Option<[u8; Key::LEN]> {
        key.map(|key| *key.expose())
    }

    #[test]
    fn whoever_holds_all_values_opens_each_also_those_sealed_for_their_registrars() {
        for owner in [ME, OTHER] {
            let header = header(5, owner);
            let (key, for_registrar) = holder().seals(&header).unwrap();
            assert!(!for_registrar, "what they seal is for everybody with whom it is shared");
            assert_eq!(bytes(holder().opens(&header, false)), bytes(Some(key)));
            let of_registrar = values().member(owner).registered(header.id);
            assert_eq!(bytes(holder().opens(&header, true)), bytes(Some(of_registrar)));
        }
        assert!(holder().all().is_some() && of_ring(Some(Ring::All(values()))).all().is_some());
    }

    #[test]
    fn a_member_opens_what_was_shared_and_seals_it_for_everybody() {
        let (shared, other) = (header(5, OTHER), header(6, OTHER));
        let chest = of_ring(Some(Ring::Named(vec![(shared.id, values().secret(shared.id))])));
        assert_eq!(bytes(chest.opens(&shared, false)), bytes(holder().opens(&shared, false)));
        assert!(matches!(chest.seals(&shared), Some((_, false))));
        assert!(chest.opens(&other, false).is_none() && chest.opens(&other, true).is_none());
        assert!(chest.seals(&other).is_none() && chest.all().is_none());
    }

    #[test]
    fn what_a_member_registers_is_for_them_and_whoever_holds_all_values() {
        let (mine, theirs) = (header(5, ME), header(6, OTHER));
        let chest = of_ring(None);
        let (key, for_registrar) = chest.seals(&mine).unwrap();
        assert!(for_registrar);
        assert_eq!(bytes(holder().opens(&mine, true)), bytes(Some(key)));
        assert!(chest.opens(&mine, false).is_none(), "once it was adopted, it takes a grant");
        assert!(chest.opens(&theirs, true).is_none() && chest.seals(&theirs).is_none());
        // Shared with its registrar, too, it is sealed for everybody.
        let shared = of_ring(Some(Ring::Named(vec![(mine.id, values().secret(mine.id))])));
        assert!(matches!(shared.seals(&mine), Some((_, false))));
    }

    #[test]
    fn a_personal_value_has_a_key_that_nothing_else_leads_to() {
        let mine = Header { scope: Scope::Personal, ..header(5, ME) };
        let key = bytes(of_ring(None).opens(&mine, false));
        assert!(key.is_some());
        assert_ne!(key, bytes(holder().opens(&mine, false)));
        assert_ne!(key, bytes(holder().opens(&mine, true)));
        let without = Chest::new(OTHER, Values::All(values()), None);
        assert!(without.opens(&mine, false).is_none() && without.seals(&mine).is_none());
    }

    #[test]
    fn a_vault_of_old_has_one_key_for_all() {
        let key = root().old_value_key(VAULT, 4);
        let chest = Chest::new(ME, Values::Old(key.clone()), None);
        for n in 5..7 {
            assert_eq!(bytes(chest.opens(&header(n, ME), false)), bytes(Some(key.clone())));
        }
        assert!(chest.all().is_none());
    }
}
