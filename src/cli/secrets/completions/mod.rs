//! `strongroom completions SHELL`: options and verbs as the command line knows them, and the names of secrets as the agent
//! does, while the vault is unlocked.

pub(in crate::cli::secrets) mod names;

use clap::{ArgAction, Command, CommandFactory};
use clap_complete::{Shell, generate};

use crate::cli::args::{Cli, CompletedShell};
use crate::cli::{Failed, output};

/// The verbs whose first argument is the name of a secret.
const NAMED: [&str; 12] = [
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
];

/// The verbs of `app` whose first argument is the name of an application.
const OF_APPLICATIONS: [&str; 3] = ["show", "edit", "remove"];
/// The verbs of `member` whose first argument is the name of a member.
const OF_MEMBERS: [&str; 6] = ["show", "role", "grant", "revoke", "bind", "remove"];
/// The verbs of `member` whose first argument is an invitation.
const OF_INVITATIONS: [&str; 2] = ["admit", "withdraw"];
/// The verbs of `member` that take secrets after something else, and after how many arguments.
const THEN_SECRETS: [(&str, usize); 3] = [("grant", 2), ("revoke", 2), ("ask", 1)];
/// The options that take a target and a reference.
const WITH_REFERENCES: [&str; 4] = ["--env", "--file", "--header", "--host"];

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

/// The options that take a value, at any verb.
fn with_values() -> Vec<String> {
    fn collect(of: &Command, into: &mut Vec<String>) {
        for argument in of.get_arguments().filter(|one| matches!(one.get_action(), ArgAction::Set | ArgAction::Append))
        {
            into.extend(argument.get_long().map(|long| format!("--{long}")));
            into.extend(argument.get_short().map(|short| format!("-{short}")));
        }
        of.get_subcommands().for_each(|below| collect(below, into));
    }
    let mut whole = shown();
    whole.build();
    let mut options = Vec::new();
    collect(&whole, &mut options);
    options.sort_unstable();
    options.dedup();
    options
}

/// Of `member`, as bash's patterns have it: verb, verb below and how many arguments are there already, and what to add then.
fn of_members() -> impl Iterator<Item = String> {
    let add = |pattern: String, what: &str| format!("{pattern}) _strongroom_add \"$current\" \"\"{what};");
    let first = |verbs: &'static [&str], what: &'static str| {
        verbs.iter().map(move |verb| add(format!("\"member {verb} 0\""), what))
    };
    let secrets = THEN_SECRETS.iter().map(move |(verb, after)| match *after {
        // One alone.
        1 => add(format!("\"member {verb} 1\""), ""),
        after => add(format!("\"member {verb} \"[{after}-9]"), ""),
    });
    first(&OF_MEMBERS, " --members")
        .chain(first(&OF_INVITATIONS, " --invitations"))
        .chain(first(&["answer"], " --requests"))
        .chain(secrets)
}

/// A function around the generated one, which adds the names. Bash takes a reference apart at its colon, and an option at
/// its equals sign: what is asked for is read from the line, and what was there before the last colon is left away.
fn bash(generated: &str) -> String {
    let (verbs, apps) = (NAMED.join("|"), OF_APPLICATIONS.join("|"));
    let values = with_values().join("|");
    let members: String = of_members().map(|line| format!("        {line} return ;;\n")).collect();
    let script = format!(
        r#"
_strongroom_add() {{
    local current="$1" before="$2" name; shift 2
    while IFS= read -r name; do
        name="$(printf %q "$name")"
        COMPREPLY+=("${{name#"$before"}}")
    done < <(strongroom complete-names "$@" -- "${{current//\\/}}" 2>/dev/null)
}}

_strongroom_with_names() {{
    _strongroom "$@"
    local word before verb= below= option= after=0 current="${{COMP_WORDS[COMP_CWORD]}}"
    local whole="${{COMP_LINE:0:${{COMP_POINT:-0}}}}"
    whole="${{whole##*[[:space:]]}}"
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$option" in {values}) option=; continue ;; esac
        option=
        case "$word" in
            --) return ;;
            -*) option="$word" ;;
            *) if [ -z "$verb" ]; then verb="$word"; elif [ -z "$below" ]; then below="$word"; else after=$((after + 1)); fi ;;
        esac
    done
    case "$whole" in *strongroom:*)
        whole="strongroom:${{whole##*strongroom:}}"
        before="${{whole%"${{whole##*:}}"}}"
        COMPREPLY=()
        _strongroom_add "$whole" "$before" --references
        return ;;
    esac
    case "$verb $option" in
        "run --app") COMPREPLY=(); _strongroom_add "$current" "" --applications; return ;;
        "audit --secret") COMPREPLY=(); _strongroom_add "$current" ""; return ;;
        *" --member") COMPREPLY=(); _strongroom_add "$current" "" --members; return ;;
    esac
    case "$option" in {values}) return ;; esac
    case "$current" in -*) return ;; esac
    case "$verb $below" in
        "app "*) case "$below" in {apps}) _strongroom_add "$current" "" --applications ;; esac; return ;;
    esac
    case "$verb $below $after" in
{members}        "member "*) return ;;
    esac
    case "$verb" in {verbs}) _strongroom_add "$current" "" ;; esac
}}

