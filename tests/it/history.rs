//! `staunch audit` finds a secret wherever a repository can keep one.

use crate::support::{DETECTOR, Place, credentials, leak, password, token};

/// Audits, and checks that exactly one credential is found, held by something; returns its first place.
#[track_caller]
fn one(place: &Place, held_by: &str) -> serde_json::Value {
    let (ran, found) = place.audited(&[]);
    let ran = ran.ends(1);
    assert_eq!(found.len(), 1, "{}", ran.out);
    assert_eq!(found[0]["detector"], DETECTOR);
    let place = found[0]["places"][0].clone();
    assert_eq!(place["held_by"], held_by, "{place}");
    place
}

#[test]
fn a_secret_of_a_branch_that_was_never_checked_out_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.git(&["switch", "-q", "-c", "side"]);
    place.commit("b.txt", leak(1));
    place.git(&["switch", "-q", "main"]);
    assert_eq!(one(&place, "branch")["path"], "b.txt");
}

#[test]
fn a_secret_that_only_a_merge_commit_brought_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.git(&["switch", "-q", "-c", "side"]);
    place.commit("b.txt", "clean\n");
    place.git(&["switch", "-q", "main"]);
    place.commit("c.txt", "clean\n");
    place.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    let merge = place.commit("evil.txt", leak(1));
    assert_eq!(one(&place, "branch")["commit"], merge);
}

#[test]
fn a_secret_of_a_dropped_commit_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    let dropped = place.commit("b.txt", leak(1));
    place.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let found = one(&place, "reflog");
    assert_eq!((found["commit"].as_str(), found["path"].as_str()), (Some(dropped.as_str()), Some("b.txt")));
}

#[test]
fn a_secret_of_a_commit_that_no_log_names_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.commit("b.txt", leak(1));
    place.git(&["reset", "-q", "--hard", "HEAD~1"]);
    place.git(&["reflog", "expire", "--expire=now", "--all"]);
    std::fs::remove_dir_all(place.path(".git/logs")).expect("ours");
    let _ = std::fs::remove_file(place.path(".git/ORIG_HEAD"));
    assert_eq!(one(&place, "nothing")["path"], "b.txt");
}

#[test]
fn a_secret_of_a_stash_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.write("a.txt", leak(1));
    place.git(&["stash", "-q"]);
    assert_eq!(one(&place, "stash")["path"], "a.txt");
}

#[test]
fn a_secret_of_an_older_stash_and_of_an_untracked_file_in_one_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.write("b.txt", leak(1));
    place.git(&["stash", "-q", "--include-untracked"]);
    place.write("a.txt", "newer\n");
    place.git(&["stash", "-q"]);
    let (ran, found) = place.audited(&[]);
    ran.ends(1);
    assert_eq!(found[0]["places"][0]["path"], "b.txt");
}

#[test]
fn a_secret_of_a_commit_message_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.git(&["commit", "-q", "--allow-empty", "-m", &format!("deploy with {}", token(1))]);
    let found = one(&place, "branch");
    assert_eq!(found["origin"], "commit-message");
    assert_eq!(found["commit"], place.git(&["rev-parse", "HEAD"]));
}

#[test]
fn a_secret_of_a_tag_message_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.git(&["tag", "-a", "v1", "-m", &format!("release with {}", token(1))]);
    let (ran, found) = place.audited(&[]);
    ran.ends(1);
    assert_eq!(found[0]["places"][0]["origin"], "tag-message");
    place.git(&["gc", "-q"]);
    place.staunch(&["audit"]).ends(1).says(&place.git(&["rev-parse", "v1"]));
}

#[test]
fn a_secret_of_a_note_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.git(&["notes", "add", "-m", &format!("used {}", token(1))]);
    one(&place, "notes");
}

#[test]
fn a_secret_of_a_blob_that_nothing_names_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.write("b.txt", leak(1));
    let id = place.git(&["hash-object", "-w", "b.txt"]);
    let (ran, found) = place.audited(&[]);
    ran.ends(1);
    assert_eq!(found[0]["places"][0]["origin"], "blob");
    place.staunch(&["audit"]).ends(1).says(&id);
}

