//! `member`: two people and a vault, from the invitation to the list of what to rotate.

use std::fs;

use crate::env::{Env, WAYS, Way};
use crate::pty::home::{Home, PASSPHRASE};

const GRACE: [&str; 4] = ["--member", "Grace", "--passphrase-file", "grace"];

/// What Grace does, in a process of her own or through the agent.
fn as_grace<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &GRACE].concat()
}

/// A command that runs another program.
fn as_grace_running<'a>(args: &[&'a str], program: &[&'a str]) -> Vec<&'a str> {
    [args, &GRACE, &["--"], program].concat()
}

/// Invites Grace and accepts for her; gives the fingerprint that she reads out.
fn accepted(env: &Env, more: &[&str]) -> String {
    env.write("grace", "a lamp under nine green stairs\n");
    let code = env.stdout(&[&["member", "invite", "Grace", "--passphrase-file", "pass"], more].concat());
    env.write("code", &code);
    let accept = ["member", "accept", "--code-file", "code", "--new-passphrase-file", "grace"];
    env.stdout(&accept).trim().to_owned()
}

/// A vault with Grace in it, a Member without grants, and with the secret `deploy`.
fn with_grace(way: Way) -> Env {
    let (env, _) = Env::with_vault();
    env.register("deploy", "value-1");
    env.register("other", "value-2");
    let fingerprint = accepted(&env, &[]);
    env.stdout(&["member", "admit", "Grace", "--fingerprint", &fingerprint, "--passphrase-file", "pass"]);
    if way == Way::Agent {
        env.through_agent(&["unlock", "--passphrase-file", "pass"]).assert().success();
    }
    env
}

/// What is said when Grace does that, in a process of her own, and what it ends with.
#[track_caller]
fn refused(env: &Env, args: &[&str], code: i32, says: &str) {
    env.fails(&as_grace(args), code, says);
}

#[test]
fn an_invitation_leads_to_a_member_with_a_passphrase_of_their_own() {
    for way in WAYS {
        let env = with_grace(way);
        let list = env.json(way, &["member", "list"]);
        let names: Vec<&str> = list["members"].as_array().unwrap().iter().filter_map(|m| m["name"].as_str()).collect();
        assert_eq!(names, ["Ada", "Grace"]);
        assert_eq!(
            (&list["members"][1]["role"], &list["members"][1]["admitted_by"]),
            (&"member".into(), &"Ada".into())
        );
        assert!(list["invitations"].as_array().unwrap().is_empty());
        env.through_agent(&["lock"]).assert().success();
        assert!(env.stdout(&as_grace(&["list"])).contains("deploy"), "names are seen by every member");
        env.fails(&["list", "--member", "Grace", "--passphrase-file", "pass"], 11, "does not open this vault");
        env.fails(&["list", "--member", "Nobody", "--passphrase-file", "pass"], 11, "as Nobody");
        let mut surroundings = env.run(&["list", "--passphrase-file", "grace"]);
        surroundings.env("STRONGROOM_MEMBER", "Grace").assert().success();
    }
}

#[test]
fn the_code_is_printed_alone_and_is_nowhere_else() {
    let (env, _) = Env::with_vault();
    let invite = ["member", "invite", "Grace", "--days", "3", "--passphrase-file", "pass"];
    let output = env.run(&invite).assert().success().get_output().clone();
    let code = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    assert_eq!((code.split('-').count(), code.len()), (7, 34), "groups of four: {code}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("Give it to Grace alone, who runs strongroom member accept within 3 days"), "{said}");
    assert!(!said.contains(&code));
    let mut folders = vec![env.path("")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                assert!(!bytes.windows(code.len()).any(|window| window == code.as_bytes()), "in {}", path.display());
            }
        }
    }
}

