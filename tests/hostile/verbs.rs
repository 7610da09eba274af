//! Every verb, out of the definition of the command line itself, and hostile texts for all that it takes.

use std::ffi::OsString;
use std::path::Path;

use clap::{Arg, Command, CommandFactory};
use strongroom::cli::Cli;

use crate::texts::Texts;

/// One command line, and what it reads on standard input.
pub(crate) struct Job {
    pub(crate) verb: String,
    pub(crate) args: Vec<OsString>,
    pub(crate) input: String,
}

/// What is deeper in the vault than a name: the id of an application.
pub(crate) struct Known {
    pub(crate) application: String,
}

/// Every verb with its definition; `app add` and `register api-key` are verbs of their own.
pub(crate) fn verbs() -> Vec<(String, Command)> {
    let mut root = Cli::command();
    root.build();
    let mut found = Vec::new();
    root.get_subcommands().for_each(|verb| collect(verb, "", &mut found));
    found
}

fn collect(verb: &Command, above: &str, found: &mut Vec<(String, Command)>) {
    if verb.get_name() == "help" {
        return;
    }
    let name = format!("{above} {}", verb.get_name()).trim().to_owned();
    verb.get_subcommands().for_each(|below| collect(below, &name, found));
    if !verb.is_subcommand_required_set() {
        found.push((name, verb.clone()));
    }
}

/// The command lines for a verb: as it is meant, with and without JSON, then with a hostile text in each place in turn, and
/// with one too many.
pub(crate) fn jobs(name: &str, verb: &Command, known: &Known, texts: &mut Texts) -> Vec<Job> {
    // What a shell is given is a program of the person's own, and what that says is not ours.
    let is_place = |arg: &&Arg| arg.get_action().takes_values() && arg.get_id() != "passphrase_command";
    let places: Vec<&Arg> = verb.get_arguments().filter(is_place).collect();
    let has_json = verb.get_arguments().any(|arg| arg.get_id() == "json");
    let mut jobs = vec![line(name, verb, None, known, false, texts)];
    jobs.extend(has_json.then(|| line(name, verb, None, known, true, texts)));
    for place in places {
        jobs.push(line(name, verb, Some(place), known, has_json && texts.below(2) == 0, texts));
    }
    let mut surplus = line(name, verb, None, known, false, texts);
    let option = ["", "--", "-"][texts.below(3)];
    surplus.args.push(argument(format!("{option}{}", texts.text())));
    jobs.push(surplus);
    jobs
}

fn line(name: &str, verb: &Command, hostile: Option<&Arg>, known: &Known, json: bool, texts: &mut Texts) -> Job {
    let mut args: Vec<OsString> = name.split(' ').map(OsString::from).collect();
    args.extend(json.then(|| "--json".into()));
    let mut last = Vec::new();
    for arg in verb.get_arguments().filter(|arg| arg.get_action().takes_values()) {
        let is_it = hostile.is_some_and(|hostile| hostile.get_id() == arg.get_id());
        if !is_it && !arg.is_required_set() {
            continue;
        }
        let value = if is_it { nasty(texts) } else { usual(name, arg.get_id().as_str(), known, texts) };
        match arg.get_long() {
            // In one piece, for a text may begin with a dash.
            Some(long) => args.push([OsString::from(format!("--{long}=")), value].into_iter().collect()),
            None if arg.is_last_set() => last.extend(["--".into(), value]),
            None => args.push(value),
        }
    }
    args.extend(last);
    Job { verb: name.to_owned(), args, input: String::new() }
}

/// No argument has an end in it.
fn argument(text: String) -> OsString {
    text.replace('\0', "").into()
}

/// A hostile argument, in one of the shapes that are understood further in.
fn nasty(texts: &mut Texts) -> OsString {
    let shape = texts.below(10);
    let (one, two) = (texts.text(), texts.text());
    match shape {
        0 => texts.file_name(),
        1 => argument(format!("strongroom://{one}/{two}")),
        2 => argument(format!("{one}={two}")),
        3 => argument(format!("A=strongroom://{one}/{two}")),
        4 => argument(format!("A=strongroom://payments-api/{two}")),
        5 => argument(format!("@{one}")),
        6 => argument(format!("{one}=generate")),
        7 => argument(texts.odd()),
        _ => argument(one),
    }
}

/// What gets a verb past its first look: what there is, or a text that may stand there.
fn usual(verb: &str, place: &str, known: &Known, texts: &mut Texts) -> OsString {
    match (verb, place) {
        ("app show" | "app remove", "name") | (_, "application") => known.application.clone().into(),
        ("cert", "name") => "edge-cert".into(),
        ("token", "name") => "client".into(),
        (verb, "name") if verb.starts_with("register") || verb == "app add" => argument(texts.odd()),
        // As the samples of the wire have them.
        ("member invite", "name") => argument(texts.odd()),
        (_, "who") => "44".repeat(16).into(),
        (_, "invitation") => "88".repeat(5).into(),
        (_, "request") => "99".repeat(5).into(),
        (_, "answer") => "grant".into(),
        (_, "role") => "manager".into(),
        (_, "permissions" | "permission") => "reveal".into(),
        ("member bind", "uid") => "7".into(),
        (_, "secrets" | "secret") => "payments-api".into(),
        (_, "name") => "payments-api".into(),
        (_, "source") => ["csv", "json", "dotenv", "pass", "keepass", "bitwarden", "strongroom"][texts.below(7)].into(),
        (_, "wanted") => "get".into(),
        (_, "shell") => "fish".into(),
        (_, "seconds") => "0".into(),
        (_, "id") => "aaaaaaaa".into(),
        (_, "command") => "true".into(),
        _ => texts.file_name(),
    }
}

