//! What `docs/detectors.md` shows can be copied: every block and every row of its tables is a file that is valid and finds what it says.

use crate::support::{Place, source};

fn page() -> String {
    std::fs::read_to_string(source().join("docs/detectors.md")).expect("it ships")
}

/// Returns the blocks of YAML in a page, each with the line it begins at.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut is_inside = false;
    for (number, line) in (1..).zip(page.lines()) {
        match line {
            "```yaml" => {
                is_inside = true;
                blocks.push((number, String::new()));
            }
            "```" => is_inside = false,
            _ if is_inside => {
                let (_, block) = blocks.last_mut().expect("one was begun");
                block.push_str(line);
                block.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

const HEAD: &str = "provider: Acme\ncategory: saas\ndetectors:\n";
const FIELDS: &str = "  - id: acme\n    title: Acme\n    severity: high\n";

/// Completes what is shown of a detector file; nothing where a block is something else.
fn completed(block: &str) -> Option<String> {
    let head = match block {
        block if block.starts_with("provider:") => String::new(),
        block if block.starts_with("  - id:") => HEAD.to_owned(),
        block if block.starts_with("    keywords:") => format!("{HEAD}{FIELDS}"),
        _ => return None,
    };
    Some(format!("{head}{block}"))
}

#[track_caller]
fn is_good(file: &str, shown: &str) {
    let place = Place::folder();
    place.write("acme.yaml", file);
    for (verb, end) in [("test", ", 0 samples failed"), ("check", ", 0 remarks")] {
        let ran = place.staunch(&["detectors", verb, "acme.yaml"]);
        assert!(ran.out.ends_with(&format!("{end}\n")), "{shown}: detectors {verb}: {ran:?}");
    }
}

#[test]
fn every_detector_that_is_shown_finds_what_its_samples_say() {
    let page = page();
    let mut others = Vec::new();
    for (line, block) in blocks(&page) {
        match completed(&block) {
            Some(file) => is_good(&file, &format!("docs/detectors.md:{line}")),
            None => others.push(block),
        }
    }
    let [config, modeline] = &others[..] else { panic!("blocks of which nothing is known: {others:#?}") };
    let whole = blocks(&page).into_iter().find_map(|(_, block)| completed(&block)).expect("one is shown whole");
    let place = Place::folder();
    place.write(".staunch/detectors/acme.yaml", format!("{modeline}{whole}"));
    place.write(".staunch.yaml", config);
    place.staunch(&["detectors", "list"]).ends(0).says("acme-live-token");
}

/// Returns the cells of each row of a table, by how its heading begins.
fn rows<'p>(page: &'p str, heading: &str) -> Vec<Vec<&'p str>> {
    let start = page.find(heading).unwrap_or_else(|| panic!("there is no table of {heading}"));
    let rows = page[start..].lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

#[test]
fn every_structure_is_shown_with_a_keyword_and_a_line_in_which_it_finds() {
    let page = page();
    let code = |cell: &str| cell.split('`').nth(1).map(str::to_owned);
    let mut shown = Vec::new();
    for row in rows(&page, "| `structure` | Keywords |") {
        let [structure, keywords, line] = row[..] else { panic!("{row:?}") };
        let line = code(line).unwrap_or_else(|| panic!("{row:?}"));
        let structure = code(structure).unwrap_or_else(|| panic!("{row:?}"));
        // The rows of keywords that are many name some of them, and a name may be any.
        let keyword = code(keywords).unwrap_or_else(|| "acmepass".to_owned());
        let escaped = line.replace('"', "\\\"");
        let file = format!(
            "{HEAD}{FIELDS}    keywords: [\"{keyword}\"]\n    structure: {structure}\n    profile: password\n    \
             samples: {{ leak: [\"{escaped}\", \"see: {escaped}\"] }}\n"
        );
        let place = Place::folder();
        place.write("acme.yaml", file);
        place.staunch(&["detectors", "test", "acme.yaml"]).ends(0).says(", 0 samples failed");
        shown.push(structure);
    }
    shown.sort();
    let schema = Place::folder().staunch(&["detectors", "schema"]).ends(0).json();
    let known = schema["$defs"]["Structure"]["oneOf"].as_array().expect("it is a choice").iter();
    let mut known: Vec<&str> = known.map(|one| one["const"].as_str().expect("it has a name")).collect();
    known.sort_unstable();
    assert_eq!(shown, known);
}
