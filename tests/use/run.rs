//! `run`: what a program finds when it begins is what it would have found without us, and the variables.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use strongroom::domain::BindingTarget;

use crate::pty::agents;
use crate::world::{bind, fails, of_shell, printed, shell, value, world};

#[test]
fn a_program_gets_these_variables_and_none_of_ours() {
    let env = world();
    env.write("app.env", "# of the application\nB=\"strongroom://odd/quoted\"\nPLAIN='two words'\nEMPTY=\n");
    for agent in [false, true] {
        let line = "export STRONGROOM_X=1 STRONGROOM_PASSPHRASE_FILE=pass KEPT=yes; \
                    $S run --env A=strongroom://api-active --env-file app.env -- env";
        let mut names: Vec<String> = printed(&env, agent, line).lines().map(str::to_owned).collect();
        names.retain(|line| {
            !["PATH=", "PWD=", "SHLVL=", "_=", "S=", "P=", "HOME="].iter().any(|own| line.starts_with(own))
        });
        let mut expected = [
            format!("A={}", value("api-active")),
            "B=a\"b\\c{{ strongroom://api-active }}$'".to_owned(),
            "EMPTY=".to_owned(),
            "KEPT=yes".to_owned(),
            "PLAIN=two words".to_owned(),
        ];
        names.sort();
        expected.sort();
        assert_eq!(names, expected);
    }
}

#[test]
fn what_can_be_wrong_is_said_before_a_passphrase_is_asked_for() {
    let env = world();
    env.write("twice.env", "A=1\n");
    env.write("bad.env", "A=strongroom://a/b/c\n");
    for (options, says) in [
        ("--env A=canary-71e0c4-typed", "what is no reference is never an argument"),
        ("--env canary-71e0c4-typed", "there is no = in it"),
        ("--env A=strongroom://", "a reference names a secret"),
        ("--env LD_PRELOAD=strongroom://api-active", "decides what a program runs"),
        ("--env STRONGROOM_VAULT=strongroom://api-active", "strongroom's own"),
        ("--file 1=strongroom://api-active", "1: A variable is called"),
        ("--env A=strongroom://api-active --file A=strongroom://odd/quoted", "A is set twice"),
        ("--env A=strongroom://api-active --env-file twice.env", "A is set twice"),
        ("--env-file bad.env", "bad.env: A: a slash within"),
    ] {
        fails(&env, false, &format!("$S run {options} -- true"), 2, says);
    }
    fails(&env, false, "$S run --env-file none.env -- true", 10, "none.env: there is no such file");
    fails(&env, false, "$S run --env A=strongroom://api-active", 2, "-- <CMD>");
}

#[test]
fn what_is_missing_or_does_not_fit_starts_nothing() {
    let env = world();
    for agent in [false, true] {
        for (options, code, says) in [
            ("--env A=strongroom://none", 10, "there is no secret \"none\""),
            ("--env A=strongroom://odd", 2, "several fields: binary, quoted"),
            ("--env A=strongroom://odd/none", 10, "no field \"none\""),
            ("--env A=strongroom://odd/binary", 1, "A cannot be set: a NUL byte is in it"),
        ] {
            fails(&env, agent, &format!("$S run $P {options} -- touch started"), code, says);
        }
        // All or nothing.
        let both = "$S run $P --env A=strongroom://api-active --env B=strongroom://api-inactive -- touch started";
        fails(&env, agent, both, 13, "api-inactive is Inactive since");
    }
    assert!(!env.path("started").exists());
}

#[test]
fn it_takes_our_place_and_ends_as_it_likes() {
    let env = world();
    let run = "exec $S run $P --env A=strongroom://api-active --";
    for agent in [false, true] {
        let child = of_shell(&env, agent, &format!("{run} sh -c 'echo $$'")).stdout(Stdio::piped()).spawn();
        let child = child.unwrap();
        let pid = child.id();
        let told = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        assert_eq!(told.trim(), pid.to_string(), "the same process");
        assert_eq!(shell(&env, agent, &format!("{run} sh -c 'exit 7'")).status.code(), Some(7));
        assert_eq!(shell(&env, agent, &format!("{run} sh -c 'kill -9 $$'")).status.signal(), Some(9));
        assert_eq!(shell(&env, agent, "($S run -- sh -c 'kill -15 $$'); exit $?").status.code(), Some(143));
        fails(&env, agent, &format!("{run} no-such-program"), 127, "no-such-program: there is no such program");
        fails(&env, agent, &format!("{run} ./pass"), 126, "./pass: it cannot be run: permission denied");
    }
}

