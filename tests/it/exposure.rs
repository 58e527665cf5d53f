//! How long a credential could be read, with its gaps: in small stories, and compared with what all commits of large ones say.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::lineage::{Story, told};
use crate::oracle::objects;
use crate::support::{Place, credentials, leak};

/// Does something to the repository on a day of the year 2025.
fn on(place: &mut Place, day: &str, act: impl Fn(&Place)) {
    let at = format!("2025-{day}T12:00:00Z");
    place.set("GIT_AUTHOR_DATE", at.clone());
    place.set("GIT_COMMITTER_DATE", at);
    act(place);
}

/// The exposure of the only credential, and the days of its periods.
#[track_caller]
fn exposed(place: &Place) -> (Value, Vec<String>) {
    let (ran, found) = place.audited(&[]);
    assert_eq!(found.len(), 1, "{}", ran.out);
    let exposure = found[0]["exposure"].clone();
    let day = |at: &Value| at.as_str().map_or("now", |at| &at[5..10]).to_owned();
    let told = |period: &Value| format!("{} {}", day(&period["from"]), day(&period["until"]));
    let periods = exposure["periods"].as_array().expect("periods").iter().map(told).collect();
    (exposure, periods)
}

fn branch(place: &Place, name: &str, from: &str) {
    place.git(&["switch", "-q", "-c", name, from]);
}

fn merge(place: &Place, into: &str, name: &str) {
    place.git(&["switch", "-q", into]);
    place.git(&["merge", "-q", "--no-ff", "-m", "merge", name]);
}

#[test]
fn the_days_between_a_removal_and_a_return_do_not_count() {
    let mut place = Place::repo();
    on(&mut place, "01-01", |place| drop(place.commit("a.txt", leak(1))));
    on(&mut place, "01-11", |place| drop(place.commit("a.txt", "clean\n")));
    on(&mut place, "06-01", |place| drop(place.commit("b.txt", leak(1))));
    on(&mut place, "06-21", |place| drop(place.remove("b.txt")));
    let (exposure, periods) = exposed(&place);
    assert_eq!(periods, ["01-01 01-11", "06-01 06-21"]);
    assert_eq!((&exposure["days"], &exposure["last_seen"]), (&json!(30), &json!("2025-06-21T12:00:00Z")));
    let words = "30 days in files, in 2 periods, 2025-01-01 to 2025-01-11 and 2025-06-01 to 2025-06-21; the history still has it";
    place.staunch(&["audit"]).ends(1).says(&format!("exposed: {words}"));
    let fingerprint = place.audited(&[]).1[0]["fingerprint"].as_str().expect("text").to_owned();
    place.staunch(&["rotate", &fingerprint]).ends(0).says(words);
    place.staunch(&["audit", "--format", "html"]).ends(1).says(words);
    place.staunch(&["audit", "--format", "markdown"]).ends(1).says("30 days in files");

    on(&mut place, "07-01", |place| drop(place.commit("c.txt", leak(1))));
    let (exposure, periods) = exposed(&place);
    assert_eq!(periods, ["01-01 01-11", "06-01 06-21", "07-01 now"]);
    assert_eq!(exposure["last_seen"], Value::Null);
    place
        .staunch(&["audit"])
        .ends(1)
        .says("days, in 3 periods, 2025-01-01 to 2025-01-11, 2025-06-01 to 2025-06-21 and since 2025-07-01 and still there");
}

#[test]
fn a_move_to_another_path_is_no_gap() {
    let mut place = Place::repo();
    on(&mut place, "01-01", |place| drop(place.commit("a.txt", leak(1))));
    on(&mut place, "02-01", |place| {
        place.git(&["mv", "a.txt", "b.txt"]);
        place.git(&["commit", "-q", "-m", "move"]);
    });
    on(&mut place, "03-01", |place| drop(place.remove("b.txt")));
    assert_eq!(exposed(&place).1, ["01-01 03-01"]);
}

