//! Secrets in archives: found in their members, with a history of their own, and nothing passed by in silence.

use std::io::{Cursor, Write as _};

use serde_json::Value;

use crate::support::{Place, assignment, credentials, leak, password, token};

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    zipped(members, zip::CompressionMethod::Deflated)
}

fn zipped(members: &[(&str, &str)], method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method)).expect("it is begun");
        writer.write_all(text.as_bytes()).expect("it is written");
    }
    writer.finish().expect("it is ended").into_inner()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, *bytes).expect("it is written");
    }
    builder.into_inner().expect("it is ended")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("it is written");
    encoder.finish().expect("it is ended")
}

/// Returns path, member and line of each place.
fn places(credential: &Value) -> Vec<(String, String, u64)> {
    let word = |place: &Value, key: &str| place[key].as_str().unwrap_or_default().to_owned();
    let places = credential["places"].as_array().expect("it has places");
    places
        .iter()
        .map(|place| (word(place, "path"), word(&place["archive"], "member"), place["line"].as_u64().expect("it has a line")))
        .collect()
}

#[test]
fn a_secret_in_an_archive_stops_a_commit_and_is_told_with_its_member() {
    let settings = format!("[db]\nhost = db.corp.net\n{}", assignment(1));
    let image = tar(&[("app/lib.jar", &zip(&[("conf/db.ini", &settings)])), ("app/log.gz", &gzip(settings.as_bytes()))]);
    let archives: [(&str, Vec<u8>, &str); 6] = [
        ("app.zip", zip(&[("conf/db.ini", &settings)]), "conf/db.ini"),
        ("stored.zip", zipped(&[("conf/db.ini", &settings)], zip::CompressionMethod::Stored), "conf/db.ini"),
        ("all.tar", tar(&[("conf/db.ini", settings.as_bytes())]), "conf/db.ini"),
        ("all.tgz", gzip(&tar(&[("conf/db.ini", settings.as_bytes())])), "conf/db.ini"),
        ("db.ini.gz", gzip(settings.as_bytes()), "db.ini"),
        ("image.tar.gz", gzip(&image), "app/lib.jar/conf/db.ini"),
    ];
    for (name, bytes, member) in archives {
        let place = Place::repo();
        place.write(name, bytes);
        place.git(&["add", name]);
        let shown = format!("{name}!/{member}:3:");
        for args in [&["check"][..], &["scan", name], &["scan", "--format", "csv"], &["scan", "--format", "junit"]] {
            let ran = place.staunch(args).ends(1);
            let told = ran.all().replace(',', ":");
            assert!(told.contains(&shown), "{args:?} of {name}:\n{told}");
            assert!(!told.contains(&password(1)), "{args:?} of {name} shows the password");
        }
        let report = place.staunch(&["check", "--format", "json"]).ends(1).json();
        let found = places(&credentials(&report)[0]);
        assert!(found.contains(&(name.to_owned(), member.to_owned(), 3)), "{found:?}");
        assert!(found.iter().all(|(_, member, _)| !member.is_empty()), "what is stored as it is is told once: {found:?}");
        assert!(credentials(&report)[0]["places"][0]["offset"].is_null(), "no byte of the file is one of the secret");
        let asked = format!("{name}!/{member}:3");
        place.staunch(&["explain", &asked]).ends(1).says("reported by every command");
        place.staunch(&["explain", name]).ends(1).says(&asked);
        place.staunch(&["explain", &format!("{name}!/no/such:3")]).ends(2).says("no member");
    }
}

#[test]
fn code_hosts_are_told_the_archive_and_people_the_member() {
    let place = Place::repo();
    place.commit("lib/app.jar", zip(&[("a.txt", ""), ("conf/x.sh", &format!("\n\n{}", leak(1)))]));
    let sarif = place.staunch(&["audit", "--format", "sarif"]).ends(1).json();
    let result = &sarif["runs"][0]["results"][0];
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!((&location["artifactLocation"]["uri"], &location["region"]["startLine"]), (&"lib/app.jar".into(), &1.into()));
    let message = result["message"]["text"].as_str().expect("it has one");
    assert!(message.contains("In the archive it is in conf/x.sh, line 3."), "{message}");
    let gitlab = place.staunch(&["audit", "--format", "gitlab"]).ends(1).json();
    assert_eq!(gitlab["vulnerabilities"][0]["location"]["file"], "lib/app.jar!/conf/x.sh", "two members are two places");
    let fingerprint = result["partialFingerprints"]["secretFingerprint/v1"].as_str().expect("it has one");
    assert_eq!(result["partialFingerprints"]["primaryLocationLineHash"], format!("{}:1", &fingerprint[..16]), "whatever it is packed with");
    place.staunch(&["rotate", fingerprint]).ends(0).says("lib/app.jar!/conf/x.sh:3");
    for format in ["markdown", "html", "toon", "github"] {
        let told = place.staunch(&["audit", "--format", format]).ends(1).all();
        let told =
            ["&#47;", "%2F", "\\/"].iter().fold(told, |told, slash| told.replace(slash, "/")).replace("&#33;", "!").replace("&#46;", ".");
        assert!(told.contains("lib/app.jar!/conf/x.sh"), "{format}: {told}");
    }
}