#[test]
fn an_agent_that_it_starts_is_no_child_of_the_program() {
    let env = world();
    let line = "exec $S run $P --env A=strongroom://api-active -- sh -c 'echo begun; read x'";
    let mut shell = of_shell(&env, true, line);
    let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
    let agents = agents::pids(&env.path(""));
    assert_eq!(agents.len(), 1);
    let status = std::fs::read_to_string(format!("/proc/{}/status", agents[0])).unwrap();
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).unwrap().trim();
    assert_ne!(parent, child.id().to_string());
    drop(child.stdin.take());
    child.wait().unwrap();
}

/// Runs `look` without us and with us; it has to print the same.
#[track_caller]
fn finds_the_same(before: &str, look: &str) {
    let env = world();
    for agent in [false, true] {
        let without = printed(&env, agent, &format!("{before}; {look}"));
        let with = printed(&env, agent, &format!("{before}; $S run $P --env A=strongroom://api-active -- {look}"));
        assert_eq!(with, without, "{before}; {look}");
    }
}

#[test]
fn limits_the_umask_and_signals_are_as_before() {
    finds_the_same("umask 027; ulimit -Sc 0; ulimit -Sc 512", "sh -c 'umask; ulimit -Sc; ulimit -Hc; ulimit -n'");
    finds_the_same("ulimit -Hc 700; ulimit -Sc 0", "sh -c 'ulimit -Sc; ulimit -Hc'");
    finds_the_same("trap '' HUP INT USR1", "grep -E '^Sig(Ign|Blk|Cgt)' /proc/self/status");
    finds_the_same(
        ":",
        "sh -c 'yes | head -n 1; grep -c . /proc/self/environ >/dev/null; ps -o ppid= $$ >/dev/null; cd; pwd'",
    );
}

#[test]
fn descriptors_that_were_left_open_are_closed_but_for_sockets_of_the_program() {
    let env = world();
    let look = "sh -c 'for n in 3 4 5; do [ -e /proc/$$/fd/$n ] && echo $n; done; true'";
    let open = "exec 3<pass 4<pass 5<pass;";
    assert_eq!(printed(&env, false, &format!("{open} {look}")), "3\n4\n5\n", "there are some to be seen");
    for agent in [false, true] {
        let run = "run --passphrase-file pass --env A=strongroom://api-active";
        assert_eq!(printed(&env, agent, &format!("{open} $S {run} -- {look}")), "");
        // The shell's number is ours when it lets us take its place.
        let activated = format!("{open} LISTEN_PID=$$ LISTEN_FDS=2 exec $S {run} -- {look}");
        assert_eq!(printed(&env, agent, &activated), "3\n4\n");
    }
}

#[test]
fn a_file_is_in_memory_private_and_nobody_can_change_it() {
    let env = world();
    for agent in [false, true] {
        let run = "$S run $P --file F=strongroom://odd/binary --env A=strongroom://api-active -- sh -c";
        let bytes = shell(&env, agent, &format!("{run} 'cat \"$F\" \"$F\"'")).stdout;
        assert_eq!(bytes, b"\xff\0\n\xff\0\n", "from its beginning each time it is opened");
        assert_eq!(printed(&env, agent, &format!("{run} 'stat -L -c %a \"$F\"'")), "600\n");
        let write = "for how in \">\" \">>\"; do sh -c \"echo x $how $F\" 2>/dev/null && echo written; done; true";
        let changed = printed(&env, agent, &format!("{run} '{write}; [ $(wc -c <\"$F\") = 3 ] && echo whole'"));
        assert!(changed.ends_with("whole\n"), "{changed}");
        // It goes with the last process that has it.
        assert!(printed(&env, agent, &format!("{run} 'readlink $F'")).starts_with("/memfd:strongroom"));
    }
}

#[test]
fn an_application_says_what_its_program_needs() {
    let env = world();
    let targets = [
        (BindingTarget::Variable("TOKEN".into()), "api-active", "value"),
        (BindingTarget::File("KEY_FILE".into()), "odd", "quoted"),
        (BindingTarget::Host("h".into()), "api-active", "value"),
        (BindingTarget::Header("X".into()), "api-active", "value"),
    ];
    bind(&env, "shop", &targets);
    bind(&env, "old shop", &[(BindingTarget::Variable("TOKEN".into()), "api-inactive", "value")]);
    let run = |app: &str, more: &str| {
        format!("$S run $P --app '{app}' {more} -- sh -c 'echo $TOKEN; cat $KEY_FILE; echo $X'")
    };
    for agent in [false, true] {
        let expected = format!("{}\na\"b\\c{{{{ strongroom://api-active }}}}$'\n", value("api-active"));
        assert_eq!(printed(&env, agent, &run("shop", "")), expected);
        fails(&env, agent, &run("shop", "--env TOKEN=strongroom://api-soon"), 2, "TOKEN is set twice");
        fails(&env, agent, &run("old shop", ""), 13, "old shop needs it");
        fails(&env, agent, &run("none", ""), 10, "no such application");
    }
}
