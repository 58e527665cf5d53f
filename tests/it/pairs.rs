//! An id and its secret that stand together are one credential; half a pair is what it is.

use serde_json::Value;
use staunch::detect::sample;

use crate::support::{Place, catalog, credentials};

/// Returns a line that a detector finds, and the value in it.
fn line(id: &str, seed: u64) -> String {
    let detector = catalog().detectors().find(|detector| detector.id == id).expect("it ships");
    let sample = sample::expand(&detector.leaks[0], detector, seed);
    let secret = sample.secret.expect("it is marked");
    let name = if id.ends_with("id") { "aws_access_key_id" } else { "aws_secret_access_key" };
    format!("{name} = {}\n", String::from_utf8_lossy(secret.of(&sample.text)))
}

fn pair(seed: u64) -> String {
    line("aws-access-key-id", seed) + &line("aws-secret-access-key", seed)
}

fn found(text: &str) -> Vec<Value> {
    let place = Place::folder();
    place.write("credentials", text);
    credentials(&place.staunch(&["scan", ".", "-f", "json"]).ends(1).json())
}

#[test]
fn parts_that_stand_together_are_one_credential() {
    let found = found(&pair(1));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["detector"], "aws-access-key-id");
    assert_eq!(found[0]["parts"][0]["detector"], "aws-secret-access-key");
    let places: Vec<&Value> = found[0]["places"].as_array().expect("places").iter().map(|place| &place["detector"]).collect();
    assert_eq!(places, ["aws-access-key-id", "aws-secret-access-key"]);
}

#[test]
fn two_pairs_in_a_row_are_two_credentials() {
    let found = found(&(pair(1) + &pair(2)));
    let lines: Vec<Vec<u64>> = found
        .iter()
        .map(|credential| credential["places"].as_array().expect("places").iter().filter_map(|place| place["line"].as_u64()).collect())
        .collect();
    assert_eq!(lines, [[1, 2], [3, 4]]);
}

#[test]
fn parts_that_stand_apart_are_two_credentials() {
    let apart = line("aws-access-key-id", 1) + &"\n".repeat(11) + &line("aws-secret-access-key", 1);
    let found = found(&apart);
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|credential| credential["parts"].is_null()));
}

#[test]
fn half_a_pair_is_what_it_is() {
    let found = found(&line("aws-access-key-id", 1));
    assert_eq!((found.len(), &found[0]["detector"], &found[0]["parts"]), (1, &Value::from("aws-access-key-id"), &Value::Null));
}

#[test]
fn a_secret_that_two_files_share_with_their_own_ids_joins_all_three() {
    let place = Place::folder();
    let secret = line("aws-secret-access-key", 1);
    place.write("a", line("aws-access-key-id", 1) + &secret);
    place.write("b", line("aws-access-key-id", 2) + &secret);
    let found = credentials(&place.staunch(&["scan", ".", "-f", "json"]).ends(1).json());
    assert_eq!((found.len(), found[0]["parts"].as_array().map(Vec::len)), (1, Some(2)));
}

#[test]
fn a_value_that_may_be_public_says_why() {
    let place = Place::folder();
    let detector = catalog().detectors().find(|detector| detector.public.is_some()).expect("there are some");
    place.write("config", sample::expand(&detector.leaks[0], detector, 1).text);
    let found = credentials(&place.staunch(&["scan", ".", "-f", "json"]).ends(1).json());
    assert_eq!((&found[0]["severity"], found[0]["public"].as_str()), (&Value::from("low"), detector.public.as_deref()));
    place.staunch(&["scan", "."]).ends(1).says("may be public");
}
