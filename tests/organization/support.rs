//! An organization in a temporary directory: a vault, its members, and whoever is in at the moment.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use strongroom::crypto::KdfCost;
use strongroom::domain::organization::{
    InvitationState, MemberState, MemberView, OrganizationView, Permission, Permissions, Reach, Role, ToRotate,
};
use strongroom::domain::{
    Delivery, Draft, Header, InvitationId, Kind, MemberId, PublicField, Scope, SecretBytes, SecretId, Value,
};
use strongroom::host::{FixedClock, SeededEntropy, files};
use strongroom::service::{Credential, Door, DoorError, OpenReport, Request, Response, Service, Target};
use strongroom::vault::Place;
use tempfile::TempDir;

/// When every test begins.
pub(crate) const START: i64 = 1_790_000_000;
/// The first Account Holder.
pub(crate) const ADA: &str = "Ada";

/// A vault with members.
pub(crate) struct Organization {
    pub(crate) dir: TempDir,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) service: Service,
    /// The recovery key of the first Account Holder.
    pub(crate) recovery: SecretBytes,
}

/// The passphrase of the member called so.
pub(crate) fn passphrase(name: &str) -> SecretBytes {
    format!("correct horse of {name}").as_str().into()
}

impl Organization {
    /// One with Ada alone, who is in.
    pub(crate) fn founded() -> Self {
        let dir = TempDir::new().unwrap();
        let clock = Arc::new(FixedClock::at(START));
        let mut service = service(dir.path(), &clock, 1);
        let create =
            Request::Create { organization: "Northwind".into(), member: ADA.into(), passphrase: passphrase(ADA) };
        let Response::Created { recovery_key, .. } = service.call(create, &|_| {}).unwrap() else {
            panic!("not created")
        };
        Self { dir, clock, service, recovery: recovery_key }
    }

    /// The same, with others besides Ada.
    pub(crate) fn with(members: &[(&str, Role)]) -> Self {
        let mut organization = Self::founded();
        for (name, role) in members {
            organization.admit(name, *role);
        }
        organization
    }

    pub(crate) fn call(&mut self, request: Request) -> Result<Response, DoorError> {
        self.service.call(request, &|_| {})
    }

    /// Locks the vault, and lets the member in.
    pub(crate) fn enter(&mut self, name: &str) -> OpenReport {
        self.try_enter(name).unwrap()
    }

