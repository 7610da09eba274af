//! What is refused names the thing, says why, and says what to do next.

use rcgen::{CertificateParams, KeyPair};

use crate::env::{Env, WAYS, Way};
use crate::pty::home::Home;

#[test]
fn a_wrong_passphrase_is_looked_for_where_it_came_from() {
    let (env, _) = Env::with_vault();
    env.write("wrong", "not the passphrase\n");
    env.fails(&["list", "--passphrase-file", "wrong"], 11, "does not open this vault. Check the first line of wrong.");
    env.fails(&["list", "--passphrase-command", "echo wrong"], 11, "Check what --passphrase-command prints.");
    let mut surroundings = env.run(&["list"]);
    let output = surroundings.env("STRONGROOM_PASSPHRASE_FILE", "wrong").assert().code(11).get_output().clone();
    assert!(String::from_utf8_lossy(&output.stderr).contains("that STRONGROOM_PASSPHRASE_FILE names."));
    let home = Home::with_vault();
    let mut session = home.start(&["--no-agent", "list"], (80, 24), &[]);
    session.wait_for("Passphrase: ");
    session.send("not the passphrase\r");
    assert_eq!(session.wait_exit().exit_code(), 11);
    session.wait_for("does not open this vault. Type it again.");
}

#[test]
fn what_lacks_a_terminal_is_told_what_to_do() {
    let (env, _) = Env::with_vault();
    let locked = "strongroom: the vault is locked, and there is no terminal to ask at. ";
    env.fails(&["list"], 12, &format!("{locked}Unlock it with strongroom unlock"));
    let output = env.through_agent(&["unlock"]).assert().code(12).get_output().clone();
    assert!(
        String::from_utf8_lossy(&output.stderr).contains(&format!("{locked}Put the passphrase into")),
        "{output:?}"
    );
    env.fails(&["passphrase"], 2, "the passphrase is needed, and there is no terminal to ask at.");
}

#[test]
fn a_secret_of_another_type_is_named() {
    for way in WAYS {
        let env = Env::ready(way);
        env.prints(way, &["register", "key-value", "kv", "--pair", "K=generate"]);
        env.refuses(
            way,
            &["token", "kv"],
            2,
            "kv: Only client credentials are exchanged for a token. See strongroom list",
        );
        env.refuses(
            way,
            &["cert", "kv", "--cert", "c", "--key", "k"],
            2,
            "kv: its type is Key/Value, and this takes a",
        );
    }
}

#[test]
fn an_application_that_is_not_there_is_named() {
    let (env, _) = Env::with_vault();
    let run = ["run", "--app", "nope", "--passphrase-file", "pass", "--", "true"];
    env.fails(&run, 10, "there is no such application: \"nope\". See strongroom app list.");
}

#[test]
fn a_certificate_without_its_key_is_told_as_that() {
    let env = Env::ready(Way::Alone);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["example.com".to_owned()]).unwrap().self_signed(&key).unwrap();
    env.write("c.pem", &certificate.pem());
    env.prints(Way::Alone, &["register", "certificate", "c", "--certificate", "@c.pem"]);
    let says = "c was registered without a private key. Its certificate alone: strongroom get c --field certificate.";
    env.refuses(Way::Alone, &["cert", "c", "--cert", "x", "--key", "y"], 10, says);
    assert!(env.prints(Way::Alone, &["get", "c", "--field", "certificate"]).contains("BEGIN CERTIFICATE"));
}

#[test]
fn a_place_without_a_vault_is_named() {
    let env = Env::new();
    let says = "strongroom: there is no vault at elsewhere. Make one with strongroom (the screens) or strongroom init";
    env.fails(&["list", "--vault", "elsewhere"], 10, says);
    env.fails(&["list"], 10, ".local/share/strongroom. Make one");
}

#[test]
fn the_dashes_before_a_command_are_named() {
    let env = Env::new();
    env.fails(&["run", "env"], 2, "tip: put -- before the command: strongroom run [OPTIONS] -- CMD");
    assert!(!String::from_utf8_lossy(&env.run(&["list", "--nope"]).output().unwrap().stderr).contains("put --"));
}

#[test]
fn a_template_without_a_reference_is_told() {
    for way in WAYS {
        let env = Env::ready(way);
        env.write("t", "port = 1\n");
        assert_eq!(env.prints(way, &["inject", "-i", "t"]), "port = 1\n");
        assert!(env.remarks(way, &["inject", "-i", "t"]).starts_with("Warning: no reference found in t"));
    }
}

#[test]
fn a_secret_that_no_event_names_is_told() {
    for way in WAYS {
        let env = Env::ready(way);
        env.prints(way, &["register", "api-key", "a", "--header-name", "X", "--generate"]);
        env.refuses(way, &["audit", "--secret", "nosuch"], 10, "no event names it, and there is no secret \"nosuch\".");
        env.prints(way, &["delete", "a", "--yes"]);
        assert!(env.prints(way, &["audit", "--secret", "a"]).contains("delete"));
        let told = env.remarks(way, &["audit", "--secret", "a", "--since", "2199-01-01"]);
        assert!(told.contains("No event of that time is about a."), "{told}");
    }
}
