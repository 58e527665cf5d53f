//! The hooks of messages, merges and pushes, on both sides, each asked by a real git.

use std::path::{Path, PathBuf};

use crate::hook::{hooked, script, snapshot};
use crate::support::{DETECTOR, Place, Ran, leak, token};

/// Makes a hooked repository with a bare `origin` that has its first commit.
fn cloned() -> (Place, PathBuf) {
    let place = hooked();
    let origin = bare(&place, "origin.git");
    place.git(&["remote", "add", "origin", &origin.display().to_string()]);
    place.git(&["push", "-q", "origin", "main"]);
    (place, origin)
}

fn bare(place: &Place, name: &str) -> PathBuf {
    let path = place.beside(name);
    place.git(&["init", "-q", "--bare", &path.display().to_string()]);
    path
}

/// Commits as rebase and `am` do: no hook is asked.
#[track_caller]
fn commit_unasked(place: &Place, name: &str, content: &str) {
    place.write(name, content);
    place.git(&["add", name]);
    place.git(&["commit", "-q", "--no-verify", "-m", "unasked"]);
}

/// Checks that git was stopped by a finding, and that the remote's refs stand where they stood.
#[track_caller]
fn stopped(place: &Place, origin: &Path, args: &[&str]) -> Ran {
    let before = place.git_in(origin, &["for-each-ref"]);
    let ran = place.try_git(args);
    assert_ne!(ran.code, 0, "{args:?} was not stopped: {ran:?}");
    assert!(ran.all().contains(DETECTOR), "{args:?} failed for another reason: {ran:?}");
    assert_eq!(place.git_in(origin, &["for-each-ref"]), before);
    ran
}

#[test]
fn a_push_of_a_secret_is_stopped_and_a_clean_one_passes() {
    let (place, origin) = cloned();
    commit_unasked(&place, "a.txt", &leak(1));
    place.remove("a.txt");
    let ran = stopped(&place, &origin, &["push", "origin", "main"]).says("git rebase -i").says("origin");
    assert!(!ran.all().contains(&token(1)), "{ran:?}");
    place.git(&["reset", "-q", "--hard", "origin/main"]);
    place.commit("b.txt", "clean\n");
    place.git(&["push", "-q", "origin", "main"]);
}

#[test]
fn every_ref_of_a_push_is_looked_at() {
    let (place, origin) = cloned();
    for (branch, content) in [("one", "clean\n".to_owned()), ("two", leak(2)), ("three", "clean\n".to_owned())] {
        place.git(&["switch", "-q", "-c", branch, "main"]);
        commit_unasked(&place, &format!("{branch}.txt"), &content);
    }
    stopped(&place, &origin, &["push", "origin", "one", "two", "three"]).says("two.txt");
    place.git(&["push", "-q", "origin", "one", "three"]);
}

#[test]
fn deletions_and_pushes_of_nothing_pass() {
    let (place, _) = cloned();
    place.git(&["push", "-q", "origin", "main:old"]);
    place.git(&["push", "-q", "origin", ":old"]);
    place.git(&["push", "-q", "origin", "main"]);
}

#[test]
fn a_force_push_of_an_amended_secret_is_stopped() {
    let (place, origin) = cloned();
    place.commit("b.txt", "clean\n");
    place.git(&["push", "-q", "origin", "main"]);
    place.write("b.txt", leak(1));
    place.git(&["commit", "-q", "-a", "--amend", "--no-edit", "--no-verify"]);
    stopped(&place, &origin, &["push", "--force", "origin", "main"]);
}

#[test]
fn the_first_push_brings_the_whole_history() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.remove("a.txt");
    place.staunch(&["hook", "install"]).ends(0);
    let origin = bare(&place, "origin.git");
    stopped(&place, &origin, &["push", &origin.display().to_string(), "main"]);
}

#[test]
fn what_another_remote_has_is_new_to_this_one() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let (internal, public) = (bare(&place, "internal.git"), bare(&place, "public.git"));
    place.git(&["remote", "add", "internal", &internal.display().to_string()]);
    place.git(&["remote", "add", "public", &public.display().to_string()]);
    place.git(&["push", "-q", "internal", "main"]);
    place.staunch(&["hook", "install"]).ends(0);
    place.commit("b.txt", "clean\n");
    place.git(&["push", "-q", "internal", "main"]);
    stopped(&place, &public, &["push", "public", "main"]);
}

