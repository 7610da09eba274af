//! An invitation: what lets somebody who is told a code make keys for a vault that they cannot open yet.
//!
//! In `vault.header` lies `id (5) ‖ foundation (32) ‖ nonce (24) ‖ ciphertext (96) ‖ tag (16)`. Sealed under the code are
//! both seeds of the invitation's own identity, and the vault's anchor. With that identity an
//! [`Acceptance`](super::Acceptance) is signed; the membership log names its public half.

use super::aead::{self, NONCE_LEN, TAG_LEN};
use super::slot::{UNSEALED_LEN, Unsealed};
use super::wire::{Reader, WireError, Writer};
use super::written::{self, Unreadable};
use super::{Anchor, Identity, Key};
use crate::domain::{InvitationId, SecretBytes, VaultId};
use crate::host::memory::Guarded;
use crate::host::{Entropy, EntropyError};

const CODE_LEN: usize = 16;
/// Characters of a code: 128 bits, and 12 of a checksum.
const CHARACTERS: usize = 28;
/// Bytes that so many characters reach into; the last four bits are 0.
const WRITTEN_LEN: usize = (CHARACTERS * 5).div_ceil(8);
const SEALED_LEN: usize = NONCE_LEN + UNSEALED_LEN + TAG_LEN;

/// Why a text is not the code of an invitation. Never says where: that would show part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvitationCodeError {
    /// Too few or too many characters.
    #[error("the code of an invitation has {CHARACTERS} letters and digits; this has {0}")]
    Length(usize),
    /// A character that no code has.
    #[error("the code of an invitation has only digits and the letters A to Z except U")]
    Character,
    /// Some character is wrong: a typing mistake, not another code.
    #[error("there is a typing mistake in the code of the invitation")]
    Checksum,
}

/// 128 bits that open one invitation. So many random ones need no stretching.
#[derive(Debug, Clone)]
pub struct InvitationCode(Guarded<CODE_LEN>);

impl InvitationCode {
    /// A new code.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, EntropyError> {
        let mut code = Guarded::zeroed();
        entropy.fill(&mut *code).map(|()| Self(code))
    }

    /// The written form, such as `7K3M-…`: 7 groups of four characters.
    pub fn to_text(&self) -> SecretBytes {
        let mut bytes = Guarded::<WRITTEN_LEN>::zeroed();
        bytes[..CODE_LEN].copy_from_slice(&*self.0);
        bytes[CODE_LEN..].copy_from_slice(&self.checksum());
        written::text_of_bits(&*bytes, CHARACTERS)
    }

    /// Reads the written form. Case, spaces and hyphens do not matter; O is read as 0, I and L as 1.
    ///
    /// # Errors
    /// [`InvitationCodeError`].
    pub fn parse(text: &[u8]) -> Result<Self, InvitationCodeError> {
        let bytes = written::read_bits::<WRITTEN_LEN>(text, CHARACTERS).map_err(|why| match why {
            Unreadable::Length(count) => InvitationCodeError::Length(count),
            Unreadable::Character => InvitationCodeError::Character,
        })?;
        let (code, sum) = bytes.split_first_chunk().ok_or(InvitationCodeError::Checksum)?;
        let code = Self(Guarded::copy_of(code));
        if code.checksum() == sum { Ok(code) } else { Err(InvitationCodeError::Checksum) }
    }

    /// The key of the invitation `id` to `vault`.
    fn invitation_key(&self, vault: VaultId, id: InvitationId) -> Key {
        self.key().derive("strongroom 2 invitation", &[&vault.0, &id.0])
    }

    /// 12 bits.
    fn checksum(&self) -> [u8; WRITTEN_LEN - CODE_LEN] {
        let [a, b, ..] = *self.key().derive("strongroom 2 invitation code", &[]).expose();
        [a, b & 0xF0]
    }

    /// The code and zeros.
    fn key(&self) -> Key {
        let mut key = Guarded::<{ Key::LEN }>::zeroed();
        key[..CODE_LEN].copy_from_slice(&*self.0);
        key.into()
    }
}

