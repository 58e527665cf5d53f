//! `staunch audit` of what is damaged or not all there: it says so, ends with 2, and never panics.

use std::path::{Path, PathBuf};

use crate::support::{Place, Ran, leak};

/// Checks that a run was told to be incomplete, and did not panic.
#[track_caller]
fn incomplete(ran: Ran) -> Ran {
    assert!(!ran.err.contains("panicked"), "{ran:?}");
    ran.ends(2).says("error: ").says("hint: ")
}

fn object(place: &Place, id: &str) -> PathBuf {
    place.path(format!(".git/objects/{}/{}", &id[..2], &id[2..]))
}

/// Replaces a read-only file.
fn overwrite(path: &Path, bytes: &[u8]) {
    std::fs::remove_file(path).expect("ours");
    std::fs::write(path, bytes).expect("ours");
}

fn shallow(depth: &str) -> (Place, PathBuf) {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.commit("b.txt", "clean too\n");
    place.commit("c.txt", "also clean\n");
    let clone = place.beside("clone");
    let url = format!("file://{}", place.path("").display());
    place.git(&["clone", "-q", "--depth", depth, url.trim_end_matches('/'), &clone.display().to_string()]);
    (place, clone)
}

#[test]
fn a_shallow_clone_is_told_and_not_clean() {
    let (place, clone) = shallow("1");
    incomplete(place.staunch_in(&clone, &["audit"])).says("shallow");
    let report = place.staunch_in(&clone, &["audit", "--format", "json"]).ends(2).json();
    assert_eq!(report["complete"], false);
    let sarif = place.staunch_in(&clone, &["audit", "--format", "sarif"]).ends(2).json();
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn a_shallow_clone_may_be_allowed_and_is_still_told() {
    let (place, clone) = shallow("2");
    place.staunch_in(&clone, &["audit", "--allow-incomplete"]).ends(0).says("shallow");
    let quiet = place.staunch_in(&clone, &["audit", "--allow-incomplete", "--quiet"]).ends(0);
    assert!(quiet.all().contains("shallow"), "what was not read is never silent: {quiet:?}");
}

#[test]
fn a_finding_in_a_shallow_clone_ends_with_2_unless_that_is_allowed() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.commit("b.txt", leak(1));
    let clone = place.beside("clone");
    let url = format!("file://{}", place.path("").display());
    place.git(&["clone", "-q", "--depth", "1", url.trim_end_matches('/'), &clone.display().to_string()]);
    incomplete(place.staunch_in(&clone, &["audit"])).says("b.txt");
    place.staunch_in(&clone, &["audit", "--allow-incomplete"]).ends(1).says("b.txt");
    place.staunch_in(&clone, &["audit", "--exit-zero"]).ends(2);
}

#[test]
fn a_partial_clone_is_not_clean() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.commit("b.txt", leak(1));
    place.remove("b.txt");
    place.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = place.beside("clone");
    let url = format!("file://{}", place.path("").display());
    place.git(&["clone", "-q", "--filter=blob:none", url.trim_end_matches('/'), &clone.display().to_string()]);
    incomplete(place.staunch_in(&clone, &["audit"]));
}

#[test]
fn a_missing_blob_is_named_and_not_clean() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.commit("b.txt", "also clean\n");
    let id = place.git(&["rev-parse", "HEAD:b.txt"]);
    std::fs::remove_file(object(&place, &id)).expect("it is loose");
    incomplete(place.staunch(&["audit"])).says(&id);
}

#[test]
fn a_missing_blob_of_an_old_commit_is_named_and_not_clean() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    let id = place.git(&["rev-parse", "HEAD:a.txt"]);
    place.commit("a.txt", "changed\n");
    std::fs::remove_file(object(&place, &id)).expect("it is loose");
    incomplete(place.staunch(&["audit"])).says(&id);
}

#[test]
fn a_missing_tree_and_a_missing_commit_are_named_and_not_clean() {
    for revision in ["HEAD:sub", "HEAD^{tree}", "HEAD~1", "HEAD~1^{tree}"] {
        let place = Place::repo();
        place.commit("sub/a.txt", "clean\n");
        place.commit("sub/b.txt", "also clean\n");
        place.commit("c.txt", "also clean\n");
        let id = place.git(&["rev-parse", revision]);
        std::fs::remove_file(object(&place, &id)).expect("it is loose");
        incomplete(place.staunch(&["audit"])).says(&id);
    }
}

#[test]
fn a_missing_tip_is_not_clean() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    std::fs::write(place.path(".git/refs/heads/gone"), format!("{}\n", "12".repeat(20))).expect("ours");
    incomplete(place.staunch(&["audit"])).says("1212121212");
}