complete -F _strongroom_with_names -o nosort -o bashdefault -o default strongroom
"#
    );
    generated.to_owned() + &script
}

/// The generated function, with names where it would offer files for NAME.
fn zsh(generated: &str) -> String {
    let names = r#"
_strongroom_add() {
    local -a names
    names=("${(@f)$(strongroom complete-names "$@" -- "${(Q)PREFIX}" 2>/dev/null)}")
    (( ${#names[1]} )) && compadd -a names
}
_strongroom_names() { _strongroom_add }
_strongroom_applications() { _strongroom_add --applications }
_strongroom_members() { _strongroom_add --members }
_strongroom_invitations() { _strongroom_add --invitations }
_strongroom_requests() { _strongroom_add --requests }
_strongroom_references() { compset -P '*='; _strongroom_add --references }
"#;
    let mut lines = generated.lines();
    let head = lines.next().unwrap_or_default();
    format!("{head}\n{names}{}", lines.map(|line| with_names(line) + "\n").collect::<String>())
}

/// A line of zsh's that describes an argument, with a function of ours where one knows what it may be.
fn with_names(line: &str) -> String {
    const OURS: [(&str, &str); 13] = [
        ("':name -- The application", "_strongroom_applications"),
        ("':application -- ", "_strongroom_applications"),
        ("'--app=", "_strongroom_applications"),
        ("':name -- The ", "_strongroom_names"),
        ("'*::find -- ", "_strongroom_names"),
        ("'--secret=", "_strongroom_names"),
        ("'--member=", "_strongroom_members"),
        ("':who -- ", "_strongroom_members"),
        ("':invitation -- ", "_strongroom_invitations"),
        ("':request -- ", "_strongroom_requests"),
        ("'*::secrets -- ", "_strongroom_names"),
        ("'::secret -- ", "_strongroom_names"),
        ("'*--", "_strongroom_references"),
    ];
    let begins = line.trim_start();
    let ours = OURS.iter().find(|(begin, _)| begins.starts_with(begin)).map(|(_, function)| *function);
    match ours {
        Some("_strongroom_references") if !begins.contains("=REF:_default'") => line.to_owned(),
        Some(function) => line.replace(":_default'", &format!(":{function}'")),
        None => line.to_owned(),
    }
}

fn fish(generated: &str) -> String {
    let functions = "
function _strongroom_references
    set -l token (commandline -ct)
    set -l before (string match -r '^(?:--[a-z]+=)?[^=]*=' -- $token)
    for reference in (strongroom complete-names --references -- (string replace -r '^(?:--[a-z]+=)?[^=]*=' '' -- $token) 2>/dev/null)
        echo -- $before$reference
    end
end
";
    let ask = |how: &str| format!("\"(strongroom complete-names {how}-- (commandline -ct) 2>/dev/null)\"");
    let seen = "__fish_seen_subcommand_from";
    let mut script = generated.to_owned() + functions;
    for verb in NAMED {
        script +=
            &format!("complete -c strongroom -n \"{seen} {verb}; and not {seen} app member\" -f -a {}\n", ask(""));
    }
    let apps = OF_APPLICATIONS.join(" ");
    let applications = ask("--applications ");
    script += &format!("complete -c strongroom -n \"{seen} app; and {seen} {apps}\" -f -a {applications}\n");
    script += &format!("complete -c strongroom -n \"{seen} run\" -l app -x -a {applications}\n");
    script += &format!("complete -c strongroom -n \"{seen} audit\" -l secret -x -a {}\n", ask(""));
    for (verbs, how) in [
        (OF_MEMBERS.join(" "), "--members "),
        (OF_INVITATIONS.join(" "), "--invitations "),
        ("answer".to_owned(), "--requests "),
    ] {
        script += &format!("complete -c strongroom -n \"{seen} member; and {seen} {verbs}\" -f -a {}\n", ask(how));
    }
    let takers = THEN_SECRETS.map(|(verb, _)| verb).join(" ");
    script += &format!("complete -c strongroom -n \"{seen} member; and {seen} {takers}\" -f -a {}\n", ask(""));
    script += &format!("complete -c strongroom -l member -x -a {}\n", ask("--members "));
    for option in WITH_REFERENCES.map(|option| option.trim_start_matches('-')) {
        script +=
            &format!("complete -c strongroom -n \"{seen} run app\" -l {option} -x -a \"(_strongroom_references)\"\n");
    }
    script
}
