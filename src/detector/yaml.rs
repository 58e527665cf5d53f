//! The file a person writes, and the only place where it is checked.

mod error;
mod keys;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::{Location, Spanned};

pub use self::error::Error;
use super::pattern::Parsed;
use super::told::told;
use super::{
    BELOW_BYTES, Boundary, Category, Check, Clean, Decode, Detector, Find, Guidance, Outline, Profile, Reach, Severity, Structure, Telling,
    Text,
};

/// A provider's file: what it issues, how that looks, how it is revoked.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "staunch detector file")]
pub struct ProviderYaml {
    /// The issuer's name.
    provider: String,
    /// What kind of service it is.
    category: Category,
    /// Rotation guidance by name; detectors refer to it.
    #[serde(default)]
    guidance: BTreeMap<String, Guidance>,
    /// The kinds of credential.
    detectors: Vec<DetectorYaml>,
}

/// One kind of credential. Exactly one of `pattern`, `slot`, `value` and `structure` says what a match is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DetectorYaml {
    /// Lower case words joined by `-`; never changed once released.
    #[schemars(with = "String", regex(pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"))]
    id: Spanned<String>,
    /// A name for people.
    title: String,
    /// What a live one opens.
    severity: Severity,
    /// The cheap test: at least one, in any case, is in every match. Three bytes or more each.
    ///
    /// With `value`, `_` stands for `_`, `-`, `.` or nothing, since people write `ACME_API`, `acme-api` and `acmeApi`.
    #[schemars(with = "Vec<String>")]
    keywords: Spanned<Vec<String>>,
    /// A regular expression for a secret with a shape of its own; group `secret`, or the whole, is the secret.
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    pattern: Option<Spanned<String>>,
    /// A regular expression for the place in a file of a known form where a secret stands, as group `secret`.
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    slot: Option<Spanned<String>>,
    /// A regular expression for the whole value to the right of a keyword.
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    value: Option<Spanned<String>>,
    /// A recogniser that is built in.
    #[serde(default)]
    structure: Option<Structure>,
    /// With `slot` and `structure`, which need it: what sort of value it is, for the judge and for reports.
    #[schemars(with = "Option<Profile>")]
    #[serde(default)]
    profile: Option<Spanned<Profile>>,
    /// With `value`: bytes between the name that holds the keyword and the value, at most; the name may go on for 64 behind the
    /// keyword. Default 40.
    #[schemars(with = "Option<u16>")]
    #[serde(default)]
    within: Option<Spanned<u16>>,
    /// With `value`: a word such as `key`, `token` or `secret` must stand between keyword and value, since the keyword is a word of
    /// any text. Where the value could be a hash or a UUID, that is so in any case.
    #[schemars(with = "Option<bool>")]
    #[serde(default)]
    needs_secret_word: Option<Spanned<bool>>,
    /// Bytes from the keyword on that decide; needed where the pattern has no longest match. Not with `structure`.
    #[schemars(with = "Option<u32>")]
    #[serde(default)]
    reach: Option<Spanned<u32>>,
    /// What may not touch the secret; `word` where nothing is said. Not with `structure`.
    #[schemars(with = "Option<Boundary>")]
    #[serde(default)]
    boundary: Option<Spanned<Boundary>>,
    /// With `pattern`: how sure a match is that is not refused. Default `high`; `medium` for what was made of a secret and opens
    /// nothing by itself, such as a stored hash; `low` for what is no secret and only says whose something is.
    #[schemars(with = "Option<Telling>")]
    #[serde(default)]
    confidence: Option<Spanned<Telling>>,
    /// Bits per character of the secret, lower bound.
    #[serde(default)]
    entropy: f32,
    /// An offline proof; a value that fails it is not reported. Not with `structure`.
    #[schemars(with = "Option<Check>")]
    #[serde(default)]
    check: Option<Spanned<Check>>,
    /// How a value begins for which `check` holds, where an issuer gave only some prefixes a checksum.
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    check_if: Option<Spanned<Vec<String>>>,
    /// What can be read from the value, or from the lines around it, without a network.
    #[serde(default)]
    decode: Option<Decode>,
    /// Why the value may be public; it is then reported as of low severity, with this reason.
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    public: Option<Spanned<String>>,
    /// Further kinds that this detector finds, by their ids in lists of kinds, each with a `leak` sample of its own.
    #[schemars(with = "BTreeMap<String, String>")]
    #[serde(default)]
    covers: BTreeMap<String, Spanned<String>>,
    /// Detectors of this file whose value is needed beside this one: found together they are one credential. One side may say it.
    #[schemars(with = "Vec<String>")]
    #[serde(default)]
    paired_with: Option<Spanned<Vec<String>>>,
    /// The name of an entry of `guidance`; not needed where there is only one.
    #[schemars(with = "Option<String>")]
    #[serde(default)]
    guidance: Option<Spanned<String>>,
    /// Lines that show what is and what is not found; they are the detector's tests.
    samples: Samples,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Samples {
    /// `«»` mark exactly what must be found; `{hex:32}` and the like expand to random text.
    #[schemars(with = "Vec<String>")]
    leak: Vec<Spanned<String>>,
    /// What must not be found, and why.
    #[serde(default)]
    clean: Vec<Clean>,
}

