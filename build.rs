//! Checks every file in `detectors/` and writes the catalog as Rust statics, so that start-up parses nothing.

#[path = "src/detector/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "the build uses the parser; the crate uses the rest")]
mod detector;

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

/// How many detectors the catalog shall have instead of all, to measure what its size costs.
const COUNT: &str = "STAUNCH_DETECTORS";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=detectors");
    println!("cargo:rerun-if-changed=src/detector");
    println!("cargo:rerun-if-env-changed={COUNT}");
    let mut files: Vec<_> = fs::read_dir("detectors")?.collect::<Result<Vec<_>, _>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    let mut detectors = Vec::new();
    let mut is_broken = false;
    for file in files {
        let place = file.path();
        if place.extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        match detector::yaml::parse(&fs::read_to_string(&place)?, &place.display().to_string()) {
            Ok(parsed) => detectors.extend(parsed),
            Err(error) => {
                is_broken = true;
                for line in error.to_string().lines() {
                    println!("cargo::error={line}");
                }
            }
        }
    }
    let mut ids: Vec<_> = detectors.iter().map(|d| d.id.as_ref()).collect();
    ids.sort_unstable();
    for pair in ids.windows(2).filter(|pair| pair[0] == pair[1]) {
        is_broken = true;
        println!("cargo::error=detectors: the id {:?} is used twice", pair[0]);
    }
    if is_broken {
        return Err(io::Error::other("a detector file is not valid"));
    }
    if let Some(count) = env::var_os(COUNT) {
        let count = count.to_str().and_then(|count| count.parse().ok()).ok_or_else(|| io::Error::other(format!("{COUNT} is no number")))?;
        let all = detectors.len();
        detectors = thinned(detectors, count);
        println!(
            "cargo:warning={COUNT} is set: this program looks for {} kinds of {all}, so measure with it and nothing else",
            detectors.len()
        );
    }
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set by cargo"))?;
    fs::write(Path::new(&out).join("catalog.rs"), render(&detectors))
}

/// Keeps what finds kinds of any issuer, and of the rest so many at even distances: the alphabet is no order of importance.
fn thinned(all: Vec<detector::Detector>, count: usize) -> Vec<detector::Detector> {
    let (mut kept, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|d| d.category == detector::Category::Generic);
    let wanted = count.saturating_sub(kept.len()).max(1);
    let step = others.len().div_ceil(wanted).max(1);
    kept.extend(others.into_iter().step_by(step));
    kept
}

/// Writes `pub static DETECTORS: &[Detector] = …`.
///
/// `Debug` of the types is Rust syntax for all but `Cow` and a few enums, which are written by hand.
fn render(detectors: &[detector::Detector]) -> String {
    let mut out = String::from("pub(crate) static DETECTORS: &[Detector] = &[\n");
    for d in detectors {
        let _ = writeln!(
            out,
            "Detector {{ id: {}, title: {}, provider: {}, category: Category::{:?}, severity: Severity::{:?}, \
             keywords: {}, find: {}, reach: {:?}, telling: Telling::{:?}, entropy: {:?}, check: {}, check_if: {}, decode: {}, public: {}, covers: {}, paired_with: {}, guidance: Cow::Borrowed(&{}), leaks: {}, \
             cleans: {} }},",
            text(&d.id),
            text(&d.title),
            text(&d.provider),
            d.category,
            d.severity,
            texts(&d.keywords),
            find(&d.find),
            d.reach,
            d.telling,
            d.entropy,
            d.check.map_or("None".to_owned(), |check| format!("Some(Check::{check:?})")),
            texts(&d.check_if),
            d.decode.map_or("None".to_owned(), |decode| format!("Some(Decode::{decode:?})")),
            d.public.as_deref().map_or("None".to_owned(), |why| format!("Some({})", text(why))),
            texts(&d.covers),
            texts(&d.paired_with),
            guidance(&d.guidance),
            texts(&d.leaks),
            list(&d.cleans, |c| format!("Clean {{ why: {}, text: {} }}", text(&c.why), text(&c.text))),
        );
    }
    out.push_str("];\n");
    out
}

fn text(text: &str) -> String {
    format!("Cow::Borrowed({text:?})")
}

fn texts(texts: &[detector::Text]) -> String {
    list(texts, |item| text(item))
}

fn list<T>(items: &[T], render: impl Fn(&T) -> String) -> String {
    let items: Vec<_> = items.iter().map(render).collect();
    format!("Cow::Borrowed(&[{}])", items.join(", "))
}

fn find(find: &detector::Find) -> String {
    match find {
        detector::Find::Token { pattern, anchored, boundary, outline } => {
            let pattern = text(pattern);
            format!("Find::Token {{ pattern: {pattern}, anchored: {anchored}, boundary: Boundary::{boundary:?}, outline: {outline:?} }}")
        }
        detector::Find::Slot { pattern, anchored, boundary, outline, profile } => {
            let pattern = text(pattern);
            format!(
                "Find::Slot {{ pattern: {pattern}, anchored: {anchored}, boundary: Boundary::{boundary:?}, outline: {outline:?}, \
                 profile: Profile::{profile:?} }}"
            )
        }
        detector::Find::Value { value, within, boundary, outline, is_marked, needs_secret_word } => {
            let value = text(value);
            format!(
                "Find::Value {{ value: {value}, within: {within}, boundary: Boundary::{boundary:?}, outline: {outline:?}, \
                 is_marked: {is_marked}, needs_secret_word: {needs_secret_word} }}"
            )
        }
        detector::Find::Structure { structure, profile } => {
            format!("Find::Structure {{ structure: Structure::{structure:?}, profile: Profile::{profile:?} }}")
        }
    }
}

fn guidance(g: &detector::Guidance) -> String {
    let api = list(&g.revoke.api, |call| {
        format!(
            "ApiCall {{ method: {}, url: {}, auth: {}, body: {}, success: {}, revokes_itself: {} }}",
            text(&call.method),
            text(&call.url),
            text(&call.auth),
            text(&call.body),
            text(&call.success),
            text(&call.revokes_itself)
        )
    });
    format!(
        "Guidance {{ who_can_revoke: {}, revoke: Revoke {{ console: {}, cli: {}, api: {api}, reversible: {} }}, \
         rotate: {}, investigate: Investigate {{ logs: {}, queries: {} }}, reaches: {}, enumerate: {}, \
         automatic: {}, prevent: {}, references: {}, confidence: Sureness::{:?} }}",
        text(&g.who_can_revoke),
        text(&g.revoke.console),
        texts(&g.revoke.cli),
        text(&g.revoke.reversible),
        texts(&g.rotate),
        text(&g.investigate.logs),
        texts(&g.investigate.queries),
        text(&g.reaches),
        text(&g.enumerate),
        text(&g.automatic),
        text(&g.prevent),
        texts(&g.references),
        g.confidence,
    )
}
