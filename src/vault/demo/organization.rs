//! The other members of the demo's organization: in the membership log alone, for nobody holds their keys.

use crate::crypto::{Identity, digest};
use crate::domain::organization::{
    Act, MemberKey, Permission, PermissionRequest, Permissions, PublicKeys, Reach, Role,
};
use crate::domain::{InvitationId, MemberId, RequestId, SecretId};
use crate::vault::documents::Document;
use crate::vault::{Vault, VaultError};

/// A member of the demo.
struct Sample {
    name: &'static str,
    role: Role,
    uid: Option<u32>,
    /// Days since they were admitted.
    since: i64,
    /// What was granted to them: for the secrets called so, or for all.
    grants: &'static [(&'static [Permission], &'static [&'static str])],
}

const ALL: &[&str] = &[];

const MEMBERS: [Sample; 4] = [
    Sample { name: "Ben Okafor", role: Role::AccountManager, uid: Some(1001), since: 210, grants: &[] },
    Sample {
        name: "Carla Ruiz",
        role: Role::Member,
        uid: Some(1002),
        since: 180,
        grants: &[
            (&[Permission::Use, Permission::Register], ALL),
            (&[Permission::Reveal, Permission::Edit], &["payments-api", "shop-staging"]),
        ],
    },
    Sample {
        name: "Dev Patel",
        role: Role::Member,
        uid: None,
        since: 12,
        grants: &[(&[Permission::Use], &["payments-api"])],
    },
    Sample { name: "Yuki Sato", role: Role::Member, uid: None, since: 300, grants: &[] },
];
/// Who was removed again.
const GONE: &str = "Yuki Sato";
/// Who is invited.
const INVITED: &str = "Lena Vogt";

impl Vault {
    /// Puts the other members in, an invitation, and a permission that is asked for.
    pub(super) fn plant_members(&mut self) -> Result<(), VaultError> {
        let mut acts = Vec::new();
        let mut asks = None;
        for sample in &MEMBERS {
            let member = MemberId(self.random()?);
            acts.extend(self.admission(sample, member)?);
            for (permissions, secrets) in sample.grants {
                let reach = if secrets.is_empty() { Reach::All } else { Reach::Named(self.called(secrets)) };
                let permissions = permissions.iter().copied().collect::<Permissions>();
                acts.push((sample.since - 1, Act::Granted { member, permissions, reach }));
            }
            if sample.name == GONE {
                acts.push((40, Act::Removed(member)));
                // Everything was sealed anew then: nothing of before is here.
                acts.push((40, self.sealed_anew()));
            }
            if sample.name == "Dev Patel" {
                asks = Some(member);
            }
        }
        acts.push((1, self.invitation_of(INVITED, Role::Member, None)?.1));
        acts.sort_by_key(|(days_ago, _)| -days_ago);
        self.write_history(acts)?;
        asks.map_or(Ok(()), |member| self.plant_request(member))
    }

    fn sealed_anew(&self) -> Act {
        Act::EpochBegun { epoch: self.file.epoch, key: self.file.commitment, taken_over: digest(&[]) }
    }

    /// How somebody became a member: invited, then admitted.
    fn admission(&self, sample: &Sample, member: MemberId) -> Result<[(i64, Act); 2], VaultError> {
        let (invitation, invited) = self.invitation_of(sample.name, sample.role, sample.uid)?;
        let key = Identity::generate(&*self.tools.entropy)?;
        let key = MemberKey { slot: key.public().slot(), public: PublicKeys(key.public().to_bytes()) };
        Ok([(sample.since, invited), (sample.since, Act::Admitted { invitation, member, key })])
    }

    fn invitation_of(&self, name: &str, role: Role, uid: Option<u32>) -> Result<(InvitationId, Act), VaultError> {
        let invitation = InvitationId(self.random()?);
        let public = PublicKeys(Identity::generate(&*self.tools.entropy)?.public().to_bytes());
        let expires = self.now().plus_days(6);
        Ok((invitation, Act::Invited { invitation, name: name.into(), role, uid, expires, public }))
    }

    /// Writes what was done so many days ago.
    fn write_history(&mut self, acts: Vec<(i64, Act)>) -> Result<(), VaultError> {
        let mut change = self.begin_change(Vec::new())?;
        for (days_ago, act) in acts {
            let at = self.days_ago(days_ago);
            change.log.append(act, at, self.signer.slot, &self.signer.identity, &*self.tools.entropy)?;
        }
        self.make_change(change)
    }

    fn plant_request(&mut self, member: MemberId) -> Result<(), VaultError> {
        let id = RequestId(self.random()?);
        let secret = self.index.named("crm-sync");
        let request = PermissionRequest { id, member, permission: Permission::Reveal, secret, at: self.days_ago(1) };
        let mut new = self.documents.clone();
        new.requests.push(request);
        self.put_document(Document::Requests, new)
    }

    fn called(&self, names: &[&str]) -> std::collections::BTreeSet<SecretId> {
        names.iter().filter_map(|name| self.index.named(name)).collect()
    }

    fn random<const N: usize>(&self) -> Result<[u8; N], VaultError> {
        let mut id = [0; N];
        self.tools.entropy.fill(&mut id)?;
        Ok(id)
    }
}
