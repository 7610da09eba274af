//! The organization: members, roles, permissions and scopes, through the door and on the disk.

mod matrix;
mod members;
mod restored;
mod support;
