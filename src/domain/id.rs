//! Identities, shown as hex digits: random ones of 16 bytes, and the short ones of key slots.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub [u8; $len]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse(text).map(Self)
            }
        }
    };
}

id!(
    /// Names one secret for ever, whatever it is called.
    SecretId,
    16
);
id!(
    /// Names one member of the organization.
    MemberId,
    16
);
id!(
    /// Names one vault: part of what every sealed byte is bound to.
    VaultId,
    16
);
id!(
    /// Names one key slot of a vault; short, for it is typed.
    SlotId,
    5
);

id!(
    /// Names one application for ever, whatever it is called.
    ApplicationId,
    16
);

id!(
    /// Names one unfinished form.
    UnfinishedId,
    16
);

id!(
    /// Names one invitation to the organization; short, for it is typed.
    InvitationId,
    5
);

id!(
    /// Names one request for a permission; short, for it is typed.
    RequestId,
    5
);

/// The text is not so many hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id of this kind is {0} hex digits")]
pub struct NotAnId(usize);

fn parse<const N: usize>(text: &str) -> Result<[u8; N], NotAnId> {
    let not_one = NotAnId(2 * N);
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(not_one);
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(pair).map_err(|_| not_one)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| not_one)?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_to_text_and_back() {
        let id = SecretId([0xAB; 16]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("zz".parse::<SecretId>(), Err(NotAnId(32)));
        let short = SlotId([0x0F; 5]);
        assert_eq!("0f0F0f0f0f".parse(), Ok(short));
        for none in ["", "0f0f0f0f0", "0f0f0f0f0f0", "+f0f0f0f0f", "0f0f0f0fü"] {
            assert_eq!(none.parse::<SlotId>(), Err(NotAnId(10)), "{none}");
        }
    }
}
