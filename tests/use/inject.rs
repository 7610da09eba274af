//! `inject`: a template becomes a file, whole or not at all.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::world::{fails, printed, shell, value, world};

const TEMPLATE: &str = "a={{ strongroom://api-active/value }}\r\nb={{strongroom://odd/quoted}} {{ .Other }}\n";

fn filled() -> String {
    format!("a={}\r\nb=a\"b\\c{{{{ strongroom://api-active }}}}$' {{{{ .Other }}}}\n", value("api-active"))
}

#[test]
fn references_are_replaced_and_all_else_stays() {
    for agent in [false, true] {
        let env = world();
        env.write("t", TEMPLATE);
        printed(&env, agent, "$S inject $P -i t -o out");
        assert_eq!(fs::read_to_string(env.path("out")).unwrap(), filled());
        assert_eq!(fs::metadata(env.path("out")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(printed(&env, agent, "$S inject $P -i t -o -"), filled());
        assert_eq!(printed(&env, agent, "$S inject $P -i - < t"), filled(), "standard output is no terminal");
        let bytes = shell(&env, agent, "printf '{{ strongroom://odd/binary }}\\xfe' | $S inject $P -i -").stdout;
        assert_eq!(bytes, b"\xff\0\n\xfe");
    }
}

#[test]
fn what_is_missing_or_refused_leaves_everything_as_it_was() {
    for agent in [false, true] {
        let env = world();
        env.write("there", "before");
        for (text, code, says) in [
            ("{{ strongroom://api-active }}{{ strongroom://none }}", 10, "there is no secret \"none\""),
            ("{{ strongroom://api-active }}{{ strongroom://api-inactive }}", 13, "api-inactive is Inactive since"),
            ("{{ strongroom://odd/none }}", 10, "no field"),
            ("\n{{ strongroom://a/b/c }}", 2, "t: line 2: a slash within"),
            ("{{ strongroom://api-active", 2, "t: line 1: write }} after the reference"),
        ] {
            env.write("t", text);
            fails(&env, agent, "$S inject $P -i t -o out", code, says);
            fails(&env, agent, "$S inject $P -i t -o there --force", code, says);
            fails(&env, agent, "$S inject $P -i t", code, says);
        }
        assert!(!env.path("out").exists() && fs::read_to_string(env.path("there")).unwrap() == "before");
        let left: Vec<_> = fs::read_dir(env.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".new")), "{left:?}");
    }
}

#[test]
fn a_file_is_replaced_only_when_asked_and_a_link_never() {
    let env = world();
    env.write("t", TEMPLATE);
    env.write("there", "before");
    fails(
        &env,
        false,
        "$S inject $P -i t -o there",
        14,
        "there: there is a file already. Choose another name, or add --force",
    );
    printed(&env, false, "$S inject $P -i t -o there --force");
    assert_eq!(fs::read_to_string(env.path("there")).unwrap(), filled());
    fails(&env, false, "ln -s there link; $S inject $P -i t -o link --force", 1, "link: not a regular file");
    fails(&env, false, "$S inject $P -i t -o no/where", 10, "no/where: there is no such file or directory");
    fails(&env, false, "$S inject $P -i none -o out", 10, "none: there is no such file");
    fails(&env, false, "$S inject $P -i t > /dev/full", 1, "standard output does not take the data");
}