#[test]
fn the_message_of_a_pushed_tag_is_looked_at() {
    let (place, origin) = cloned();
    place.git(&["tag", "-a", "-m", &format!("see {}", token(1)), "v1"]);
    stopped(&place, &origin, &["push", "origin", "v1"]);
    place.git(&["tag", "-a", "-m", "clean", "v2"]);
    place.git(&["push", "-q", "origin", "v2"]);
}

#[test]
fn tags_that_name_a_tree_or_a_file_are_looked_at() {
    let (place, origin) = cloned();
    commit_unasked(&place, "a.txt", &leak(1));
    place.git(&["tag", "tree", "HEAD^{tree}"]);
    place.git(&["tag", "file", "HEAD:a.txt"]);
    stopped(&place, &origin, &["push", "origin", "tree"]);
    stopped(&place, &origin, &["push", "origin", "file"]);
}

#[test]
fn what_rebase_and_cherry_pick_bring_is_stopped_at_the_push() {
    let (place, origin) = cloned();
    place.git(&["switch", "-q", "-c", "side"]);
    commit_unasked(&place, "a.txt", &leak(1));
    place.git(&["switch", "-q", "main"]);
    place.commit("b.txt", "clean\n");
    place.git(&["switch", "-q", "-c", "picked"]);
    place.git(&["cherry-pick", "side"]);
    stopped(&place, &origin, &["push", "origin", "picked"]);
    place.git(&["switch", "-q", "side"]);
    place.git(&["rebase", "-q", "main"]);
    stopped(&place, &origin, &["push", "origin", "side"]);
}

#[test]
fn an_earlier_hook_of_pushes_reads_the_refs_as_well() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    let origin = bare(&place, "origin.git");
    let seen = place.beside("seen");
    script(&place.path(".git/hooks/pre-push"), &format!("#!/bin/sh\ncat > '{}'\n", seen.display()));
    place.staunch(&["hook", "install"]).ends(0);
    place.git(&["push", "-q", &origin.display().to_string(), "main"]);
    let refs = std::fs::read_to_string(&seen).expect("the earlier hook ran");
    assert!(refs.starts_with("refs/heads/main "), "{refs:?}");
    commit_unasked(&place, "b.txt", &leak(1));
    stopped(&place, &origin, &["push", &origin.display().to_string(), "main"]);
}

#[test]
fn refs_that_are_not_understood_stop_the_push() {
    let place = hooked();
    for input in ["nonsense\n", "refs/heads/main zz refs/heads/main 00\n"] {
        place.staunch_with(input.as_bytes(), &["hook", "run", "pre-push", "origin", "x"]).ends(2).says("not understood");
    }
    let missing = "1".repeat(40);
    let line = format!("refs/heads/main {missing} refs/heads/main {}\n", "0".repeat(40));
    place.staunch_with(line.as_bytes(), &["hook", "run", "pre-push", "origin", "x"]).ends(2).says(&missing);
    place.staunch(&["hook", "run", "pre-lunch"]).ends(2).says("there is no hook");
}

/// Makes a bare repository that asks `pre-receive`, and one that pushes to it without a hook of its own.
fn server(kind: &str) -> (Place, PathBuf) {
    let place = Place::repo();
    place.commit("readme.txt", "nothing here\n");
    let origin = bare(&place, "server.git");
    place.git(&["remote", "add", "origin", &origin.display().to_string()]);
    place.git(&["push", "-q", "origin", "main"]);
    place.staunch_in(&origin, &["hook", "install", "--type", kind]).ends(0);
    (place, origin)
}

#[test]
fn a_server_refuses_all_of_three_refs_for_one_secret() {
    let (place, origin) = server("pre-receive");
    for (branch, content) in [("one", "clean\n".to_owned()), ("two", leak(2)), ("three", "clean\n".to_owned())] {
        place.git(&["switch", "-q", "-c", branch, "main"]);
        place.commit(&format!("{branch}.txt"), content);
    }
    let ran = stopped(&place, &origin, &["push", "origin", "one", "two", "three"]).says("two.txt");
    assert!(ran.err.lines().filter(|line| line.starts_with("remote:")).count() <= 24, "it fills more than a screen: {ran:?}");
    assert!(!ran.all().contains(&token(2)), "{ran:?}");
    place.git(&["push", "-q", "origin", "one", "three"]);
    place.git(&["push", "-q", "origin", ":one"]);
}

#[test]
fn what_a_server_refused_leaves_nothing_behind() {
    let (place, origin) = server("pre-receive");
    let before = snapshot(&origin);
    place.commit("a.txt", leak(1));
    stopped(&place, &origin, &["push", "origin", "main"]);
    assert_eq!(snapshot(&origin), before);
}

