//! A repository made to harm whoever looks at it: nothing that it names is run, and nothing it holds keeps us busy without end.

use std::time::{Duration, Instant};

use crate::hook::{script, snapshot};
use crate::support::{Place, leak, program};

/// Keys with which a configuration names programs.
const KEYS: [&str; 21] = [
    "core.fsmonitor",
    "core.pager",
    "core.editor",
    "core.askPass",
    "core.sshCommand",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.x.command",
    "diff.x.textconv",
    "filter.x.clean",
    "filter.x.smudge",
    "filter.x.process",
    "merge.x.driver",
    "gpg.program",
    "sequence.editor",
    "uploadpack.packObjectsHook",
    "remote.origin.uploadpack",
    "alias.check",
    "hook.x.command",
];

/// Makes a repository that names a trap wherever it can, and returns it with the mark that the trap leaves.
fn trapped() -> (Place, std::path::PathBuf) {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    let (trap, mark) = (place.beside("trap.sh"), place.beside("ran"));
    script(&trap, &format!("#!/bin/sh\ntouch {}\ncat\n", mark.display()));
    let named = trap.display().to_string();
    place.write("b.txt", leak(1));
    place.git(&["add", "b.txt"]);
    place.write(".gitattributes", "* filter=x diff=x merge=x\n");
    let mut included = String::new();
    for key in KEYS {
        place.git(&["config", key, &named]);
        let (section, name) = key.rsplit_once('.').expect("it has two parts");
        let section = section.split_once('.').map_or_else(|| section.to_owned(), |(one, two)| format!("{one} \"{two}\""));
        included.push_str(&format!("[{section}]\n\t{name} = {named}\n"));
    }
    place.git(&["config", "hook.x.event", "pre-commit"]);
    std::fs::write(place.beside("included"), included).expect("it is new");
    place.git(&["config", "include.path", &place.beside("included").display().to_string()]);
    for name in ["pre-commit", "commit-msg", "pre-push", "post-index-change", "reference-transaction"] {
        script(&place.path(format!("traps/{name}")), &format!("#!/bin/sh\n{named}\n"));
    }
    place.git(&["config", "core.hooksPath", "traps"]);
    let _ = std::fs::remove_file(&mark);
    (place, mark)
}

#[test]
fn no_command_of_ours_runs_a_program_that_a_repository_names() {
    let (place, mark) = trapped();
    let before = snapshot(&place.path(".git"));
    let refs = format!("refs/heads/main {} refs/heads/main {}\n", "1".repeat(40), "0".repeat(40));
    for (input, args, code) in [
        ("", &["check"][..], 1),
        ("", &["audit"], 1),
        ("", &["scan"], 1),
        ("", &["ci"], 1),
        ("", &["hook", "run", "pre-commit"], 1),
        ("", &["hook", "run", "pre-merge-commit"], 1),
        ("", &["hook", "run", "commit-msg", "b.txt"], 1),
        (&refs, &["hook", "run", "pre-push", "origin", "x"], 2),
        (&refs, &["hook", "run", "post-rewrite", "rebase"], 2),
        (&refs, &["hook", "run", "pre-receive"], 2),
        ("", &["hook", "status"], 2),
        ("", &["doctor"], 2),
        (r#"{"hook_event_name": "PreToolUse", "tool_name": "Read", "tool_input": {"file_path": "b.txt"}}"#, &["hook", "agent"], 0),
    ] {
        place.staunch_with(input.as_bytes(), args).ends(code);
        assert!(!mark.exists(), "{args:?} ran a program of the repository");
    }
    assert_eq!(snapshot(&place.path(".git")), before, "nothing was written either");
}

/// Pushes a commit whose tree names ten trees, each of which names ten, and so on: a hundred million files in ten objects.
fn bomb() -> (Place, String) {
    let place = Place::repo_with(&["--bare"]);
    let object = |args: &[&str], input: &str| {
        let ran = place.try_git_in(&place.path(""), args, input.as_bytes()).ends(0);
        ran.out.trim().to_owned()
    };
    let blob = object(&["hash-object", "-w", "--stdin"], "clean\n");
    let mut tree = object(&["mktree"], &(0..10).map(|n| format!("100644 blob {blob}\tf{n}\n")).collect::<String>());
    for _ in 0..7 {
        tree = object(&["mktree"], &(0..10).map(|n| format!("040000 tree {tree}\td{n}\n")).collect::<String>());
    }
    let commit = object(&["commit-tree", "-m", "bomb", &tree], "");
    let line = format!("{} {commit} refs/heads/main\n", "0".repeat(40));
    (place, line)
}

#[test]
fn a_commit_of_a_hundred_million_files_is_refused_in_its_time() {
    let (place, line) = bomb();
    let run = |args: &[&str]| place.run(program().as_os_str(), &place.path(""), &[&["hook", "run"], args].concat(), line.as_bytes());
    let start = Instant::now();
    run(&["--budget-ms", "200", "pre-receive"]).ends(2).says("within 200 ms");
    assert!(start.elapsed() < Duration::from_secs(20), "the time is looked at inside of a commit: {:?}", start.elapsed());
    run(&["pre-receive"]).ends(2).says("more than");
}