#[test]
fn what_comes_back_within_a_day_was_not_away() {
    let mut place = Place::repo();
    on(&mut place, "01-01", |place| drop(place.commit("a.txt", leak(1))));
    on(&mut place, "01-20", |place| {
        place.remove("a.txt");
        place.git(&["revert", "--no-edit", "HEAD"]);
    });
    on(&mut place, "02-01", |place| drop(place.remove("a.txt")));
    assert_eq!(exposed(&place).1, ["01-01 02-01"]);
}

#[test]
fn a_removal_on_a_branch_counts_when_it_is_merged() {
    let mut place = Place::repo();
    on(&mut place, "01-01", |place| drop(place.commit("a.txt", leak(1))));
    on(&mut place, "01-10", |place| {
        branch(place, "fix", "main");
        place.remove("a.txt");
    });
    on(&mut place, "03-01", |place| merge(place, "main", "fix"));
    let (exposure, periods) = exposed(&place);
    assert_eq!(periods, ["01-01 03-01"]);
    assert_eq!(exposure["last_seen"], "2025-03-01T12:00:00Z");

    // Another branch had it for longer, and brings it to nobody.
    on(&mut place, "03-02", |place| {
        branch(place, "old", "main~1");
        place.commit("b.txt", "more\n");
    });
    assert_eq!(exposed(&place).1, ["01-01 now"]);
    on(&mut place, "04-01", |place| drop(place.remove("a.txt")));
    assert_eq!(exposed(&place).1, ["01-01 04-01"]);
}

#[test]
fn of_two_that_brought_it_each_counts_until_it_was_taken_out() {
    let mut place = Place::repo();
    on(&mut place, "01-01", |place| drop(place.commit("readme", "clean\n")));
    on(&mut place, "02-01", |place| {
        branch(place, "side", "main");
        place.commit("a.txt", leak(1));
    });
    on(&mut place, "02-03", |place| drop(place.remove("a.txt")));
    on(&mut place, "05-01", |place| {
        place.git(&["switch", "-q", "main"]);
        place.commit("a.txt", leak(1));
    });
    on(&mut place, "05-11", |place| drop(place.remove("a.txt")));
    let (exposure, periods) = exposed(&place);
    assert_eq!((periods, &exposure["days"]), (vec!["02-01 02-03".to_owned(), "05-01 05-11".to_owned()], &json!(12)));
}

#[test]
fn a_commit_that_was_amended_away_says_nothing_of_what_branches_have() {
    let mut place = Place::repo();
    on(&mut place, "01-01", |place| drop(place.commit("a.txt", leak(1))));
    on(&mut place, "01-05", |place| drop(place.remove("a.txt")));
    on(&mut place, "04-01", |place| {
        place.commit("a.txt", leak(1));
        place.git(&["reset", "-q", "--hard", "HEAD~1"]);
    });
    assert_eq!(exposed(&place).1, ["01-01 01-05"]);
    on(&mut place, "05-01", |place| {
        place.git(&["switch", "-q", "--detach", "main~1"]);
        place.remove("a.txt");
        place.git(&["switch", "-q", "main"]);
    });
    assert_eq!(exposed(&place).1, ["01-01 01-05"]);
}

#[test]
fn what_a_pull_request_keeps_for_ever_counts_until_a_branch_has_it() {
    let mut place = Place::repo();
    on(&mut place, "01-01", |place| drop(place.commit("readme", "clean\n")));
    on(&mut place, "01-05", |place| {
        branch(place, "idea", "main");
        place.commit("a.txt", leak(1));
        place.git(&["update-ref", "refs/pull/1/head", "HEAD"]);
        place.git(&["switch", "-q", "main"]);
        place.git(&["branch", "-q", "-D", "idea"]);
    });
    assert_eq!(exposed(&place).1, ["01-05 now"], "nothing took it away");
    on(&mut place, "01-20", |place| drop(place.commit("a.txt", leak(1))));
    on(&mut place, "02-10", |place| drop(place.remove("a.txt")));
    let (exposure, periods) = exposed(&place);
    assert_eq!((periods, &exposure["days"]), (vec!["01-05 02-10".to_owned()], &json!(36)));
}

