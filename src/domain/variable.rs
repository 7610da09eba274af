//! Names of environment variables that a value may go into.

/// What no value goes into, because of it a program would load other code; and what is our own.
const REFUSED_PREFIXES: [&str; 3] = ["LD_", "DYLD_", "STRONGROOM_"];
/// The same, whole names.
const REFUSED: [&str; 5] = ["BASH_ENV", "ENV", "GCONV_PATH", "GLIBC_TUNABLES", "IFS"];

/// What is wrong with the name of a variable. The message says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// It is no name that every shell takes.
    #[error("a variable's name is made of letters, digits and _, and begins with no digit")]
    Form,
    /// It changes what code a program runs, or is ours.
    #[error("this variable tells a program which code to load, or is strongroom's own: choose another")]
    Refused,
}

/// Checks the name of a variable that a value shall go into.
///
/// # Errors
/// The rule that it breaks.
pub fn check_variable(name: &str) -> Result<(), VariableError> {
    let starts = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if !starts || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(VariableError::Form);
    }
    if REFUSED.contains(&name) || REFUSED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        return Err(VariableError::Refused);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_has_a_plain_name_that_loads_no_code() {
        for good in ["TOKEN", "_", "a1_B", "PATH", "ENVIRONMENT", "OLD_TOKEN"] {
            assert_eq!(check_variable(good), Ok(()), "{good}");
        }
        for bad in ["", "1A", "A-B", "A B", "Ä", "A=B", "A\0"] {
            assert_eq!(check_variable(bad), Err(VariableError::Form), "{bad:?}");
        }
        for bad in ["LD_PRELOAD", "LD_", "DYLD_INSERT_LIBRARIES", "STRONGROOM_VAULT", "BASH_ENV", "GLIBC_TUNABLES"] {
            assert_eq!(check_variable(bad), Err(VariableError::Refused), "{bad}");
        }
    }
}