#[test]
fn a_server_in_which_a_branch_has_the_secret_already_takes_the_next_commit() {
    let (place, origin) = server("pre-receive");
    let hook = origin.join("hooks/pre-receive");
    let asks = std::fs::read(&hook).expect("it is installed");
    std::fs::remove_file(&hook).expect("ours");
    place.commit("a.txt", leak(1));
    place.git(&["push", "-q", "origin", "main"]);
    script(&hook, &String::from_utf8_lossy(&asks));
    place.commit("b.txt", "clean\n");
    place.git(&["push", "-q", "origin", "main", "main:other"]);
}

#[test]
fn the_hook_of_single_refs_refuses_only_the_one_with_a_secret() {
    let (place, origin) = server("update");
    for (branch, content) in [("one", "clean\n".to_owned()), ("two", leak(2))] {
        place.git(&["switch", "-q", "-c", branch, "main"]);
        place.commit(&format!("{branch}.txt"), content);
    }
    let ran = place.try_git(&["push", "origin", "one", "two"]).says(DETECTOR);
    assert_ne!(ran.code, 0);
    assert_eq!(place.git_in(&origin, &["for-each-ref", "--format=%(refname)"]), "refs/heads/main\nrefs/heads/one");
}

#[test]
fn a_push_that_cannot_be_checked_in_time_is_refused_unless_that_was_asked_for() {
    let place = hooked();
    commit_unasked(&place, "a.txt", "clean\n");
    let line = format!("{} {} refs/heads/main\n", "0".repeat(40), place.git(&["rev-parse", "HEAD"]));
    let bare = place.beside("bare.git");
    place.git(&["clone", "-q", "--bare", ".", &bare.display().to_string()]);
    place.git_in(&bare, &["update-ref", "-d", "refs/heads/main"]);
    let run = |args: &[&str]| {
        let args = [&["hook", "run"], args].concat();
        place.run(crate::support::program().as_os_str(), &bare, &args, line.as_bytes())
    };
    run(&["--budget-ms", "0", "pre-receive"]).ends(2).says("within 0 ms").says("hint: ");
    run(&["--budget-ms", "0", "--on-timeout", "accept", "pre-receive"]).ends(0).says("without a look");
    let accepted = run(&["--budget-ms", "0", "--on-timeout", "accept", "pre-receive"]);
    assert!(!accepted.all().contains("stopped"), "what was accepted was not stopped: {accepted:?}");
    run(&["--budget-ms", "60000", "pre-receive"]).ends(0);
}

#[test]
fn the_message_of_a_commit_is_looked_at() {
    let place = hooked();
    place.write("a.txt", "clean\n");
    place.git(&["add", "a.txt"]);
    let ran = place.try_git(&["commit", "-m", &format!("use {}", token(1))]).says(DETECTOR).says("git commit -e -F");
    assert_ne!(ran.code, 0, "{ran:?}");
    place.git(&["commit", "-q", "-m", "use the token of the vault"]);
}

#[test]
fn the_way_out_of_a_stopped_amendment_amends() {
    let place = hooked();
    place.write("a.txt", "clean\n");
    place.git(&["add", "a.txt"]);
    place.git(&["commit", "-q", "-m", "mine"]);
    let count = place.git(&["rev-list", "--count", "HEAD"]);
    let ran = place.try_git(&["commit", "--amend", "-m", &format!("use {}", token(1))]).says(DETECTOR);
    let line = ran.err.lines().find_map(|line| line.split_once("git commit -e -F ")).expect("it names the command").1;
    assert_eq!(line, ".git/COMMIT_EDITMSG", "it can be copied as it is");
    assert!(ran.err.contains("with --amend"), "{ran:?}");
    place.write(".git/COMMIT_EDITMSG", "use the token of the vault\n");
    place.git(&["-c", "core.editor=true", "commit", "-q", "--amend", "-e", "-F", ".git/COMMIT_EDITMSG"]);
    assert_eq!(place.git(&["log", "-1", "--format=%s"]), "use the token of the vault");
    assert_eq!(place.git(&["rev-list", "--count", "HEAD"]), count, "it is the same commit");
}

