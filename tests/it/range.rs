//! `staunch check --range` and `--unpushed`: commit by commit, and never a false green.

use crate::support::{DETECTOR, Place, Ran, leak, token};

fn check(place: &Place, range: &str) -> Ran {
    place.staunch(&["check", "--format", "jsonl", "--range", range])
}

/// Makes a repository with a first commit, tagged `base`.
fn based() -> Place {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.git(&["tag", "base"]);
    place
}

#[test]
fn a_secret_of_a_middle_commit_that_was_removed_later_is_found() {
    let place = based();
    let middle = place.commit("b.txt", leak(1));
    place.remove("b.txt");
    let lines = check(&place, "base..HEAD").ends(1).lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["commit"], middle);
    assert_eq!(lines[0]["path"], "b.txt");
    assert_eq!(lines[0]["detector"], DETECTOR);
}

#[test]
fn a_secret_from_before_the_range_is_quiet() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.git(&["tag", "base"]);
    place.commit("a.txt", format!("{}more\n", leak(1)));
    place.git(&["mv", "a.txt", "b.txt"]);
    place.git(&["commit", "-q", "-m", "move"]);
    check(&place, "base..HEAD").ends(0);
}

#[test]
fn a_secret_that_comes_back_after_it_was_removed_is_found() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.remove("a.txt");
    place.git(&["tag", "base"]);
    let again = place.commit("a.txt", leak(1));
    assert_eq!(check(&place, "base..HEAD").ends(1).lines()[0]["commit"], again);
}

/// Makes two branches that touch different files, `main` and `side`.
fn branches() -> Place {
    let place = based();
    place.git(&["switch", "-q", "-c", "side"]);
    place.commit("side.txt", "side\n");
    place.git(&["switch", "-q", "main"]);
    place.commit("main.txt", "main\n");
    place
}

