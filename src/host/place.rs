//! Where the vault and its side files are, and which terminal we are on.
//!
//! The environment is handed in as a function from a variable's name to its value, so that tests
//! fix it; the program passes [`std::env::var_os`].

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::files;

/// The directory under the XDG base directories that is ours.
const OURS: &str = "strongroom";

/// There is no place to fall back to.
#[derive(Debug, thiserror::Error)]
#[error("neither {variable} nor HOME names an absolute directory")]
pub struct NoHome {
    variable: &'static str,
}

/// The vault's directory: `flag` (`--vault`), else `STRONGROOM_VAULT`, else `$XDG_DATA_HOME/strongroom`,
/// else `~/.local/share/strongroom`.
///
/// # Errors
/// [`NoHome`] when none of them says where.
pub fn vault_dir(flag: Option<&Path>, env: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, NoHome> {
    if let Some(dir) = flag {
        return Ok(dir.to_path_buf());
    }
    match env("STRONGROOM_VAULT").filter(|dir| !dir.is_empty()) {
        Some(dir) => Ok(dir.into()),
        None => base("XDG_DATA_HOME", ".local/share", env),
    }
}

/// The directory for what this machine remembers of vaults: `$XDG_STATE_HOME/strongroom`, else
/// `~/.local/state/strongroom`.
///
/// # Errors
/// [`NoHome`] when neither is set.
pub fn state_dir(env: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, NoHome> {
    base("XDG_STATE_HOME", ".local/state", env)
}

/// The directory for sockets of ours, `$XDG_RUNTIME_DIR/strongroom`, when the runtime directory is there and ours; it is
/// not after `su`, and a login without a session manager has none.
pub fn runtime_dir(env: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let runtime = env("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute())?;
    files::check_private_dir(&runtime).ok().map(|()| runtime.join(OURS))
}

/// The directory for the sockets of agents that serve the whole machine: `STRONGROOM_SOCKET_DIR`, else `/run/strongroom`.
pub fn system_socket_dir(env: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    let named = env("STRONGROOM_SOCKET_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    named.unwrap_or_else(|| Path::new("/run").join(OURS))
}

/// The terminal we are on, such as `pts/3`, if there is one.
pub fn terminal_name() -> Option<Box<str>> {
    let (input, output, errors) = (rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr());
    let name = [input, output, errors].into_iter().find_map(|fd| rustix::termios::ttyname(fd, Vec::new()).ok())?;
    let name = name.into_string().ok()?;
    Some(name.strip_prefix("/dev/").unwrap_or(&name).into())
}

/// The XDG rule: a relative path in the variable counts as not set.
fn base(variable: &'static str, below_home: &str, env: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, NoHome> {
    let absolute = |name| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute(variable)
        .or_else(|| absolute("HOME").map(|home| home.join(below_home)))
        .map(|base| base.join(OURS))
        .ok_or(NoHome { variable })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<OsString> + 'a {
        |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| value.into())
    }

    #[test]
    fn the_flag_beats_the_variable_beats_xdg_beats_home() {
        let all = [("STRONGROOM_VAULT", "mine"), ("XDG_DATA_HOME", "/data"), ("HOME", "/home/ada")];
        let place = |flag: Option<&str>, from| vault_dir(flag.map(Path::new), env(&all[from..])).unwrap();
        assert_eq!(place(Some("here"), 0), Path::new("here"));
        assert_eq!(place(None, 0), Path::new("mine"));
        assert_eq!(place(None, 1), Path::new("/data/strongroom"));
        assert_eq!(place(None, 2), Path::new("/home/ada/.local/share/strongroom"));
    }

    #[test]
    fn empty_and_relative_settings_do_not_count() {
        let odd = [("STRONGROOM_VAULT", ""), ("XDG_DATA_HOME", "data"), ("XDG_STATE_HOME", "/s"), ("HOME", "/h")];
        assert_eq!(vault_dir(None, env(&odd)).unwrap(), Path::new("/h/.local/share/strongroom"));
        assert_eq!(state_dir(env(&odd)).unwrap(), Path::new("/s/strongroom"));
    }

    #[test]
    fn a_runtime_directory_counts_when_it_is_ours_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_str().unwrap();
        let set_mode = |mode| {
            std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        };
        set_mode(0o700);
        assert_eq!(runtime_dir(env(&[("XDG_RUNTIME_DIR", path)])), Some(dir.path().join("strongroom")));
        set_mode(0o755);
        assert_eq!(runtime_dir(env(&[("XDG_RUNTIME_DIR", path)])), None, "others can enter it");
        assert_eq!(runtime_dir(env(&[("XDG_RUNTIME_DIR", "run")])), None);
        assert_eq!(runtime_dir(env(&[])), None);
    }

    #[test]
    fn without_a_home_it_says_which_variables() {
        let error = state_dir(env(&[("HOME", "")])).unwrap_err();
        assert_eq!(error.to_string(), "neither XDG_STATE_HOME nor HOME names an absolute directory");
    }
}
