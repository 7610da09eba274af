//! `edit` and `rename`: only what is given changes.

use crate::env::{Env, WAYS};

#[test]
fn only_what_is_given_changes() {
    for way in WAYS {
        let env = Env::ready(way);
        env.write("new", "another\n");
        let id = ["--client-id", "me", "--scopes", "profile edit", "--client-secret", "generate"];
        env.prints(way, &[&["register", "client-credentials", "a"], &id[..]].concat());
        let before = env.prints(way, &["get", "a"]);
        let told = env.json(way, &["edit", "a", "--client-id", "you", "--expires", "+90d"]);
        assert_eq!((told["fields"]["client_id"].as_str(), told["revision"].as_u64()), (Some("you"), Some(2)));
        assert_eq!(told["fields"]["scopes"], "profile edit");
        assert!(told["expires"].is_string());
        assert_eq!(env.prints(way, &["get", "a"]), before, "the value stays");
        env.prints(way, &["edit", "a", "--client-secret", "@new", "--expires", "never", "--scopes", ""]);
        assert_eq!(env.prints(way, &["get", "a"]), "another");
        let told = env.json(way, &["show", "a"]);
        assert!(told["expires"].is_null() && told["fields"]["scopes"].is_null(), "{told}");
        env.refuses(way, &["edit", "a"], 2, "nothing is said of what shall change");
        env.refuses(way, &["edit", "a", "--header-name", "X"], 2, "has no --header-name; it has --client-id");
        env.refuses(way, &["edit", "nobody", "--client-id", "x"], 10, "there is no secret \"nobody\"");
    }
}

#[test]
fn pairs_are_set_added_and_removed() {
    for way in WAYS {
        let env = Env::ready(way);
        let prints = |arguments: &[&str]| env.prints(way, arguments);
        prints(&["register", "key-value", "a", "--pair", "A=generate:3", "--pair", "B=generate:4"]);
        let a = prints(&["get", "strongroom://a/A"]);
        prints(&["edit", "a", "--pair", "B=generate:5", "--pair", "C=generate:6"]);
        assert_eq!(env.json(way, &["show", "a"])["values"], serde_json::json!({ "A": 3, "B": 5, "C": 6 }));
        assert_eq!(prints(&["get", "strongroom://a/A"]), a);
        prints(&["edit", "a", "--remove-pair", "B"]);
        assert_eq!(env.json(way, &["show", "a"])["values"], serde_json::json!({ "A": 3, "C": 6 }));
        env.refuses(way, &["edit", "a", "--remove-pair", "B"], 10, "there is no pair \"B\"");
        env.write("x.txt", "a file");
        prints(&["edit", "a", "--file", "@x.txt"]);
        assert_eq!(prints(&["get", "a"]), "a file");
    }
}

#[test]
fn a_new_name_leaves_all_else() {
    for way in WAYS {
        let env = Env::ready(way);
        env.prints(way, &["register", "api-key", "a", "--header-name", "X", "--generate"]);
        env.prints(way, &["register", "api-key", "b", "--header-name", "X", "--generate"]);
        let id = env.json(way, &["show", "a"])["id"].as_str().unwrap().to_owned();
        env.refuses(way, &["rename", "a", "b"], 14, "there is a secret called \"b\" already");
        env.refuses(way, &["rename", "a", " c"], 2, "the new name: Remove the space at the start.");
        let value = env.prints(way, &["get", "a"]);
        assert_eq!(env.json(way, &["rename", "a", "c"])["name"], "c");
        env.refuses(way, &["get", "a"], 10, "there is no secret");
        assert_eq!(env.prints(way, &["get", &id]), value, "by its id it is found for ever");
        env.prints(way, &["edit", "c", "--expires", "+9d"]);
        let events = env.json(way, &["audit", "--secret", &id]);
        let actions: Vec<&str> = events.as_array().unwrap().iter().filter_map(|e| e["action"].as_str()).collect();
        let changes = actions.iter().filter(|action| **action != "get").collect::<Vec<_>>();
        assert_eq!(changes, [&"register", &"rename", &"edit"]);
    }
}