#[test]
fn reports_of_several_repositories_are_one_exposure() {
    let mut one = Place::repo();
    on(&mut one, "01-01", |place| drop(place.commit("a.txt", leak(1))));
    on(&mut one, "01-11", |place| drop(place.remove("a.txt")));
    let mut other = Place::repo();
    on(&mut other, "01-06", |place| drop(place.commit("a.txt", leak(1))));
    on(&mut other, "01-16", |place| drop(place.remove("a.txt")));
    on(&mut other, "03-01", |place| drop(place.commit("a.txt", leak(1))));
    on(&mut other, "03-03", |place| drop(place.remove("a.txt")));
    for (name, place) in [("one.json", &one), ("other.json", &other)] {
        one.write(name, &place.staunch(&["audit", "--format", "json"]).ends(1).out);
    }
    let both = credentials(&one.staunch(&["report", "one.json", "other.json", "--format", "json"]).ends(1).json());
    let exposure = &both[0]["exposure"];
    let at = |from: &str, until: &str| json!({ "from": format!("2025-{from}T12:00:00Z"), "until": format!("2025-{until}T12:00:00Z") });
    assert_eq!(exposure["periods"], json!([at("01-01", "01-16"), at("03-01", "03-03")]));
    assert_eq!((&exposure["days"], &exposure["last_seen"]), (&json!(17), &json!("2025-03-03T12:00:00Z")));
    let again = credentials(&one.staunch(&["report", "one.json", "one.json", "--format", "json"]).ends(1).json());
    assert_eq!(again[0]["exposure"]["days"], json!(10));
}

const DAY: i64 = 24 * 60 * 60;

/// Unites periods of seconds; what is less than a day away is no gap.
fn united(mut periods: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    periods.sort_unstable();
    let mut united: Vec<(i64, i64)> = Vec::new();
    for (from, until) in periods {
        match united.last_mut() {
            Some(last) if from - last.1 < DAY => last.1 = last.1.max(until),
            _ => united.push((from, until)),
        }
    }
    united
}

#[test]
fn the_periods_are_those_in_which_a_commit_had_it_that_nobody_had_built_on() {
    let mut gaps = 0;
    for seed in 1..=12 {
        let place = Story::told(seed, 70, |number, random| 1_600_000_000 + number as u64 * 300_000 + random.below(200_000) as u64);
        // What no branch or tag leads to is another matter.
        place.git(&["update-ref", "-d", "refs/pull/1/head"]);
        place.git(&["repack", "-adq"]);
        place.git(&["prune", "--expire=now"]);
        let commits = told(&objects(&place));
        let tips = place.git(&["for-each-ref", "--format=%(objectname) %(*objectname)"]);
        let mut expected: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
        for (id, commit) in &commits {
            let at = |commit: &crate::lineage::Told| i64::try_from(commit.seconds).expect("a time");
            let built = commits.values().filter(|other| other.parents.contains(id)).map(|other| (at(commit), at(other)));
            let now = tips.contains(id.as_str()).then_some((at(commit), i64::MAX));
            let periods: Vec<_> = built.chain(now).collect();
            for (_, secret) in commit.secrets.keys() {
                expected.entry(secret).or_default().extend(&periods);
            }
        }
        let found = credentials(&place.staunch(&["audit", "--format", "json", "--show-secrets"]).ends(1).json());
        assert_eq!(found.len(), expected.len());
        for credential in found {
            let seconds = |at: &Value| at.as_str().map_or(i64::MAX, |at| at.parse::<jiff::Timestamp>().expect("a time").as_second());
            let periods = credential["exposure"]["periods"].as_array().expect("periods");
            let told: Vec<(i64, i64)> = periods.iter().map(|period| (seconds(&period["from"]), seconds(&period["until"]))).collect();
            let secret = credential["secret"].as_str().expect("shown");
            assert_eq!(told, united(expected[secret].clone()), "seed {seed}: {secret}");
            gaps += told.len() - 1;
        }
    }
    assert!(gaps > 4, "{gaps}");
}
