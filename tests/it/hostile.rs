//! Whatever text a report holds, no format lets it out of its place: random texts of everything that ever meant something.

use serde_json::{Value, json};
use staunch::report::read::{self, Taking};
use staunch::report::{self, Document, Page};
use staunch::secret::{FingerprintKey, Fingerprints};

/// What terminals, CI services, spreadsheets, Markdown, HTML, XML, JSON, SARIF and TOON take for more than text.
const BITS: [&str; 48] = [
    "\u{1b}[2J",
    "\r",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "\u{7f}",
    "\u{9b}",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
    "\u{2028}",
    "\u{feff}",
    "\u{fffe}",
    "::",
    "::error::",
    "##[error]",
    "###[",
    "##vso[task.x]",
    "#",
    "=",
    "=1+1",
    "+",
    "-",
    "@",
    "@all",
    "|",
    "`",
    "```",
    "*",
    "_",
    "[",
    "](",
    "](1)",
    ")",
    "<",
    ">",
    "<b>",
    "</code>",
    "&#60;",
    "&amp;",
    "]]>",
    "\"",
    "'",
    "\\",
    "%0A",
    ",",
    "é😀",
];

/// A small generator: the same texts in every run.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % below
    }

    fn text(&mut self) -> String {
        let count = 1 + self.next(7);
        let word = |random: &mut Self| if random.next(3) == 0 { "a/b c".to_owned() } else { BITS[random.next(BITS.len())].to_owned() };
        (0..count).map(|_| word(self)).collect()
    }
}

fn place(random: &mut Random) -> Value {
    let origin = ["file", "committed", "commit-message"][random.next(3)];
    json!({
        "path": random.text(), "line": 1 + random.next(9), "end_line": 10, "column": 3, "end_column": 4, "origin": origin, "commit": random.text(),
        "author": random.text(), "email": random.text(), "date": "2026-01-02T03:04:05Z", "summary": random.text(), "unknown_because": random.text(),
        "removed": { "id": random.text(), "author": random.text(), "email": random.text(), "date": "2026-01-02T03:04:05Z", "summary": random.text() },
        "refs": [{ "name": random.text(), "present": true }],
    })
}

/// A report every text of which is hostile.
fn document(random: &mut Random) -> Document {
    let id = random.text();
    let credentials: Vec<Value> = (0..3)
        .map(|number| {
            json!({
                "fingerprint": format!("{number}{}", random.text()), "detector": id, "title": random.text(), "provider": random.text(), "severity": "high",
                "confidence": "high", "secret": random.text(), "identity": { "host": random.text() }, "public": random.text(),
                "places": [place(random), place(random)],
            })
        })
        .collect();
    let guidance =
        json!({ "rotate": [random.text()], "revoke": { "console": random.text(), "cli": [random.text()] }, "references": [random.text()] });
    let kind = json!({ "title": random.text(), "provider": random.text(), "severity": "high", "guidance": guidance });
    let skipped = json!([{ "what": random.text(), "incomplete": true, "reason": "unreadable", "detail": random.text() }]);
    let whole = json!({
        "version": 1, "tool": { "name": "staunch", "version": "0" }, "complete": false, "credentials": credentials, "detectors": { id: kind },
        "coverage": { "scope": random.text(), "skipped": skipped }, "notices": [{ "place": random.text(), "what": random.text() }],
    });
    let identities = Fingerprints::new(FingerprintKey::default());
    let taking = Taking { identities: &identities, recognise: &|_| None };
    read::read("x", whole.to_string().as_bytes(), &taking).expect("it is a report")
}

fn written(format: &str, document: &Document) -> String {
    let render = report::named(format).expect("it is a format").of_documents();
    let mut out = Vec::new();
    render.render(document, &Page::default(), &mut out).expect("memory takes it");
    String::from_utf8(out).expect("it is text")
}

