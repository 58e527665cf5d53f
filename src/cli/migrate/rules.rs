//! A rule of gitleaks as a detector of ours, with samples that show that it finds what the rule found.

use staunch::detect::{Catalog, sample};
use staunch::detector::{Detector, yaml};

use super::example;
use super::expression::{self, Expression};

/// What a rule says, as far as a detector can.
pub(super) struct Rule<'r> {
    /// Its id.
    pub(super) name: &'r str,
    /// Its line in the file.
    pub(super) line: usize,
    pub(super) title: &'r str,
    pub(super) regex: &'r str,
    pub(super) group: usize,
    pub(super) entropy: f64,
    pub(super) keywords: &'r [String],
}

/// A detector that was made of a rule.
pub(super) struct Made {
    /// The rule's id.
    pub(super) name: String,
    /// The rule's line in its file.
    pub(super) line: usize,
    /// As an element of the list `detectors` in a file.
    pub(super) text: String,
    pub(super) detector: Detector,
    /// Where it is not the same as the rule, in words.
    pub(super) differs: Vec<String>,
}

/// How far a pattern without a longest match is looked for: a key block of PEM is 1.7 KiB, of 4,096 bits 3.2.
const REACH_BYTES: u32 = 4_096;
/// How long what a sample holds is, where the pattern leaves it open: tried one by one.
const LENGTHS: [u32; 5] = [24, 16, 40, 64, 8];
/// Samples that show one surrounding twice show nothing new.
const SAMPLES: usize = 2;

/// Returns how a file of such detectors begins.
pub(super) fn head(provider: &str, source: &str) -> String {
    format!(
        "# Made of {source} by `staunch migrate`. It is yours now: `staunch detectors test` runs the samples.\n\
         # What is opened by each, and how it is revoked, gitleaks did not say: `severity`, `guidance`.\n\
         provider: {}\ncategory: generic\ndetectors:\n",
        quoted(provider)
    )
}

/// Makes a detector of a rule.
///
/// # Errors
/// Why it cannot be made, in words.
pub(super) fn detector(rule: &Rule<'_>, id: &str) -> Result<Made, String> {
    let expression = expression::of_go(rule.regex, rule.group)?;
    let own: Vec<String> = rule.keywords.iter().map(|word| word.to_ascii_lowercase()).filter(|word| word.len() >= 3).collect();
    let found = example::keywords(&expression.hir);
    let is_in_all = |words: &[String]| found.iter().all(|text| words.iter().any(|word| text.contains(&word.to_ascii_lowercase())));
    let is_wider = !rule.keywords.is_empty() && !is_in_all(rule.keywords);
    let of = |keywords: &[String]| tried(rule, id, &expression, keywords);
    let with_own = if own.is_empty() { None } else { of(&own).ok() };
    let is_own = with_own.is_some();
    let (text, detector) = match with_own {
        Some(made) => made,
        None if found.is_empty() => {
            return Err("no text of three letters is in all that it matches; a detector of the kind `value` may say it".to_owned());
        }
        None => of(&found)?,
    };
    let mut differs = Vec::new();
    if is_wider && !is_own {
        differs.push("it looks in files without its keywords as well".to_owned());
    }
    if expression.hir.properties().maximum_len().is_none() {
        differs.push(format!("what it finds ends within {REACH_BYTES} bytes of its keyword, for it has no longest match"));
    }
    if expression.is_group_optional {
        differs.push("where its group takes no part, all that it matches is the secret".to_owned());
    }
    Ok(Made { name: rule.name.to_owned(), line: rule.line, text, detector, differs })
}

/// Makes a detector with these keywords, and keeps of the samples that may be made those that it finds.
fn tried(rule: &Rule<'_>, id: &str, expression: &Expression, keywords: &[String]) -> Result<(String, Detector), String> {
    let has_group = expression.pattern.contains("(?<secret>");
    let bare = LENGTHS.map(|length| example::template(&expression.hir, length, has_group));
    let mut leaks: Vec<String> = bare.iter().flat_map(|text| [text.clone(), format!("x = \"{text}\"")]).collect();
    let mut seen = Vec::new();
    leaks.retain(|leak| !seen.contains(leak) && (seen.push(leak.clone()), true).1);
    let candidate = parsed(&element(rule, id, expression, keywords, &leaks))?;
    let catalog = Catalog::of(vec![std::sync::Arc::new(candidate.clone())]);
    let failed: Vec<String> = sample::failures(&catalog, &candidate).into_iter().map(|failure| failure.template).collect();
    leaks.retain(|leak| !failed.contains(leak));
    leaks.truncate(SAMPLES);
    if leaks.is_empty() {
        return Err("no example of what it finds can be made, which a detector needs".to_owned());
    }
    let text = element(rule, id, expression, keywords, &leaks);
    parsed(&text).map(|detector| (text, detector))
}

