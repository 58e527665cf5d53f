//! Our hooks where something else manages them, for all repositories, and what the doctor says of each.

use std::path::Path;

use crate::hook::{hooked, script, snapshot};
use crate::support::{DETECTOR, Place, leak};

/// Checks that a commit with a secret is stopped by us and a clean one passes.
#[track_caller]
fn guards(place: &Place) {
    place.write("guarded.txt", leak(1));
    place.git(&["add", "guarded.txt"]);
    let ran = place.try_git(&["commit", "-m", "x"]).says(DETECTOR);
    assert_ne!(ran.code, 0, "{ran:?}");
    place.write("guarded.txt", "clean\n");
    place.git(&["add", "guarded.txt"]);
    place.git(&["commit", "-q", "-m", "clean"]);
}

/// Makes a repository as husky leaves it: a folder of its own, in which each script runs one of the repository's.
fn husky() -> Place {
    let place = Place::repo();
    for name in ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"] {
        let runs = format!("#!/bin/sh\nfile=\"${{0%/*}}/../{name}\"\n[ ! -f \"$file\" ] || exec sh -e \"$file\" \"$@\"\n");
        script(&place.path(format!(".husky/_/{name}")), &runs);
    }
    place.git(&["config", "core.hooksPath", ".husky/_"]);
    place.write(".husky/pre-push", "cat > seen\n");
    place
}

#[test]
fn with_husky_our_lines_are_in_its_scripts_and_go_without_a_trace() {
    let place = husky();
    place.write(".husky/pre-commit", "echo theirs >&2");
    let before = snapshot(&place.path(""));
    place.staunch(&["hook", "install"]).ends(0).says(".husky/pre-commit");
    let installed = snapshot(&place.path(""));
    place.staunch(&["hook", "install"]).ends(0).says("already");
    assert_eq!(snapshot(&place.path("")), installed);
    place.staunch(&["hook", "status"]).ends(0).says("husky runs");
    place.staunch(&["doctor"]).ends(0).says("husky runs");
    place.staunch(&["hook", "uninstall"]).ends(0);
    assert_eq!(snapshot(&place.path("")), before);
    place.staunch(&["hook", "install"]).ends(0);
    guards(&place);
}

#[test]
fn with_husky_what_comes_after_us_reads_the_refs_as_well() {
    let place = husky();
    place.commit("a.txt", "clean\n");
    let origin = place.beside("origin.git");
    place.git(&["init", "-q", "--bare", &origin.display().to_string()]);
    place.git(&["remote", "add", "origin", &origin.display().to_string()]);
    place.staunch(&["hook", "install"]).ends(0);
    place.git(&["push", "-q", "origin", "main"]);
    assert!(place.read("seen").starts_with("refs/heads/main "), "{}", place.read("seen"));
    place.write("b.txt", leak(1));
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "--no-verify", "-m", "x"]);
    let ran = place.try_git(&["push", "origin", "main"]).says(DETECTOR);
    assert_ne!(ran.code, 0, "{ran:?}");
}

#[test]
fn scripts_of_husky_that_nobody_set_up_are_told() {
    let place = husky();
    place.staunch(&["hook", "install"]).ends(0);
    place.git(&["config", "--unset", "core.hooksPath"]);
    place.staunch(&["doctor"]).ends(2).says("husky is not set up here").says("npx husky");
}

#[test]
fn with_lefthook_our_jobs_are_in_its_configuration_and_go_without_a_trace() {
    let place = Place::repo();
    let text = "# ours\npre-commit:\n  jobs:\n    - run: 'true' # lint\n\ncolors: false";
    place.write("lefthook.yml", text);
    place.staunch(&["hook", "install"]).ends(0).says("lefthook.yml").says("run `lefthook install`");
    let installed = snapshot(&place.path(""));
    place.staunch(&["hook", "install"]).ends(0).says("already");
    assert_eq!(snapshot(&place.path("")), installed);
    place.staunch(&["doctor"]).ends(2).says("run `lefthook install`");
    for name in ["pre-commit", "pre-merge-commit", "commit-msg", "pre-push"] {
        script(&place.path(format!(".git/hooks/{name}")), "#!/bin/sh\nexec lefthook run \"$@\"\n");
    }
    place.staunch(&["doctor"]).ends(0).says("lefthook runs what lefthook.yml names");
    std::fs::remove_dir_all(place.path(".git/hooks")).expect("it is ours");
    place.staunch(&["hook", "uninstall"]).ends(0).says("took our lines out");
    assert_eq!(place.read("lefthook.yml"), text);
}

