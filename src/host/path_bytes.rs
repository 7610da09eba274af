//! Paths for the agent's socket, byte for byte: serde's own way refuses those that are not UTF-8.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serializer};

/// For `#[serde(with)]`.
///
/// # Errors
/// Those of the format.
pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_bytes(path.as_os_str().as_bytes())
}

/// For `#[serde(with)]`.
///
/// # Errors
/// Those of the format.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
    let bytes: &[u8] = Deserialize::deserialize(from)?;
    Ok(OsString::from_vec(bytes.to_vec()).into())
}

/// The same for a path that may be absent.
pub mod optional {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::path::PathBuf;

    #[derive(Serialize, Deserialize)]
    struct Bytes(#[serde(with = "super")] PathBuf);

    /// For `#[serde(with)]`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
        path.clone().map(Bytes).serialize(to)
    }

    /// For `#[serde(with)]`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<Bytes>::deserialize(from)?.map(|path| path.0))
    }
}
