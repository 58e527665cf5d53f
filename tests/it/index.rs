//! Odd things an index may hold, odd names, and odd ways in which it is stored.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use crate::support::{DETECTOR, Place, leak, token};

/// Commits with our hook, and checks that a finding stopped it.
#[track_caller]
fn blocked(place: &Place) {
    place.staunch(&["hook", "install"]).ends(0);
    let ran = place.try_git(&["commit", "-m", "x"]).says(DETECTOR);
    assert_ne!(ran.code, 0, "{ran:?}");
}

/// Returns what was not scanned, as the JSON report says.
fn skipped(place: &Place) -> Vec<(String, String)> {
    let report = place.staunch(&["check", "--format", "json"]).ends(0).json();
    let skips = report["coverage"]["skipped"].as_array().expect("skips are listed").clone();
    let text = |value: &serde_json::Value| value.as_str().expect("it is text").to_owned();
    skips.iter().map(|skip| (text(&skip["what"]), text(&skip["reason"]))).collect()
}

#[test]
fn a_submodule_is_named_and_does_not_make_the_check_incomplete() {
    let place = Place::repo();
    let commit = place.commit("a.txt", "clean\n");
    place.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},sub")]);
    assert_eq!(skipped(&place), [("sub".to_owned(), "submodule".to_owned())]);
    place.staunch(&["check"]).ends(0).says("sub: submodule");
}

#[test]
fn a_file_that_is_only_announced_is_named_and_passes() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.write("b.txt", leak(1));
    place.git(&["add", "-N", "b.txt"]);
    assert_eq!(skipped(&place), [("b.txt".to_owned(), "intent-to-add".to_owned())]);
}

#[test]
fn files_with_hostile_names_are_blocked_and_json_lines_stay_lines() {
    let names: [&[u8]; 7] =
        [b"a b.txt", b"quote\"s'.txt", b"new\nline.txt", b"bad\xff\xfe.txt", b"-dash", b"tab\there", b"\xe2\x80\xaeright"];
    for name in names {
        let place = Place::repo();
        place.write(OsStr::from_bytes(name), leak(1));
        place.git(&["add", "."]);
        let lines = place.staunch(&["check", "--format", "jsonl"]).ends(1).lines();
        assert_eq!(lines.len(), 1, "{name:?}");
        assert_eq!(lines[0]["path"], String::from_utf8_lossy(name).into_owned(), "{name:?}");
        assert_eq!(lines[0]["line"], 1);
        blocked(&place);
    }
}

#[test]
fn a_sparse_index_is_read() {
    let place = Place::repo();
    place.commit("in/a.txt", "clean\n");
    place.commit("out/b.txt", "clean\n");
    place.commit("out/deep/c.txt", leak(2));
    place.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    assert!(place.git(&["ls-files", "--sparse"]).lines().any(|line| line == "out/"), "the index must be sparse");
    place.staunch(&["check"]).ends(0);
    place.write("in/a.txt", leak(1));
    place.git(&["add", "in/a.txt"]);
    assert!(place.git(&["ls-files", "--sparse"]).lines().any(|line| line == "out/"), "it must still be sparse");
    let lines = place.staunch(&["check", "--format", "jsonl"]).ends(1).lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["path"], "in/a.txt");
    blocked(&place);
}

#[test]
fn a_split_index_is_read() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.commit("b.txt", "clean\n");
    place.git(&["update-index", "--split-index"]);
    let has_shared = std::fs::read_dir(place.path(".git")).expect("it is there").flatten();
    assert!(has_shared.into_iter().any(|file| file.file_name().to_string_lossy().starts_with("sharedindex.")));
    place.staunch(&["check"]).ends(0);
    place.write("b.txt", leak(1));
    place.git(&["add", "b.txt"]);
    place.staunch(&["check"]).ends(1).says("b.txt");
    blocked(&place);
}

#[test]
fn old_and_new_versions_of_the_index_are_read() {
    for version in ["2", "3", "4"] {
        let place = Place::repo();
        place.commit("some/long/folder/a.txt", "clean\n");
        place.git(&["update-index", "--index-version", version]);
        place.write("some/long/folder/b.txt", leak(1));
        place.git(&["add", "."]);
        let lines = place.staunch(&["check", "--format", "jsonl"]).ends(1).lines();
        assert_eq!(lines[0]["path"], "some/long/folder/b.txt", "version {version}");
    }
}

