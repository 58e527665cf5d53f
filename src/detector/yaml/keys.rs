//! Which keys mean something with which kind of detector: a key that would do nothing is a mistake, and its writer believes otherwise.

use serde_saphyr::{Location, Spanned};

use super::DetectorYaml;

/// Returns where the first key stands that does nothing here, and what to do about it.
pub(super) fn misplaced(yaml: &DetectorYaml) -> Option<(Location, String)> {
    let kinds = [yaml.pattern.is_some(), yaml.slot.is_some(), yaml.value.is_some(), yaml.structure.is_some()];
    if kinds.into_iter().filter(|is_given| *is_given).count() > 1 {
        // That is the mistake to tell first.
        return None;
    }
    let kind = match yaml {
        DetectorYaml { pattern: Some(_), .. } => "pattern",
        DetectorYaml { slot: Some(_), .. } => "slot",
        DetectorYaml { value: Some(_), .. } => "value",
        DetectorYaml { structure: Some(_), .. } => "structure",
        _ => return None,
    };
    const SHAPED: &[&str] = &["pattern", "slot", "value"];
    let keys = [
        ("profile", at(&yaml.profile), &["slot", "structure"][..]),
        ("within", at(&yaml.within), &["value"]),
        ("needs_secret_word", at(&yaml.needs_secret_word), &["value"]),
        ("confidence", at(&yaml.confidence), &["pattern"]),
        ("reach", at(&yaml.reach), SHAPED),
        ("boundary", at(&yaml.boundary), SHAPED),
        ("check", at(&yaml.check), SHAPED),
    ];
    let misplaced = keys.into_iter().filter(|(.., kinds)| !kinds.contains(&kind));
    let places = misplaced.filter_map(|(key, at, kinds)| Some((key, at?, kinds)));
    let (key, at, kinds) = places.min_by_key(|(_, at, _)| at.line())?;
    Some((at, format!("`{key}` does nothing beside `{kind}`, only beside {}; leave it out", kinds.join(", "))))
}

/// Returns where a key's value stands.
fn at<T>(key: &Option<Spanned<T>>) -> Option<Location> {
    key.as_ref().map(|key| key.referenced)
}