fn parsed(element: &str) -> Result<Detector, String> {
    let text = head("x", "x") + element;
    let mut detectors = yaml::parse(&text, "").map_err(|error| error.what().to_owned())?;
    detectors.pop().ok_or_else(|| "it is empty".to_owned())
}

fn element(rule: &Rule<'_>, id: &str, expression: &Expression, keywords: &[String], leaks: &[String]) -> String {
    let list = |texts: &[String]| texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ");
    let mut text = format!(
        "  - id: {id}\n    title: {}\n    severity: high\n    keywords: [{}]\n    pattern: {}\n    boundary: none\n",
        quoted(rule.title),
        list(keywords),
        quoted(&expression.pattern)
    );
    if rule.entropy > 0.0 {
        text.push_str(&format!("    entropy: {}\n", rule.entropy));
    }
    if expression.hir.properties().maximum_len().is_none() {
        text.push_str(&format!("    reach: {REACH_BYTES}\n"));
    }
    text.push_str("    samples:\n      leak:\n");
    leaks.iter().for_each(|leak| text.push_str(&format!("        - {}\n", quoted(leak))));
    text
}

/// Returns a text as YAML takes it, without backslashes where that can be.
fn quoted(text: &str) -> String {
    if text.chars().any(char::is_control) {
        // A string of JSON is one of YAML.
        return serde_json::to_string(text).unwrap_or_default();
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// Returns an id of our kind for a name, such as `acme-live-key`.
pub(super) fn id_of(name: &str, is_taken: &dyn Fn(&str) -> bool) -> String {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let id = if words.is_empty() { "rule".to_owned() } else { words.join("-") };
    let other = |number: usize| if number == 1 { format!("own-{id}") } else { format!("own-{id}-{number}") };
    std::iter::once(id.clone()).chain((1..).map(other)).find(|id| !is_taken(id)).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::{Rule, detector, head, id_of};

    fn made(regex: &str, keywords: &[&str], entropy: f64) -> Result<super::Made, String> {
        let keywords: Vec<String> = keywords.iter().map(|&word| word.to_owned()).collect();
        detector(&Rule { name: "acme", line: 1, title: "it's", regex, group: 0, entropy, keywords: &keywords }, "acme")
    }

    #[test]
    fn a_rule_becomes_a_detector_with_samples_that_hold() {
        for (regex, keywords, differs) in [
            (r"\bacme_[0-9a-f]{32}\b", &["acme"][..], 0),
            (r#"(?i)acme[\w .-]{0,20}[\s'"]{0,3}(?:=|:)[\s'"]{0,5}([a-z0-9]{40})(?:['"\s;]|$)"#, &["acme"], 0),
            (r"^acme_[0-9A-Z]{20}$", &[], 0),
            (r"acme_[0-9A-Z]{20,}", &["acme_"], 1),
            (r"acme_([0-9A-Z]{20})", &["other"], 1),
        ] {
            let made = made(regex, keywords, 3.0).unwrap_or_else(|why| panic!("{regex}: {why}"));
            assert_eq!(made.differs.len(), differs, "{regex}: {:?}", made.differs);
            assert!(!made.detector.leaks.is_empty() && made.detector.title == "it's", "{regex}");
            assert!((head("x", "y") + &made.text).contains(&format!("entropy: {}", made.detector.entropy)), "{}", made.text);
        }
    }

    #[test]
    fn what_cannot_be_made_says_why() {
        for (regex, keywords, why) in [
            (r"[0-9a-f]{32}", &["acme"][..], "no text of three letters"),
            (r"acme(?=x)", &[], "not understood"),
            (r"acme_a{32}", &[], "no example"),
            (r"acme_[0-9]{100000}", &["acme"], "the reach is over"),
        ] {
            let error = made(regex, keywords, 0.0).err().unwrap_or_else(|| panic!("{regex} is no detector"));
            assert!(error.contains(why), "{regex}: {error}");
        }
    }

    #[test]
    fn an_id_is_of_our_kind_and_of_its_own() {
        let is_taken = |id: &str| ["acme-key", "own-acme-key"].contains(&id);
        assert_eq!(id_of("My_Key.2", &is_taken), "my-key-2");
        assert_eq!(id_of("ACME key", &is_taken), "own-acme-key-2");
        assert_eq!(id_of("_", &is_taken), "rule");
    }
}
