//! The managers of hooks themselves, as `.ci/tools` installs them: a commit with a secret is stopped through each, a clean one passes.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::support::{DETECTOR, Place, Ran, leak, program, source, token};

/// Returns a tool that `.ci/tools` installed; without it a test says so on the terminal, and fails where all are required.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let target = program().ancestors().nth(2).expect("it is two folders below");
    let places = ["tools/python/bin", "tools/node_modules/.bin"].map(|folder| target.join(folder).join(name));
    let found = places.into_iter().find(|path| path.exists());
    if found.is_none() {
        assert!(std::env::var_os("STAUNCH_TOOLS").is_none_or(|tools| tools != "required"), "{name} is missing; run .ci/tools");
        let _ = writeln!(std::io::stderr(), "\nNOT TESTED: {name} is not installed; run .ci/tools");
    }
    found
}

/// Makes a repository with a bare `origin` and one commit on it.
fn cloned() -> Place {
    let place = Place::repo();
    place.commit("readme.txt", "nothing here\n");
    let origin = place.beside("origin.git").display().to_string();
    place.git(&["init", "-q", "--bare", &origin]);
    place.git(&["remote", "add", "origin", &origin]);
    place.git(&["push", "-q", "origin", "main"]);
    place
}

#[track_caller]
fn run(place: &Place, tool: &Path, args: &[&str]) {
    place.run(tool.as_os_str(), &place.path(""), args, b"").ends(0);
}

#[track_caller]
fn is_stopped(ran: Ran, seed: u64) {
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(ran.all().contains(DETECTOR), "it failed for another reason: {ran:?}");
    assert!(!ran.all().contains(&token(seed)), "it shows the secret: {ran:?}");
}

/// Checks that commits, messages and pushes are guarded, and that clean ones pass.
#[track_caller]
fn guards(place: &Place) {
    place.staunch(&["doctor"]).ends(0);
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "-m", "set up"]);
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    is_stopped(place.try_git(&["commit", "-m", "x"]), 1);
    place.write("a.txt", "clean\n");
    is_stopped(place.try_git(&["commit", "-m", "the index still holds it"]), 1);
    place.git(&["add", "a.txt"]);
    is_stopped(place.try_git(&["commit", "-m", &leak(2)]), 2);
    place.git(&["commit", "-q", "-m", "clean"]);
    place.git(&["push", "-q", "origin", "main"]);
    place.write("b.txt", leak(3));
    place.git(&["add", "b.txt"]);
    place.git(&["commit", "-q", "--no-verify", "-m", "as rebase commits"]);
    place.remove("b.txt");
    is_stopped(place.try_git(&["push", "origin", "main"]), 3);
    place.git(&["reset", "-q", "--hard", "origin/main"]);
    place.commit("c.txt", "clean\n");
    place.git(&["push", "-q", "origin", "main"]);
    place.git(&["switch", "-q", "-c", "side", "HEAD~1"]);
    place.write("d.txt", leak(4));
    place.git(&["add", "d.txt"]);
    place.git(&["commit", "-q", "--no-verify", "-m", "side"]);
    place.git(&["switch", "-q", "main"]);
    is_stopped(place.try_git(&["merge", "-m", "merge", "side"]), 4);
    place.git(&["merge", "--abort"]);
}

/// Has a framework read our own `.pre-commit-hooks.yaml`.
fn through_framework(tool: &Path) {
    let place = cloned();
    let hooks = place.beside("hooks");
    std::fs::create_dir(&hooks).expect("it is new");
    std::fs::copy(source().join(".pre-commit-hooks.yaml"), hooks.join(".pre-commit-hooks.yaml")).expect("it is there");
    place.git_in(&hooks, &["init", "-q"]);
    place.git_in(&hooks, &["add", "."]);
    place.git_in(&hooks, &["commit", "-q", "-m", "hooks"]);
    place.git_in(&hooks, &["tag", "v1"]);
    let ids = ["staunch-system", "staunch-commit-msg-system", "staunch-pre-push-system"].map(|id| format!("  - id: {id}\n")).concat();
    let kinds = "default_install_hook_types: [pre-commit, pre-merge-commit, commit-msg, pre-push]\n";
    place.write(".pre-commit-config.yaml", format!("{kinds}repos:\n- repo: {}\n  rev: v1\n  hooks:\n{ids}", hooks.display()));
    place.git(&["add", "."]);
    place.staunch(&["doctor"]).ends(2).says("pre-commit install");
    run(&place, tool, &["install"]);
    guards(&place);
}