#[test]
fn a_secret_that_was_only_staged_once_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    place.git(&["reset", "-q", "--hard"]);
    assert_eq!(place.audited(&[]).1.len(), 1);
}

#[test]
fn a_secret_of_an_author_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.git(&["commit", "-q", "--allow-empty", "-m", "x", "--author", &format!("{} <a@example.com>", token(1))]);
    assert_eq!(one(&place, "branch")["origin"], "commit-message");
}

#[test]
fn a_secret_of_a_symbolic_link_is_found() {
    let place = Place::repo();
    std::os::unix::fs::symlink(format!("/x?key={}", token(1)), place.path("link")).expect("links can be made");
    place.git(&["add", "link"]);
    place.git(&["commit", "-q", "-m", "link"]);
    assert_eq!(one(&place, "branch")["path"], "link");
}

#[test]
fn a_secret_of_a_ref_outside_of_the_usual_places_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.git(&["switch", "-q", "-c", "side"]);
    let id = place.commit("b.txt", leak(1));
    place.git(&["switch", "-q", "main"]);
    place.git(&["update-ref", "refs/pull/7/head", &id]);
    place.git(&["branch", "-q", "-D", "side"]);
    assert_eq!(one(&place, "other")["commit"], id);
}

#[test]
fn a_secret_of_a_detached_head_of_a_linked_worktree_is_found() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    let linked = place.beside("linked");
    place.git(&["worktree", "add", "-q", "--detach", &linked.display().to_string()]);
    std::fs::write(linked.join("b.txt"), leak(1)).expect("ours");
    place.git_in(&linked, &["add", "."]);
    place.git_in(&linked, &["commit", "-q", "-m", "detached"]);
    assert_eq!(one(&place, "branch")["path"], "b.txt");
    let from_there = place.staunch_in(&linked, &["audit", "--format", "json"]).ends(1).json();
    assert_eq!(credentials(&from_there).len(), 1);
}

#[test]
fn a_secret_is_found_in_packed_and_in_loose_form() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let loose = place.staunch(&["audit", "--format", "json"]).ends(1).json();
    place.git(&["gc", "-q", "--prune=now"]);
    assert!(!place.git(&["count-objects", "-v"]).contains("in-pack: 0"));
    let packed = place.staunch(&["audit", "--format", "json"]).ends(1).json();
    assert_eq!(loose["credentials"], packed["credentials"]);
    assert_eq!(loose["coverage"], packed["coverage"]);
    for args in
        [&["repack", "-adq"][..], &["multi-pack-index", "write"], &["pack-refs", "--all"], &["commit-graph", "write", "--reachable"]]
    {
        place.git(args);
        let again = place.staunch(&["audit", "--format", "json"]).ends(1).json();
        assert_eq!(again["credentials"], packed["credentials"], "after git {args:?}");
    }
}

#[test]
fn an_object_that_is_stored_twice_is_counted_once() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.git(&["repack", "-q"]);
    let twice = place.staunch(&["audit", "--format", "json"]).ends(1).json();
    place.git(&["prune-packed"]);
    let once = place.staunch(&["audit", "--format", "json"]).ends(1).json();
    assert_eq!(once, twice);
}

#[test]
fn a_secret_of_an_alternate_is_found() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    for pack in [false, true] {
        let clone = place.beside(if pack { "packed" } else { "loose" });
        if pack {
            place.git(&["gc", "-q"]);
        }
        place.git(&["clone", "-q", "--shared", ".", &clone.display().to_string()]);
        place.staunch_in(&clone, &["audit"]).ends(1).says("a.txt");
    }
}

#[test]
fn a_bare_repository_is_audited_by_its_path() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let bare = place.beside("bare.git").display().to_string();
    place.git(&["clone", "-q", "--bare", ".", &bare]);
    place.staunch(&["audit", &bare]).ends(1).says("a.txt");
    place.staunch_in(&place.beside("bare.git"), &["audit"]).ends(1).says("a.txt");
}

