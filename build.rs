//! Checks every file in `detectors/` and writes the catalog as Rust statics, so that start-up parses nothing.

#[path = "src/detector/mod.rs"]
#[allow(dead_code, unreachable_pub, reason = "the build uses the parser; the crate uses the rest")]
mod detector;
#[path = "src/detect/index.rs"]
#[allow(dead_code, reason = "the build makes tables; the crate looks into them")]
mod index;
#[path = "src/detect/prefilter.rs"]
#[allow(dead_code, unreachable_pub, reason = "the build makes tables; the crate looks into them")]
mod prefilter;
#[path = "src/detect/tables.rs"]
#[allow(dead_code, unreachable_pub, reason = "the build makes tables; the crate looks into them")]
mod tables;
#[path = "src/detect/windows.rs"]
mod windows;

use std::path::Path;
use std::{env, fs, io};

use index::Index;
use prefilter::Prefilter;
use tables::Texts;

/// How many detectors the catalog shall have instead of all, to measure what its size costs.
const COUNT: &str = "STAUNCH_DETECTORS";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=detectors");
    for included in [
        "src/detector",
        "src/detect/index.rs",
        "src/detect/prefilter.rs",
        "src/detect/windows.rs",
        "src/detect/windows.txt",
        "src/detect/tables.rs",
    ] {
        println!("cargo:rerun-if-changed={included}");
    }
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
    write(&detectors, Path::new(&out))
}

/// Keeps what finds kinds of any issuer, and of the rest so many at even distances: the alphabet is no order of importance.
fn thinned(all: Vec<detector::Detector>, count: usize) -> Vec<detector::Detector> {
    let (mut kept, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|d| d.category == detector::Category::Generic);
    let wanted = count.saturating_sub(kept.len()).max(1);
    let step = others.len().div_ceil(wanted).max(1);
    kept.extend(others.into_iter().step_by(step));
    kept
}

/// Writes the catalog as statics without addresses in them: each would have to be set whenever the program starts.
///
/// `Debug` of numbers, tuples and structs is Rust syntax.
fn write(detectors: &[detector::Detector], out: &Path) -> io::Result<()> {
    let lines = detectors.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
    let calls = (0u32..).zip(detectors).flat_map(|(number, detector)| index::calls(number, detector));
    let Index { prefilter, callee_ends, callees, reaches, near_reach } = Index::new(calls);
    let Prefilter { followers, slots, entries, keywords, tails, margin } = prefilter;
    let mut rust = format!(
        "static FOLLOWERS: [u32; {}] = {:?};\nstatic SLOTS: [Slot; {}] = {:?};\n",
        followers.len(),
        *followers,
        slots.len(),
        *slots
    );
    let texts = [("DETECTORS", lines.iter().map(String::as_str).collect()), ("IDS", detectors.iter().map(|d| d.id.as_ref()).collect())];
    for (name, texts) in texts {
        rust += &format!("pub(super) static {name}: Texts = {};\n", shipped(&texts));
    }
    rust += &format!(
        "pub(super) static INDEX: Index = Index {{ prefilter: Prefilter {{ followers: Table::Shipped(&FOLLOWERS), \
         slots: Table::Shipped(&SLOTS), entries: Cow::Borrowed(&{entries:?}), keywords: {}, \
         tails: Cow::Borrowed(&{tails:?}), margin: {margin:?} }}, callee_ends: Cow::Borrowed(&{callee_ends:?}), \
         callees: Cow::Borrowed(&{callees:?}), reaches: Cow::Borrowed(&{reaches:?}), near_reach: {near_reach:?} }};\n",
        shipped(&keywords),
    );
    fs::write(out.join("catalog.rs"), rust)
}

fn shipped(texts: &Texts) -> String {
    format!("Texts::shipped({:?}, &{:?})", texts.all, texts.ends)
}
