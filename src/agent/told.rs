//! What is told of a request that was answered.

use crate::service::{DoorError, News, Request, Response, VaultStatus};

type Answer = Result<Response, DoorError>;

/// What a request is about, as far as it matters to those who did not ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// Applications are changed.
    Applications,
    /// The organization is changed.
    Organization,
    /// How long the vault stays open without a request.
    Timer,
    /// Anything else: the answer says it.
    Else,
}

impl About {
    pub(super) fn of(request: &Request) -> Self {
        match request {
            Request::AddApplication(_) | Request::EditApplication { .. } | Request::RemoveApplication { .. } => {
                Self::Applications
            }
            Request::Invite { .. }
            | Request::Withdraw(_)
            | Request::Accept { .. }
            | Request::Admit { .. }
            | Request::ChangeRole { .. }
            | Request::Grant { .. }
            | Request::Revoke { .. }
            | Request::BindMember { .. }
            | Request::RemoveMember { .. }
            | Request::AskPermission { .. }
            | Request::AnswerRequest { .. } => Self::Organization,
            Request::LockAfter { .. } => Self::Timer,
            _ => Self::Else,
        }
    }
}

/// What everybody is told.
pub(super) fn news_of(answer: &Answer, about: About, was_open: bool, is_open: bool) -> Vec<News> {
    match answer {
        Ok(_) if about == About::Applications => vec![News::Applications],
        Ok(_) if about == About::Organization => vec![News::Organization],
        Ok(Response::Changed(header)) => vec![News::Changed(vec![header.clone()])],
        Ok(Response::Unlocked { session, .. } | Response::Created { session, .. }) if !was_open => {
            vec![News::Unlocked(session.clone())]
        }
        Ok(Response::Unlocked { session, .. }) => vec![News::Session(session.clone()), News::ListAnew],
        // What was changed stays changed.
        Err(DoorError::NotRecorded(_)) if is_open => vec![News::ListAnew],
        Ok(Response::Status(VaultStatus::Unlocked(session))) if about == About::Timer => {
            vec![News::Session(session.clone())]
        }
        Ok(Response::Imported { .. }) => vec![News::ListAnew],
        _ if was_open && !is_open => vec![News::Locked],
        _ => Vec::new(),
    }
}
