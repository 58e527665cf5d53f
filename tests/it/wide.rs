//! Text in UTF-16, as PowerShell writes it with `>`: read like any other, however it is reached.

use crate::support::{Place, assignment, leak, password, token};

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

/// Runs a line of a shell, as somebody does who follows a runbook.
fn shell(place: &Place, line: &str) -> String {
    place.run("sh".as_ref(), &place.path(""), &["-c", line], b"").ends(0).out
}

#[test]
fn a_place_is_told_in_the_bytes_that_are_stored_and_a_runbook_reads_the_secret_from_there() {
    for (order, mark) in [("utf-16le", &b"\xff\xfe"[..]), ("utf-16be", b"\xfe\xff")] {
        let place = Place::repo();
        let bytes_of = if order == "utf-16le" { u16::to_le_bytes } else { u16::to_be_bytes };
        let encoded = |text: &str| text.encode_utf16().flat_map(bytes_of).collect::<Vec<u8>>();
        let text = format!("caf\u{e9} \u{1f600}\r\n{}", leak(1));
        place.commit("win.txt", [mark, &encoded(&text)].concat());
        let (ran, found) = place.audited(&[]);
        let at = &found[0]["places"][0];
        let secret = token(1);
        let start = 2 + encoded(&text[..text.find(&secret).expect("it is there")]).len();
        let told = (&at["encoding"], at["offset"].as_u64(), at["byte_count"].as_u64());
        assert_eq!(told, (&order.into(), Some(start as u64), Some(2 * secret.len() as u64)), "{}", ran.out);
        let fingerprint = found[0]["fingerprint"].as_str().expect("text");
        for runbook in [&["rotate", fingerprint][..], &["purge", "plan", fingerprint]] {
            let told = place.staunch(runbook).ends(0).out;
            let command = told.lines().find(|line| line.contains("git cat-file blob")).unwrap_or_else(|| panic!("{told}"));
            let from = command.find("git cat-file blob").expect("it was found");
            let end = command[from..].find("UTF-8").expect("it says how it is read") + from + "UTF-8".len();
            assert_eq!(shell(&place, &command[from..end]), secret, "{command}");
        }
        // No rewrite of text changes such a file.
        place.staunch(&["purge", "plan", fingerprint]).ends(0).says("--invert-paths --path 'win.txt'");
    }
}

#[test]
fn what_was_added_in_plain_bytes_is_told_as_such() {
    let place = Place::repo();
    let wide = wide("started\r\n");
    place.commit("log.txt", [wide.clone(), leak(1).into_bytes()].concat());
    let at = place.audited(&[]).1[0]["places"][0].clone();
    let start = wide.len() + leak(1).find(&token(1)).expect("it is there");
    assert_eq!((at["offset"].as_u64(), at["byte_count"].as_u64()), (Some(start as u64), Some(40)), "{at}");
    assert!(at["encoding"].is_null());
}

#[test]
fn a_purge_is_verified_in_both_orders_and_with_a_value_in_utf_16() {
    let place = Place::repo();
    // At the end of a file: before another letter the one order holds the other, a byte later.
    let big: Vec<u8> = token(1).encode_utf16().flat_map(u16::to_be_bytes).collect();
    place.commit("readme", leak(1));
    let fingerprint = place.audited(&[]).1[0]["fingerprint"].as_str().expect("text").to_owned();
    let verify = |value: &[u8]| place.staunch_with(value, &["purge", "verify", &fingerprint, "--stdin"]).ends(1);
    verify(token(1).as_bytes()).says("still here: 1 place");
    place.commit("little.bin", [&b"\x01\x02\x03\0\0"[..], &wide(&leak(1))[2..]].concat());
    verify(token(1).as_bytes()).says("still here: 2 places");
    place.commit("big.bin", [&b"\x01\x02\x03\0"[..], &big].concat());
    verify(token(1).as_bytes()).says("still here: 3 places");
    verify(&wide(&format!("{}\r\n", token(1)))).says("still here: 3 places");
}
