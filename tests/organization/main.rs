//! The organization: members, roles, permissions and scopes, through the door and on the disk.

mod members;
mod personal;
mod support;