#[test]
fn the_way_out_of_a_stopped_push_keeps_merges() {
    let (place, origin) = cloned();
    commit_unasked(&place, "a.txt", &leak(1));
    place.git(&["switch", "-q", "-c", "topic"]);
    commit_unasked(&place, "b.txt", "clean\n");
    place.git(&["switch", "-q", "main"]);
    commit_unasked(&place, "c.txt", "clean\n");
    place.git(&["merge", "-q", "--no-edit", "topic"]);
    let ran = stopped(&place, &origin, &["push", "origin", "main"]);
    let from =
        ran.err.lines().find_map(|line| Some(line.split_once("git rebase -i -r ")?.1.split_once(' ')?.0)).expect("it names the command");
    let editor = "sequence.editor=sed -i.bak -e '1,/^pick/s/^pick/edit/'";
    place.git(&["-c", editor, "rebase", "-q", "-i", "-r", from]);
    place.write("a.txt", "clean\n");
    place.git(&["commit", "-q", "-a", "--amend", "--no-edit"]);
    place.git(&["-c", "core.editor=true", "rebase", "--continue"]);
    assert_eq!(place.git(&["rev-list", "--merges", "--count", "main"]), "1");
    place.git(&["push", "-q", "origin", "main"]);
}

#[test]
fn taking_a_secret_out_with_the_change_shown_in_the_message_passes() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.staunch(&["hook", "install"]).ends(0);
    place.write("a.txt", "clean\n");
    place.git(&["commit", "-q", "-a", "--verbose", "--edit", "-m", "title"]);
}

/// Makes a repository in which `side` has a secret, and whether a remote has `side` as well.
fn with_side(is_pushed: bool) -> Place {
    let (place, _) = cloned();
    place.git(&["switch", "-q", "-c", "side"]);
    commit_unasked(&place, "a.txt", &leak(1));
    if is_pushed {
        place.git(&["push", "-q", "--no-verify", "origin", "side"]);
    }
    place.git(&["switch", "-q", "main"]);
    place.commit("b.txt", "clean\n");
    place
}

#[test]
fn a_merge_of_what_no_remote_has_is_stopped() {
    let place = with_side(false);
    let ran = place.try_git(&["merge", "--no-edit", "side"]).says(DETECTOR);
    assert_ne!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_merge_of_what_a_remote_has_already_passes() {
    let place = with_side(true);
    place.git(&["merge", "-q", "--no-edit", "side"]);
}

#[test]
fn a_new_secret_in_a_merge_of_what_a_remote_has_is_stopped() {
    let place = with_side(true);
    place.git(&["merge", "-q", "--no-commit", "side"]);
    place.write("b.txt", leak(2));
    place.git(&["add", "b.txt"]);
    let ran = place.try_git(&["commit", "-m", "merged"]).says("b.txt");
    assert_ne!(ran.code, 0, "{ran:?}");
}

#[test]
fn a_rewrite_that_brings_a_secret_is_told() {
    let place = hooked();
    place.staunch(&["hook", "install", "--type", "post-rewrite"]).ends(0);
    place.commit("b.txt", "clean\n");
    place.write("b.txt", leak(1));
    place.try_git(&["commit", "-a", "--amend", "--no-edit", "--no-verify"]).ends(0).says("would be stopped").says(DETECTOR);
}

#[test]
fn asking_leaves_no_object_behind() {
    let (place, origin) = cloned();
    commit_unasked(&place, "a.txt", &leak(1));
    let before = (snapshot(&place.path(".git")), place.git(&["fsck", "--unreachable"]));
    stopped(&place, &origin, &["push", "origin", "main"]);
    assert_eq!((snapshot(&place.path(".git")), place.git(&["fsck", "--unreachable"])), before);
}

#[test]
fn the_comment_of_a_pusher_counts_on_a_server_only_where_that_is_configured() {
    let (place, origin) = server("pre-receive");
    for (name, mark, seed) in [("ours.txt", "staunch:allow a test", 1), ("theirs.txt", "gitleaks:allow", 2)] {
        commit_unasked(&place, name, &format!("{} # {mark}\n", leak(seed).trim_end()));
    }
    stopped(&place, &origin, &["push", "origin", "main"]).says("ours.txt").says("theirs.txt");
    std::fs::write(origin.join(".staunch.yaml"), "inline_allow: own\n").expect("it is ours");
    let ran = stopped(&place, &origin, &["push", "origin", "main"]).says("theirs.txt");
    assert!(!ran.all().contains("ours.txt"), "{ran:?}");
    std::fs::write(origin.join(".staunch.yaml"), "inline_allow: all\n").expect("it is ours");
    place.git(&["push", "-q", "origin", "main"]);
}