#[test]
fn a_branch_file_of_nonsense_is_not_clean() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    std::fs::write(place.path(".git/refs/heads/odd"), "nonsense\n").expect("ours");
    incomplete(place.staunch(&["audit"]));
}

#[test]
fn a_corrupt_loose_object_is_named_and_not_clean() {
    let place = Place::repo();
    place.commit("a.txt", "clean\n");
    place.commit("b.txt", leak(1));
    let id = place.git(&["rev-parse", "HEAD:a.txt"]);
    for content in [&b"nonsense"[..], b"", &[0x78, 0x01, 0xff, 0xff, 0xff]] {
        overwrite(&object(&place, &id), content);
        incomplete(place.staunch(&["audit"])).says(&id).says("b.txt");
    }
}

/// Makes a repository with one pack of many objects, and returns the pack.
fn packed() -> (Place, PathBuf) {
    let place = Place::repo();
    for number in 0..30 {
        let text: String = (0..200).map(|line| format!("line {} of {number}\n", line * (number + 7))).collect();
        place.commit(&format!("{}.txt", number % 5), text + &leak(number));
    }
    place.git(&["repack", "-adq"]);
    place.git(&["prune-packed"]);
    let folder = std::fs::read_dir(place.path(".git/objects/pack")).expect("it is packed");
    let mut packs = folder.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "pack"));
    let pack = packs.next().expect("there is a pack");
    (place, pack)
}

#[test]
fn a_pack_with_flipped_bytes_is_not_clean() {
    let (place, pack) = packed();
    let whole = std::fs::read(&pack).expect("ours");
    for part in [3, 5, 8] {
        let mut bytes = whole.clone();
        let middle = bytes.len() * part / 9;
        bytes[middle..middle + 16].iter_mut().for_each(|byte| *byte ^= 0x5a);
        overwrite(&pack, &bytes);
        incomplete(place.staunch(&["audit"])).says("corrupt");
    }
}

#[test]
fn a_truncated_pack_is_not_clean() {
    let (place, pack) = packed();
    let whole = std::fs::read(&pack).expect("ours");
    for len in [whole.len() / 2, whole.len() - 1, 40, 12, 3, 0] {
        overwrite(&pack, &whole[..len]);
        incomplete(place.staunch(&["audit"]));
    }
}

#[test]
fn a_pack_without_index_is_not_clean() {
    let (place, pack) = packed();
    std::fs::remove_file(pack.with_extension("idx")).expect("ours");
    incomplete(place.staunch(&["audit"]));
}

#[test]
fn a_damaged_pack_index_is_not_clean() {
    let (place, pack) = packed();
    let index = pack.with_extension("idx");
    let whole = std::fs::read(&index).expect("ours");
    for len in [whole.len() / 2, 100, 0] {
        overwrite(&index, &whole[..len]);
        incomplete(place.staunch(&["audit"]));
    }
    let mut bytes = whole.clone();
    let end = bytes.len();
    bytes[end / 2..end - 40].iter_mut().for_each(|byte| *byte = 0xff);
    overwrite(&index, &bytes);
    incomplete(place.staunch(&["audit"]));
}

#[test]
fn an_index_without_its_pack_is_not_clean() {
    let (place, pack) = packed();
    std::fs::remove_file(&pack).expect("ours");
    incomplete(place.staunch(&["audit"]));
}

#[test]
fn every_single_flipped_byte_of_a_small_pack_is_survived() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.commit("a.txt", leak(1) + "more\n");
    place.git(&["repack", "-adq"]);
    place.git(&["prune-packed"]);
    let mut packs = std::fs::read_dir(place.path(".git/objects/pack")).expect("it is packed").flatten().map(|entry| entry.path());
    let pack = packs.find(|path| path.extension().is_some_and(|end| end == "pack")).expect("there is a pack");
    let whole = std::fs::read(&pack).expect("ours");
    for at in (0..whole.len()).step_by(17) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xff;
        overwrite(&pack, &bytes);
        let ran = place.staunch(&["audit"]);
        assert!(!ran.err.contains("panicked") && (ran.code == 1 || ran.code == 2), "byte {at}: {ran:?}");
    }
}

#[test]
fn a_missing_alternate_is_not_clean() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let clone = place.beside("clone");
    place.git(&["clone", "-q", "--shared", ".", &clone.display().to_string()]);
    std::fs::write(clone.join(".git/objects/info/alternates"), "/no/such/folder\n").expect("ours");
    incomplete(place.staunch_in(&clone, &["audit"]));
}

#[test]
fn alternates_in_a_circle_end() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let own = place.path(".git/objects").display().to_string();
    std::fs::write(place.path(".git/objects/info/alternates"), format!("{own}\n")).expect("ours");
    let ran = place.staunch(&["audit"]);
    assert!(ran.code == 1 || ran.code == 2, "{ran:?}");
}