#[test]
fn no_text_moves_a_terminal_or_commands_a_ci_service() {
    let mut random = Random(1);
    for round in 0..150 {
        let document = document(&mut random);
        for (format, _) in report::FORMATS {
            let out = written(format, &document);
            let is_moving = |c: char| (c.is_control() && c != '\n' && !(c == '\r' && *format == "csv")) || report::is_invisible(c);
            assert_eq!(out.chars().find(|&c| is_moving(c)), None, "{format}, round {round}: {out:?}");
            // Of commands there are those that are meant, one for each credential and one for what is missing.
            let own = ["::error ", "::warning ", "::notice "];
            let is_own = |line: &str| *format == "github" && own.iter().any(|own| line.starts_with(own));
            let commands =
                |line: &&str| !is_own(line) && line.trim_start().starts_with("::") || line.contains("##[") || line.contains("##vso[");
            assert_eq!(out.lines().find(commands), None, "{format}, round {round}");
            assert!(*format != "github" || out.lines().count() == document.credentials.len() + 1, "round {round}: {out}");
        }
    }
}

#[test]
fn no_text_breaks_a_grammar_or_becomes_a_formula() {
    let mut random = Random(2);
    for round in 0..150 {
        let document = document(&mut random);
        for format in ["json", "sarif", "gitlab", "gitlab-codequality", "bitbucket", "sonarqube"] {
            let out = written(format, &document);
            assert!(serde_json::from_str::<Value>(&out).is_ok(), "{format}, round {round}: {out}");
        }
        let out = written("jsonl", &document);
        assert_eq!(out.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count(), 6, "round {round}: {out}");
        let out = written("junit", &document);
        let xml = roxmltree::Document::parse(&out).unwrap_or_else(|error| panic!("round {round}: {error}\n{out}"));
        assert_eq!(xml.descendants().filter(|node| node.is_element()).count(), 2 + 3 * 2 + 2, "round {round}: {out}");
        let out = written("csv", &document);
        let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(out.as_bytes())
            .records()
            .map(|row| row.unwrap_or_else(|error| panic!("round {round}: {error}")))
            .collect();
        assert_eq!(rows.len(), 7, "round {round}: {out}");
        let is_formula = |cell: &str| cell.trim_start().starts_with(['=', '+', '-', '@']);
        assert_eq!(rows.iter().flatten().find(|cell| is_formula(cell)), None, "round {round}");
        let out = written("toon", &document);
        assert_eq!(out.lines().count(), 1 + 4 + 2 + 2, "round {round}: {out}");
        let whole: Document = serde_json::from_str(&written("json", &document)).expect("it reads back");
        assert_eq!(written("json", &whole), written("json", &document), "round {round}");
    }
}

#[test]
fn no_text_becomes_markup() {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    const OWN: [&str; 6] = ["<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>"];
    let mut random = Random(3);
    for round in 0..150 {
        let out = written("markdown", &document(&mut random));
        for event in Parser::new_ext(&out, Options::all()) {
            match &event {
                Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::Strikethrough | Tag::CodeBlock(_))
                | Event::Code(_) => {
                    panic!("round {round}: {event:?} in\n{out}")
                }
                Event::Html(html) | Event::InlineHtml(html) => {
                    let tags = html.split('<').skip(1).map(|rest| format!("<{}", rest.split_inclusive('>').next().unwrap_or_default()));
                    assert_eq!(tags.into_iter().find(|tag| !OWN.contains(&tag.as_str())), None, "round {round}: {html}");
                }
                _ => {}
            }
        }
    }
}

#[test]
fn no_text_becomes_a_link_in_a_message_of_sarif() {
    let mut random = Random(4);
    for round in 0..150 {
        let out: Value = serde_json::from_str(&written("sarif", &document(&mut random))).expect("JSON");
        for result in out["runs"][0]["results"].as_array().expect("results") {
            let message = result["message"]["text"].as_str().expect("text");
            let (mut opened, mut is_escaped) = (0, false);
            for c in message.chars() {
                opened += usize::from(c == '[' && !is_escaped);
                is_escaped = c == '\\' && !is_escaped;
            }
            assert_eq!(opened, 1, "round {round}: one link, to the other place: {message}");
            let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().expect("a URI");
            assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"#?<>\"{}|\\^`:".contains(&byte)), "round {round}: {uri}");
        }
    }
}
