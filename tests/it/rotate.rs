//! Runbooks: everything filled in that is known, nothing that a file could smuggle into a shell, and never the secret.

use staunch::config::Config;
use staunch::credential::Credential;
use staunch::detect::{Catalog, sample};
use staunch::finding::Confidence;
use staunch::git::Repo;
use staunch::here::Here;
use staunch::report::runbook::{self, Stage};
use staunch::scan::{Options, Scanner};
use staunch::secret::FingerprintKey;

use crate::support::{Place, catalog, credentials, leak, token};

/// The files of providers whose credentials leak most.
const PROVIDERS: [&str; 40] = [
    "Airtable",
    "Algolia",
    "Amazon Web Services",
    "Anthropic",
    "Asana",
    "Atlassian",
    "Auth0",
    "Bitbucket",
    "Buildkite",
    "CircleCI",
    "Cloudflare",
    "Databricks",
    "Datadog",
    "DigitalOcean",
    "Discord",
    "Docker",
    "Dropbox",
    "Figma",
    "GitHub",
    "GitLab",
    "Google",
    "Grafana",
    "Heroku",
    "HubSpot",
    "Linear",
    "Mailchimp",
    "Mailgun",
    "Microsoft Azure",
    "New Relic",
    "Notion",
    "Okta",
    "OpenAI",
    "PagerDuty",
    "Sentry",
    "Shopify",
    "Slack",
    "Stripe",
    "Telegram",
    "Twilio",
    "npm",
];

#[test]
fn a_runbook_is_filled_in_and_holds_no_secret() {
    let place = Place::repo();
    place.commit("config/prod.env", leak(1));
    let (_, found) = place.audited(&[]);
    let fingerprint = found[0]["fingerprint"].as_str().expect("a text").to_owned();
    for format in ["text", "markdown"] {
        let ran = place.staunch(&["rotate", &fingerprint, "--format", format]).ends(0);
        assert!(!ran.all().contains(&token(1)), "{}", ran.out);
        ran.says("GitHub").says("Revoke it").says("2026-01-02").says("config/prod.env:1");
    }
    place.staunch(&["rotate", &fingerprint[..6]]).ends(0);
}

#[test]
fn the_command_that_reads_the_secret_reads_exactly_it() {
    let place = Place::repo();
    place.commit("it's a file.txt", format!("# ünïcode\n{}", leak(1)));
    place.git(&["rm", "-q", "it's a file.txt"]);
    place.git(&["commit", "-q", "-m", "gone"]);
    let (_, found) = place.audited(&[]);
    let ran = place.staunch(&["rotate", found[0]["fingerprint"].as_str().expect("a text")]).ends(0);
    let line = ran.out.lines().map(str::trim).find(|line| line.starts_with("LEAKED=")).unwrap_or_else(|| panic!("{}", ran.out));
    let shell = place.run("sh".as_ref(), &place.path(""), &["-c", &format!("{line}; printf %s \"$LEAKED\"")], b"");
    assert_eq!(shell.out, token(1), "{}", shell.err);
}

#[test]
fn what_is_only_staged_needs_no_revoking_and_what_is_public_is_revoked_first() {
    let place = Place::repo();
    place.commit("readme", "clean\n");
    place.write("a.txt", leak(1));
    place.git(&["add", "."]);
    let staged = credentials(&place.staunch(&["check", "-f", "json"]).ends(1).json());
    let fingerprint = staged[0]["fingerprint"].as_str().expect("a text");
    let ran = place.staunch(&["rotate", fingerprint]).ends(0).says("not committed");
    assert!(!ran.out.contains("Revoke it"), "{}", ran.out);
    let ran = place.staunch(&["rotate", fingerprint, "--stage", "public"]).ends(0);
    assert!(ran.out.find("Revoke it\n") < ran.out.find("Replace it\n"), "{}", ran.out);
}

#[test]
fn what_names_nothing_is_refused() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    for (typed, said) in [("zz", "is no fingerprint"), ("00000000000000000000", "no credential here has")] {
        place.staunch(&["rotate", typed]).ends(2).says(said);
    }
}

