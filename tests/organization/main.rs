//! The organization: members, roles, permissions and scopes, through the door and on the disk.

mod matrix;
mod members;
mod personal;
mod restored;
mod support;