/// The longest reach a detector may have: what a delta's child may have to look at again.
///
/// 64 KiB: an RSA key of 16,384 bits is 13 KiB of PEM, PGP secret key blocks with many user ids reach 40 KiB.
pub const MAX_REACH_BYTES: u32 = 64 * 1024;

/// The only group of a pattern that means something.
const SECRET: &str = "secret";

/// What a boundary looks at before a secret: an escape such as `\u0022` and one byte more.
const BOUNDARY_BYTES: u32 = 8;

/// Parses and checks the text of a detector file; `place` is how messages name it.
///
/// # Errors
/// The first thing that is wrong, with its line and column and the YAML around it.
pub fn parse(text: &str, place: &str) -> Result<Vec<Detector>, Error> {
    let options = serde_saphyr::Options::default();
    let file: ProviderYaml = serde_saphyr::from_str_with_options(text, options).map_err(|cause| {
        let location = cause.location().unwrap_or(Location::UNKNOWN);
        Error::new(text, place, location, &told(cause.without_snippet()))
    })?;
    let guidance = file.guidance;
    let playbooks = playbooks()
        .map_err(|cause| Error::new(text, place, Location::UNKNOWN, &format!("the playbooks do not parse: {}", cause.without_snippet())))?;
    let ids: Vec<String> = file.detectors.iter().map(|yaml| yaml.id.value.clone()).collect();
    let checker = Checker { text, place, guidance: &guidance, playbooks: &playbooks, ids: &ids };
    let checked = file.detectors.into_iter().map(|yaml| checker.detector(yaml, &file.provider, file.category));
    let mut detectors = checked.collect::<Result<Vec<Detector>, Error>>()?;
    pair(&mut detectors);
    Ok(detectors)
}

/// Has partners name each other: it is enough that one of them does.
fn pair(detectors: &mut [Detector]) {
    let named = detectors.iter().flat_map(|one| one.paired_with.iter().map(|other| (other.clone(), one.id.clone())));
    for (other, one) in named.collect::<Vec<(Text, Text)>>() {
        if let Some(other) = detectors.iter_mut().find(|detector| detector.id == other)
            && !other.paired_with.contains(&one)
        {
            other.paired_with.to_mut().push(one);
        }
    }
}

/// How a pattern is searched: from a keyword on, or around it.
struct Searched {
    /// Whether each match starts with a keyword.
    anchored: bool,
    outline: Outline,
    reach: Reach,
}

struct Checker<'f> {
    text: &'f str,
    place: &'f str,
    guidance: &'f BTreeMap<String, Guidance>,
    playbooks: &'f BTreeMap<String, Guidance>,
    ids: &'f [String],
}