/// Why an invitation was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// The code is that of another invitation, or this one was changed.
    #[error("the code does not open this invitation")]
    WrongCode,
    /// What is in it is not what was written.
    #[error("the invitation is damaged")]
    Damaged,
}

/// What an invitation tells whoever has its code.
#[derive(Debug, Clone)]
pub struct OpenedInvitation {
    /// Signs the acceptance.
    pub identity: Identity,
    /// The vault's, to be sealed in the new member's slot.
    pub anchor: Anchor,
    /// The hash of the first entry of the membership log, to be pinned.
    pub foundation: [u8; 32],
}

/// An invitation, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedInvitation {
    /// Which invitation.
    pub id: InvitationId,
    foundation: [u8; 32],
    sealed: [u8; SEALED_LEN],
}

impl SealedInvitation {
    /// Length of the written form in bytes.
    pub(super) const LEN: usize = 5 + 32 + SEALED_LEN;

    /// The invitation `id` to `vault`, that `code` opens. `identity` is its own, `foundation` the hash of the first entry
    /// of the membership log.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn create(
        vault: VaultId,
        id: InvitationId,
        code: &InvitationCode,
        identity: &Identity,
        anchor: &Anchor,
        foundation: &[u8; 32],
        entropy: &dyn Entropy,
    ) -> Result<Self, EntropyError> {
        let mut invitation = Self { id, foundation: *foundation, sealed: [0; SEALED_LEN] };
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce)?;
        let mut bytes = Unsealed { identity: identity.clone(), anchor: anchor.clone() }.bytes();
        let key = code.invitation_key(vault, id);
        let tag = aead::seal_in_place(&key, &nonce, &invitation.place(vault), &mut *bytes);
        invitation.sealed[..NONCE_LEN].copy_from_slice(&nonce);
        invitation.sealed[NONCE_LEN..NONCE_LEN + UNSEALED_LEN].copy_from_slice(&*bytes);
        invitation.sealed[NONCE_LEN + UNSEALED_LEN..].copy_from_slice(&tag);
        Ok(invitation)
    }

    /// What it tells, when `code` is its code.
    ///
    /// # Errors
    /// [`InvitationError`].
    pub fn open(&self, vault: VaultId, code: &InvitationCode) -> Result<OpenedInvitation, InvitationError> {
        let mut reader = Reader::new(&self.sealed);
        let nonce = reader.array()?;
        let mut bytes = Guarded::<UNSEALED_LEN>::copy_of(&reader.array()?);
        let tag = reader.array()?;
        let key = code.invitation_key(vault, self.id);
        aead::open_in_place(&key, &nonce, &self.place(vault), &mut *bytes, &tag)
            .map_err(|_| InvitationError::WrongCode)?;
        let Unsealed { identity, anchor } = Unsealed::read(&bytes).map_err(|_| InvitationError::Damaged)?;
        Ok(OpenedInvitation { identity, anchor, foundation: self.foundation })
    }

    /// Writes it for `vault.header`.
    pub(super) fn write(&self, to: &mut Writer) {
        to.raw(&self.id.0);
        to.raw(&self.foundation);
        to.raw(&self.sealed);
    }

    /// Reads what [`SealedInvitation::write`] wrote.
    pub(super) fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self { id: InvitationId(from.array()?), foundation: from.array()?, sealed: from.array()? })
    }

    /// Where it belongs, and what it says in plain.
    fn place(&self, vault: VaultId) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.text("strongroom 2 invitation");
        writer.raw(&vault.0);
        writer.raw(&self.id.0);
        writer.raw(&self.foundation);
        writer.as_bytes().to_vec()
    }
}

