//! `staunch upload` beside a server that answers as the documented interfaces do, and as networks do.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use staunch::upload::github::Target;
use staunch::upload::{Client, Delivery, Error, Pace, Token, bitbucket, defectdojo, github};

use crate::support::{Place, Ran, leak, program};

/// How the server answers one request.
#[derive(Clone)]
enum Answer {
    Says(u16, &'static str, String),
    /// The connection ends without an answer.
    Cut,
    /// No answer comes.
    Silent,
}

/// What the server was asked.
#[derive(Debug, Clone)]
struct Seen {
    line: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

struct Server {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Starts a server that gives these answers one after the other, and the last one for ever.
    fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for (number, stream) in listener.incoming().enumerate() {
                let Ok(mut stream) = stream else { continue };
                let Some(asked) = read(&mut stream) else { continue };
                shared.lock().expect("nobody panicked").push(asked);
                match answers.get(number).or(answers.last()) {
                    Some(Answer::Says(status, headers, body)) => {
                        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n", body.len());
                        let _ = stream.write_all(format!("{head}{body}").as_bytes());
                    }
                    Some(Answer::Silent) => silent.push(stream),
                    Some(Answer::Cut) | None => {}
                }
            }
        });
        Server { url, seen }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("nobody panicked").clone()
    }
}

/// Reads one request.
fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|&bytes| bytes > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Seen { line: line.trim_end().to_owned(), headers, body })
}

fn says(status: u16, body: &Value) -> Answer {
    Answer::Says(status, "", body.to_string())
}

/// GitHub's answer to a report that it took.
fn taken() -> Answer {
    says(202, &json!({ "id": "47177e22-5596-11eb-80a1-c1e54ef945c6", "url": "https://elsewhere.example/steal" }))
}

fn status(word: &str) -> Answer {
    says(200, &json!({ "processing_status": word, "errors": ["line 7 is wrong"] }))
}

/// A client that waits for an answer only.
fn client(timeout: Duration) -> Client {
    let none = |count: usize| vec![Duration::ZERO; count];
    Client::new(Pace { retries: none(2), max_wait: Duration::from_secs(1), polls: none(3), timeout })
}

/// Long enough for a machine that has much else to do.
const PATIENT: Duration = Duration::from_secs(30);

fn to_github(answers: Vec<Answer>) -> (Result<Delivery, Error>, Vec<Seen>) {
    let is_silent = answers.iter().any(|answer| matches!(answer, Answer::Silent));
    let client = client(if is_silent { Duration::from_secs(1) } else { PATIENT });
    let server = Server::start(answers);
    let target = Target {
        api: server.url.clone(),
        repository: "acme/shop".into(),
        commit: "0123456789012345678901234567890123456789".into(),
        reference: "refs/heads/main".into(),
    };
    let token = Token::new("acme-token-of-a-test").expect("it is a token");
    let result = github::upload(&client, &target, &token, b"{\"runs\":[]}");
    (result, server.seen())
}

#[test]
fn github_gets_the_report_and_is_asked_until_it_has_read_it() {
    let (result, seen) = to_github(vec![taken(), status("pending"), status("complete")]);
    assert!(matches!(result, Ok(Delivery::Done { .. })), "{result:?}");
    let lines: Vec<&str> = seen.iter().map(|seen| seen.line.as_str()).collect();
    let path = "/repos/acme/shop/code-scanning/sarifs";
    let question = format!("GET {path}/47177e22-5596-11eb-80a1-c1e54ef945c6 HTTP/1.1");
    assert_eq!(lines, [format!("POST {path} HTTP/1.1").as_str(), &question, &question], "the address in an answer is not followed");
    for seen in &seen {
        assert_eq!(seen.header("authorization"), "Bearer acme-token-of-a-test");
        assert!(seen.header("user-agent").starts_with("staunch/") && seen.header("x-github-api-version").len() == 10, "{seen:?}");
    }
    let body = seen[0].json();
    assert_eq!((&body["ref"], &body["commit_sha"]), (&"refs/heads/main".into(), &"0123456789012345678901234567890123456789".into()));
    let packed = base64::engine::general_purpose::STANDARD.decode(body["sarif"].as_str().expect("text")).expect("base64");
    let mut report = vec![0; 11];
    libdeflater::Decompressor::new().gzip_decompress(&packed, &mut report).expect("gzip");
    assert_eq!(report, b"{\"runs\":[]}");
}

