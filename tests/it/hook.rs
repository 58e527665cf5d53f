//! `staunch hook`: installs beside what is there, says how it stands, and leaves as it came.

use std::path::{Path, PathBuf};

use crate::support::{DETECTOR, Place, leak};

/// Makes a repository with one commit and our hook.
pub(crate) fn hooked() -> Place {
    let place = Place::repo();
    place.commit("readme.txt", "nothing here\n");
    place.staunch(&["hook", "install"]).ends(0);
    place
}

/// Writes an executable script.
pub(crate) fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("folders can be made");
    std::fs::write(path, text).expect("it can be written");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
}

/// Returns every file below a folder with its bytes.
pub(crate) fn snapshot(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).expect("it can be listed") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let bytes = std::fs::read(&path).expect("it can be read");
                files.push((path, bytes));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn installing_twice_changes_nothing() {
    let place = hooked();
    let before = snapshot(&place.path(".git"));
    place.staunch(&["hook", "install"]).ends(0).says("already installed");
    assert_eq!(snapshot(&place.path(".git")), before);
}

#[test]
fn a_hook_that_fails_blocks_before_ours() {
    let place = Place::repo();
    script(&place.path(".git/hooks/pre-commit"), "#!/bin/sh\necho earlier hook ran >&2\nexit 3\n");
    place.staunch(&["hook", "install"]).ends(0);
    place.write("a.txt", "clean\n");
    place.git(&["add", "a.txt"]);
    let ran = place.try_git(&["commit", "-m", "x"]).says("earlier hook ran");
    assert_ne!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_hook_that_succeeds_is_run_and_then_ours() {
    let place = Place::repo();
    script(&place.path(".git/hooks/pre-commit"), "#!/bin/sh\necho earlier hook ran >&2\n");
    place.staunch(&["hook", "install"]).ends(0);
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    let ran = place.try_git(&["commit", "-m", "x"]).says("earlier hook ran").says(DETECTOR);
    assert_ne!(ran.code, 0, "{ran:?}");
    place.write("a.txt", "clean\n");
    place.git(&["add", "a.txt"]);
    place.try_git(&["commit", "-m", "x"]).ends(0).says("earlier hook ran");
}

#[test]
fn uninstalling_restores_the_bytes_that_were_there() {
    let place = Place::repo();
    let hook = place.path(".git/hooks/pre-commit");
    script(&hook, "#!/bin/sh\n# mine, with an odd ending");
    let before = snapshot(&place.path(".git"));
    place.staunch(&["hook", "install"]).ends(0);
    assert_ne!(snapshot(&place.path(".git")), before);
    place.staunch(&["hook", "uninstall"]).ends(0);
    assert_eq!(snapshot(&place.path(".git")), before);
}

#[test]
fn uninstalling_where_none_was_leaves_none() {
    let place = hooked();
    place.staunch(&["hook", "uninstall"]).ends(0);
    assert!(!place.path(".git/hooks/pre-commit").exists());
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    place.git(&["commit", "-q", "-m", "nothing checks this"]);
}

#[test]
fn uninstalling_leaves_a_hook_of_somebody_else() {
    let place = Place::repo();
    script(&place.path(".git/hooks/pre-commit"), "#!/bin/sh\nexit 0\n");
    let before = snapshot(&place.path(".git"));
    place.staunch(&["hook", "uninstall"]).ends(0);
    assert_eq!(snapshot(&place.path(".git")), before);
}

#[test]
fn the_hooks_path_of_the_configuration_is_honoured() {
    let place = Place::repo();
    place.git(&["config", "core.hooksPath", "tools/hooks"]);
    place.staunch(&["hook", "install"]).ends(0);
    assert!(place.path("tools/hooks/pre-commit").exists());
    assert!(!place.path(".git/hooks/pre-commit").exists());
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    let ran = place.try_git(&["commit", "-m", "x"]).says(DETECTOR);
    assert_ne!(ran.code, 0, "{ran:?}");
}

#[test]
fn the_hook_is_installed_from_a_sub_directory_and_from_a_worktree() {
    let place = Place::repo();
    place.commit("sub/a.txt", "clean\n");
    let linked = place.beside("linked");
    place.git(&["worktree", "add", "-q", "-b", "other", &linked.display().to_string()]);
    for folder in [place.path("sub"), linked] {
        place.staunch_in(&folder, &["hook", "install"]).ends(0);
        assert!(place.path(".git/hooks/pre-commit").exists());
        place.staunch_in(&folder, &["hook", "status"]).ends(0);
        place.staunch_in(&folder, &["hook", "uninstall"]).ends(0);
        assert!(!place.path(".git/hooks/pre-commit").exists());
    }
}

#[test]
fn the_status_is_in_the_exit_code() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::repo();
    place.staunch(&["hook", "status"]).ends(2).says("hint: ");
    place.staunch(&["hook", "install"]).ends(0);
    place.staunch(&["hook", "status"]).ends(0).says("installed");
    let hook = place.path(".git/hooks/pre-commit");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o644)).expect("it is ours");
    place.staunch(&["hook", "status"]).ends(2).says("not executable");
    place.staunch(&["hook", "install"]).ends(0);
    place.staunch(&["hook", "status"]).ends(0);
    place.staunch(&["hook", "uninstall"]).ends(0);
    place.staunch(&["hook", "status"]).ends(2);
}

#[test]
fn the_status_of_what_is_no_repository_is_an_error() {
    let place = Place::folder();
    for command in ["install", "uninstall", "status"] {
        place.staunch(&["hook", command]).ends(2).says("error: ").says("hint: ");
    }
}

#[test]
fn a_hook_that_does_not_find_the_program_blocks_and_says_so() {
    let place = hooked();
    let hook = place.path(".git/hooks/pre-commit");
    let text = std::fs::read_to_string(&hook).expect("it is installed");
    let program = crate::support::program().display().to_string();
    assert!(text.contains(&program), "the hook knows the program's path: {text}");
    std::fs::write(&hook, text.replace(&program, "/no/such/program").replace("command -v staunch", "false")).expect("ours");
    place.write("a.txt", "clean\n");
    place.git(&["add", "a.txt"]);
    let ran = place.try_git(&["commit", "-m", "x"]).says("nothing was checked");
    assert_ne!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_blocked_check_leaves_nothing_behind() {
    let place = hooked();
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    let before = (snapshot(&place.path(".git")), snapshot(&place.path("")));
    place.staunch(&["check"]).ends(1);
    assert_eq!(snapshot(&place.path(".git")), before.0);
    assert_eq!(snapshot(&place.path("")), before.1);
}

#[test]
fn the_hook_is_silent_when_the_commit_is_clean() {
    let place = hooked();
    place.write("a.txt", "clean\n");
    place.git(&["add", "a.txt"]);
    let ran = place.try_git(&["commit", "-q", "-m", "x"]).ends(0);
    assert_eq!(ran.all(), "");
}

#[test]
fn the_hook_shows_no_secret() {
    let place = hooked();
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    let ran = place.try_git(&["commit", "-m", "x"]).says(DETECTOR);
    assert!(!ran.all().contains(&crate::support::token(1)), "{ran:?}");
}
