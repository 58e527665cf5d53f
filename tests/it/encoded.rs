//! Secrets in base64: found like any other, told apart from those in plain, and never half shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use staunch::detect::sample;

use crate::support::{Place, assignment, catalog, credentials, leak, password, token};

fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}

/// Returns a text in lines as `base64` writes it.
fn in_lines(text: &str) -> String {
    let encoded = STANDARD.encode(text);
    let lines: Vec<&str> = encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).expect("it is ASCII")).collect();
    lines.join("\n") + "\n"
}

#[test]
fn a_secret_in_base64_stops_a_commit_and_nothing_of_it_is_shown() {
    let place = Place::repo();
    let settings = format!("HOST=db\n{}", assignment(1));
    place.write("deploy.yml", format!("env:\n  DOTENV: {}\n", encoded(&settings)));
    place.git(&["add", "deploy.yml"]);
    for args in [
        &["check"][..],
        &["scan", "deploy.yml"],
        &["explain", "deploy.yml:2"],
        &["scan", "--format", "markdown"],
        &["scan", "--format", "json"],
        &["scan", "--format", "html"],
    ] {
        let ran = place.staunch(args).ends(1).says("base64");
        // Every group of four characters that holds three bytes of the password.
        for bytes in password(1).as_bytes().windows(3) {
            let group = STANDARD.encode(bytes);
            assert!(!ran.all().contains(&group), "{args:?} shows {group}:\n{}", ran.all());
        }
    }
}

#[test]
fn the_same_secret_in_plain_and_in_base64_is_one_credential() {
    let place = Place::repo();
    place.commit("release.sh", leak(1));
    place.commit("ci.txt", in_lines(&format!("{}{}{}", "# settings of the build\n".repeat(9), leak(1), "# end\n".repeat(20))));
    let report = place.staunch(&["audit", "--format", "json"]).ends(1).json();
    let [credential] = &credentials(&report)[..] else { panic!("{report}") };
    let places = credential["places"].as_array().expect("it has places");
    let layers: Vec<(&str, Option<&str>)> =
        places.iter().map(|place| (place["path"].as_str().expect("it has a path"), place["layer"].as_str())).collect();
    assert!(layers.contains(&("release.sh", None)) && layers.contains(&("ci.txt", Some("base64"))) && layers.len() == 2, "{layers:?}");
    let fingerprint = credential["fingerprint"].as_str().expect("it has one");
    let plan = place.staunch(&["purge", "plan", fingerprint]).ends(0).out;
    assert!(plan.contains("ci.txt") && plan.contains("release.sh"), "{plan}");
}

#[test]
fn versions_that_are_deltas_of_each_other_say_what_reading_each_in_full_says() {
    let place = Place::repo();
    for number in 0..6 {
        let around = |seed: usize| (0..90).map(|line| format!("setting_{line} = {}\n", line * seed)).collect::<String>();
        let text = format!("{}{}{}{}", around(3), leak(number % 3), around(5), assignment(number));
        place.commit("all.b64", in_lines(&text));
        place.commit("one.yml", format!("{}x: {}\n{}", around(7), encoded(&text), around(number as usize)));
    }
    place.git(&["repack", "-q", "-a", "-d", "-f", "--depth=20", "--window=20"]);
    let told = |args: &[&str]| place.staunch(&[&["audit", "--format", "jsonl"], args].concat()).ends(1).out;
    let walked = told(&[]);
    assert_eq!(walked, told(&["--in-full"]), "the walk and the plain reader say the same");
    assert!(walked.matches("\"layer\":\"base64\"").count() > 12, "{walked}");
}

#[test]
fn a_purge_is_not_proved_while_the_secret_is_there_in_base64() {
    let detector = catalog().detectors().find(|detector| detector.id == "private-key").expect("it ships");
    let key = |seed| String::from_utf8(sample::expand("«{pem:RSA PRIVATE KEY}»", detector, seed).text).expect("it is text");
    for (secret, other) in [(token(1), token(2)), (key(1), key(2))] {
        let with = |secret: &str| {
            let place = Place::repo();
            place.commit("ci.txt", in_lines(&format!("{}{secret}\n", "# settings of the build\n".repeat(9))));
            place
        };
        let place = with(&secret);
        let report = place.staunch(&["audit", "--format", "json"]).ends(1).json();
        let fingerprint = credentials(&report)[0]["fingerprint"].as_str().expect("it has one").to_owned();
        let verify = |place: &Place| place.staunch_with(secret.as_bytes(), &["purge", "verify", &fingerprint, "--stdin"]);
        verify(&place).ends(1).says("blob");
        verify(&with(&other)).ends(0);
    }
}

#[test]
fn nothing_of_it_is_shown_in_a_subject_either() {
    let place = Place::repo();
    let settings = encoded(&assignment(1));
    place.commit("a.txt", leak(2));
    place.write("b.txt", leak(2));
    place.git(&["add", "b.txt"]);
    place.git(&["commit", "-q", "--no-verify", "-m", &format!("settings {settings}")]);
    let shown = place.staunch(&["audit", "--format", "json"]).ends(1).all();
    assert!(shown.contains("settings "), "the subject is in the report");
    for bytes in password(1).as_bytes().windows(3) {
        assert!(!shown.contains(&STANDARD.encode(bytes)), "{shown}");
    }
}

#[test]
fn a_value_that_stands_there_twice_is_hidden_twice() {
    let place = Place::folder();
    let settings = encoded(&format!("{}# once more {} and so on", assignment(1), password(1)));
    place.write("env.txt", format!("x: {settings}\n"));
    let shown = place.staunch(&["scan"]).ends(1).all();
    let hidden = shown.matches("…(").count();
    assert!(hidden >= 2, "{shown}");
    let core = encoded(&password(1));
    for bytes in password(1).as_bytes().windows(6) {
        let group = STANDARD.encode(bytes);
        assert!(!shown.contains(&group), "{core} {group}:\n{shown}");
    }
}