#[test]
fn no_value_of_a_file_gets_into_a_command_unless_it_is_plain() {
    let place = Place::repo();
    place.commit("a.env", format!("DATABASE_URL=postgres://$[reboot]:{}@db.acme.io/x;reboot\n", crate::support::password(3)));
    let (_, found) = place.audited(&["--min-confidence", "low"]);
    let ran = place.staunch(&["rotate", found[0]["fingerprint"].as_str().expect("a text"), "--stage", "private"]).ends(0);
    let commands: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("       ")).collect();
    assert!(commands.iter().all(|line| !line.contains("reboot")), "{}", ran.out);
}

/// Commits one sample of each detector and returns the runbooks of all that is found, with the secrets that they must not hold.
fn runbooks(format: &str, is_wanted: impl Fn(&staunch::detector::Detector) -> bool) -> (Vec<(String, String)>, Vec<String>) {
    let place = Place::repo();
    let mut secrets = Vec::new();
    // A seed of its own for each, or all would have the same random letters.
    for (seed, detector) in (1000..).zip(catalog().detectors().filter(|detector| is_wanted(detector))) {
        let sample = sample::expand(&detector.leaks[0], detector, seed);
        place.write(format!("x/{}.txt", detector.id), &sample.text);
        let secret = String::from_utf8_lossy(sample.secret.expect("it is marked").of(&sample.text)).into_owned();
        // The id of a key is what revokes it, and no secret.
        if detector.decode != Some(staunch::detector::Decode::AwsKeyId) {
            secrets.push(secret);
        }
    }
    place.git(&["add", "-f", "."]);
    place.git(&["commit", "-q", "-m", "all"]);
    let repo = Repo::around(&place.path("")).expect("it is a repository");
    let options = Options { min_confidence: Confidence::Low, ..Options::default() };
    let scanner = Scanner::new(Catalog::shipped(), Config::default(), options, FingerprintKey::default());
    let outcome = scanner.audit(&repo, None, None).expect("it can be read");
    let write = |credential: &Credential<'_>| {
        let runbook = runbook::of(credential, outcome.now, Some(Stage::Public), &Here::default());
        let mut out = Vec::new();
        let written = if format == "text" { runbook::text(&runbook, &mut out) } else { runbook::markdown(&runbook, &mut out) };
        written.expect("it can be written");
        (credential.lead().finding.detector.id.to_string(), String::from_utf8(out).expect("it is text"))
    };
    (outcome.credentials().iter().map(write).collect(), secrets)
}

#[test]
fn no_runbook_of_any_detector_holds_a_secret() {
    for format in ["text", "markdown"] {
        let (runbooks, secrets) = runbooks(format, |_| true);
        assert!(runbooks.len() > 300, "{}", runbooks.len());
        let finder: std::collections::BTreeSet<&str> = secrets.iter().map(String::as_str).filter(|secret| secret.len() >= 8).collect();
        for (detector, text) in &runbooks {
            let leaked = finder.iter().find(|secret| text.contains(**secret));
            assert!(leaked.is_none(), "{format}: the runbook of {detector} holds a secret of {} bytes", leaked.map_or(0, |s| s.len()));
        }
    }
}

#[test]
fn every_blank_of_the_forty_most_used_providers_is_filled_or_explained() {
    let known: std::collections::BTreeSet<&str> = catalog().detectors().map(|detector| detector.provider.as_ref()).collect();
    let unknown: Vec<&&str> = PROVIDERS.iter().filter(|provider| !known.contains(**provider)).collect();
    assert!(unknown.is_empty(), "{unknown:?} of {known:?}");
    let (runbooks, _) = runbooks("text", |detector| PROVIDERS.contains(&detector.provider.as_ref()));
    let mut wrong = Vec::new();
    for (detector, text) in &runbooks {
        wrong.extend(
            text.lines().filter(|line| line.contains(": as the provider names it")).map(|line| format!("{detector}: {}", line.trim())),
        );
        // Whatever a command leaves blank is in the list before it.
        for blank in blanks(text) {
            if !text.contains(&format!("${blank}: ")) && !text.contains(&format!("{blank}=\"$(")) {
                wrong.push(format!("{detector}: ${blank} is not explained"));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the names of what a text leaves blank.
fn blanks(text: &str) -> Vec<String> {
    let after = text.split('$').skip(1);
    let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_').collect::<String>();
    after.map(name).filter(|name| name.len() > 1).collect()
}
