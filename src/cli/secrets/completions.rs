//! `strongroom completions SHELL`: options and verbs as the command line knows them, and the names of secrets as the agent
//! does, while the vault is unlocked.

use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate};

use crate::cli::args::{Cli, CompletedShell};
use crate::cli::{Failed, output};
use crate::domain::text::is_forbidden;
use crate::service::{Door, Request, Response, VaultStatus};

/// The verbs whose first argument is the name of a secret.
const NAMED: [&str; 14] = [
    "show",
    "get",
    "edit",
    "rename",
    "deactivate",
    "reactivate",
    "delete",
    "history",
    "list",
    "curl-config",
    "token",
    "cert",
    "run",
    "inject",
];

pub(super) fn run(shell: CompletedShell) -> Result<(), Failed> {
    let generated = |shell: Shell| {
        let mut script = Vec::new();
        generate(shell, &mut shown(), "strongroom", &mut script);
        String::from_utf8_lossy(&script).into_owned()
    };
    output::data(&match shell {
        CompletedShell::Bash => bash(&generated(Shell::Bash)),
        CompletedShell::Zsh => zsh(&generated(Shell::Zsh)),
        CompletedShell::Fish => fish(&generated(Shell::Fish)),
    })
}

/// The command line without what is hidden, which the generator would complete all the same.
fn shown() -> Command {
    let whole = Cli::command();
    let verbs = whole.get_subcommands().filter(|verb| !verb.is_hide_set()).cloned();
    Command::new("strongroom")
        .version(env!("CARGO_PKG_VERSION"))
        .args(whole.get_arguments().cloned())
        .subcommands(verbs)
}

/// Prints the names that begin so, one a line. Nobody is asked for anything: what is locked has no names.
pub(super) fn names(beginning: &str, door: &mut dyn Door) -> Result<(), Failed> {
    let mut ask = |request| door.call(request, &|_| {});
    if !matches!(ask(Request::Status), Ok(Response::Status(VaultStatus::Unlocked(_)))) {
        return Ok(());
    }
    let Ok(Response::Names(names)) = ask(Request::Names(beginning.into())) else { return Ok(()) };
    let shown = names.iter().filter(|name| !name.contains(is_forbidden));
    output::data(&shown.map(|name| format!("{name}\n")).collect::<String>())
}

/// A function around the generated one, which adds the names.
fn bash(generated: &str) -> String {
    let verbs = NAMED.join("|");
    let script = format!(
        r#"
_strongroom_with_names() {{
    _strongroom "$@"
    local word verb= current="${{COMP_WORDS[COMP_CWORD]}}" name
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$word" in -*) ;; *) verb="$word"; break ;; esac
    done
    case "$verb" in {verbs}) ;; *) return ;; esac
    case "$current" in -*) return ;; esac
    while IFS= read -r name; do
        COMPREPLY+=("$(printf %q "$name")")
    done < <(strongroom complete-names -- "${{current//\\/}}" 2>/dev/null)
}}

complete -F _strongroom_with_names -o nosort -o bashdefault -o default strongroom
"#
    );
    generated.to_owned() + &script
}

/// The generated function, with names where it would offer files for NAME.
fn zsh(generated: &str) -> String {
    let names = "
_strongroom_names() {
    local -a names
    names=(\"${(@f)$(strongroom complete-names -- \"${(Q)PREFIX}\" 2>/dev/null)}\")
    (( ${#names[1]} )) && compadd -a names
}
";
    let is_name = |line: &str| {
        let line = line.trim_start();
        line.starts_with("':name -- The secret") || line.starts_with("'*::find -- ")
    };
    let with_names = |line: &str| {
        let line = if is_name(line) { line.replace(":_default'", ":_strongroom_names'") } else { line.to_owned() };
        line + "\n"
    };
    let mut lines = generated.lines();
    let head = lines.next().unwrap_or_default();
    format!("{head}\n{names}{}", lines.map(with_names).collect::<String>())
}

fn fish(generated: &str) -> String {
    let line = |verb: &&str| {
        format!(
            "complete -c strongroom -n \"__fish_seen_subcommand_from {verb}\" -f -a \"(strongroom complete-names -- \
             (commandline -ct) 2>/dev/null)\"\n"
        )
    };
    generated.to_owned() + &NAMED.iter().map(line).collect::<String>()
}
