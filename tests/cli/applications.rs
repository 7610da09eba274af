//! `app`, and what the other verbs say of applications; `history` and `settings`.

use crate::env::{Env, WAYS, Way};

fn with_secrets(way: Way) -> Env {
    let env = Env::ready(way);
    env.prints(way, &["register", "api-key", "deploy", "--header-name", "X", "--generate"]);
    env.prints(way, &["register", "key-value", "db", "--pair", "USER=generate", "--pair", "PASSWORD=generate"]);
    env
}

#[test]
fn an_application_is_added_shown_edited_and_removed() {
    for way in WAYS {
        let env = with_secrets(way);
        let bindings = ["--env", "TOKEN=strongroom://deploy", "--file", "PW_FILE=strongroom://db/PASSWORD"];
        let told = env.json(way, &[&["app", "add", "web", "--description", "the site"], &bindings[..]].concat());
        assert_eq!(told["bindings"][0]["reference"], "strongroom://deploy/value");
        assert_eq!(
            (told["bindings"][1]["target"].as_str(), told["bindings"].as_array().unwrap().len()),
            (Some("file"), 2)
        );
        let show = env.prints(way, &["app", "show", "web"]);
        assert!(
            show.contains("the site") && show.contains("PW_FILE") && show.lines().last().unwrap().ends_with("  Active")
        );
        let edit = ["app", "edit", "web", "--name", "site", "--header", "X-Key=deploy", "--remove", "PW_FILE"];
        let told = env.json(way, &edit);
        assert_eq!((told["name"].as_str(), told["revision"].as_u64()), (Some("site"), Some(2)));
        assert_eq!(told["bindings"][1]["target"], "header");
        env.prints(way, &["app", "edit", "site", "--env", "TOKEN=strongroom://db/USER"]);
        let told = env.json(way, &["app", "show", "site"]);
        assert_eq!(told["bindings"][0]["reference"], "strongroom://db/USER", "it takes the place of the other");
        assert_eq!(env.json(way, &["app", "list"])[0]["name"], "site");
        assert!(env.prints(way, &["app", "list"]).contains("site"));
        env.prints(way, &["app", "remove", "site"]);
        assert_eq!(env.json(way, &["app", "list"]), serde_json::json!([]));
    }
}

#[test]
fn a_binding_to_a_deleted_secret_is_not_told_as_one_to_another_of_its_name() {
    for way in WAYS {
        let env = with_secrets(way);
        env.prints(way, &["app", "add", "web", "--env", "TOKEN=strongroom://deploy"]);
        let id = env.json(way, &["show", "deploy"])["id"].as_str().unwrap().to_owned();
        env.prints(way, &["delete", "deploy", "--yes"]);
        env.prints(way, &["register", "api-key", "deploy", "--header-name", "X", "--generate"]);
        let show = env.prints(way, &["app", "show", "web"]);
        let line = show.lines().last().unwrap();
        assert!(line.contains(&format!("strongroom://{id}/value")) && line.ends_with("Deleted"), "{line}");
    }
}

#[test]
fn what_is_wrong_with_a_binding_is_said() {
    for way in WAYS {
        let env = with_secrets(way);
        env.refuses(
            way,
            &["app", "show", "nothing"],
            10,
            "there is no such application: \"nothing\". See strongroom app list.",
        );
        env.refuses(
            way,
            &["app", "add", "x", "--env", "TOKEN"],
            2,
            "--env TOKEN: write TARGET=strongroom://NAME/FIELD.",
        );
        env.refuses(way, &["app", "add", "x", "--env", "T=strongroom://a/b/c"], 2, "%2F");
        env.refuses(way, &["app", "add", "x", "--env", "T=nothing"], 10, "there is no secret \"nothing\"");
        env.refuses(way, &["app", "add", "x", "--env", "T=db"], 2, "has several fields: USER, PASSWORD");
        env.refuses(way, &["app", "add", "x", "--env", "T=strongroom://db/NO"], 10, "has no field");
        env.refuses(way, &["app", "add", "x", "--env", "DB-PASS=deploy"], 2, "--env DB-PASS: A variable");
        env.prints(way, &["app", "add", "x"]);
        env.refuses(
            way,
            &["app", "add", "x"],
            14,
            "there is an application called \"x\" already. Choose another name.",
        );
        env.refuses(way, &["app", "edit", "x"], 2, "nothing is said of what shall change");
        env.refuses(way, &["app", "edit", "x", "--remove", "T"], 10, "x has nothing that goes to \"T\"");
    }
}

