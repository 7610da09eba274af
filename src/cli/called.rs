//! The names that this program goes by: git and docker look for helpers by theirs.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// The name of a link to this program, and the verb that it stands for.
const LINKS: [(&str, &str); 2] =
    [("git-credential-strongroom", "git-credential"), ("docker-credential-strongroom", "docker-credential")];

/// The command line `args`, with the verb that the program's name stands for, if it was called by a link.
pub(super) fn as_called(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut args: Vec<OsString> = args.collect();
    let name = args.first().map(Path::new).and_then(Path::file_name).map(OsStr::to_os_string);
    if let Some((_, verb)) = LINKS.into_iter().find(|(link, _)| name.as_deref() == Some(OsStr::new(link))) {
        args.splice(..1, ["strongroom".into(), verb.into()]);
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_stands_for_a_verb() {
        let called = |args: &[&str]| as_called(args.iter().map(OsString::from)).join(OsStr::new(" "));
        assert_eq!(called(&["/bin/git-credential-strongroom", "get"]), "strongroom git-credential get");
        assert_eq!(called(&["docker-credential-strongroom", "list"]), "strongroom docker-credential list");
        assert_eq!(called(&["/x/strongroom", "git-credential-strongroom"]), "/x/strongroom git-credential-strongroom");
        assert_eq!(called(&[]), "");
    }
}
