//! Who was last served a value that is not the present one: told after `edit`, and by `show`.

use serde_json::Value;

use crate::env::{Env, WAYS, Way};

/// Gives the value of `deploy` to the application web.
fn run_web(env: &Env, way: Way) {
    match way {
        Way::Alone => env.run(&["run", "--passphrase-file", "pass", "--app", "web", "--", "/bin/true"]),
        Way::Agent => env.through_agent(&["run", "--app", "web", "--", "/bin/true"]),
    }
    .assert()
    .success();
}

/// Per delivery how, of which revision, and whether it was of an old value.
fn deliveries(env: &Env, way: Way) -> Vec<(String, u64, bool)> {
    let told = env.json(way, &["show", "deploy"]);
    let of = |one: &Value| {
        let how = one["how"].as_str().unwrap().to_owned();
        (how, one["revision"].as_u64().unwrap(), one["old_value"].as_bool().unwrap())
    };
    let mut found: Vec<_> = told["deliveries"].as_array().unwrap().iter().map(of).collect();
    found.sort();
    found
}

#[test]
fn whoever_has_the_old_value_is_named_when_there_is_a_new_one() {
    for way in WAYS {
        let env = Env::ready(way);
        env.prints(way, &["register", "api-key", "deploy", "--header-name", "X", "--generate"]);
        env.prints(way, &["app", "add", "web", "--env", "TOKEN=deploy"]);
        let nobody = env.remarks(way, &["edit", "deploy", "--value", "generate"]);
        assert!(!nobody.contains("old value"), "nobody had it: {nobody}");
        env.prints(way, &["get", "deploy"]);
        run_web(&env, way);
        let same = env.remarks(way, &["edit", "deploy", "--header-name", "Y"]);
        assert!(!same.contains("old value"), "the value is the same: {same}");
        let remarks = env.remarks(way, &["edit", "deploy", "--value", "generate"]);
        assert!(remarks.contains("1 application depends on it: web; last used "), "{remarks}");
        let told = remarks.lines().find(|line| line.starts_with("Still served the old value: ")).unwrap();
        assert!(told.contains(" and 1 more, ") && told.ends_with(". Start them anew."), "{told}");
        assert_eq!(deliveries(&env, way), [("get".to_owned(), 2, true), ("run".to_owned(), 2, true)]);
        let text = env.prints(way, &["show", "deploy"]);
        assert_eq!(text.matches("2, replaced since").count(), 2, "{text}");
        // Started anew, it has the new one; whoever got it by hand has the old one still.
        run_web(&env, way);
        assert_eq!(deliveries(&env, way), [("get".to_owned(), 2, true), ("run".to_owned(), 4, false)]);
        assert_eq!(env.prints(way, &["show", "deploy"]).matches("replaced since").count(), 1);
    }
}