impl From<WireError> for InvitationError {
    fn from(_: WireError) -> Self {
        InvitationError::Damaged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::SeededEntropy;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    const VAULT: VaultId = VaultId([1; 16]);
    const ID: InvitationId = InvitationId([2; 5]);

    struct Sample {
        code: InvitationCode,
        identity: Identity,
        anchor: Anchor,
        sealed: SealedInvitation,
    }

    static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
        let entropy = SeededEntropy::new(1);
        let code = InvitationCode::generate(&entropy).unwrap();
        let identity = Identity::generate(&entropy).unwrap();
        let anchor = Anchor::generate(&entropy).unwrap();
        let sealed = SealedInvitation::create(VAULT, ID, &code, &identity, &anchor, &[7; 32], &entropy).unwrap();
        Sample { code, identity, anchor, sealed }
    });

    fn text() -> String {
        SAMPLE.code.to_text().expose_text().unwrap().to_owned()
    }

    #[test]
    fn a_code_is_read_back_however_it_is_typed() {
        let text = text();
        assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [4; 7]);
        let sloppy = text.to_lowercase().replace('-', "  ").replace('0', "o").replace('1', "l") + "\n";
        for typed in [&text, &sloppy, &text.replace('-', ""), &text.replace('1', "I")] {
            assert_eq!(*InvitationCode::parse(typed.as_bytes()).unwrap().0, *SAMPLE.code.0);
        }
    }

    #[test]
    fn nearly_every_wrong_character_of_a_code_is_a_typing_mistake() {
        let text = text();
        for at in (0..text.len()).filter(|at| at % 5 != 4) {
            let mut typed = text.clone().into_bytes();
            typed[at] = if typed[at] == b'Z' { b'Y' } else { b'Z' };
            assert_eq!(InvitationCode::parse(&typed).unwrap_err(), InvitationCodeError::Checksum, "at {at}");
        }
    }

    #[test]
    fn other_texts_are_told_apart() {
        let text = text();
        let parse = |text: &str| InvitationCode::parse(text.as_bytes()).unwrap_err();
        assert_eq!(parse(""), InvitationCodeError::Length(0));
        assert_eq!(parse(&text[1..]), InvitationCodeError::Length(27));
        assert_eq!(parse(&(text.clone() + "0")), InvitationCodeError::Length(29));
        assert_eq!(parse(&text.replace('-', "_")), InvitationCodeError::Character);
        assert_eq!(parse("ü"), InvitationCodeError::Character);
    }

    #[test]
    fn the_code_opens_what_was_sealed() {
        let s = &*SAMPLE;
        let opened = s.sealed.open(VAULT, &s.code).unwrap();
        assert_eq!(opened.identity.public(), s.identity.public());
        assert_eq!((opened.anchor.expose(), opened.foundation), (s.anchor.expose(), [7; 32]));
    }

    #[test]
    fn no_other_code_vault_invitation_or_foundation_does() {
        let s = &*SAMPLE;
        let other = InvitationCode::generate(&SeededEntropy::new(2)).unwrap();
        let renamed = SealedInvitation { id: InvitationId([3; 5]), ..s.sealed.clone() };
        let refounded = SealedInvitation { foundation: [8; 32], ..s.sealed.clone() };
        for wrong in [
            s.sealed.open(VAULT, &other),
            s.sealed.open(VaultId([2; 16]), &s.code),
            renamed.open(VAULT, &s.code),
            refounded.open(VAULT, &s.code),
        ] {
            assert_eq!(wrong.unwrap_err(), InvitationError::WrongCode);
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let s = &*SAMPLE;
        let opened = s.sealed.open(VAULT, &s.code).unwrap();
        assert_eq!(format!("{:?}", s.code), "InvitationCode([redacted])");
        let shown = format!("{opened:?}");
        assert!(shown.contains("Identity([redacted])") && shown.contains("Anchor([redacted])"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_flip_and_cut_is_refused(at in any::<prop::sample::Index>(), bit in 0..8u8) {
            let mut writer = Writer::new();
            SAMPLE.sealed.write(&mut writer);
            let mut bytes = writer.as_bytes().to_vec();
            prop_assert_eq!(bytes.len(), SealedInvitation::LEN);
            let at = at.index(bytes.len());
            prop_assert!(SealedInvitation::read(&mut Reader::new(&bytes[..at])).is_err());
            bytes[at] ^= 1 << bit;
            let read = SealedInvitation::read(&mut Reader::new(&bytes)).unwrap();
            prop_assert!(read.open(VAULT, &SAMPLE.code).is_err());
        }
    }
}
