//! A hostile client: a member who writes to the store with their own keys and goes around every check of the use cases.
//! Whatever they write, they count in the manifest; then an honest client opens the vault.

mod attacks;
mod keys;
mod matrix;
mod world;
