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