#[test]
fn a_repository_is_audited_from_a_sub_directory() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.commit("sub/b.txt", "clean\n");
    place.staunch_in(&place.path("sub"), &["audit"]).ends(1).says("a.txt");
}

#[test]
fn every_version_of_a_growing_file_is_read_from_deltas() {
    let place = Place::repo();
    let mut text = String::from("some lines that do not change\n").repeat(30);
    for version in 0..60 {
        text.push_str(&format!("line of version {version} with words to make it longer\n"));
        let leaked = if version % 20 == 7 { leak(version) } else { String::new() };
        place.commit("log.txt", format!("{text}{leaked}end\n"));
    }
    let (ran, loose) = place.audited(&[]);
    ran.ends(1);
    place.git(&["repack", "-adfq", "--depth=50", "--window=50"]);
    place.git(&["prune-packed"]);
    let (ran, packed) = place.audited(&[]);
    ran.ends(1);
    assert_eq!(packed.len(), 3);
    assert_eq!(loose, packed);
    for credential in &packed {
        assert_eq!(credential["places"].as_array().map(Vec::len), Some(1), "{credential}");
    }
}

#[test]
fn a_secret_at_the_seam_of_two_deltas_is_found() {
    let place = Place::repo();
    let token = token(1);
    let filler = "filler words of a file that is long enough to be stored as a delta\n".repeat(40);
    for cut in (1..token.len()).step_by(3) {
        let (head, tail) = token.split_at(cut);
        place.commit("a.txt", format!("{filler}x = {head}\n{filler}"));
        place.commit("a.txt", format!("{filler}x = {head}{tail}\n{filler}"));
        place.commit("a.txt", format!("{filler}x = {tail}\n{filler}"));
    }
    place.git(&["repack", "-adfq", "--depth=250", "--window=250"]);
    place.git(&["prune-packed"]);
    let (ran, found) = place.audited(&[]);
    ran.ends(1);
    assert_eq!(found.iter().filter(|found| found["detector"] == DETECTOR).count(), 1);
}

#[test]
fn the_same_is_said_at_any_number_of_threads_and_each_time() {
    let place = Place::repo();
    for number in 0..25 {
        let content = format!("{}{} = '{}'\n", leak(number), ["api", "secret"].join("_"), password(number + 100));
        place.commit(&format!("{}/{number}.txt", number % 3), content);
    }
    place.git(&["repack", "-adq"]);
    for number in 25..30 {
        place.commit("0/same.txt", leak(number));
    }
    for format in ["json", "jsonl", "sarif"] {
        let first = place.staunch(&["audit", "--format", format, "--threads", "1"]).ends(1);
        for threads in ["1", "2", "8", "0"] {
            let again = place.staunch(&["audit", "--format", format, "--threads", threads]).ends(1);
            assert_eq!(first.out, again.out, "{format} at {threads} threads");
        }
    }
}

#[test]
fn an_empty_repository_is_clean() {
    Place::repo().staunch(&["audit"]).ends(0).says("no secrets found");
    Place::repo_with(&["--bare"]).staunch(&["audit"]).ends(0);
}

#[test]
fn what_is_no_repository_is_an_error() {
    let place = Place::folder();
    place.staunch(&["audit"]).ends(2).says("error: ").says("hint: ");
    place.staunch(&["audit", "nowhere"]).ends(2).says("error: ").says("nowhere");
    place.write("file.txt", "x\n");
    place.staunch(&["audit", "file.txt"]).ends(2).says("error: ");
}

#[test]
fn a_file_version_counts_once_wherever_it_lies() {
    let place = Place::repo();
    for name in ["a.txt", "b.txt", "sub/c.txt"] {
        place.commit(name, leak(1));
    }
    let (ran, found) = place.audited(&[]);
    let report = ran.ends(1).json();
    assert_eq!(report["coverage"]["blobs"], 1);
    assert_eq!(found.len(), 1);
    let paths: Vec<&str> = found[0]["places"].as_array().expect("places").iter().filter_map(|place| place["path"].as_str()).collect();
    assert_eq!(paths, ["a.txt", "b.txt", "sub/c.txt"]);
}