#[test]
fn an_index_without_a_checksum_is_read() {
    let place = Place::repo();
    place.git(&["config", "index.skipHash", "true"]);
    place.commit("a.txt", "clean\n");
    place.write("a.txt", leak(1));
    place.git(&["add", "a.txt"]);
    place.staunch(&["check"]).ends(1);
}

#[test]
fn a_repository_with_sha256_is_blocked_and_audited() {
    let place = Place::repo_with(&["--object-format=sha256"]);
    place.commit("a.txt", "clean\n");
    place.write("b.txt", leak(1));
    place.git(&["add", "b.txt"]);
    place.staunch(&["check"]).ends(1).says("b.txt");
    blocked(&place);
    place.staunch(&["hook", "uninstall"]).ends(0);
    let commit = place.commit("b.txt", leak(1));
    for pack in [false, true] {
        if pack {
            place.git(&["gc", "-q"]);
        }
        let (ran, found) = place.audited(&[]);
        ran.ends(1);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["places"][0]["commit"], commit);
    }
}

#[test]
fn a_repository_with_reftables_is_read_or_refused_but_never_clean() {
    let place = Place::folder();
    if place.try_git(&["init", "-q", "--ref-format=reftable"]).code != 0 {
        return;
    }
    place.commit("a.txt", leak(1));
    let audit = place.staunch(&["audit"]);
    assert!(audit.code == 1 || (audit.code == 2 && audit.err.contains("error: ")), "{audit:?}");
    place.write("b.txt", leak(2));
    place.git(&["add", "b.txt"]);
    let check = place.staunch(&["check"]);
    assert!(check.code == 1 || (check.code == 2 && check.err.contains("error: ")), "{check:?}");
}

#[test]
fn a_corrupt_index_is_an_error() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    for content in [&b"DIRC\x00\x00\x00\x02\xff\xff\xff\xff"[..], b"nonsense", b""] {
        std::fs::write(place.path(".git/index"), content).expect("ours");
        place.staunch(&["check"]).ends(2).says("error: ").says("hint: ");
    }
}

#[test]
fn a_truncated_index_is_an_error() {
    let place = Place::repo();
    for number in 0..40 {
        place.write(format!("{number}.txt"), format!("{number}\n"));
    }
    place.git(&["add", "."]);
    let whole = std::fs::read(place.path(".git/index")).expect("it is there");
    for len in [whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        std::fs::write(place.path(".git/index"), &whole[..len]).expect("ours");
        let ran = place.staunch(&["check"]).ends(2).says("error: ");
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
    }
}

#[test]
fn a_staged_blob_that_is_missing_is_named_and_not_clean() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.write("b.txt", leak(1));
    place.git(&["add", "b.txt"]);
    let id = place.git(&["rev-parse", ":b.txt"]);
    std::fs::remove_file(place.path(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).expect("it is loose");
    place.staunch(&["check"]).ends(2).says("b.txt");
    place.staunch(&["check", "--allow-incomplete"]).ends(0).says("b.txt");
}

#[test]
fn the_variables_of_git_are_honoured() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.write("a.txt", leak(1));
    let program = crate::support::program().display().to_string();
    let inner = format!("GIT_INDEX_FILE={}/other git add a.txt && GIT_INDEX_FILE={0}/other {program} check", place.beside("").display());
    place.run("sh".as_ref(), &place.path(""), &["-c", &inner], b"").ends(1).says("a.txt");
    place.staunch(&["check"]).ends(0);
    let elsewhere = format!(
        "cd / && GIT_DIR={0}/.git GIT_WORK_TREE={0} GIT_INDEX_FILE={1}/other {program} check",
        place.path("").display(),
        place.beside("").display()
    );
    place.run("sh".as_ref(), &place.path(""), &["-c", &elsewhere], b"").ends(1).says("a.txt");
}

#[test]
fn a_check_outside_a_repository_is_an_error() {
    let place = Place::folder();
    place.write("a.txt", token(1));
    place.staunch(&["check"]).ends(2).says("error: ").says("hint: ");
}

#[test]
fn a_check_in_a_bare_repository_is_never_a_false_green() {
    let place = Place::repo_with(&["--bare"]);
    let ran = place.staunch(&["check"]);
    assert!(ran.code == 0 || ran.code == 2, "{ran:?}");
    assert!(!ran.err.contains("panicked"));
}