#[cfg(unix)]
#[test]
fn no_manager_s_file_is_written_through_a_link() {
    let place = husky();
    std::fs::write(place.beside("victim"), "theirs\n").expect("it is ours");
    std::os::unix::fs::symlink(place.beside("victim"), place.path(".husky/pre-commit")).expect("it is new");
    place.staunch(&["hook", "install", "-t", "pre-commit"]).ends(2).says("is a link");
    let place = Place::repo();
    std::fs::write(place.beside("victim"), "theirs: 1\n").expect("it is ours");
    std::os::unix::fs::symlink(place.beside("victim"), place.path("lefthook.yml")).expect("it is new");
    place.staunch(&["hook", "install"]).ends(2).says("is a link");
    std::fs::create_dir(place.path(".claude")).expect("it is new");
    std::os::unix::fs::symlink(place.beside("victim"), place.path(".claude/settings.json")).expect("it is new");
    place.staunch(&["hook", "install", "--agent", "claude-code"]).ends(2).says("is a link");
    std::fs::create_dir(place.beside("folder")).expect("it is new");
    std::os::unix::fs::symlink(place.beside("folder"), place.path(".gemini")).expect("it is new");
    place.staunch(&["hook", "install", "--agent", "gemini"]).ends(2).says("is a link");
    assert!(!place.beside("folder/settings.json").exists());
    assert_eq!(std::fs::read_to_string(place.beside("victim")).expect("it is there"), "theirs: 1\n");
}

#[test]
fn a_configuration_of_lefthook_that_cannot_be_edited_is_left_alone_and_the_lines_are_shown() {
    for (name, text) in [("lefthook.yml", "pre-commit: {jobs: []}\n"), ("lefthook.toml", "[pre-commit]\n")] {
        let place = Place::repo();
        place.write(name, text);
        let before = snapshot(&place.path(""));
        place.staunch(&["hook", "install"]).ends(2).says("run: staunch hook run pre-commit").says("use_stdin: true");
        assert_eq!(snapshot(&place.path("")), before);
    }
}

#[test]
fn the_framework_that_names_us_and_is_not_installed_is_told() {
    let place = Place::repo();
    let hook = |id: &str| format!("repos:\n- repo: https://example.com/staunch\n  rev: v1\n  hooks:\n  - id: {id}\n");
    place.write(".pre-commit-config.yaml", hook("staunch"));
    place.staunch(&["doctor"]).ends(2).says("pre-commit does not run").says("pre-commit install --hook-type pre-commit");
    script(&place.path(".git/hooks/pre-commit"), "#!/bin/sh\n# pre-commit\n");
    place.staunch(&["doctor"]).says("ok     pre-commit: pre-commit runs what .pre-commit-config.yaml names");
    place.write(".pre-commit-config.yaml", hook("staunchly"));
    place.staunch(&["doctor"]).ends(2).says("pre-commit is not installed");
    place.staunch(&["hook", "install"]).ends(0).says("docs/hooks.md");
    guards(&place);
}

#[test]
fn the_doctor_says_what_shadows_a_hook() {
    let place = hooked();
    place.staunch(&["doctor"]).ends(0).says("Everything that should guard this repository does.");
    place.git(&["config", "core.hooksPath", "elsewhere"]);
    place.staunch(&["doctor"]).ends(2).says("git does not look at it").says(".git/config").says("elsewhere");
    place.git(&["config", "--unset", "core.hooksPath"]);
    std::fs::rename(place.path(".git/hooks/pre-push"), place.path(".git/hooks/pre-push.old")).expect("it is there");
    script(&place.path(".git/hooks/pre-push"), "#!/bin/sh\n");
    place.staunch(&["doctor"]).ends(2).says("pre-push does not run").says("was replaced");
    place.staunch(&["hook", "uninstall"]).ends(0);
    place.staunch(&["doctor"]).ends(2).says("is not installed");
}

#[test]
fn the_doctor_reads_what_a_check_reads() {
    let mut place = hooked();
    place.write(".staunch.yaml", "alow: []\n");
    place.staunch(&["doctor"]).ends(2).says(".staunch.yaml:1");
    place.write(".staunch.yaml", "exclude: []\n");
    place.staunch(&["doctor"]).ends(0).says("is valid");
    place.set("HUSKY", "0");
    place.staunch(&["doctor"]).ends(2).says("HUSKY=0");
    let folder = Place::folder();
    folder.staunch(&["doctor"]).ends(2).says("error: ");
}

/// Makes a repository whose user has a configuration of git.
fn with_user() -> (Place, std::path::PathBuf) {
    let mut place = Place::repo();
    let config = place.beside("user.gitconfig");
    std::fs::write(&config, "[alias]\n\tci = commit").expect("it is new");
    place.set("GIT_CONFIG_GLOBAL", config.display().to_string());
    place.set("XDG_CONFIG_HOME", place.beside("xdg").display().to_string());
    (place, config)
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("it is there")
}