#[test]
fn pre_commit_runs_ours() {
    let Some(tool) = tool("pre-commit") else { return };
    through_framework(&tool);
}

#[test]
fn prek_runs_ours() {
    let Some(tool) = tool("prek") else { return };
    through_framework(&tool);
}

#[test]
fn pre_commit_over_ours_runs_ours_and_ours_over_pre_commit_runs_both() {
    let Some(tool) = tool("pre-commit") else { return };
    for is_first in [true, false] {
        let place = cloned();
        let local = "repos:\n- repo: local\n  hooks:\n  - {id: own, name: own, entry: echo theirs ran, language: system, verbose: true}\n";
        place.write(".pre-commit-config.yaml", local);
        let installs = [tool.as_path(), program()];
        let args =
            [&["install", "-t", "pre-commit", "-t", "pre-push", "-t", "commit-msg", "-t", "pre-merge-commit"][..], &["hook", "install"]];
        for number in if is_first { [1, 0] } else { [0, 1] } {
            run(&place, installs[number], args[number]);
        }
        guards(&place);
        place.write("e.txt", "clean\n");
        place.git(&["add", "-A"]);
        place.try_git(&["commit", "-m", "x"]).ends(0).says("theirs ran");
    }
}

#[test]
fn husky_runs_ours() {
    let Some(tool) = tool("husky") else { return };
    let place = cloned();
    place.write("package.json", "{\"name\": \"x\", \"private\": true}\n");
    run(&place, &tool, &[]);
    place.staunch(&["hook", "install"]).ends(0);
    guards(&place);
}

#[test]
fn lefthook_runs_ours_beside_what_it_runs_already() {
    let Some(tool) = tool("lefthook") else { return };
    let place = cloned();
    let text = "skip_lfs: true\npre-commit:\n  jobs:\n    - run: echo theirs ran\npre-push:\n  commands:\n    own:\n      run: 'true'\n";
    place.write("lefthook.yml", text);
    place.staunch(&["hook", "install"]).ends(0);
    run(&place, &tool, &["install"]);
    guards(&place);
    place.write("e.txt", "clean\n");
    place.git(&["add", "-A"]);
    place.try_git(&["commit", "-m", "x"]).ends(0).says("theirs ran");
    let linked = place.beside("with a space");
    place.git(&["worktree", "add", "-q", "-b", "other", &linked.display().to_string()]);
    std::fs::write(linked.join("f.txt"), "clean\n").expect("it is ours");
    place.git_in(&linked, &["add", "."]);
    is_stopped(place.try_git_in(&linked, &["commit", "-m", &leak(6)], b""), 6);
    place.try_git_in(&linked, &["commit", "-m", "clean"], b"").ends(0);
    place.staunch(&["hook", "uninstall"]).ends(0);
    assert_eq!(place.read("lefthook.yml"), text);
}

/// Returns whether the git on the PATH runs hooks that its configuration names; without one a test says so.
fn knows_configured_hooks(place: &Place) -> bool {
    let version = place.git(&["version"]);
    let mut numbers = version.split([' ', '.']).filter_map(|word| word.parse::<u32>().ok());
    let is_new = (numbers.next(), numbers.next()) >= (Some(2), Some(54));
    if !is_new {
        let _ = writeln!(std::io::stderr(), "\nNOT TESTED: {version} runs no configured hooks; 2.54 does");
    }
    is_new
}

#[test]
fn git_runs_the_hooks_that_its_configuration_names() {
    let place = cloned();
    if !knows_configured_hooks(&place) {
        return;
    }
    place.staunch(&["hook", "install", "--configured"]).ends(0);
    assert_eq!(place.git(&["hook", "list", "pre-push"]), "staunch-pre-push");
    place.write("readme.txt", "something\n");
    guards(&place);
    place.staunch(&["hook", "uninstall"]).ends(0);
    place.write("a.txt", leak(5));
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "-m", "nobody is asked any more"]);
}
