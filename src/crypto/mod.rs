//! The only room that imports orion: keys, sealing, key slots and the byte formats.
//!
//! How one opens a vault:
//!
//! 1. [`VaultFile::decode`] reads `vault.header`; a torn file is noticed here.
//! 2. [`Slot::open`] turns a passphrase, a [`RecoveryKey`] or a [`MachineKey`] into the slot's [`Identity`] and the vault's [`Anchor`].
//! 3. [`Slot::vault_key`] opens the grant, [`VaultFile::verify`] proves key and file to each other and to the anchor.
//! 4. [`VaultKey::subkeys`] gives the keys that [`open`] and [`Manifest::open`] take.
//!
//! Everything random comes from an injected [`Entropy`](crate::host::Entropy); everything
//! secret is in a type that wipes itself. Nothing here touches a file.

mod aead;
mod anchor;
mod fingerprint;
mod grant;
mod hash;
mod identity;
mod kdf;
mod key;
mod machine;
mod manifest;
mod recovery;
mod seal;
mod sealed_file;
mod sign;
mod slot;
mod vault_file;
pub mod wire;
mod written;

pub use anchor::Anchor;
pub use fingerprint::fingerprint;
pub use hash::{KeyedHash, digest, keyed};
pub use identity::{BadSeed, ENCAPSULATION_KEY_LEN, GenerateError, Identity, PublicIdentity, VERIFYING_KEY_LEN};
pub use kdf::{KdfCost, KdfError, SALT_LEN};
pub use key::{Key, Subkeys, VaultKey, WrongKey};
pub use machine::{MachineKey, MachineKeyError};
pub use manifest::{Manifest, SetHash};
pub use recovery::{RecoveryKey, RecoveryKeyError};
pub use seal::{Binding, MAX_PLAINTEXT, OpenError, PartTag, SealError, open, seal, sealed_len};
pub use sealed_file::{SealFileError, SealedFileError, is_sealed_file, open_file, seal_file};
pub use sign::{BadSignature, SIGNATURE_LEN, SignError, Signature, SignatureContext};
pub use slot::{Slot, SlotError, SlotKind, SlotSecret, Unsealed};
pub use vault_file::{MAX_FILE, MAX_PROFILE, MAX_SLOTS, VERSION, VaultFile, VaultFileError};