#[test]
fn a_code_counts_once_and_not_after_it_was_withdrawn() {
    let (env, _) = Env::with_vault();
    env.write("grace", "a lamp under nine green stairs\n");
    let code = env.stdout(&["member", "invite", "Grace", "--passphrase-file", "pass"]);
    let accept = ["member", "accept", "--code-file", "code", "--new-passphrase-file", "grace"];
    env.write("code", &code.replacen(|c: char| c.is_ascii_digit(), "Z", 1));
    env.fails(&accept, 1, "there is a typing mistake in the code of the invitation");
    env.stdout(&["member", "withdraw", "Grace", "--passphrase-file", "pass"]);
    env.write("code", &code);
    env.fails(&accept, 11, "that code opens no invitation of this vault");
    env.fails(&["member", "withdraw", "Grace", "--passphrase-file", "pass"], 10, "no invitation for \"Grace\"");
    env.fails(&["member", "invite", "Ada", "--passphrase-file", "pass"], 14, "Choose another name.");
}

#[test]
fn another_fingerprint_admits_nobody() {
    let (env, _) = Env::with_vault();
    let fingerprint = accepted(&env, &[]);
    fn admit<'a>(more: &[&'a str]) -> Vec<&'a str> {
        [&["member", "admit", "Grace", "--passphrase-file", "pass"], more].concat()
    }
    env.fails(&admit(&["--fingerprint", "0000-0000-0000-0000"]), 14, "withdraw it");
    env.fails(&admit(&[]), 2, "Give the one that the new member read out: --fingerprint F.");
    env.fails(&admit(&["--yes"]), 2, "--yes");
    env.fails(&as_grace(&["list"]), 11, "does not open this vault");
    env.stdout(&admit(&["--fingerprint", &fingerprint.to_lowercase()]));
    env.stdout(&as_grace(&["list"]));
}

#[test]
fn what_is_not_granted_is_refused_and_can_be_asked_for() {
    for way in WAYS {
        let env = with_grace(way);
        let ada = |args: &[&str]| env.go(way, args).assert().success();
        env.through_agent(&["lock"]).assert().success();
        refused(&env, &["get", "deploy"], 15, "Ada can grant it: strongroom member ask reveal deploy.");
        refused(&env, &["deactivate", "deploy"], 15, "strongroom member ask deactivate deploy");
        refused(&env, &["member", "invite", "Linus"], 15, "Grace may not");
        refused(&env, &["register", "api-key", "new", "--header-name", "X", "--generate"], 15, "member ask register");
        let asked = env.stdout(&as_grace(&["member", "ask", "reveal", "deploy", "--json"]));
        let asked: serde_json::Value = serde_json::from_str(&asked).unwrap();
        let request = asked["id"].as_str().unwrap();
        if way == Way::Agent {
            env.through_agent(&["unlock", "--passphrase-file", "pass"]).assert().success();
        }
        let list = env.json(way, &["member", "list"]);
        assert_eq!((&list["requests"][0]["id"], &list["requests"][0]["member"]), (&request.into(), &"Grace".into()));
        ada(&["member", "answer", request, "grant"]);
        env.refuses(way, &["member", "answer", request, "grant"], 10, "there is no request");
        env.through_agent(&["lock"]).assert().success();
        assert_eq!(env.stdout(&as_grace(&["get", "deploy"])), "value-1");
        refused(&env, &["get", "other"], 15, "strongroom member ask reveal other");
    }
}

#[test]
fn a_grant_is_shown_and_a_revoked_one_is_gone() {
    for way in WAYS {
        let env = with_grace(way);
        let ada = |args: &[&str]| env.remarks(way, args);
        assert_eq!(
            ada(&["member", "grant", "Grace", "use,reveal", "deploy"]),
            "Grace may use, reveal deploy from now on.\n"
        );
        assert!(ada(&["member", "grant", "Grace", "register"]).contains("may register secrets"));
        let shown = env.json(way, &["member", "show", "Grace"]);
        assert_eq!(shown["grants"]["reveal"]["secrets"][0]["name"], "deploy");
        assert_eq!(shown["grants"]["register"]["all"], true);
        assert!(shown["grants"]["edit"].is_null());
        env.refuses(way, &["member", "grant", "Grace", "use", "deploy"], 14, "it changes nothing");
        env.refuses(way, &["member", "grant", "Ada", "use", "deploy"], 1, "needs no grant");
        assert!(ada(&["member", "revoke", "Grace", "reveal", "deploy"]).contains("The vault was sealed anew"));
        env.through_agent(&["lock"]).assert().success();
        refused(&env, &["get", "deploy"], 15, "strongroom member ask reveal deploy");
        env.stdout(&as_grace_running(&["run", "--env", "T=strongroom://deploy"], &["true"]));
        env.stdout(&as_grace(&["register", "api-key", "new", "--header-name", "X", "--generate"]));
    }
}

