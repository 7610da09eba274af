//! The organization: its members, their roles, and what each may do.
//!
//! [`Rights`] answers whether a member may do something; the door, the verification of records and the screens ask the same
//! function. What the organization is comes from its membership log, [`Entry`] by [`Entry`].

mod entry;
mod permission;
mod rights;
mod role;
mod tampering;
mod unlawful;
mod view;

pub use entry::{Act, Entry, MemberKey, PublicKeys};
pub use permission::{Grants, Permission, Permissions, Reach};
pub use rights::{Rights, Whose};
pub use role::Role;
pub use tampering::Tampering;
pub use unlawful::Unlawful;
pub use view::{
    InvitationState, InvitationView, MemberState, MemberView, OrganizationView, PermissionRequest, ToRotate,
};