#[test]
fn every_documented_answer_of_github_is_told() {
    let no = |status, message: &str| says(status, &json!({ "message": message }));
    for (code, message, hint) in [
        (400, "Invalid SARIF", "cannot read"),
        (401, "Bad credentials", "not valid"),
        (403, "Code Security must be enabled", "security-events"),
        (404, "Not Found", "--repo"),
        (413, "Payload too large", "report less"),
        (422, "No commit found", "push first"),
        (301, "Moved Permanently", "another name"),
    ] {
        let (result, seen) = to_github(vec![no(code, message)]);
        let error = result.expect_err("it was refused");
        assert!(matches!(&error, Error::Refused { status, said, .. } if *status == code && said == message), "{error:?}");
        assert!(error.hint().contains(hint), "{code}: {}", error.hint());
        assert_eq!(seen.len(), 1, "{code} does not pass");
    }
    let (result, _) = to_github(vec![taken(), status("failed")]);
    assert!(matches!(&result, Err(Error::Failed { said, .. }) if said == "line 7 is wrong"), "{result:?}");
    let (result, _) = to_github(vec![says(202, &json!({ "id": "../../user" }))]);
    assert!(matches!(result, Err(Error::Strange { .. })), "{result:?}");
}

#[test]
fn what_passes_is_tried_again_and_what_lasts_is_told() {
    for passing in
        [says(503, &json!({})), says(502, &json!({})), Answer::Cut, Answer::Silent, Answer::Says(429, "Retry-After: 0\r\n", String::new())]
    {
        let (result, _) = to_github(vec![passing, taken(), status("complete")]);
        assert!(matches!(result, Ok(Delivery::Done { .. })), "{result:?}");
    }
    let (result, seen) = to_github(vec![Answer::Says(403, "X-RateLimit-Remaining: 0\r\n", "{}".into()), taken(), status("complete")]);
    assert!(result.is_ok() && seen.len() == 3, "{result:?}");
    let (result, seen) = to_github(vec![says(503, &json!({ "message": "later" }))]);
    assert!(matches!(&result, Err(Error::Refused { status: 503, .. })) && seen.len() == 3, "{result:?}");
    let (result, seen) = to_github(vec![Answer::Cut]);
    assert!(matches!(&result, Err(Error::Unreachable { .. })) && seen.len() == 3, "{result:?}");
    let (result, seen) = to_github(vec![Answer::Says(503, "Retry-After: 86400\r\n", String::new())]);
    assert!(result.is_err() && seen.len() == 1, "nobody waits for a day: {result:?}");
}

#[test]
fn a_report_that_was_taken_is_not_lost_by_a_question_that_fails() {
    for answer in [status("pending"), says(404, &json!({})), Answer::Cut, says(200, &json!("?"))] {
        let (result, _) = to_github(vec![taken(), answer]);
        assert!(matches!(result, Ok(Delivery::Taken { .. })), "{result:?}");
    }
}

