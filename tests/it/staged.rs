//! What `git commit` adds is checked, and nothing else: the table of ways to commit, each with real git and our hook.

use std::path::Path;

use crate::hook::hooked;
use crate::support::{DETECTOR, Place, Ran, leak, token};

/// Checks that a commit was blocked because of a finding, and that HEAD stands where it stood.
#[track_caller]
fn blocked(place: &Place, folder: &Path, args: &[&str], input: &[u8]) -> Ran {
    let before = place.try_git_in(folder, &["rev-parse", "-q", "--verify", "HEAD"], b"").out;
    let ran = place.try_git_in(folder, args, input);
    assert_ne!(ran.code, 0, "git {args:?} was not blocked: {ran:?}");
    assert!(ran.all().contains(DETECTOR), "git {args:?} failed for another reason: {ran:?}");
    assert!(!ran.all().contains("could not"), "{ran:?}");
    assert_eq!(place.try_git_in(folder, &["rev-parse", "-q", "--verify", "HEAD"], b"").out, before);
    ran
}

#[track_caller]
fn blocked_here(place: &Place, args: &[&str]) {
    blocked(place, &place.path(""), args, b"");
}

#[test]
fn the_first_commit_of_a_repository_with_a_secret_is_blocked() {
    let place = Place::repo();
    place.staunch(&["hook", "install"]).ends(0);
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    blocked_here(&place, &["commit", "-m", "first"]);
}

#[test]
fn a_repository_without_commits_and_with_nothing_staged_is_clean() {
    let place = Place::repo();
    place.staunch(&["check"]).ends(0);
    place.staunch(&["check", "--format", "jsonl"]).ends(0);
}

#[test]
fn a_staged_secret_that_was_cleaned_only_in_the_working_file_is_blocked() {
    let place = hooked();
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    place.write("a.txt", "clean\n");
    blocked_here(&place, &["commit", "-m", "x"]);
}

#[test]
fn a_secret_only_in_the_working_file_passes() {
    let place = hooked();
    place.write("a.txt", "clean\n");
    place.git(&["add", "a.txt"]);
    place.write("a.txt", leak(1));
    place.git(&["commit", "-q", "-m", "x"]);
    assert_eq!(place.git(&["show", "HEAD:a.txt"]), "clean");
}

/// Makes a repository that has had a secret in `old.txt`, with some lines around it, since before the hook.
fn with_old_secret() -> Place {
    let place = Place::repo();
    place.commit("old.txt", format!("one\ntwo\nthree\n{}four\nfive\nsix\nseven\n", leak(1)));
    place.staunch(&["hook", "install"]).ends(0);
    place
}

#[test]
fn a_pure_rename_of_a_file_with_an_old_secret_passes() {
    let place = with_old_secret();
    place.git(&["mv", "old.txt", "new.txt"]);
    place.git(&["commit", "-q", "-m", "x"]);
}

#[test]
fn a_rename_with_an_edit_elsewhere_passes() {
    let place = with_old_secret();
    place.git(&["mv", "old.txt", "new.txt"]);
    place.write("new.txt", place.read("new.txt").replace("seven", "eight"));
    place.git(&["commit", "-q", "-a", "-m", "x"]);
}

#[test]
fn a_rename_with_a_new_secret_is_blocked() {
    let place = with_old_secret();
    place.git(&["mv", "old.txt", "new.txt"]);
    place.write("new.txt", place.read("new.txt") + &leak(2));
    blocked_here(&place, &["commit", "-a", "-m", "x"]);
}

#[test]
fn an_edit_of_another_line_of_a_file_with_an_old_secret_passes() {
    let place = with_old_secret();
    place.write("old.txt", format!("zero\n{}", place.read("old.txt").replace("five", "5")));
    place.git(&["commit", "-q", "-a", "-m", "x"]);
}

#[test]
fn a_second_copy_of_the_secret_in_the_same_file_is_blocked() {
    let place = with_old_secret();
    place.write("old.txt", place.read("old.txt") + &leak(1));
    blocked_here(&place, &["commit", "-a", "-m", "x"]);
}

#[test]
fn another_secret_in_place_of_the_old_one_is_blocked() {
    let place = with_old_secret();
    place.write("old.txt", place.read("old.txt").replace(&token(1), &token(2)));
    blocked_here(&place, &["commit", "-a", "-m", "x"]);
}

#[test]
fn a_copy_of_a_file_with_an_old_secret_is_blocked() {
    let place = with_old_secret();
    place.write("copy.txt", place.read("old.txt"));
    place.git(&["add", "copy.txt"]);
    blocked_here(&place, &["commit", "-m", "x"]);
}

#[test]
fn a_commit_in_a_linked_worktree_is_blocked() {
    let place = hooked();
    let linked = place.beside("linked");
    place.git(&["worktree", "add", "-q", "-b", "other", &linked.display().to_string()]);
    std::fs::write(linked.join("a.txt"), leak(1)).expect("it can be written");
    place.git_in(&linked, &["add", "a.txt"]);
    blocked(&place, &linked, &["commit", "-m", "x"], b"");
    place.staunch(&["check"]).ends(0);
    place.staunch_in(&linked, &["check"]).ends(1);
}

