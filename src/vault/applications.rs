//! Applications: what depends on secrets, and which field of which secret goes where.

use std::sync::Arc;

use super::codec::{CodecError, read_list, read_stamp, read_text, reader, write_stamp, writer};
use super::documents::Document;
use super::{Vault, VaultError};
use crate::crypto::wire::{Reader, WireError, Writer};
use crate::domain::text::{check_name, check_text};
use crate::domain::{
    Application, ApplicationDraft, ApplicationId, Binding, BindingTarget, SecretBytes, SecretId, State,
};

/// Most applications of a vault.
const MAX_APPLICATIONS: usize = 1000;
/// Most bindings of one application.
const MAX_BINDINGS: usize = 64;
/// Most bytes of all applications together: they are written whole with every change of one.
const MAX_BYTES: usize = 2 * 1024 * 1024;

impl Vault {
    /// All applications, by name.
    pub fn applications(&self) -> Vec<Arc<Application>> {
        self.documents.applications.clone()
    }

    /// The applications that depend on the secret, by name.
    pub fn applications_of(&self, secret: SecretId) -> Vec<Arc<Application>> {
        self.documents.applications.iter().filter(|application| application.needs(secret)).cloned().collect()
    }

    /// Adds the application in `draft` under a new id.
    ///
    /// # Errors
    /// [`VaultError::ApplicationNameTaken`], [`VaultError::Invalid`], [`VaultError::ReadOnly`], or that it cannot be written.
    pub fn add_application(&mut self, draft: ApplicationDraft) -> Result<Arc<Application>, VaultError> {
        self.check_writable()?;
        self.permit_managing("add applications")?;
        if self.documents.applications.len() >= MAX_APPLICATIONS {
            let cause = format!("Remove one first: a vault has at most {MAX_APPLICATIONS} applications.");
            return Err(VaultError::invalid("application", cause));
        }
        let mut id = ApplicationId([0; 16]);
        self.tools.entropy.fill(&mut id.0)?;
        let ApplicationDraft { name, description, bindings } = self.checked(draft, None)?;
        let created = self.stamp()?;
        let modified = created.clone();
        self.put_application(Application { id, revision: 1, name, description, bindings, created, modified })
    }

    /// Makes of the application, which must still have `revision`, what `draft` says. What it needed before may stay,
    /// whatever has become of the secret since.
    ///
    /// # Errors
    /// [`VaultError::NoApplication`], [`VaultError::ApplicationConflict`], and as [`Vault::add_application`].
    pub fn edit_application(
        &mut self,
        id: ApplicationId,
        revision: u64,
        draft: ApplicationDraft,
    ) -> Result<Arc<Application>, VaultError> {
        let old = self.application_at(id, revision)?;
        self.check_writable()?;
        self.permit_managing("edit applications")?;
        let ApplicationDraft { name, description, bindings } = self.checked(draft, Some(&old))?;
        let (revision, created, modified) = (old.revision + 1, old.created.clone(), self.stamp()?);
        self.put_application(Application { id, revision, name, description, bindings, created, modified })
    }

    /// Removes the application, which must still have `revision`. The secrets stay.
    ///
    /// # Errors
    /// [`VaultError::NoApplication`], [`VaultError::ApplicationConflict`], [`VaultError::ReadOnly`], or that it cannot be
    /// written.
    pub fn remove_application(&mut self, id: ApplicationId, revision: u64) -> Result<Arc<Application>, VaultError> {
        let old = self.application_at(id, revision)?;
        self.check_writable()?;
        self.permit_managing("remove applications")?;
        let mut new = self.documents.clone();
        new.applications.retain(|application| application.id != id);
        self.put_document(Document::Applications, new)?;
        Ok(old)
    }

    fn application_at(&self, id: ApplicationId, revision: u64) -> Result<Arc<Application>, VaultError> {
        let found = self.documents.applications.iter().find(|application| application.id == id);
        let current = found.cloned().ok_or(VaultError::NoApplication)?;
        if current.revision == revision { Ok(current) } else { Err(VaultError::ApplicationConflict { current }) }
    }

    /// Writes `application` in the place of the one with its id.
    pub(super) fn put_application(&mut self, application: Application) -> Result<Arc<Application>, VaultError> {
        let application = Arc::new(application);
        let mut new = self.documents.clone();
        new.applications.retain(|other| other.id != application.id);
        let at = new.applications.partition_point(|other| other.name < application.name);
        new.applications.insert(at, application.clone());
        if encode_applications(&new.applications).len() > MAX_BYTES {
            return Err(VaultError::invalid(
                "bindings",
                "Use fewer or shorter ones: all applications are too long together.",
            ));
        }
        self.put_document(Document::Applications, new)?;
        Ok(application)
    }

