//! The organization: its members, their roles, and what each may do.
//!
//! [`Rights`] answers whether a member may do something; the door, the verification of records and the screens ask the same
//! function. What the [`Organization`] is comes from its membership log, [`Entry`] by [`Entry`].

mod entry;
mod fold;
mod law;
mod members;
mod permission;
mod rights;
mod role;
mod state;
mod tampering;
#[cfg(test)]
mod tests;
mod unlawful;
mod view;

pub use entry::{Act, Entry, MemberKey, PublicKeys};
pub use members::{Begun, Invitation, KeyState, Member};
pub use permission::{Grants, Permission, Permissions, Reach};
pub use rights::{Rights, Whose};
pub use role::Role;
pub use state::Organization;
pub use tampering::Tampering;
pub use unlawful::Unlawful;
pub use view::{
    InvitationState, InvitationView, MemberState, MemberView, OrganizationView, PermissionRequest, ToRotate,
};