#[test]
fn roles_change_and_somebody_stays_the_account_holder() {
    for way in WAYS {
        let env = with_grace(way);
        let with_pass = |args: &[&str]| env.run(&[args, &["--passphrase-file", "pass"]].concat());
        env.through_agent(&["lock"]).assert().success();
        with_pass(&["member", "role", "Grace", "manager"]).assert().success();
        assert_eq!(env.stdout(&as_grace(&["get", "other"])), "value-2");
        refused(&env, &["member", "role", "Ada", "member"], 15, "Account Holder");
        env.fails(
            &["member", "role", "Ada", "manager", "--passphrase-file", "pass"],
            14,
            "strongroom member role NAME holder",
        );
        with_pass(&["member", "role", "Grace", "holder"]).assert().success();
        with_pass(&["member", "role", "Ada", "member"]).assert().success();
        env.fails(&["get", "other", "--passphrase-file", "pass"], 15, "Grace can grant it");
    }
}

#[test]
fn who_is_removed_opens_nothing_and_what_to_rotate_is_printed() {
    for way in WAYS {
        let env = with_grace(way);
        env.go(way, &["member", "grant", "Grace", "reveal", "deploy"]).assert().success();
        env.through_agent(&["lock"]).assert().success();
        env.stdout(&as_grace(&["get", "deploy"]));
        let remove = ["member", "remove", "Grace", "--passphrase-file", "pass"];
        env.fails(&remove, 2, "Add --yes.");
        assert_eq!(env.stdout(&[&remove[..], &["--yes"]].concat()), "deploy\n");
        refused(&env, &["list"], 11, "as Grace");
        env.fails(&["list", "--passphrase-file", "grace"], 11, "does not open this vault");
        let list = env.stdout(&["member", "list", "--json", "--passphrase-file", "pass"]);
        let list: serde_json::Value = serde_json::from_str(&list).unwrap();
        assert_eq!(
            (&list["members"][1]["status"], &list["members"][1]["removed_by"]),
            (&"removed".into(), &"Ada".into())
        );
        // The name is free again.
        let fingerprint = accepted(&env, &["--role", "manager"]);
        env.stdout(&["member", "admit", "Grace", "--fingerprint", &fingerprint, "--passphrase-file", "pass"]);
        assert_eq!(env.stdout(&as_grace(&["get", "deploy"])), "value-1");
    }
}

#[test]
fn a_personal_secret_is_its_owner_s_alone() {
    let env = with_grace(Way::Alone);
    env.stdout(&as_grace(&["register", "key-value", "mine", "--pair", "K=generate", "--personal"]));
    let table = env.stdout(&as_grace(&["list"]));
    assert!(table.lines().next().unwrap().contains("Scope"), "{table}");
    assert_eq!(env.stdout(&as_grace(&["list", "--personal"])).lines().count(), 2);
    let shown: serde_json::Value = serde_json::from_str(&env.stdout(&as_grace(&["show", "mine", "--json"]))).unwrap();
    assert_eq!((&shown["scope"], &shown["owner"]), (&"personal".into(), &"Grace".into()));
    env.fails(&["get", "mine", "--passphrase-file", "pass"], 10, "there is no secret \"mine\"");
    assert!(!env.stdout(&["list", "--organization", "--passphrase-file", "pass"]).contains("Scope"));
    env.write("env", "A=1\nB=2\n");
    env.stdout(&as_grace(&["import", "dotenv", "env", "--name", "local", "--personal"]));
    assert!(env.stdout(&as_grace(&["list", "--personal"])).contains("local"));
}

