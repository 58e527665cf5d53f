//! Text in UTF-16, as PowerShell writes it with `>`: read like any other, however it is reached.

use crate::support::{Place, assignment, leak, password};

fn wide(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn long(line: &str) -> String {
    let rest: String = (0..400).map(|number| format!("setting_{number} = {}\r\n", number * 7919)).collect();
    format!("{rest}{line}{rest}")
}

#[test]
fn a_secret_in_utf_16_stops_a_commit_and_shows_where_it_is() {
    let place = Place::repo();
    place.write("win.env", wide(&format!("A=1\r\n{}", assignment(1))));
    place.git(&["add", "-f", "win.env"]);
    for args in [&["check"][..], &["scan", "win.env"], &["explain", "win.env:2"]] {
        let ran = place.staunch(args).ends(1).says("generic-password");
        assert!(!ran.all().contains(&password(1)), "{args:?}");
    }
    assert!(place.staunch(&["scan", "win.env"]).ends(1).says("win.env:2:").out.contains("password"), "its line is shown as text");
    let from_a_pipe = place.staunch_with(&wide(&leak(2)), &["scan", "-"]);
    from_a_pipe.ends(1).says("ghp_");
}

#[test]
fn versions_that_are_deltas_of_each_other_in_both_encodings_are_all_read() {
    let place = Place::repo();
    for (number, text) in
        [wide(&long("")), wide(&long(&leak(1))), long(&leak(2)).into_bytes(), wide(&long(&assignment(3)))].iter().enumerate()
    {
        place.commit("settings.txt", text);
        place.commit(&format!("copy{number}.txt"), [&text[..], &wide("one line more")[2..]].concat());
    }
    place.git(&["repack", "-q", "-a", "-d", "-f", "--depth=20", "--window=20"]);
    let told = |args: &[&str]| place.staunch(&[&["audit", "--format", "jsonl"], args].concat()).ends(1).out;
    let walked = told(&[]);
    assert_eq!(walked, told(&["--in-full"]), "the walk and the plain reader say the same");
    assert_eq!(walked.lines().count(), 6, "three secrets in two files each:\n{walked}");
}

#[test]
fn what_a_shell_adds_to_such_a_file_in_plain_bytes_is_read_as_well() {
    let place = Place::folder();
    place.write("log.txt", [wide("started\r\n"), leak(1).into_bytes()].concat());
    place.staunch(&["scan"]).ends(1).says("ghp_");
}