    pub(crate) fn try_enter(&mut self, name: &str) -> Result<OpenReport, DoorError> {
        self.call(Request::Lock)?;
        let credential = Credential::Named { member: name.into(), passphrase: passphrase(name) };
        match self.call(Request::Unlock(credential))? {
            Response::Unlocked { report, .. } => Ok(report),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn view(&mut self) -> OrganizationView {
        viewed(self.call(Request::Organization)).unwrap()
    }

    pub(crate) fn member(&mut self, name: &str) -> MemberView {
        let members = self.view().members;
        members.into_iter().find(|member| *member.name == *name && member.state == MemberState::Active).unwrap()
    }

    pub(crate) fn id(&mut self, name: &str) -> MemberId {
        self.member(name).id
    }

    pub(crate) fn invite(&mut self, name: &str, role: Role) -> Result<(InvitationId, SecretBytes), DoorError> {
        match self.call(Request::Invite { name: name.into(), role, uid: None, days: 7 })? {
            Response::Invited { invitation, code } => Ok((invitation.id, code)),
            other => panic!("{other:?}"),
        }
    }

    /// Accepts an invitation; gives the fingerprint that the new member reads out.
    pub(crate) fn accept(&mut self, code: &SecretBytes, name: &str) -> Result<Box<str>, DoorError> {
        match self.call(Request::Accept { code: code.clone(), passphrase: passphrase(name) })? {
            Response::Accepted { fingerprint, .. } => Ok(fingerprint),
            other => panic!("{other:?}"),
        }
    }

    /// Invites, accepts and admits, all of it while Ada is in.
    pub(crate) fn admit(&mut self, name: &str, role: Role) -> MemberId {
        let (invitation, code) = self.invite(name, role).unwrap();
        let fingerprint = self.accept(&code, name).unwrap();
        self.call(Request::Admit { invitation, fingerprint, current: current(ADA) }).unwrap();
        self.id(name)
    }

    /// What became of the invitation, as it is shown.
    pub(crate) fn state_of(&mut self, id: InvitationId) -> Option<InvitationState> {
        self.view().invitations.into_iter().find(|invitation| invitation.id == id).map(|invitation| invitation.state)
    }

    pub(crate) fn register(&mut self, name: &str, scope: Scope) -> Result<Arc<Header>, DoorError> {
        changed(self.call(Request::Register(draft(name, scope))))
    }

    pub(crate) fn grant(&mut self, name: &str, permissions: &[Permission], reach: Reach) -> Result<(), DoorError> {
        let (member, permissions) = (self.id(name), permissions.iter().copied().collect::<Permissions>());
        self.call(Request::Grant { member, permissions, reach }).map(drop)
    }

    pub(crate) fn revoke(&mut self, name: &str, permissions: &[Permission], reach: Reach) -> Result<(), DoorError> {
        let (member, permissions) = (self.id(name), permissions.iter().copied().collect::<Permissions>());
        self.call(Request::Revoke { member, permissions, reach }).map(drop)
    }

    pub(crate) fn remove(&mut self, name: &str, by: &str) -> Result<Vec<ToRotate>, DoorError> {
        let member = self.id(name);
        match self.call(Request::RemoveMember { member, current: current(by) })? {
            Response::MemberRemoved { to_rotate } => Ok(to_rotate),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn deliver(&mut self, id: SecretId, how: Delivery) -> Result<String, DoorError> {
        match self.call(Request::hand_over(id, "value", how))? {
            Response::Delivered { handed, .. } => Ok(handed[0].bytes.expose_text().unwrap().to_owned()),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn headers(&mut self) -> Vec<Arc<Header>> {
        let Response::Headers(mut headers) = self.call(Request::List).unwrap() else { panic!("no headers") };
        headers.sort_by(|a, b| a.name.cmp(&b.name));
        headers
    }

    /// The header of the secret called `name`.
    pub(crate) fn header(&mut self, name: &str) -> Arc<Header> {
        self.headers().into_iter().find(|header| *header.name == *name).unwrap()
    }

    pub(crate) fn vault_dir(&self) -> PathBuf {
        self.dir.path().join("vault")
    }
}

/// What holds now, as it is asked for.
pub(crate) fn current(name: &str) -> Option<Credential> {
    Some(Credential::Passphrase(passphrase(name)))
}

pub(crate) fn viewed(answer: Result<Response, DoorError>) -> Result<OrganizationView, DoorError> {
    match answer? {
        Response::Organization(view) => Ok(*view),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn changed(answer: Result<Response, DoorError>) -> Result<Arc<Header>, DoorError> {
    match answer? {
        Response::Changed(header) => Ok(header),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn target(header: &Header) -> Target {
    Target { id: header.id, revision: header.revision }
}

pub(crate) fn service(dir: &Path, clock: &Arc<FixedClock>, seed: u64) -> Service {
    files::set_umask_077();
    let place = Place { vault: dir.join("vault"), state: dir.join("state") };
    Service::new(place, clock.clone(), Arc::new(SeededEntropy::new(seed)), KdfCost::DEFAULT)
}

/// An API key called `name`, with a value that tells it from others.
pub(crate) fn draft(name: &str, scope: Scope) -> Draft {
    Draft {
        scope,
        kind: Kind::ApiKey,
        name: name.into(),
        public: vec![PublicField { key: "header_name".into(), text: "X-Key".into() }],
        value: Value(vec![("value".into(), value_of(name).as_str().into())]),
        expires: None,
        not_before: None,
        write_only: false,
        encrypted_key: false,
    }
}

/// The value of [`draft`].
pub(crate) fn value_of(name: &str) -> String {
    format!("value of {name}")
}
