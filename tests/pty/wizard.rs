//! Goes through the wizard that makes a vault.

use super::Session;

const TAB: &str = "\t";
const ENTER: &str = "\r";

/// The wizard, from the first question to the empty listing; gives the recovery key.
pub fn found_vault(session: &mut Session, organization: &str, member: &str, passphrase: &str) -> Vec<String> {
    let groups = up_to_recovery_key(session, organization, member, passphrase);
    from_recovery_key(session, organization, &groups);
    groups
}

/// Up to the screen that shows the recovery key; gives the key.
pub fn up_to_recovery_key(session: &mut Session, organization: &str, member: &str, passphrase: &str) -> Vec<String> {
    session.wait_for("New vault");
    session.send([organization, ENTER].concat());
    session.send([member, ENTER].concat());
    session.send([passphrase, TAB, passphrase, ENTER].concat());
    session.wait_for("Your recovery key");
    groups(&session.screen())
}

/// From there to the empty listing, by typing back what is asked for.
pub fn from_recovery_key(session: &mut Session, organization: &str, groups: &[String]) {
    session.send(ENTER);
    session.wait_for("from what you wrote down");
    let asked = asked(&session.screen());
    for number in &asked {
        session.send([&groups[number - 1], ENTER].concat());
    }
    session.wait_for(&format!("The vault of {organization} is ready"));
    session.wait_for("No secrets yet");
}

/// The groups on the screen, each after its number.
fn groups(screen: &str) -> Vec<String> {
    let words: Vec<&str> = screen.split_whitespace().collect();
    (1..=14)
        .map(|number: usize| {
            let is_group = |pair: &&[&str]| pair[0].trim_start_matches('│') == number.to_string() && pair[1].len() == 4;
            words.windows(2).find(is_group).unwrap_or_else(|| panic!("no group {number} on\n{screen}"))[1].to_owned()
        })
        .collect()
}

/// The numbers of the groups that are asked back.
fn asked(screen: &str) -> Vec<usize> {
    let line = screen.lines().find(|line| line.contains("from what you wrote down")).expect("the question");
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}