#[test]
fn whoever_changes_a_secret_is_told_who_depends_on_it() {
    for way in WAYS {
        let env = with_secrets(way);
        for name in ["one", "two"] {
            env.prints(way, &["app", "add", name, "--env", "TOKEN=deploy"]);
        }
        let depend = "2 applications depend on it: one, two";
        assert!(env.remarks(way, &["deactivate", "deploy"]).contains(depend));
        env.prints(way, &["reactivate", "deploy"]);
        assert!(env.remarks(way, &["edit", "deploy", "--value", "generate"]).contains(depend));
        let told = env.json(way, &["show", "deploy"]);
        assert_eq!(told["applications"][1]["name"], "two");
        let show = env.prints(way, &["show", "deploy"]);
        assert!(show.contains("env TOKEN") && show.contains("one"), "{show}");
        assert!(env.remarks(way, &["delete", "deploy", "--yes"]).contains(depend));
    }
}

#[test]
fn earlier_values_are_listed_and_handed_over() {
    for way in WAYS {
        let env = with_secrets(way);
        let first = env.prints(way, &["get", "deploy"]);
        env.prints(way, &["edit", "deploy", "--value", "generate"]);
        env.prints(way, &["edit", "deploy", "--header-name", "Y"]);
        let history = env.json(way, &["history", "deploy"]);
        assert_eq!(history.as_array().unwrap().len(), 2, "{history}");
        assert!(history[0]["revision"] == 3 && history[0]["replaced"] == false, "{history}");
        assert!(history[1]["revision"] == 1 && history[1]["replaced"] == true, "{history}");
        assert_eq!(env.prints(way, &["get", "deploy", "--revision", "1"]), first);
        assert_ne!(env.prints(way, &["get", "deploy", "--revision", "3"]), first);
        env.refuses(way, &["get", "deploy", "--revision", "9"], 10, "is not kept. See strongroom history.");
        assert!(env.prints(way, &["history", "deploy"]).contains("earlier"));
    }
}

#[test]
fn what_is_deleted_is_told_as_that_by_history_and_to_applications() {
    for way in WAYS {
        let env = with_secrets(way);
        let added = env.remarks(way, &["app", "add", "x", "--env", "T=deploy"]);
        assert!(added.contains("which depends on 1 field."), "{added}");
        env.prints(way, &["edit", "deploy", "--value", "generate"]);
        env.prints(way, &["delete", "deploy", "--yes"]);
        env.refuses(way, &["app", "edit", "x", "--file", "F=deploy"], 1, "deploy: it is deleted");
        assert_eq!(env.prints(way, &["history", "deploy"]), "");
        let told = env.remarks(way, &["history", "deploy"]);
        assert!(told.contains("deploy was deleted on 20") && told.contains("No value is kept."), "{told}");
        assert_eq!(env.json(way, &["history", "deploy"]), serde_json::json!([]));
    }
}

#[test]
fn settings_are_told_and_changed() {
    for way in WAYS {
        let env = with_secrets(way);
        let defaults = serde_json::json!({ "keep_revisions": 5, "audit_days": 400, "audit_mib": 16 });
        assert_eq!(env.json(way, &["settings"]), defaults);
        assert_eq!(env.json(way, &["settings", "--keep-revisions", "0", "--audit-days", "0"])["keep_revisions"], 0);
        assert!(env.prints(way, &["settings"]).contains("for ever"));
        env.refuses(way, &["settings", "--keep-revisions", "101"], 2, "--keep-revisions");
        env.refuses(way, &["settings", "--audit-mib", "0"], 2, "--audit-mib");
        env.prints(way, &["edit", "deploy", "--value", "generate"]);
        assert_eq!(env.json(way, &["history", "deploy"]).as_array().unwrap().len(), 1, "none is kept");
    }
}
