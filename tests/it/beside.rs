//! Values beside a name: which words and joints make them a secret, and how sure a made-up one is.

use serde_json::Value;

use crate::support::{Place, hex};

/// The confidence with which a detector finds something in a file of one line; nothing where it finds nothing.
fn confidence(path: &str, line: &str, detector: &str) -> Option<String> {
    let place = Place::folder();
    place.write(path, format!("{line}\n"));
    let ran = place.staunch(&["scan", "--min-confidence", "low", "--format", "jsonl"]);
    let mut findings = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is an object"));
    let own = findings.find(|finding| finding["detector"] == detector)?;
    own["confidence"].as_str().map(str::to_owned)
}

/// Forty random hexadecimal digits.
fn hash(seed: u64) -> String {
    [hex(seed), hex(seed + 1)[..8].to_owned()].concat()
}

/// Forty digits along the row of digits, as somebody types who writes an example.
fn made_up() -> String {
    "0123456789".repeat(4)
}

#[test]
fn a_made_up_value_of_the_right_shape_is_of_medium_confidence_and_of_low_in_tests() {
    let random = format!("MERAKI_API_KEY={}", hash(7));
    let typed = format!("MERAKI_API_KEY={}", made_up());
    assert_eq!(confidence("settings.env", &random, "meraki-key").as_deref(), Some("high"));
    assert_eq!(confidence("settings.env", &typed, "meraki-key").as_deref(), Some("medium"));
    assert_eq!(confidence("tests/settings.env", &typed, "meraki-key").as_deref(), Some("low"));
}

#[test]
fn what_asks_for_another_value_is_no_secret_whatever_its_shape() {
    for value in ["0".repeat(40), format!("{}{}", "ab".repeat(18), "abcd")] {
        assert_eq!(confidence("settings.env", &format!("MERAKI_API_KEY={value}"), "meraki-key"), None, "{value}");
    }
}

#[test]
fn a_hash_beside_a_name_needs_a_word_for_a_secret_or_is_what_the_name_is_set_to() {
    let hash = hash(11);
    for (line, expected) in [
        (format!("DEEPGRAM_API_KEY={hash}"), Some("high")),
        (format!("deepgram ACCESS {hash}"), Some("high")),
        (format!("deepgramsecretkey: {hash}"), Some("high")),
        (format!("deepgram-secret-{hash}"), Some("high")),
        (format!("deepgram = \"{hash}\""), Some("medium")),
        (format!("deepgram: {hash}"), None),
        (format!("deepgram_revision = {hash}"), None),
        (format!("deepgram.com/commit/{hash}"), None),
    ] {
        assert_eq!(confidence("notes", &line, "deepgram-key").as_deref(), expected, "{line}");
    }
}

#[test]
fn a_name_that_is_a_word_needs_a_word_for_a_secret() {
    let value = format!("{}zq", &hex(3)[..30]);
    assert_eq!(confidence("notes", &format!("abstract_api_key = {value}"), "abstract-key").as_deref(), Some("high"));
    assert_eq!(confidence("notes", &format!("abstract class {value}"), "abstract-key"), None);
    assert_eq!(confidence("notes", &format!("abstract = {value}"), "abstract-key"), None);
}

#[test]
fn a_short_name_in_the_middle_of_a_word_names_nothing() {
    let hex = hex(5);
    let value = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    for (line, is_found) in [
        (format!("coda_api_key={value}"), true),
        (format!("MY_CODA_API_KEY={value}"), true),
        (format!("myCodaApiKey = '{value}'"), true),
        (format!("\"A=1\\ncoda_api_key={value}\""), true),
        (format!("bacoda_api_key={value}"), false),
    ] {
        assert_eq!(confidence("notes", &line, "coda-key").is_some(), is_found, "{line}");
    }
}

#[test]
fn a_name_that_stands_over_lines_names_the_secret_below() {
    let hash = hash(13);
    for (text, expected) in [
        (format!("[meraki]\nurl = x\napi_key = {hash}"), Some("high")),
        (format!("meraki:\n  org: 7\n  api_key: \"{hash}\""), Some("high")),
        (format!("\"meraki\": {{\r\n  \"apiKey\": \"{hash}\"\r\n}}"), Some("high")),
        (format!("provider \"meraki\" {{\n  api_key = \"{hash}\"\n}}"), Some("high")),
        (format!("<id>meraki</id>\n<secret>{hash}</secret>"), Some("high")),
        (format!("- name: MERAKI_API_KEY\n  value: {hash}"), Some("high")),
        (format!("# Meraki dashboard\nAPI_KEY={hash}"), Some("high")),
        (format!("- name: MERAKI_ORGANIZATION\n  value: {hash}"), None),
        (format!("meraki:\n  sha: {hash}"), None),
        (format!("[meraki]\nurl = x\n\napi_key = {hash}"), None),
        (format!("[meraki]\n[other]\napi_key = {hash}"), None),
        (format!("meraki: dashboard\napi_key = {hash}"), None),
        (format!("import client from meraki;\napi_key = {hash}"), None),
        (format!("[meraki]\na=1\nb=1\nc=1\nd=1\napi_key = {hash}"), None),
    ] {
        assert_eq!(confidence("settings", &text, "meraki-key").as_deref(), expected, "{text}");
    }
}

#[test]
fn a_word_for_a_secret_may_stand_before_the_name() {
    let hash = hash(17);
    for (line, expected) in [
        (format!("the API key of Meraki is {hash}"), Some("medium")),
        (format!("the commit of Meraki is {hash}"), None),
        (format!("an API key, and a long way from it on the same line Meraki {hash}"), None),
    ] {
        assert_eq!(confidence("notes", &line, "meraki-key").as_deref(), expected, "{line}");
    }
}

#[test]
fn a_name_and_a_value_within_a_run_of_base64_are_data() {
    let hash = hash(19);
    for (line, is_found) in [
        (format!("meraki_key_{hash}"), true),
        (format!("d09GMgABAAAAADBkABAmeraki+key+{hash}+cBq7AAAwA"), false),
        (format!("url=data:d09GMgABAAAAADBkABAAAAAAcBq7AAAwA/meraki+key+{hash}"), false),
        (format!("meraki+key+{hash}/d09GMgABAAAAADBkABAAAAAAcBq7AAAwA"), false),
    ] {
        assert_eq!(confidence("font.css", &line, "meraki-key").is_some(), is_found, "{line}");
    }
}