#[test]
fn a_report_that_github_would_refuse_for_its_size_is_not_sent() {
    let target = Target {
        api: "http://127.0.0.1:1".into(),
        repository: "acme/shop".into(),
        commit: "0123456789012345678901234567890123456789".into(),
        reference: "refs/heads/main".into(),
    };
    // Bytes of a counter's hash: nothing of them can be compressed.
    let noise = |count: u32| (0..count / 32).flat_map(|number| *blake3::hash(&number.to_le_bytes()).as_bytes()).collect::<Vec<u8>>();
    assert!(github::request(&target, &noise(9_900_000)).is_ok());
    let refused = github::request(&target, &noise(10_100_000));
    assert!(matches!(&refused, Err(Error::TooLarge { limit_bytes: 10_000_000, .. })), "{refused:?}");
    assert!(refused.expect_err("it is too large").hint().contains("--min-severity"));
}

#[test]
fn bitbucket_gets_annotations_by_the_hundred() {
    let server = Server::start(vec![Answer::Says(204, "", String::new()), says(200, &json!({}))]);
    let target = bitbucket::Target { api: server.url.clone(), repository: "acme/shop".into(), commit: "c1".into(), behind: None };
    let annotations: Vec<Value> = (0..250).map(|number| json!({ "external_id": number })).collect();
    let report = json!({ "report": { "title": "Secrets" }, "annotations": annotations }).to_string();
    let token = Token::new("acme-token-of-a-test");
    let result = bitbucket::upload(&client(PATIENT), &target, token.as_ref(), report.as_bytes());
    assert!(matches!(result, Ok(Delivery::Done { .. })), "{result:?}");
    let seen = server.seen();
    let lines: Vec<String> = seen.iter().map(|seen| seen.line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    let base = "/2.0/repositories/acme/shop/commit/c1/reports/staunch";
    let post = format!("POST {base}/annotations");
    assert_eq!(lines, [format!("DELETE {base}"), format!("PUT {base}"), post.clone(), post.clone(), post]);
    let counts: Vec<Option<usize>> = seen[2..].iter().map(|seen| seen.json().as_array().map(Vec::len)).collect();
    assert_eq!(counts, [Some(100), Some(100), Some(50)]);
}

#[test]
fn defectdojo_gets_a_form_with_the_report_in_it() {
    let server = Server::start(vec![says(201, &json!({ "test": 7 }))]);
    let target = defectdojo::Target {
        url: server.url.clone(),
        product: "shop \"x\"\r\ny".into(),
        engagement: "ci".into(),
        commit: Some("c1".into()),
        branch: None,
    };
    let token = Token::new("acme-token-of-a-test").expect("it is a token");
    let result = defectdojo::upload(&client(PATIENT), &target, &token, b"{\"runs\":[]}");
    assert_eq!(result.expect("it was taken"), Delivery::Done { what: "test 7 was updated".into() });
    let seen = &server.seen()[0];
    assert_eq!((seen.line.as_str(), seen.header("authorization")), ("POST /api/v2/reimport-scan/ HTTP/1.1", "Token acme-token-of-a-test"));
    let boundary = seen.header("content-type").split_once("boundary=").expect("a form").1;
    let body = String::from_utf8_lossy(&seen.body);
    let parts: Vec<&str> = body.split(&format!("--{boundary}")).collect();
    assert_eq!((parts[0], *parts.last().expect("an end")), ("", "--\r\n"));
    for part in [
        "name=\"scan_type\"\r\n\r\nSARIF\r\n",
        "name=\"product_name\"\r\n\r\nshop \"x\"y\r\n",
        "name=\"commit_hash\"\r\n\r\nc1\r\n",
        "{\"runs\":[]}\r\n",
    ] {
        assert!(parts.iter().any(|found| found.ends_with(part)), "{part:?} is not in {body}");
    }
    let refused = Server::start(vec![says(403, &json!({ "detail": "no permission" }))]);
    let result = defectdojo::upload(&client(PATIENT), &defectdojo::Target { url: refused.url.clone(), ..target }, &token, b"{}");
    assert!(matches!(&result, Err(Error::Refused { said, .. }) if said == "no permission"), "{result:?}");
}

/// Runs the program with variables, as a CI service does.
fn run(place: &Place, variables: &[(&str, &str)], args: &[&str]) -> Ran {
    let program = program().display().to_string();
    let variables: Vec<String> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
    place.run("env".as_ref(), &place.path(""), &[&variables[..], &[program.as_str()], args].concat(), b"")
}

#[test]
fn the_command_finds_commit_ref_and_repository_and_never_prints_the_token() {
    let place = Place::repo();
    let commit = place.commit("a.txt", leak(1));
    place.staunch(&["scan", "a.txt", "--format", "json=report.json"]).ends(1);
    let server = Server::start(vec![taken(), status("complete")]);
    let variables = [("GITHUB_TOKEN", "acme-token-of-a-test"), ("GITHUB_API_URL", server.url.as_str()), ("GITHUB_REPOSITORY", "acme/shop")];
    let ran = run(&place, &variables, &["upload", "github", "report.json"]).ends(0).says("was processed");
    assert!(!ran.all().contains("acme-token"), "{}", ran.all());
    let body = server.seen()[0].json();
    assert_eq!((body["commit_sha"].as_str(), body["ref"].as_str()), (Some(commit.as_str()), Some("refs/heads/main")));
    let refused = Server::start(vec![says(403, &json!({ "message": "no acme" }))]);
    let api = ["--api-url", refused.url.as_str()];
    let ran = run(&place, &variables, &[&["upload", "github", "report.json"], &api[..]].concat()).ends(2).says("403 no acme").says("hint:");
    assert!(!ran.all().contains("acme-token"), "{}", ran.all());
}

#[test]
fn a_dry_run_shows_everything_and_sends_nothing() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.staunch(&["scan", "a.txt", "--format", "json=report.json"]).ends(1);
    let server = Server::start(vec![Answer::Cut]);
    let url = server.url.as_str();
    let variables = [
        ("GITHUB_TOKEN", "acme-token-of-a-test"),
        ("BITBUCKET_TOKEN", "acme-token-of-a-test"),
        ("DEFECTDOJO_TOKEN", "acme-token-of-a-test"),
    ];
    for (args, says) in [
        (&["github", "--repo", "acme/shop", "--api-url", url][..], "/repos/acme/shop/code-scanning/sarifs"),
        (&["bitbucket", "--repo", "acme/shop", "--api-url", url], "\"report_type\":\"SECURITY\""),
        (&["defectdojo", "--product", "shop", "--url", url], "reimport-scan"),
    ] {
        let ran = run(&place, &variables, &[&["upload"], args, &["report.json", "--dry-run"]].concat()).ends(0).says(says);
        assert!(!ran.all().contains("acme-token"), "{}", ran.all());
    }
    assert!(server.seen().is_empty());
}

#[test]
fn what_is_missing_is_asked_for() {
    let place = Place::repo();
    place.commit("a.txt", leak(1));
    place.staunch(&["scan", "a.txt", "--format", "sarif=report.sarif"]).ends(1);
    place.staunch(&["upload", "github", "report.sarif"]).ends(2).says("--repo OWNER/NAME");
    place.staunch(&["upload", "github", "report.sarif", "--repo", "acme/../x"]).ends(2).says("--repo OWNER/NAME");
    place.staunch(&["upload", "github", "report.sarif", "--repo", "acme/shop"]).ends(2).says("GITHUB_TOKEN");
    let variables = [("GITHUB_TOKEN", "acme-token-of-a-test")];
    let plain = ["upload", "github", "report.sarif", "--repo", "acme/shop", "--api-url", "http://acme.example"];
    run(&place, &variables, &plain).ends(2).says("only https");
    place.git(&["checkout", "-q", "--detach"]);
    run(&place, &variables, &["upload", "github", "report.sarif", "--repo", "acme/shop"]).ends(2).says("--ref");
    place.staunch(&["upload", "github", "nowhere.sarif", "--repo", "acme/shop", "--ref", "refs/heads/x"]).ends(2).says("nowhere.sarif");
}