    /// The draft as it is kept, when it keeps the rules and may take the place of `old`.
    fn checked(&self, draft: ApplicationDraft, old: Option<&Application>) -> Result<ApplicationDraft, VaultError> {
        let invalid = |field: &str, cause: String| Err(VaultError::invalid(field, cause));
        let ApplicationDraft { name, description, bindings } = draft;
        if let Err(error) = check_name(&name) {
            return invalid("name", error.to_string());
        }
        let is_other = |other: &&Arc<Application>| other.name == name && old.is_none_or(|old| old.id != other.id);
        if self.documents.applications.iter().any(|other| is_other(&other)) {
            return Err(VaultError::ApplicationNameTaken(name));
        }
        if !description.is_empty()
            && let Err(error) = check_text(&description)
        {
            return invalid("description", error.to_string());
        }
        if bindings.len() > MAX_BINDINGS {
            return invalid("bindings", format!("Use at most {MAX_BINDINGS} in one application."));
        }
        let mut kept: Vec<Binding> = Vec::with_capacity(bindings.len());
        for binding in bindings {
            let binding = self.checked_binding(binding, old)?;
            if kept.iter().any(|other| other.target.collides_with(&binding.target)) {
                return invalid("bindings", format!("Use {} only once.", binding.target.name()));
            }
            kept.push(binding);
        }
        Ok(ApplicationDraft { name, description, bindings: kept })
    }

    /// The binding as it is kept. One that `old` has already is taken as it is.
    fn checked_binding(&self, binding: Binding, old: Option<&Application>) -> Result<Binding, VaultError> {
        if old.is_some_and(|old| old.bindings.contains(&binding)) {
            return Ok(binding);
        }
        let invalid = |name: &str, cause: String| VaultError::invalid("bindings", format!("{name}: {cause}"));
        let name: Box<str> = binding.target.name().into();
        let target = binding.target.checked().map_err(|error| invalid(&name, error.to_string()))?;
        let header = self.index.get(binding.secret).filter(|header| !matches!(header.state, State::Deleted(_)));
        let header = header.ok_or_else(|| invalid(&name, "Choose a secret that is there and not deleted.".into()))?;
        let field = &*binding.field;
        if !header.has(field) {
            return Err(invalid(&name, format!("Choose another field: {} has no field {field}.", header.name)));
        }
        Ok(Binding { target, ..binding })
    }
}

/// The plaintext of the applications.
pub(super) fn encode_applications(applications: &[Arc<Application>]) -> SecretBytes {
    let mut to = writer();
    to.count(applications.len());
    for application in applications {
        to.raw(&application.id.0);
        to.u64(application.revision);
        to.text(&application.name);
        to.text(&application.description);
        write_stamp(&mut to, &application.created);
        write_stamp(&mut to, &application.modified);
        to.count(application.bindings.len());
        for Binding { target, secret, field } in &application.bindings {
            write_target(&mut to, target);
            to.raw(&secret.0);
            to.text(field);
        }
    }
    to.into_secret()
}

/// The applications whose plaintext `bytes` are.
pub(super) fn decode_applications(bytes: &[u8]) -> Result<Vec<Arc<Application>>, CodecError> {
    let mut from = reader(bytes)?;
    let applications = read_list(&mut from, 60, |from| decode_application(from).map(Arc::new))?;
    from.finish()?;
    Ok(applications)
}

fn decode_application(from: &mut Reader<'_>) -> Result<Application, WireError> {
    let (id, revision) = (ApplicationId(from.array()?), from.u64()?);
    let (name, description) = (read_text(from)?, read_text(from)?);
    let (created, modified) = (read_stamp(from)?, read_stamp(from)?);
    let binding = |from: &mut Reader<'_>| {
        Ok(Binding { target: read_target(from)?, secret: SecretId(from.array()?), field: read_text(from)? })
    };
    let bindings = read_list(from, 25, binding)?;
    Ok(Application { id, revision, name, description, bindings, created, modified })
}

fn write_target(to: &mut Writer, target: &BindingTarget) {
    to.u8(match target {
        BindingTarget::Variable(_) => 0,
        BindingTarget::Header(_) => 1,
        BindingTarget::File(_) => 2,
        BindingTarget::Host(_) => 3,
    });
    to.text(target.name());
}

fn read_target(from: &mut Reader<'_>) -> Result<BindingTarget, WireError> {
    let target = match from.u8()? {
        0 => BindingTarget::Variable,
        1 => BindingTarget::Header,
        2 => BindingTarget::File,
        3 => BindingTarget::Host,
        _ => return Err(WireError::UnknownCode),
    };
    read_text(from).map(target)
}
