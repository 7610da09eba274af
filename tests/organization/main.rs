//! The organization: members, roles, permissions and scopes, through the door and on the disk.

mod attacks;
mod matrix;
mod members;
mod personal;
mod restored;
mod support;
