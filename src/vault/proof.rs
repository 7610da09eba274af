//! What somebody shows to prove who they are, where nothing was shown that could be tried.

use super::VaultError;

/// A proof that is missing or has no form that could be tried: [`VaultError::Invalid`] in the field that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The passphrase that holds now.
    CurrentPassphrase,
    /// A recovery key with a typing mistake, for one.
    RecoveryKey,
    /// A file without a machine key in it.
    MachineKey,
    /// Anything that opens the vault.
    Credential,
}

impl Proof {
    const ALL: [Self; 4] = [Self::CurrentPassphrase, Self::RecoveryKey, Self::MachineKey, Self::Credential];

    /// The key of the field for it.
    fn field(self) -> &'static str {
        match self {
            Self::CurrentPassphrase => "current_passphrase",
            Self::RecoveryKey => "recovery_key",
            Self::MachineKey => "machine_key",
            Self::Credential => "credential",
        }
    }
}

impl VaultError {
    /// `proof` is missing, or cannot be tried.
    pub(crate) fn no_proof(proof: Proof, cause: impl Into<Box<str>>) -> Self {
        Self::invalid(proof.field(), cause)
    }

    /// The proof that was missing, or could not be tried.
    pub fn missing_proof(&self) -> Option<Proof> {
        let Self::Invalid { field, .. } = self else { return None };
        Proof::ALL.into_iter().find(|proof| proof.field() == &**field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_proof_is_told_from_a_field_that_breaks_a_rule() {
        for proof in Proof::ALL {
            assert_eq!(VaultError::no_proof(proof, "no").missing_proof(), Some(proof));
        }
        assert_eq!(VaultError::invalid("name", "no").missing_proof(), None);
        assert_eq!(VaultError::Locked.missing_proof(), None);
    }
}