/// What comes out of files and of standard input, not of the command line. `dir` is where the files go.
pub(crate) fn contents(dir: &Path, texts: &mut Texts) -> Vec<Job> {
    let mut jobs = Vec::new();
    let mut add = |line: &str, input: String| {
        let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        jobs.push(Job { verb: args[0].to_string_lossy().into_owned(), args, input });
    };
    for source in ["csv", "json", "dotenv", "keepass", "bitwarden"] {
        for more in ["", " --json", " --dry-run"] {
            std::fs::write(dir.join("import"), file_of(source, texts)).unwrap();
            let (name, input) =
                if texts.below(2) == 0 { ("import", String::new()) } else { ("-", file_of(source, texts)) };
            add(&format!("import {source} {name}{more}"), input);
        }
    }
    for verb in ["git-credential", "docker-credential"] {
        for wanted in ["get", "store", "erase", "list"] {
            let [a, b, c, d] = [(); 4].map(|()| texts.text());
            let input = match texts.below(4) {
                0 => format!("protocol=https\nhost={a}\npath={b}\nusername={c}\n{d}={d}\n\n"),
                1 => format!("protocol={a}\nhost={b}\n\n"),
                2 => format!("https://{a}/{b}"),
                _ => format!("{a}://{b}:{c}@{d}"),
            };
            add(&format!("{verb} {wanted}"), input);
        }
    }
    let [a, b, c, d] = [(); 4].map(|()| texts.text());
    std::fs::write(dir.join("env"), format!("{a}={b}\nA=strongroom://{c}/{d}\n{d}\n")).unwrap();
    std::fs::write(dir.join("template"), format!("{a}{{{{ strongroom://{b}/{c} }}}}{{{{ {d}")).unwrap();
    let [a, b] = [(); 2].map(|()| texts.text());
    std::fs::write(dir.join("other"), format!("{{{{ strongroom://{a}/{b} }}}}")).unwrap();
    for line in ["run --env-file env -- true", "inject -i template", "inject -i other"] {
        add(line, String::new());
    }
    add("inject -i -", format!("{{{{ strongroom://payments-api/{} }}}}", texts.text()));
    std::fs::write(dir.join("pass"), "correct horse\n").unwrap();
    let (who, pass) = ("44".repeat(16), "--passphrase-file pass");
    for line in [
        "member accept --code-file pass --new-passphrase-file pass".to_owned(),
        "member accept --code-file pass --new-passphrase-file pass --json".to_owned(),
        format!("member admit 8989898989 --fingerprint 0000 {pass}"),
        format!("member role {who} member {pass}"),
        format!("member remove {who} --yes {pass}"),
        format!("member remove {who} --yes --json {pass}"),
        format!("member grant {who} use,reveal payments-api"),
        format!("member revoke {who} use --all"),
        format!("member bind {who} --uid 7"),
    ] {
        add(&line, String::new());
    }
    let secret = texts.text();
    for line in [
        "register certificate odd-certificate --certificate - --private-key @env",
        "register key-value odd-pairs --pair A=-",
        "register api-key odd-key --header-name X --value -",
        "edit payments-api --value -",
    ] {
        add(line, secret.clone());
    }
    jobs
}

/// A file of this tool's with thirty hostile secrets in it.
fn file_of(source: &str, texts: &mut Texts) -> String {
    let json = |text: String| serde_json::Value::String(text).to_string();
    let csv = |text: String| format!("\"{}\"", text.replace('"', "\"\""));
    let rows = |texts: &mut Texts, row: &dyn Fn(&mut Texts) -> String, between: &str| {
        (0..30).map(|_| row(texts)).collect::<Vec<_>>().join(between)
    };
    match source {
        "dotenv" => rows(texts, &|texts| format!("{}={}", texts.text(), texts.text()), "\n"),
        "csv" | "keepass" => {
            let head = match (source, texts.below(2)) {
                ("csv", 0) => format!("name,type,{}\n", csv(texts.text())),
                ("csv", _) => "name,type,value\n".to_owned(),
                _ => "\"Group\",\"Title\",\"Username\",\"Password\"\n".to_owned(),
            };
            head + &rows(
                texts,
                &|texts| [(); 4].map(|()| csv(texts.text()))[..if source == "csv" { 3 } else { 4 }].join(","),
                "\n",
            )
        }
        "bitwarden" => {
            let item = |texts: &mut Texts| {
                let [a, b, c, d] = [(); 4].map(|()| json(texts.text()));
                format!(
                    r#"{{"type":{},"name":{a},"notes":{b},"login":{{"username":{c},"password":{d}}},"fields":[{{"name":{a},"value":{b},"type":0}}]}}"#,
                    texts.below(5)
                )
            };
            format!(r#"{{"encrypted":false,"folders":[],"items":[{}]}}"#, rows(texts, &item, ","))
        }
        _ => {
            let item = |texts: &mut Texts| {
                let [a, b, c, d] = [(); 4].map(|()| json(texts.text()));
                let kind = if texts.below(2) == 0 { "\"key-value\"".to_owned() } else { b };
                format!(r#"{{"name":{a},"type":{kind},"value":{{{c}:{d}}},{d}:{c}}}"#)
            };
            format!("[{}]", rows(texts, &item, ","))
        }
    }
}