#[test]
fn a_secret_that_only_a_merge_commit_brings_is_found() {
    let place = branches();
    place.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    let merge = place.commit("evil.txt", leak(1));
    assert_eq!(place.git(&["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 3);
    let lines = check(&place, "base..HEAD").ends(1).lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["commit"], merge);
}

#[test]
fn a_secret_that_a_merge_writes_into_a_file_of_both_sides_is_found() {
    let place = branches();
    place.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    let merge = place.commit("a.txt", format!("clean\n{}", leak(1)));
    assert_eq!(check(&place, "base..HEAD").ends(1).lines()[0]["commit"], merge);
}

#[test]
fn a_merge_that_brings_nothing_of_its_own_is_quiet() {
    let place = based();
    place.git(&["switch", "-q", "-c", "side"]);
    place.commit("side.txt", "side\n");
    place.git(&["switch", "-q", "main"]);
    place.commit("old.txt", leak(1));
    place.git(&["switch", "-q", "side"]);
    place.git(&["merge", "-q", "--no-ff", "-m", "catch up", "main"]);
    check(&place, "main..side").ends(0);
}

#[test]
fn a_merge_of_a_branch_reports_its_secret_once_at_the_commit_that_brought_it() {
    let place = branches();
    place.git(&["switch", "-q", "side"]);
    let brought = place.commit("leak.txt", leak(1));
    place.git(&["switch", "-q", "main"]);
    place.git(&["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    let lines = check(&place, "base..HEAD").ends(1).lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["commit"], brought);
}

#[test]
fn an_octopus_merge_is_read() {
    let place = based();
    for name in ["one", "two", "three"] {
        place.git(&["switch", "-q", "-c", name, "base"]);
        place.commit(&format!("{name}.txt"), format!("{name}\n"));
    }
    place.git(&["merge", "-q", "--no-ff", "-m", "octopus", "one", "two"]);
    check(&place, "base..HEAD").ends(0);
    place.write("evil.txt", leak(1));
    place.git(&["add", "."]);
    place.git(&["commit", "-q", "--amend", "-m", "octopus"]);
    assert_eq!(place.git(&["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 4);
    check(&place, "base..HEAD").ends(1).says("evil.txt");
}

#[test]
fn a_secret_in_a_commit_message_is_found() {
    let place = based();
    place.git(&["commit", "-q", "--allow-empty", "-m", &format!("use {}", token(1))]);
    let head = place.git(&["rev-parse", "HEAD"]);
    let lines = check(&place, "base..HEAD").ends(1).lines();
    assert_eq!(lines[0]["commit"], head);
    assert_eq!(lines[0]["origin"], "commit-message");
}

#[test]
fn a_bad_range_is_an_error() {
    let place = based();
    for range in ["nowhere..HEAD", "base..nowhere", "no such thing", "..", "base..HEAD~99", ""] {
        let ran = check(&place, range);
        if range == ".." && ran.code == 0 {
            continue; // git reads it as HEAD..HEAD, which is empty.
        }
        let ran = ran.ends(2).says("error: ").says("hint: ");
        assert_eq!(ran.out, "", "{range:?}");
    }
}

#[test]
fn a_single_revision_is_no_range() {
    let place = based();
    for range in ["HEAD", "base", "^base"] {
        check(&place, range).ends(2).says("error: ").says("hint: ");
    }
}

#[test]
fn a_hostile_range_is_an_error_and_cannot_move_the_terminal() {
    let place = based();
    let ran = check(&place, "\u{1b}[2J..HEAD").ends(2).says("error: ");
    assert!(!ran.err.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn an_empty_range_is_clean_and_says_what_it_was() {
    let place = based();
    place.staunch(&["check", "--range", "HEAD..HEAD"]).ends(0).says("HEAD..HEAD");
    let report = place.staunch(&["check", "--range", "HEAD..HEAD", "--format", "json"]).ends(0).json();
    assert_eq!(report["coverage"]["commits"], 0);
}

#[test]
fn three_dots_mean_what_the_right_side_added() {
    let place = branches();
    place.git(&["switch", "-q", "side"]);
    place.commit("leak.txt", leak(1));
    check(&place, "main...side").ends(1).says("leak.txt");
    check(&place, "side...main").ends(0);
}

#[test]
fn the_end_may_be_left_out_and_the_start_may_not() {
    let place = based();
    place.commit("b.txt", leak(1));
    check(&place, "base..").ends(1).says("b.txt");
    check(&place, "..base").ends(2).says("nothing stands before the dots");
}

#[test]
fn tags_of_both_kinds_are_ends() {
    let place = based();
    place.commit("b.txt", leak(1));
    place.git(&["tag", "-a", "-m", "release", "v1"]);
    place.commit("c.txt", "clean\n");
    place.git(&["tag", "v2"]);
    check(&place, "base..v1").ends(1);
    check(&place, "v1..v2").ends(0);
    check(&place, "base..v2").ends(1);
}

#[test]
fn a_file_that_became_a_folder_and_back_is_followed() {
    let place = based();
    place.git(&["rm", "-q", "a.txt"]);
    place.commit("a.txt/b.txt", leak(1));
    check(&place, "base..HEAD").ends(1).says("a.txt/b.txt");
}

#[test]
fn a_submodule_in_the_range_is_named() {
    let place = based();
    let commit = place.git(&["rev-parse", "HEAD"]);
    place.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},sub")]);
    place.git(&["commit", "-q", "-m", "sub"]);
    place.staunch(&["check", "--range", "base..HEAD"]).ends(0).says("sub").says("submodule");
}

#[test]
fn many_commits_of_one_second_are_all_read() {
    let place = based();
    for number in 0..12 {
        place.commit(&format!("{number}.txt"), leak(number));
    }
    assert_eq!(check(&place, "base..HEAD").ends(1).lines().len(), 12);
    assert_eq!(check(&place, "HEAD~3..HEAD").ends(1).lines().len(), 3);
}

/// Makes a clone of a bare `origin`.
fn cloned(place: &Place, args: &[&str]) -> std::path::PathBuf {
    let (origin, clone) = (place.beside("origin.git"), place.beside("clone"));
    place.git(&["clone", "-q", "--bare", ".", &origin.display().to_string()]);
    let url = format!("file://{}", origin.display());
    place.git(&[&["clone", "-q"], args, &[&url, &clone.display().to_string()]].concat());
    clone
}

#[test]
fn what_no_remote_has_is_unpushed() {
    let place = based();
    place.commit("old.txt", leak(1));
    let clone = cloned(&place, &[]);
    let unpushed = |code| place.staunch_in(&clone, &["check", "--unpushed", "--format", "jsonl"]).ends(code);
    unpushed(0);
    std::fs::write(clone.join("new.txt"), leak(2)).expect("ours");
    place.git_in(&clone, &["add", "."]);
    place.git_in(&clone, &["commit", "-q", "-m", "new"]);
    assert_eq!(unpushed(1).lines().len(), 1);
    place.staunch_in(&clone, &["check", "--unpushed", "HEAD~1"]).ends(0);
    place.staunch_in(&clone, &["check", "--unpushed", "nowhere"]).ends(2).says("error: ");
    place.git_in(&clone, &["push", "-q"]);
    unpushed(0);
}

#[test]
fn without_a_remote_everything_is_unpushed() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.commit("b.txt", "clean\n");
    place.staunch(&["check", "--unpushed"]).ends(1).says("a.txt");
}

#[test]
fn a_range_that_leaves_a_shallow_clone_is_not_clean() {
    let place = based();
    place.commit("b.txt", leak(1));
    place.commit("c.txt", "clean\n");
    let clone = cloned(&place, &["--depth", "1"]);
    for range in ["HEAD~1..HEAD", "HEAD~2..HEAD"] {
        place.staunch_in(&clone, &["check", "--range", range]).ends(2).says("error: ").says("hint: ");
    }
}

#[test]
fn a_range_whose_base_is_beside_a_shallow_clone_is_not_clean() {
    let place = branches();
    let clone = cloned(&place, &["--depth", "1", "--no-single-branch"]);
    place.staunch_in(&clone, &["check", "--range", "origin/main..origin/side"]).ends(2).says("shallow");
    place.staunch_in(&clone, &["check", "--range", "origin/main..origin/side", "--allow-incomplete"]);
}

#[test]
fn a_range_inside_a_shallow_clone_is_told() {
    let place = based();
    place.commit("b.txt", "clean\n");
    place.commit("c.txt", leak(1));
    let clone = cloned(&place, &["--depth", "2"]);
    place.staunch_in(&clone, &["check", "--range", "HEAD~1..HEAD"]).ends(1).says("c.txt");
}

#[test]
fn a_range_and_unpushed_exclude_each_other() {
    let place = based();
    place.staunch(&["check", "--range", "base..HEAD", "--unpushed", "HEAD"]).ends(2);
}

#[test]
fn a_missing_blob_in_the_range_is_named_and_not_clean() {
    let place = based();
    place.commit("b.txt", leak(1));
    let id = place.git(&["rev-parse", "HEAD:b.txt"]);
    std::fs::remove_file(place.path(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).expect("it is loose");
    place.staunch(&["check", "--range", "base..HEAD"]).ends(2).says("b.txt");
}

#[test]
fn a_missing_tree_in_the_range_is_not_clean() {
    let place = based();
    place.commit("sub/b.txt", leak(1));
    let id = place.git(&["rev-parse", "HEAD:sub"]);
    std::fs::remove_file(place.path(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).expect("it is loose");
    place.staunch(&["check", "--range", "base..HEAD"]).ends(2).says(&id);
}

#[test]
fn a_range_of_an_empty_variable_or_of_nothing_is_not_green_in_silence() {
    let place = based();
    for range in ["..HEAD", "..", "...HEAD", "", "HEAD"] {
        check(&place, range).ends(2).says("is no range").says("is a variable empty?");
    }
    check(&place, "base..HEAD").ends(0).says("nothing was read");
    place.commit("b.txt", leak(1));
    check(&place, "HEAD^!").ends(1);
    place.commit("c.txt", "clean\n");
    check(&place, "HEAD^!").ends(0);
    let empty = Place::repo();
    empty.staunch(&["check", "--unpushed"]).ends(2).says("no commit here yet");
    empty.staunch(&["ci"]).ends(2).says("no commit here yet");
    Place::repo_with(&["--bare"]).staunch(&["check"]).ends(2).says("bare repository");
}

#[test]
fn a_check_of_nothing_says_so_and_in_ci_what_was_meant() {
    let mut place = based();
    assert!(!place.staunch(&["check"]).ends(0).says("nothing is staged").all().contains("staunch ci"));
    place.set("CI", "true");
    place.staunch(&["check"]).ends(0).says("staunch ci");
}
