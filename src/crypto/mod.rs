//! The only room that imports orion: keys, sealing, key slots and the byte formats.
//!
//! How one opens a vault:
//!
//! 1. [`VaultFile::decode`] reads `vault.header`; a torn file is noticed here.
//! 2. [`Slot::open`] turns a passphrase, a [`RecoveryKey`] or a [`MachineKey`] into the slot's [`Identity`] and the vault's [`Anchor`].
//! 3. [`Slot::granted`] opens the grant, [`VaultFile::verify_with`] proves key and file to each other and to the anchor. Who
//!    wrote the file's slots, and whether they might, its membership log proves: [`PublicIdentity::verify`].
//! 4. [`CommonKey::subkeys`] gives the keys that [`open`] and [`Manifest::open`] take; [`ValuesKey`], or the member's
//!    [`Ring`], those of values.
//!
//! A vault that was made before there were members has [`Slot::vault_key`], [`VaultFile::verify`] and [`VaultKey::subkeys`].
//!
//! Everything random comes from an injected [`Entropy`](crate::host::Entropy); everything
//! secret is in a type that wipes itself. Nothing here touches a file.

mod acceptance;
mod aead;
mod anchor;
mod fingerprint;
mod grant;
mod hash;
mod identity;
mod invitation;
mod kdf;
mod key;
mod machine;
mod manifest;
mod member_keys;
mod recovery;
mod ring;
mod seal;
mod sealed_file;
mod sign;
mod slot;
mod statements;
mod vault_file;
pub mod wire;
mod written;

pub use acceptance::{Acceptance, AcceptanceError, MAX_ACCEPTANCE};
pub use anchor::Anchor;
pub use fingerprint::fingerprint;
pub use hash::{KeyedHash, digest, keyed};
pub use identity::{BadSeed, ENCAPSULATION_KEY_LEN, GenerateError, Identity, PublicIdentity, VERIFYING_KEY_LEN};
pub use invitation::{InvitationCode, InvitationCodeError, InvitationError, OpenedInvitation, SealedInvitation};
pub use kdf::{KdfCost, KdfError, SALT_LEN};
pub use key::{Key, Subkeys, VaultKey, WrongKey};
pub use machine::{MachineKey, MachineKeyError};
pub use manifest::{Manifest, SetHash};
pub use member_keys::{CommonKey, MemberKey, PersonalKey, ValuesKey};
pub use recovery::{RecoveryKey, RecoveryKeyError};
pub use ring::{MAX_NAMED, Ring};
pub use seal::{Binding, MAX_PLAINTEXT, OpenError, PartTag, SealError, open, seal, sealed_len};
pub use sealed_file::{SealFileError, SealedFileError, is_sealed_file, open_file, seal_file};
pub use sign::{BadSignature, SIGNATURE_LEN, SignError, Signature, SignatureContext};
pub use slot::{Granted, Slot, SlotError, SlotKind, SlotSecret, Unsealed};
pub use statements::{Batch, BatchError, MAX_LEAVES, statement};
pub use vault_file::{
    MAX_FILE, MAX_INVITATIONS, MAX_LOG, MAX_PROFILE, MAX_RING, MAX_RINGS, MAX_SLOTS, VERSION, VaultFile, VaultFileError,
};