#[test]
fn a_member_is_bound_to_a_user_of_this_machine() {
    for way in WAYS {
        let env = with_grace(way);
        assert!(env.remarks(way, &["member", "bind", "Grace", "--user", "root"]).contains("root (0)"));
        assert_eq!(env.json(way, &["member", "show", "Grace"])["uid"], 0);
        env.refuses(way, &["member", "bind", "Ada", "--uid", "0"], 14, "another member is bound to that user");
        env.refuses(way, &["member", "bind", "Ada", "--user", "no such user"], 10, "Give the number with --uid N.");
        env.go(way, &["member", "bind", "Grace", "--none"]).assert().success();
        assert!(env.json(way, &["member", "show", "Grace"])["uid"].is_null());
    }
}

#[test]
fn what_is_done_to_members_is_recorded() {
    let env = with_grace(Way::Alone);
    env.stdout(&["member", "grant", "Grace", "use", "deploy", "--passphrase-file", "pass"]);
    let events = env.stdout(&["audit", "--json", "--limit", "0", "--passphrase-file", "pass"]);
    let events: serde_json::Value = serde_json::from_str(&events).unwrap();
    let about: Vec<(&str, &str)> = events
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| Some((event["action"].as_str()?, event["subject"].as_str()?)))
        .filter(|(action, _)| action.starts_with("member-"))
        .collect();
    assert!(about.contains(&("member-invite", "Grace: Member")), "{about:?}");
    assert!(about.contains(&("member-grant", "Grace: use of deploy")), "{about:?}");
    assert!(about.iter().any(|(action, _)| *action == "member-admit"), "{about:?}");
}

#[test]
fn at_a_terminal_the_code_is_hidden_and_the_fingerprint_is_compared() {
    let home = Home::with_vault();
    home.write("pass", PASSPHRASE);
    let with_pass = |args: &[&'static str]| [&["--no-agent"], args, &["--passphrase-file", "pass"]].concat();
    let invited = home.run(&with_pass(&["member", "invite", "Grace"]));
    let code = String::from_utf8(invited.stdout).unwrap();
    let mut grace = home.start(&["--no-agent", "member", "accept"], (80, 24), &[]);
    grace.wait_for("Invitation code: ");
    grace.send(format!("{}\r", code.trim()));
    for question in ["New passphrase: ", "The same again: "] {
        grace.wait_for(question);
        grace.send("a lamp under nine green stairs\r");
    }
    grace.wait_for("read it out to whoever invited you");
    assert_eq!(grace.wait_exit().exit_code(), 0);
    let shown = String::from_utf8_lossy(&grace.bytes()).into_owned();
    assert!(!shown.contains(code.trim()) && !shown.contains("nine green"), "{shown}");
    for (answer, exit, says) in [
        ("no\r", 3, "nobody was admitted. If Grace reads out another one"),
        ("\r", 3, "nobody was admitted"),
        ("\x03", 3, "given up"),
        ("yes\r", 0, "Admitted Grace, who is a Member now."),
    ] {
        let mut ada = home.start(&with_pass(&["member", "admit", "Grace"]), (80, 24), &[]);
        ada.wait_for("Type yes to admit Grace: ");
        ada.send(answer);
        assert_eq!(ada.wait_exit().exit_code(), exit);
        ada.wait_for(says);
    }
    let mut ada = home.start(&with_pass(&["member", "remove", "Grace"]), (80, 24), &[]);
    ada.wait_for("Type Grace to remove them: ");
    ada.send("grace\r");
    assert_eq!(ada.wait_exit().exit_code(), 3);
    ada.wait_for("that is not their name: nobody was removed.");
}
