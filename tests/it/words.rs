//! What is said of one thing is said of one: no command and no format tells of `1 files`.

use regex_automata::meta::Regex;

use crate::support::{Place, leak};

#[test]
fn one_is_never_told_as_many() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    let detectors = "provider: Acme\ncategory: saas\ndetectors:\n  - id: acme\n    title: Acme\n    severity: high\n    keywords: [acme_live_]\n    \
                     pattern: 'acme_live_[0-9a-f]{32}'\n    samples:\n      leak: ['k = «acme_live_{hex:31}»']\n";
    place.write("own/acme.yaml", detectors);
    place.write(".gitleaksignore", "a.txt:x:1\n");
    place.staunch(&["audit", "--format", "json=report.json"]).ends(1);
    place.staunch(&["ledger", "sync"]);
    let formats = ["pretty", "html", "github", "github-summary", "markdown", "junit", "gitlab", "bitbucket", "sonarqube", "sarif", "toon"];
    let reports = formats.iter().map(|format| vec!["report", "report.json", "--format", format]);
    let audits = formats.iter().map(|format| vec!["audit", "--format", format]);
    let others = [
        &["scan", "a.txt"][..],
        &["check", "--range", "HEAD"],
        &["ci"],
        &["explain", "a.txt"],
        &["detectors", "test", "own"],
        &["detectors", "check", "own"],
        &["detectors", "stats", "a.txt"],
        &["baseline", "create", "--baseline", "known"],
        &["baseline", "update", "--baseline", "known"],
        &["migrate"],
        &["judge", "export", "a.txt"],
        &["ledger", "status"],
        &["ledger", "report"],
        &["hook", "status"],
        &["doctor"],
    ];
    let many = Regex::new(r"\b1 (?:more |known |false |file )?[a-z]{3,}s\b").expect("it is valid");
    for args in reports.chain(audits).chain(others.map(<[&str]>::to_vec)) {
        let ran = place.staunch(&args);
        let said = ran.all();
        let told = many.find(&said).map(|found| said[found.range()].to_owned());
        assert_eq!(told, None, "{args:?}: {said}");
        assert!(!said.is_empty(), "{args:?} says nothing");
    }
}