#[test]
fn a_commit_from_a_sub_directory_is_blocked() {
    let place = hooked();
    place.write("sub/a.txt", "clean\n");
    place.write("top.txt", leak(1));
    place.git(&["add", "."]);
    blocked(&place, &place.path("sub"), &["commit", "-m", "x"], b"");
    let ran = place.staunch_in(&place.path("sub"), &["check", "--format", "jsonl"]).ends(1);
    assert_eq!(ran.lines()[0]["path"], "../top.txt");
}

#[test]
fn commit_all_is_blocked() {
    let place = hooked();
    place.write("readme.txt", leak(1));
    blocked_here(&place, &["commit", "-a", "-m", "x"]);
}

#[test]
fn commit_patch_is_blocked() {
    let place = hooked();
    place.write("readme.txt", leak(1));
    blocked(&place, &place.path(""), &["commit", "-p", "-m", "x"], b"y\n");
}

#[test]
fn commit_of_a_path_is_blocked() {
    let place = hooked();
    place.write("readme.txt", leak(1));
    blocked_here(&place, &["commit", "-m", "x", "readme.txt"]);
}

#[test]
fn commit_of_another_path_passes_while_a_secret_is_staged() {
    let place = hooked();
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    place.write("readme.txt", "still nothing\n");
    place.git(&["commit", "-q", "-m", "x", "readme.txt"]);
    blocked_here(&place, &["commit", "-m", "y"]);
}

#[test]
fn amending_the_secret_into_the_last_commit_is_blocked() {
    let place = hooked();
    place.commit("b.txt", "clean\n");
    place.write("b.txt", leak(1));
    place.git(&["add", "b.txt"]);
    blocked_here(&place, &["commit", "--amend", "--no-edit"]);
}

#[test]
fn a_deletion_of_a_file_with_a_secret_passes() {
    let place = with_old_secret();
    place.remove("old.txt");
}

#[test]
fn taking_the_secret_out_of_a_file_passes() {
    let place = with_old_secret();
    place.commit("old.txt", "one\ntwo\n");
}

#[test]
fn a_change_of_mode_of_a_file_with_an_old_secret_passes() {
    let place = with_old_secret();
    place.git(&["update-index", "--chmod=+x", "old.txt"]);
    place.git(&["commit", "-q", "-m", "x"]);
}

#[test]
fn a_symbolic_link_whose_target_holds_a_secret_is_blocked() {
    let place = hooked();
    std::os::unix::fs::symlink(format!("/x?key={}", token(1)), place.path("link")).expect("links can be made");
    place.git(&["add", "link"]);
    blocked_here(&place, &["commit", "-m", "x"]);
}

#[test]
fn a_file_in_place_of_a_folder_and_a_folder_in_place_of_a_file_are_blocked() {
    let place = Place::repo();
    place.commit("one/a.txt", "clean\n");
    place.commit("two", "clean\n");
    place.staunch(&["hook", "install"]).ends(0);
    place.git(&["rm", "-rq", "one", "two"]);
    place.write("one", leak(1));
    place.write("two/b.txt", leak(2));
    place.git(&["add", "."]);
    let ran = place.staunch(&["check", "--format", "jsonl"]).ends(1);
    let mut paths: Vec<String> = ran.lines().iter().map(|line| line["path"].to_string()).collect();
    paths.sort();
    assert_eq!(paths, ["\"one\"", "\"two/b.txt\""]);
    blocked_here(&place, &["commit", "-m", "x"]);
}

#[test]
fn a_conflict_resolved_with_a_secret_is_blocked() {
    let place = conflict();
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    blocked_here(&place, &["commit", "-m", "merged"]);
    place.write("a.txt", "both\n");
    place.git(&["add", "a.txt"]);
    place.git(&["commit", "-q", "-m", "merged"]);
}

/// Makes a repository in the middle of a merge that does not merge by itself.
fn conflict() -> Place {
    let place = Place::repo();
    place.commit("a.txt", "base\n");
    place.git(&["switch", "-q", "-c", "side"]);
    place.commit("a.txt", "theirs\n");
    place.git(&["switch", "-q", "main"]);
    place.commit("a.txt", "ours\n");
    place.staunch(&["hook", "install"]).ends(0);
    let ran = place.try_git(&["merge", "side"]);
    assert_ne!(ran.code, 0, "it must conflict: {ran:?}");
    place
}

#[test]
fn a_conflict_that_is_not_resolved_does_not_stop_the_check() {
    let place = conflict();
    place.staunch(&["check"]).ends(0);
}

#[test]
fn a_secret_in_an_unmerged_version_is_seen() {
    let place = Place::repo();
    place.commit("a.txt", "base\n");
    place.git(&["switch", "-q", "-c", "side"]);
    place.commit("a.txt", leak(1));
    place.git(&["switch", "-q", "main"]);
    place.commit("a.txt", "ours\n");
    assert_ne!(place.try_git(&["merge", "side"]).code, 0);
    place.staunch(&["check"]).ends(1).says("a.txt");
}

#[test]
fn a_merge_of_a_branch_with_no_secret_of_its_own_passes() {
    let place = Place::repo();
    place.commit("a.txt", "base\n");
    place.git(&["switch", "-q", "-c", "side"]);
    place.commit("b.txt", "clean\n");
    place.git(&["switch", "-q", "main"]);
    place.commit("c.txt", leak(1));
    place.staunch(&["hook", "install"]).ends(0);
    place.git(&["merge", "-q", "--no-commit", "side"]);
    place.git(&["commit", "-q", "-m", "merged"]);
}