impl Checker<'_> {
    fn fail<T>(&self, location: Location, what: impl fmt::Display) -> Result<T, Error> {
        Err(Error::new(self.text, self.place, location, &what.to_string()))
    }

    fn detector(&self, mut yaml: DetectorYaml, provider: &str, category: Category) -> Result<Detector, Error> {
        self.check_id(&yaml.id)?;
        let guidance = self.guidance_of(&yaml, category)?;
        self.check_texts(&yaml, provider, &guidance)?;
        if let Some((at, what)) = keys::misplaced(&yaml) {
            return self.fail(at, what);
        }
        yaml.samples.leak.extend(yaml.covers.values().cloned());
        let mut keywords = self.keywords(&yaml.keywords)?;
        if yaml.value.is_some() {
            keywords = keywords.iter().flat_map(|keyword| spellings(keyword)).collect();
        }
        let (find, reach) = self.find(&yaml, &keywords)?;
        self.check_samples(&yaml)?;
        let check_if = self.check_if(&yaml)?.into();
        if let Some(public) = yaml.public.as_ref().filter(|_| yaml.severity != Severity::Low) {
            return self.fail(public.referenced, "what may be public is of low severity: set `severity: low`, or leave public out");
        }
        Ok(Detector {
            guidance: Cow::Owned(guidance),
            public: yaml.public.as_ref().map(|why| Text::Owned(why.value.clone())),
            paired_with: self.partners(&yaml)?.into(),
            covers: yaml.covers.into_keys().map(Text::Owned).collect(),
            id: yaml.id.value.into(),
            title: yaml.title.into(),
            provider: provider.to_owned().into(),
            category,
            severity: yaml.severity,
            encoded: super::base64::forms(&find, &keywords).into(),
            keywords: keywords.into_iter().map(Text::Owned).collect(),
            find,
            reach,
            telling: yaml.confidence.map(|telling| telling.value).unwrap_or_default(),
            entropy: yaml.entropy,
            check: yaml.check.map(|check| check.value),
            check_if,
            decode: yaml.decode,
            leaks: yaml.samples.leak.into_iter().map(|leak| Text::Owned(leak.value)).collect(),
            cleans: yaml.samples.clean.into(),
        })
    }

    fn check_id(&self, id: &Spanned<String>) -> Result<(), Error> {
        let is_kebab =
            id.value.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        if !is_kebab {
            return self.fail(id.referenced, format!("id {:?} is not kebab-case", id.value));
        }
        let is_twice = self.ids.iter().filter(|other| **other == id.value).count() > 1;
        if is_twice { self.fail(id.referenced, format!("the id {:?} is used twice in this file", id.value)) } else { Ok(()) }
    }

    /// Refuses what a terminal or the log of a CI job would take for a command: the file may be part of what is scanned.
    fn check_texts(&self, yaml: &DetectorYaml, provider: &str, guidance: &Guidance) -> Result<(), Error> {
        let own = [provider, &yaml.title].into_iter().chain(yaml.public.as_ref().map(|why| why.value.as_str()));
        if own.chain(guidance.texts()).all(is_plain) {
            return Ok(());
        }
        self.fail(
            yaml.id.referenced,
            "issuer, title or guidance is not plain text of one line: no controls, no directions, no command of a log",
        )
    }

    fn keywords(&self, keywords: &Spanned<Vec<String>>) -> Result<Vec<String>, Error> {
        if keywords.value.is_empty() {
            return self.fail(keywords.referenced, "keywords is empty; name at least one string of every match");
        }
        for keyword in &keywords.value {
            if keyword.len() < 3 || keyword.len() > 64 {
                let what = format!("keyword {keyword:?} is not of 3 to 64 bytes");
                return self.fail(keywords.referenced, what);
            }
        }
        Ok(keywords.value.iter().map(|keyword| keyword.to_ascii_lowercase()).collect())
    }

    fn check_if(&self, yaml: &DetectorYaml) -> Result<Vec<Text>, Error> {
        let Some(prefixes) = &yaml.check_if else { return Ok(Vec::new()) };
        if yaml.check.is_none() {
            return self.fail(prefixes.referenced, "check_if says where a check holds, but there is no check");
        }
        if prefixes.value.iter().any(String::is_empty) {
            return self.fail(prefixes.referenced, "an empty prefix is that of every value; leave check_if out");
        }
        Ok(prefixes.value.iter().cloned().map(Text::Owned).collect())
    }

    fn partners(&self, yaml: &DetectorYaml) -> Result<Vec<Text>, Error> {
        let Some(partners) = &yaml.paired_with else { return Ok(Vec::new()) };
        if partners.value.contains(&yaml.id.value) {
            return self.fail(partners.referenced, "a detector is no partner of itself");
        }
        match partners.value.iter().find(|partner| !self.ids.contains(partner)) {
            Some(stranger) => self.fail(partners.referenced, format!("there is no detector {stranger:?} in this file")),
            None => Ok(partners.value.iter().cloned().map(Text::Owned).collect()),
        }
    }

    fn find(&self, yaml: &DetectorYaml, keywords: &[String]) -> Result<(Find, Reach), Error> {
        let boundary = yaml.boundary.as_ref().map(|boundary| boundary.value).unwrap_or_default();
        match (&yaml.pattern, &yaml.slot, &yaml.value, yaml.structure) {
            (Some(pattern), None, None, None) => {
                let Searched { anchored, outline, reach } = self.searched(yaml, pattern, keywords)?;
                Ok((Find::Token { pattern: pattern.value.clone().into(), anchored, boundary, outline }, reach))
            }
            (None, Some(slot), None, None) => {
                let Searched { anchored, outline, reach } = self.searched(yaml, slot, keywords)?;
                let profile = self.profile(yaml)?;
                let pattern = slot.value.clone().into();
                Ok((Find::Slot { pattern, anchored, boundary, outline, profile }, reach))
            }
            (None, None, Some(value), None) => self.value(yaml, value, boundary),
            (None, None, None, Some(structure)) => Ok((Find::Structure { structure, profile: self.profile(yaml)? }, structure.reach())),
            (pattern, slot, value, structure) => {
                let kinds = [
                    ("pattern", pattern.is_some()),
                    ("slot", slot.is_some()),
                    ("value", value.is_some()),
                    ("structure", structure.is_some()),
                ];
                let given: Vec<&str> = kinds.iter().filter(|(_, is_given)| *is_given).map(|(kind, _)| *kind).collect();
                let given = if given.is_empty() { "none is given".to_owned() } else { format!("given are {}", given.join(" and ")) };
                self.fail(yaml.id.referenced, format!("exactly one of pattern, slot, value and structure is needed; {given}"))
            }
        }
    }

    fn profile(&self, yaml: &DetectorYaml) -> Result<Profile, Error> {
        match &yaml.profile {
            Some(profile) => Ok(profile.value),
            None => self.fail(yaml.id.referenced, "slot and structure need a profile: password, token or key"),
        }
    }

    /// Says of a pattern that is searched around its keywords how that is done.
    fn searched(&self, yaml: &DetectorYaml, at: &Spanned<String>, keywords: &[String]) -> Result<Searched, Error> {
        let parsed = self.pattern(at)?;
        if let Some(other) = parsed.groups().into_iter().find(|group| *group != SECRET) {
            return self.fail(at.referenced, format!("a group is named {SECRET:?}, which is the secret, or not at all; here is {other:?}"));
        }
        if yaml.slot.is_some() && parsed.groups().is_empty() {
            return self.fail(at.referenced, "a slot names its secret: `(?<secret>…)`");
        }
        if !parsed.always_holds_any(keywords) {
            let what = format!(
                "no keyword of {keywords:?} can be shown to be in every match of the pattern; spell alternatives out: `(?:acme_|acme-)`, \
                 not `acme[_-]`"
            );
            return self.fail(at.referenced, what);
        }
        let anchored = parsed.starts_with_any(keywords);
        let bytes = self.reach_bytes(yaml, at, &parsed)?;
        let before = if anchored { BOUNDARY_BYTES } else { bytes + BOUNDARY_BYTES };
        Ok(Searched { anchored, outline: parsed.outline(), reach: Reach { before, after: bytes + 1 } })
    }

    fn value(&self, yaml: &DetectorYaml, at: &Spanned<String>, boundary: Boundary) -> Result<(Find, Reach), Error> {
        let parsed = self.pattern(at)?;
        if !parsed.groups().is_empty() {
            return self.fail(at.referenced, "all that a value's pattern matches is the secret: name no group in it");
        }
        let bytes = self.reach_bytes(yaml, at, &parsed)?;
        let within = yaml.within.as_ref().map_or(40, |within| within.value);
        let find = Find::Value {
            value: at.value.clone().into(),
            within,
            boundary,
            outline: parsed.outline(),
            is_marked: parsed.is_marked(),
            needs_secret_word: yaml.needs_secret_word.as_ref().is_some_and(|needs| needs.value),
        };
        // A keyword is at most 64 bytes, and the name it stands in may go on for as many; or the value stands on a line below.
        Ok((find, Reach { before: 64 + BOUNDARY_BYTES, after: (128 + u32::from(within)).max(u32::from(BELOW_BYTES)) + bytes + 1 }))
    }

    fn pattern(&self, at: &Spanned<String>) -> Result<Parsed, Error> {
        let parsed = match Parsed::new(&at.value) {
            Ok(parsed) => parsed,
            Err(cause) => return self.fail(at.referenced, format!("the pattern does not parse: {cause}")),
        };
        if parsed.min_bytes() == 0 {
            return self.fail(at.referenced, "the pattern matches the empty string");
        }
        Ok(parsed)
    }

    fn reach_bytes(&self, yaml: &DetectorYaml, at: &Spanned<String>, parsed: &Parsed) -> Result<u32, Error> {
        let longest = parsed.max_bytes().and_then(|bytes| u32::try_from(bytes).ok());
        match (yaml.reach.as_ref().map(|reach| reach.value), longest) {
            (Some(reach), _) | (None, Some(reach)) if reach <= MAX_REACH_BYTES => Ok(reach),
            (None, None) => self.fail(
                at.referenced,
                "the pattern repeats without end: write an upper bound such as `{20,200}`, or say how far to look: `reach: 1024`",
            ),
            _ => self.fail(at.referenced, format!("the reach is over {MAX_REACH_BYTES} bytes")),
        }
    }

    fn guidance_of(&self, yaml: &DetectorYaml, category: Category) -> Result<Guidance, Error> {
        let own = match &yaml.guidance {
            Some(name) => match self.guidance.get(&name.value) {
                Some(guidance) => guidance.clone(),
                None => return self.fail(name.referenced, format!("guidance {:?} is not in this file", name.value)),
            },
            None if self.guidance.len() > 1 => {
                return self.fail(yaml.id.referenced, "this file has several guidance entries; name one");
            }
            None => self.guidance.values().next().cloned().unwrap_or_default(),
        };
        Ok(own.or(self.playbooks.get(category.word()).cloned().unwrap_or_default()))
    }

    fn check_samples(&self, yaml: &DetectorYaml) -> Result<(), Error> {
        for sample in &yaml.samples.leak {
            if sample.value.matches('«').count() != 1 || sample.value.matches('»').count() != 1 {
                return self.fail(sample.referenced, "a leak sample marks one secret, with « before it and » behind it");
            }
        }
        if yaml.samples.leak.is_empty() {
            return self.fail(yaml.id.referenced, "samples.leak is empty; show at least one line that must be found");
        }
        Ok(())
    }
}

/// What to do about a leaked credential where a provider's file says nothing more exact, by category.
fn playbooks() -> Result<BTreeMap<String, Guidance>, serde_saphyr::Error> {
    serde_saphyr::from_str(include_str!("playbooks.yaml"))
}

/// Returns whether a text shows as it is, wherever it is shown.
fn is_plain(text: &str) -> bool {
    let is_seen =
        |c: char| !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    text.chars().all(is_seen) && !text.contains("##[") && !text.contains("##vso[")
}

/// Returns a keyword of a name in all the ways it is written.
fn spellings(keyword: &str) -> Vec<String> {
    if !keyword.contains('_') {
        return vec![keyword.to_owned()];
    }
    ["_", "-", ".", ""].into_iter().map(|joint| keyword.replace('_', joint)).filter(|spelling| spelling.len() >= 3).collect()
}

/// Returns the JSON Schema of a detector file, for editors.
pub fn json_schema() -> schemars::Schema {
    schemars::schema_for!(ProviderYaml)
}
