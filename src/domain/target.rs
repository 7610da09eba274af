//! The rules for the places that a secret may go to: environment variables, headers and hosts.

use super::BindingTarget;
use super::text::is_forbidden;
use super::web::{HeaderNameError, check_header_name, split_host};

/// Most bytes in the name of a variable.
const MAX_VARIABLE: usize = 128;
/// Most bytes in a host with what stands around it.
const MAX_PLACE: usize = 512;

/// Variables that decide which code a program runs or whose files it reads. A value out of a vault is data, and whoever may
/// set a secret must not run programs as whoever uses it. Those that are known widely: a program may have others.
const STEERING: [&str; 71] = [
    "BASH_ENV",
    "BASHOPTS",
    "BROWSER",
    "CARGO_HOME",
    "CDPATH",
    "CLASSPATH",
    "CURL_HOME",
    "DOTNET_STARTUP_HOOKS",
    "EDITOR",
    "ENV",
    "EXINIT",
    "GCONV_PATH",
    "GETCONF_DIR",
    "GLIBC_TUNABLES",
    "GNUMAKEFLAGS",
    "GOFLAGS",
    "GRADLE_OPTS",
    "HOME",
    "HOSTALIASES",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LESSCLOSE",
    "LESSOPEN",
    "LOCPATH",
    "LUA_INIT",
    "MAKEFILES",
    "MAKEFLAGS",
    "MALLOC_TRACE",
    "MANPAGER",
    "MAVEN_OPTS",
    "MFLAGS",
    "NLSPATH",
    "NODE_OPTIONS",
    "NODE_PATH",
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    "PAGER",
    "PATH",
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PERLLIB",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "PROMPT_COMMAND",
    "PS4",
    "RES_OPTIONS",
    "RUBYLIB",
    "RUBYOPT",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "SHELL",
    "SHELLOPTS",
    "SSH_ASKPASS",
    "SSLKEYLOGFILE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SUDO_ASKPASS",
    "TERMINFO",
    "TMPDIR",
    "VIMINIT",
    "VISUAL",
    "XDG_CONFIG_DIRS",
    "XDG_CONFIG_HOME",
    "XDG_DATA_DIRS",
    "XDG_DATA_HOME",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];
/// What families of such variables begin with.
const STEERING_FAMILIES: [&str; 5] = ["LD_", "DYLD_", "GIT_", "PYTHON", "BASH_FUNC_"];
/// Of such a family, those that hold data.
const HARMLESS: [&str; 3] = ["GIT_TOKEN", "GIT_USERNAME", "GIT_PASSWORD"];

/// What is wrong with the place that a secret shall go to. The message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Not what a shell takes for a variable.
    #[error("A variable is called with letters, digits and _, and does not begin with a digit, such as DATABASE_URL.")]
    NotAVariable,
    /// More than the most bytes.
    #[error("Shorten it to {0} characters.")]
    TooLong(usize),
    /// One of our own.
    #[error("Choose another variable: those that begin with STRONGROOM_ are strongroom's own.")]
    Ours,
    /// One that decides which code runs.
    #[error("Choose another variable: {0} decides what a program runs or reads, so no secret may set it.")]
    Steering(Box<str>),
    /// Not the name of a header.
    #[error(transparent)]
    Header(#[from] HeaderNameError),
    /// Something like `https://` in front.
    #[error("Leave out the {0}:// in front: a host is written alone, such as git.example.com.")]
    Scheme(Box<str>),
    /// No host, or one that cannot exist.
    #[error("Write a host, such as git.example.com or ada@git.example.com:8443/group.")]
    NotAHost,
    /// A path that others may take for another one.
    #[error("Write the path as it is, without \"..\", %, \\, ? and #.")]
    NotAStep,
    /// A character that cannot be seen, or white space.
    #[error("Remove the white space and invisible characters from the host.")]
    Invisible,
}

/// Checks the name of an environment variable that a secret shall go to.
///
/// # Errors
/// The first rule that `name` breaks.
pub fn check_variable(name: &str) -> Result<(), TargetError> {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    if !name.bytes().next().is_some_and(is_letter) || !name.bytes().all(|b| is_letter(b) || b.is_ascii_digit()) {
        return Err(TargetError::NotAVariable);
    }
    if name.len() > MAX_VARIABLE {
        return Err(TargetError::TooLong(MAX_VARIABLE));
    }
    if name.starts_with("STRONGROOM_") {
        return Err(TargetError::Ours);
    }
    let of_family = STEERING_FAMILIES.iter().any(|family| name.starts_with(family)) && !HARMLESS.contains(&name);
    if of_family || STEERING.contains(&name) { Err(TargetError::Steering(name.into())) } else { Ok(()) }
}

