//! `staunch judge`: learning from labelled places and scoring on them, on a set made for the test.

use std::fmt::Write as _;

use crate::support::{Place, password};

/// Writes a labelled set of eight repositories: in each, made-up passwords that are secrets and words that are none.
fn labelled(place: &Place) {
    let mut table = String::from("FilePath,LineStart,LineEnd,GroundTruth,ValueStart,ValueEnd,Category,RepoName\n");
    for repository in 0..8u64 {
        let (mut text, path) = (String::new(), format!("r{repository}/app.py"));
        for line in 1..=20u64 {
            let is_true = line % 2 == 0;
            let value = if is_true {
                password(repository * 100 + line)
            } else {
                ["orange", "network", "message", "settings"][line as usize / 2 % 4].to_owned()
            };
            let _ = writeln!(text, "{}_{line} = \"{value}\"", ["db", "password"].join("_"));
            let _ = writeln!(table, "{path},{line},{line},{},,,Password,r{repository}", if is_true { "T" } else { "F" });
        }
        place.write(&path, text);
    }
    place.write("labels.csv", table);
}

/// Returns the numbers of a line of the table: right, wrong, missed.
fn counts(out: &str, level: &str) -> [usize; 3] {
    let line = out.lines().find(|line| line.starts_with(level) && line.contains(" all ")).unwrap_or_else(|| panic!("no {level} in {out}"));
    let numbers: Vec<usize> = line.split_whitespace().filter_map(|cell| cell.parse().ok()).collect();
    [numbers[0], numbers[1], numbers[2]]
}

#[test]
fn weights_are_learned_and_scored_on_what_they_never_saw() {
    let place = Place::folder();
    labelled(&place);
    let ran = place.staunch(&["judge", "eval", "--labels", "labels.csv", "--files", ".", "--folds", "4"]).ends(0);
    let [right, wrong, missed] = counts(&ran.out, "medium");
    assert_eq!((right + missed, wrong), (80, 0), "{}", ran.out);
    assert!(right >= 76, "{}", ran.out);
    let ran = place.staunch(&["judge", "eval", "--labels", "labels.csv", "--files", "."]).ends(0);
    assert_eq!(counts(&ran.out, "low")[0] + counts(&ran.out, "low")[2], 80);
}

#[test]
fn a_table_of_weights_is_written_and_can_be_scored() {
    let place = Place::folder();
    labelled(&place);
    place.staunch(&["judge", "train", "--labels", "labels.csv", "--files", ".", "-o", "own.tsv"]).ends(0);
    let table = std::fs::read_to_string(place.path("own.tsv")).expect("it was written");
    assert!(table.lines().any(|line| line.starts_with("name\tnamed a password\t")), "{table}");
    let again = Place::folder();
    labelled(&again);
    again.staunch(&["judge", "train", "--labels", "labels.csv", "--files", ".", "-o", "own.tsv"]).ends(0);
    assert_eq!(std::fs::read_to_string(again.path("own.tsv")).expect("it was written"), table, "the same set gives the same weights");
    let ran = place.staunch(&["judge", "eval", "--labels", "labels.csv", "--files", ".", "--weights", "own.tsv"]).ends(0);
    assert_eq!(counts(&ran.out, "medium"), [80, 0, 0]);
    place.write("broken.tsv", "name\tnamed a password\tmuch\n");
    place.staunch(&["judge", "eval", "--labels", "labels.csv", "--files", ".", "--weights", "broken.tsv"]).ends(2).says("line 1");
}

#[test]
fn mistakes_are_listed_with_their_place() {
    let place = Place::folder();
    place.write("r/a.py", format!("{} = \"orange\"\n", ["db", "password"].join("_")));
    place.write("labels.csv", "FilePath,LineStart,LineEnd,GroundTruth,Category\nr/a.py,1,1,T,Password\n");
    let ran = place.staunch(&["judge", "eval", "--labels", "labels.csv", "--files", ".", "--mistakes"]).ends(0);
    assert_eq!(ran.out.trim(), "r/a.py:1\tmissed");
}

#[test]
fn what_was_suppressed_as_a_false_positive_becomes_a_label() {
    let place = Place::folder();
    let (name, marker) = (["db", "password"].join("_"), ["staunch", "allow"].join(":"));
    let line = |seed: u64, comment: &str| format!("{name} = \"{}\"{comment}\n", password(seed));
    let text = [
        line(1, ""),
        line(2, &format!("  # {marker} a false positive: the name of a column")),
        line(3, &format!("  # {marker} dead since May")),
    ];
    place.write("app/a.py", text.concat());
    place.staunch(&["judge", "export", "."]).ends(0).says("1 false positive and 0 secrets");
    let table = std::fs::read_to_string(place.path("labels.csv")).expect("it was written");
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert_eq!(rows.len(), 1, "{table}");
    assert!(rows[0].starts_with("\"app/a.py\",2,2,F,15,") && rows[0].ends_with(",generic"), "{table}");
    place.staunch(&["judge", "export", ".", "--reviewed", "-o", "all.csv"]).ends(0).says("1 false positive and 1 secret,");
    place.write("app/a\"b.py", line(4, &format!("  # {marker} a false positive")));
    place.staunch(&["judge", "export", "."]).ends(0).says("1 false positive and 0 secrets").says("labels are left out");
    // The judge takes both for secrets, so one of the two labels is right.
    let ran = place.staunch(&["judge", "eval", "--labels", "all.csv", "--files", "."]).ends(0);
    assert_eq!(counts(&ran.out, "medium"), [1, 1, 0]);
}

#[test]
fn a_set_that_is_none_is_refused_with_a_hint() {
    let place = Place::folder();
    place.write("labels.csv", "a,b\n1,2\n");
    place.staunch(&["judge", "eval", "--labels", "labels.csv", "--files", "."]).ends(2).says("FilePath").says("hint: ");
    place.write("labels.csv", "FilePath,LineStart,LineEnd,GroundTruth,Category\nnone.py,1,1,T,Key\n");
    place.staunch(&["judge", "eval", "--labels", "labels.csv", "--files", "."]).ends(2).says("none of the files");
    place.staunch(&["judge", "train", "--labels", "missing.csv", "--files", "."]).ends(2).says("missing.csv");
}