#[test]
fn history_knows_when_a_member_came_and_went() {
    let place = Place::repo();
    let jar = |secret: &str, filler: usize| {
        let filler: String = (0..filler).map(|n| format!("line {n}\n")).collect();
        zip(&[("readme.txt", &filler), ("conf/app.sh", secret)])
    };
    let clean = place.commit("app.jar", jar("echo hello\n", 10));
    let brought = place.commit("app.jar", jar(&leak(1), 20));
    place.commit("app.jar", jar(&leak(1), 30));
    let removed = place.commit("app.jar", jar("echo hello\n", 40));
    place.commit("other.tgz", gzip(&tar(&[("deploy.sh", leak(2).as_bytes())])));
    place.git(&["repack", "-q", "-a", "-d", "-f"]);
    let audit = |args: &[&str]| place.staunch(&[&["audit", "--format", "json"], args].concat()).ends(1).json();
    let report = audit(&[]);
    let found = credentials(&report);
    assert_eq!(found.len(), 2, "{report}");
    let [there, gone] =
        ["other.tgz", "app.jar"].map(|path| found.iter().map(|of| &of["places"][0]).find(|of| of["path"] == path).expect("it is there"));
    assert_eq!(
        (&gone["commit"], &gone["removed"]["id"], &gone["archive"]["member"]),
        (&brought.into(), &removed.into(), &"conf/app.sh".into())
    );
    assert_eq!(
        (&there["archive"]["head_member"], &there["head_line"], &there["touched"]),
        (&"deploy.sh".into(), &there["line"], &Value::Null)
    );
    assert!(gone["head_line"].is_null() && gone["commit"] != clean);
    assert_eq!(credentials(&audit(&["--in-full"])), found, "the walk and the plain reader say the same");
    let state = place.beside("state");
    let with_state = ["--state", state.to_str().expect("it is text")];
    assert_eq!(credentials(&audit(&with_state)), found);
    assert_eq!(credentials(&audit(&with_state)), found, "a blob with something in a member is looked at again");
}

#[test]
fn what_an_archive_had_before_stops_no_commit() {
    let place = Place::repo();
    place.commit("app.zip", zip(&[("x.sh", &leak(1))]));
    place.write("app.zip", zip(&[("new.txt", "hello"), ("moved/x.sh", &leak(1))]));
    place.git(&["add", "app.zip"]);
    place.staunch(&["check"]).ends(0);
    place.write("app.zip", zip(&[("x.sh", &leak(1)), ("y.sh", &leak(2))]));
    place.git(&["add", "app.zip"]);
    place.staunch(&["check"]).ends(1).says("app.zip!/y.sh");
    place.git(&["commit", "-q", "--no-verify", "-m", "more"]);
    let report = place.staunch(&["check", "--range", "HEAD~1..HEAD", "--format", "json"]).ends(1).json();
    let [credential] = &credentials(&report)[..] else { panic!("{report}") };
    assert_eq!(
        (&credential["places"][0]["archive"]["member"], &credential["places"][0]["archive"]["head_member"]),
        (&"y.sh".into(), &"y.sh".into())
    );
}

#[test]
fn entries_name_members_as_if_the_archive_were_a_folder() {
    let place = Place::repo();
    place.write("app.zip", zip(&[("test/x.sh", &leak(1)), ("live/y.sh", &leak(2))]));
    place.write(".staunch.yaml", "allow:\n  - path: app.zip/test\n    reason: made up\n");
    let report = place.staunch(&["scan", "app.zip", "--format", "json"]).ends(1).json();
    let [credential] = &credentials(&report)[..] else { panic!("{report}") };
    assert_eq!(places(credential)[0].1, "live/y.sh");
    place.write(".staunch.yaml", "allow:\n  - path: app.zip\n    reason: made up\n");
    place.staunch(&["scan", "app.zip"]).ends(0);
    place.write("app.zip", zip(&[("x.sh", &format!("# staunch:allow of the tutorial\n{}", leak(1)))]));
    place.write(".staunch.yaml", "");
    place.staunch(&["scan", "app.zip"]).ends(0);
}