/// Checks a host as git or docker asks for it: `host`, with `user@` before and `:port` and `/path` behind it where they
/// matter. Gives it as it is compared: the host in small letters, no slash at the end.
///
/// # Errors
/// The first rule that `text` breaks.
pub fn check_host(text: &str) -> Result<Box<str>, TargetError> {
    if let Some((scheme, _)) = text.split_once("://") {
        return Err(TargetError::Scheme(scheme.into()));
    }
    if text.len() > MAX_PLACE {
        return Err(TargetError::TooLong(MAX_PLACE));
    }
    if text.chars().any(|c| c.is_whitespace() || is_forbidden(c)) {
        return Err(TargetError::Invisible);
    }
    let (authority, path) = text.split_at(text.find('/').unwrap_or(text.len()));
    // A user may be a mail address.
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    if user.is_some_and(|user| user.is_empty() || user.contains(':')) || path.contains("//") {
        return Err(TargetError::NotAHost);
    }
    split_host(host).map_err(|_| TargetError::NotAHost)?;
    if !path.split('/').all(is_plain_step) {
        return Err(TargetError::NotAStep);
    }
    let user = user.map_or_else(String::new, |user| format!("{user}@"));
    Ok(format!("{user}{}{}", host.to_ascii_lowercase(), path.trim_end_matches('/')).into())
}

/// Whether `step` of a path is taken for the same by everybody: it goes nowhere else, and nothing is to be decoded in it.
pub fn is_plain_step(step: &str) -> bool {
    !matches!(step, "." | "..") && !step.contains(['%', '\\', '?', '#'])
}

impl BindingTarget {
    /// This target as it is kept and compared, when it keeps the rules of its kind.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn checked(self) -> Result<Self, TargetError> {
        match &self {
            Self::Variable(name) | Self::File(name) => check_variable(name)?,
            Self::Header(name) => check_header_name(name)?,
            Self::Host(host) => return check_host(host).map(Self::Host),
        }
        Ok(self)
    }

    /// Whether one of both would overwrite the other.
    pub fn collides_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Variable(one) | Self::File(one), Self::Variable(two) | Self::File(two)) => one == two,
            (Self::Header(one), Self::Header(two)) => one.eq_ignore_ascii_case(two),
            (Self::Host(one), Self::Host(two)) => one == two,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn variables_are_those_of_a_shell_and_steer_nothing() {
        for good in ["DATABASE_URL", "_x", "a1", "GIT_TOKEN", "PATHS", "HOME_URL", "LDAP_PASSWORD", "ENVIRONMENT"] {
            assert_eq!(check_variable(good), Ok(()), "{good}");
        }
        for bad in ["", "1A", "A-B", "A=B", "Ä", "A B", "A\0"] {
            assert_eq!(check_variable(bad), Err(TargetError::NotAVariable), "{bad:?}");
        }
        for steering in [
            "PATH",
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "LD_AUDIT",
            "DYLD_INSERT_LIBRARIES",
            "BASH_ENV",
            "ENV",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "PERL5OPT",
            "NODE_OPTIONS",
            "GIT_SSH_COMMAND",
            "GIT_CONFIG_COUNT",
            "GLIBC_TUNABLES",
            "IFS",
        ] {
            assert_eq!(check_variable(steering), Err(TargetError::Steering(steering.into())));
        }
        assert_eq!(check_variable("STRONGROOM_VAULT"), Err(TargetError::Ours));
        assert_eq!(check_variable(&"A".repeat(129)), Err(TargetError::TooLong(128)));
    }

    #[test]
    fn hosts_are_taken_as_git_asks_for_them() {
        for (entered, kept) in [
            ("git.example.com", "git.example.com"),
            ("Git.Example.COM:8443/Group/", "git.example.com:8443/Group"),
            ("ada@example.org@git.example.com", "ada@example.org@git.example.com"),
            ("Ada@[2001:DB8::1]:9", "Ada@[2001:db8::1]:9"),
            ("localhost:5000", "localhost:5000"),
        ] {
            assert_eq!(check_host(entered).as_deref(), Ok(kept));
        }
        assert_eq!(check_host("https://git.example.com"), Err(TargetError::Scheme("https".into())));
        for bad in ["", "@", "@git.example.com", "ada:pw@git.example.com", "a//b", "git.example.com:0", "ex_ample..com"]
        {
            assert_eq!(check_host(bad), Err(TargetError::NotAHost), "{bad}");
        }
        for bad in ["git.example.com/a/../b", "git.example.com/a%2fb", "git.example.com/.", "git.example.com/a\\b"] {
            assert_eq!(check_host(bad), Err(TargetError::NotAStep), "{bad}");
        }
        for bad in ["git.example.com/a b", "git.example.com\n", "git\u{202e}.example.com"] {
            assert_eq!(check_host(bad), Err(TargetError::Invisible), "{bad:?}");
        }
    }

    #[test]
    fn two_that_set_the_same_collide() {
        let (variable, file) = (BindingTarget::Variable("A".into()), BindingTarget::File("A".into()));
        assert!(variable.collides_with(&file) && file.collides_with(&variable));
        let header = |name: &str| BindingTarget::Header(name.into());
        assert!(header("X-Key").collides_with(&header("x-key")) && !header("A").collides_with(&variable));
        assert!(!variable.collides_with(&BindingTarget::Variable("a".into())));
    }

    proptest! {
        #[test]
        fn no_input_panics_and_what_is_kept_is_taken_again(text in "\\PC{0,12}", tail in "[@:/.A-z0-9\\[\\]]{0,24}") {
            let _ = check_variable(&text);
            for host in [text, tail] {
                if let Ok(kept) = check_host(&host) {
                    prop_assert_eq!(check_host(&kept), Ok(kept.clone()));
                }
            }
        }
    }
}