#[test]
fn one_folder_guards_all_repositories_and_their_own_hooks_run() {
    let (place, config) = with_user();
    let before = text(&config);
    script(&place.path(".git/hooks/pre-commit"), "#!/bin/sh\necho own hook ran >&2\n");
    place.staunch(&["hook", "install", "--global"]).ends(0);
    let installed = (text(&config), snapshot(&place.beside("xdg")));
    place.staunch(&["hook", "install", "--global"]).ends(0).says("already");
    assert_eq!((text(&config), snapshot(&place.beside("xdg"))), installed);
    place.write("a.txt", "clean\n");
    place.git(&["add", "."]);
    place.try_git(&["commit", "-m", "x"]).ends(0).says("own hook ran");
    guards(&place);
    let linked = place.beside("linked");
    place.git(&["worktree", "add", "-q", "-b", "other", &linked.display().to_string()]);
    std::fs::write(linked.join("a.txt"), leak(2)).expect("it is ours");
    place.git_in(&linked, &["add", "."]);
    let ran = place.try_git_in(&linked, &["commit", "-m", "x"], b"").says(DETECTOR).says("own hook ran");
    assert_ne!(ran.code, 0, "{ran:?}");
    place.staunch(&["doctor"]).ends(0).says("user.gitconfig");
    place.staunch(&["hook", "uninstall", "--global"]).ends(0);
    assert_eq!(text(&config), before);
    assert!(!place.beside("xdg/staunch").exists());
}

#[test]
fn a_folder_that_the_user_has_already_is_not_replaced() {
    let (place, config) = with_user();
    let folder = place.beside("mine");
    script(&folder.join("pre-commit"), "#!/bin/sh\necho mine ran >&2\n");
    place.git(&["config", "--global", "core.hooksPath", &folder.display().to_string()]);
    let before = (text(&config), snapshot(&folder));
    place.staunch(&["hook", "install", "--global"]).ends(0);
    assert_eq!(text(&config), before.0);
    guards(&place);
    place.write("b.txt", "clean\n");
    place.git(&["add", "."]);
    place.try_git(&["commit", "-m", "x"]).ends(0).says("mine ran");
    place.staunch(&["hook", "uninstall", "--global"]).ends(0);
    assert_eq!((text(&config), snapshot(&folder)), before);
}

#[test]
fn a_hook_of_the_configuration_is_a_command_that_guards() {
    let place = Place::repo();
    place.commit("readme.txt", "nothing here\n");
    let before = place.read(".git/config");
    place.staunch(&["hook", "install", "--configured"]).ends(0).says("2.54");
    let installed = place.read(".git/config");
    place.staunch(&["hook", "install", "--configured"]).ends(0).says("already");
    assert_eq!(place.read(".git/config"), installed);
    assert_eq!(place.git(&["config", "hook.staunch-pre-push.event"]), "pre-push");
    // What git does with it, from 2.54 on: a shell runs the command, with the arguments behind it.
    let command = place.git(&["config", "hook.staunch-pre-commit.command"]) + " \"$@\"";
    let run = || place.run("sh".as_ref(), &place.path(""), &["-c", &command, "hook"], b"");
    place.write("a.txt", leak(1));
    place.git(&["add", "."]);
    run().ends(1).says(DETECTOR);
    place.git(&["reset", "-q"]);
    run().ends(0);
    let version = place.git(&["--version"]);
    let numbers: Vec<u32> = version.split([' ', '.']).filter_map(|part| part.parse().ok()).collect();
    let doctor = place.staunch(&["doctor"]);
    if numbers >= vec![2, 54] {
        doctor.ends(0).says("git 2.54 or newer")
    } else {
        doctor.ends(2).says(&version)
    };
    place.git(&["config", "hook.staunch-pre-commit.enabled", "false"]);
    place.staunch(&["doctor"]).ends(2).says("pre-commit is not installed");
    place.git(&["config", "--unset", "hook.staunch-pre-commit.enabled"]);
    place.staunch(&["hook", "uninstall"]).ends(0);
    assert_eq!(place.read(".git/config"), before);
}

#[test]
#[cfg(unix)]
fn configured_hooks_that_this_git_passes_by_are_not_called_well() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut place = Place::repo();
    place.set("GIT_CONFIG_GLOBAL", place.beside("gitconfig").display().to_string());
    let bin = place.beside("bin");
    let path = format!("{}:{}", bin.display(), crate::support::program().parent().expect("it is in a folder").display());
    place.set("PATH", path);
    std::fs::create_dir(&bin).expect("it is new");
    let git = |version: &str| {
        std::fs::write(bin.join("git"), format!("#!/bin/sh\necho git version {version}\n")).expect("it can be written");
        std::fs::set_permissions(bin.join("git"), std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    };
    git("2.47.3");
    place.staunch(&["hook", "install", "--global", "--configured"]).ends(0).says("warning: git version 2.47.3");
    place.staunch(&["hook", "status"]).ends(2).says("in silence");
    place.staunch(&["doctor"]).ends(2).says("wrong  pre-commit does not run").says("git version 2.47.3");
    git("2.54.0");
    place.staunch(&["hook", "status"]).ends(0).says("which git version 2.54.0 runs");
    place.staunch(&["doctor"]).ends(0);
}