#[test]
fn what_is_not_unpacked_is_named() {
    let place = Place::repo();
    place.write("a.7z", b"7z\xbc\xaf\x27\x1c\0\x04and what is packed");
    place.write("b.zip", &zip(&[("x.sh", &leak(1))])[..60]);
    place.write("c.sql", format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n", "0a".repeat(32)));
    place.git(&["add", "a.7z", "b.zip", "c.sql"]);
    let told =
        ["a.7z: not unpacked: 7z is not read", "b.zip!/x.sh: not unpacked: damaged zip", "c.sql: not unpacked: its content is in Git LFS"];
    for args in [&["check"][..], &["scan"]] {
        told.iter().fold(place.staunch(args).ends(0), |ran, told| ran.says(told));
    }
    told.iter().fold(place.staunch(&["hook", "run", "pre-commit"]).ends(0).says("staunch found nothing"), |ran, told| ran.says(told));
    place.git(&["commit", "-q", "-m", "both"]);
    let audit = place.staunch(&["audit"]).ends(0).says("left out: b.zip (blob ").says("left out: c.sql (blob ").says("3 left out");
    assert!(audit.out.contains(")!/x.sh: not unpacked: damaged zip"), "{}", audit.out);
}

#[test]
fn what_unpacks_to_too_much_is_no_clean_result() {
    let place = Place::repo();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![0; 1 << 20];
    (0..513).for_each(|_| encoder.write_all(&zeros).expect("it is written"));
    let once = encoder.finish().expect("it is ended");
    place.commit("bomb.gz.gz", gzip(&once));
    let state = place.beside("state");
    let state = state.to_str().expect("it is text");
    for args in [&["scan"][..], &["audit"], &["audit", "--state", state], &["audit", "--state", state]] {
        place.staunch(args).ends(2).says("not unpacked to its end: a member of more than 536870912 bytes");
    }
    place.staunch(&["scan", "--allow-incomplete"]).ends(0);
}

#[test]
fn a_purge_is_not_proved_while_an_archive_holds_the_secret() {
    let place = Place::repo();
    place.commit("app.tgz", gzip(&tar(&[("x.sh", leak(1).as_bytes())])));
    let report = place.staunch(&["audit", "--format", "json"]).ends(1).json();
    let fingerprint = credentials(&report)[0]["fingerprint"].as_str().expect("it has one").to_owned();
    let plan = place.staunch(&["purge", "plan", &fingerprint]).ends(0).out;
    assert!(plan.contains("--invert-paths --path 'app.tgz'") && !plan.contains("--replace-text"), "{plan}");
    let verify = |value: String| place.staunch_with(value.as_bytes(), &["purge", "verify", &fingerprint, "--stdin"]);
    verify(token(1)).ends(1).says("blob");
    place.staunch(&["purge", "verify", &fingerprint]).ends(1).says("app.tgz!/x.sh");
    let clean = Place::repo();
    clean.commit("app.tgz", gzip(&tar(&[("x.sh", leak(2).as_bytes())])));
    let verify = || clean.staunch_with(token(1).as_bytes(), &["purge", "verify", &fingerprint, "--stdin"]);
    verify().ends(0);
    clean.commit("a.7z", b"7z\xbc\xaf\x27\x1c\0\x04and what is packed");
    verify().ends(2).says("not unpacked: 7z is not read").says("no proof");
    let name = format!("{}/x.sh", token(3));
    clean.commit("torn.zip", &zip(&[(name.as_str(), &leak(2))])[..30 + name.len() + 8]);
    let told = verify().ends(2).says("/x.sh: not unpacked: damaged zip").all();
    assert!(!told.contains(&token(3)), "{told}");
}

#[test]
fn names_of_members_are_hostile() {
    let place = Place::folder();
    let name = format!("../\u{1b}[31m/{}/\u{202e}x.sh", token(3));
    place.write("a.zip", zip(&[(name.as_str(), &leak(1))]));
    for format in ["pretty", "json", "csv", "markdown", "junit"] {
        let told = place.staunch(&["scan", "--format", format]).ends(1).all();
        assert!(!told.contains('\u{1b}') && !told.contains('\u{202e}') && !told.contains(&token(3)), "{format}: {told:?}");
    }
}
