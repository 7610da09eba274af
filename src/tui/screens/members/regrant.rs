//! What has to be asked of the door so that a permission reaches as far as was ticked.

use crate::domain::MemberId;
use crate::domain::organization::{Permission, Permissions, Reach};
use crate::service::Request;

/// The requests that lead from one reach to another, in order. What lessens it begins a new epoch.
pub(super) fn requests(
    member: MemberId,
    permission: Permission,
    before: Option<&Reach>,
    after: Option<&Reach>,
) -> Vec<Request> {
    let permissions: Permissions = [permission].into_iter().collect();
    let grant = |reach: Reach| Request::Grant { member, permissions, reach };
    let revoke = |reach: Reach| Request::Revoke { member, permissions, reach };
    match (before, after) {
        (before, after) if before == after => Vec::new(),
        (None, None) => Vec::new(),
        (_, None) => vec![revoke(Reach::All)],
        (None, Some(after)) | (Some(_), Some(after @ Reach::All)) => vec![grant(after.clone())],
        // From all to some: first none, then those, so that no moment has more than either.
        (Some(Reach::All), Some(after)) => vec![revoke(Reach::All), grant(after.clone())],
        (Some(Reach::Named(had)), Some(Reach::Named(wanted))) => {
            let more = Reach::Named(wanted.difference(had).copied().collect());
            let less = Reach::Named(had.difference(wanted).copied().collect());
            let asked = [(more, &grant as &dyn Fn(Reach) -> Request), (less, &revoke)];
            let is_empty = |reach: &Reach| matches!(reach, Reach::Named(ids) if ids.is_empty());
            asked.into_iter().filter(|(reach, _)| !is_empty(reach)).map(|(reach, ask)| ask(reach)).collect()
        }
    }
}

/// Whether one of them lessens what the member may do.
pub(super) fn lessens(requests: &[Request]) -> bool {
    requests.iter().any(|request| matches!(request, Request::Revoke { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SecretId;
    use crate::domain::organization::Grants;

    fn reaches() -> Vec<Option<Reach>> {
        let named = |ids: &[u8]| Some(Reach::Named(ids.iter().map(|id| SecretId([*id; 16])).collect()));
        vec![None, Some(Reach::All), named(&[1]), named(&[1, 2]), named(&[2, 3])]
    }

    #[test]
    fn from_every_reach_to_every_other_and_nothing_where_nothing_changes() {
        let permissions: Permissions = [Permission::Use].into_iter().collect();
        for before in reaches() {
            for after in reaches() {
                let mut grants = Grants::default();
                if let Some(reach) = &before {
                    grants.grant(permissions, reach);
                }
                let asked = requests(MemberId([1; 16]), Permission::Use, before.as_ref(), after.as_ref());
                for request in &asked {
                    let changed = match request {
                        Request::Grant { reach, .. } => grants.grant(permissions, reach),
                        Request::Revoke { reach, .. } => grants.revoke(permissions, reach),
                        other => panic!("{other:?}"),
                    };
                    assert!(changed, "{before:?} to {after:?}: {request:?} changes nothing");
                }
                assert_eq!(grants.reach(Permission::Use), after.as_ref());
                assert_eq!(asked.is_empty(), before == after);
            }
        }
    }
}
