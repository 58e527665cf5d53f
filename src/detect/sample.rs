//! Expands the templates of detector samples, so that no token-shaped text lies in the repository.
//!
//! `{hex:32}` becomes 32 random hex digits, `{bytes:feed}` those two bytes, `{any:16}` random ones and `{numbers:16}` such
//! with commas before them. `{check}` makes the secret before it pass its detector's check: by a tail, or by changing what
//! of it is the checksum. `¦` is left out, and so parts what would be taken for a secret. The same seed gives the same text.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::explain::End;
use super::{Catalog, check};
use crate::chunk::Content;
use crate::detector::Detector;
use crate::span::Span;

/// A sample after expansion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The text without the marks.
    pub text: Vec<u8>,
    /// What must be found in it; nothing in a clean sample.
    pub secret: Option<Span>,
}

/// A sample that does not behave as it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Which one it is: `leak sample 2`.
    pub which: String,
    /// The template.
    pub template: String,
    /// What happened instead.
    pub what: String,
}

/// A mark that expands to nothing.
pub(super) const NOTHING: char = '¦';

/// How often each template is expanded in a test.
const ROUNDS: u64 = 24;

/// Expands a template; `seed` chooses the random text.
pub fn expand(template: &str, detector: &Detector, seed: u64) -> Sample {
    let mut random = Random(seed ^ 0x9e37_79b9_7f4a_7c15);
    let mut text = Vec::new();
    let (mut start, mut secret) = (None, None);
    let mut rest = template;
    while let Some(next) = rest.chars().next() {
        match next {
            '«' => start = Some(text.len()),
            '»' => secret = start.map(|start| Span::new(start, text.len())),
            NOTHING => {}
            '{' => {
                if let Some((name, count, len)) = placeholder(rest) {
                    fill(name, count, detector, start.unwrap_or(0), &mut random, &mut text);
                    rest = &rest[len..];
                    continue;
                }
                text.push(b'{');
            }
            other => text.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = &rest[next.len_utf8()..];
    }
    Sample { text, secret }
}

/// Runs a detector's samples against a catalog that holds it, and returns those that fail.
pub fn failures(catalog: &Catalog, detector: &Detector) -> Vec<Failure> {
    // What kinds are covered shows behind the samples of the detector's own, in the same order.
    let own = detector.leaks.len().saturating_sub(detector.covers.len());
    let leak = |at: usize| match detector.covers.get(at.wrapping_sub(own)) {
        Some(kind) if at >= own => format!("sample of {kind}, which it covers"),
        _ => format!("leak sample {}", at + 1),
    };
    let leaks = detector.leaks.iter().enumerate().map(|(at, template)| (leak(at), template, None));
    let cleans = detector.cleans.iter().enumerate().map(|(at, clean)| (format!("clean sample {}", at + 1), &clean.text, Some(&clean.why)));
    let failed = leaks.chain(cleans).filter_map(|(which, template, why)| {
        let what = mistake(template).or_else(|| {
            (0..ROUNDS).find_map(|seed| {
                let sample = expand(template, detector, seed);
                why.map_or_else(|| leak_failure(catalog, detector, &sample), |why| clean_failure(catalog, detector, &sample, why))
            })
        })?;
        Some(Failure { which, template: template.to_string(), what })
    });
    failed.collect()
}

/// Says why a sample is not found, or not as it is marked.
fn leak_failure(catalog: &Catalog, detector: &Detector, sample: &Sample) -> Option<String> {
    let secret = sample.secret?;
    let found = catalog.matches(&sample.text, Content::Text);
    let own: Vec<Span> = found.iter().filter(|m| catalog.detector(m.detector).id == detector.id).map(|m| m.secret).collect();
    if own.contains(&secret) {
        return None;
    }
    if let Some(span) = own.first() {
        return Some(format!("found `{}`, marked is `{}`", shown(span.of(&sample.text)), shown(secret.of(&sample.text))));
    }
    let attempts = catalog.attempts_of(&detector.id, &sample.text);
    let covered = attempts.iter().find_map(|attempt| match &attempt.end {
        End::Found { covered_by: Some(other), .. } => Some(format!("{other} says more of the same bytes")),
        End::Found { .. } | End::Refused(_) => None,
    });
    let refused = attempts.iter().filter_map(|attempt| match &attempt.end {
        End::Refused(refusal) => Some(refusal),
        End::Found { .. } => None,
    });
    let why = covered.or_else(|| refused.max_by_key(|refusal| refusal.steps()).map(ToString::to_string));
    let why = why.unwrap_or_else(|| "no keyword of it is in the sample".to_owned());
    Some(format!("{why}: `{}`", shown(&sample.text)))
}

fn clean_failure(catalog: &Catalog, detector: &Detector, sample: &Sample, why: &str) -> Option<String> {
    let found = catalog.matches(&sample.text, Content::Text);
    let own = found.iter().find(|m| catalog.detector(m.detector).id == detector.id)?;
    Some(format!("found `{}`, though it is {why}", shown(own.secret.of(&sample.text))))
}

/// Returns a made up text as a terminal may show it.
fn shown(text: &[u8]) -> String {
    const MOST_CHARS: usize = 200;
    let whole = String::from_utf8_lossy(text).escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'");
    let mut cut: String = whole.chars().take(MOST_CHARS).collect();
    if cut.len() < whole.len() {
        cut.push('…');
    }
    cut
}

/// Says what looks like a template and is none: `{hexx:32}`, and `{hex}`, which does not say how many.
fn mistake(text: &str) -> Option<String> {
    text.match_indices('{').find_map(|(at, _)| {
        let rest = &text[at..];
        let inner = &rest[1..closing_brace(rest)?];
        let (name, argument) = inner.split_once(':').unwrap_or((inner, ""));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let is_count = argument.split_once('-').map_or(is_number(argument), |(low, high)| is_number(low) && is_number(high));
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if placeholder(rest).is_none() {
            let what = || format!("unknown template {{{inner}}}; docs/detectors.md lists them, and a literal brace is {{bytes:7b}}");
            return (is_name && is_count).then(what);
        }
        let is_counted = alphabet(name).is_some() || matches!(name, "any" | "numbers" | "mnemonic");
        (is_counted && !is_count).then(|| format!("{{{inner}}}: say how many: {{{name}:12}}"))
    })
}

/// Reads `{name}`, `{name:count}` or `{name:text}` at the start; returns name, argument and length.
fn placeholder(text: &str) -> Option<(&str, &str, usize)> {
    let end = closing_brace(text)?;
    let (name, argument) = text[1..end].split_once(':').unwrap_or((&text[1..end], ""));
    let is_known = matches!(
        name,
        "bytes" | "any" | "numbers" | "check" | "uuid" | "b64" | "b64url" | "pem" | "pem-escaped" | "pem-base64" | "dashes" | "mnemonic"
    ) || alphabet(name).is_some();
    is_known.then_some((name, argument, end + 1))
}

/// Returns where the brace that opens `text` is closed; an argument may hold pairs of its own.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    text.bytes().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })
}

/// A block under a label whose bytes decode to something with the right framing, random inside.
fn pem(label: &str, line_end: &str, random: &mut Random) -> String {
    let mut body = Vec::new();
    random.fill(&ALL_BYTES, 300, &mut body);
    let framed = match label {
        "OPENSSH PRIVATE KEY" => [b"openssh-key-v1\0\0\0\0\x04none", &body[..]].concat(),
        "PGP PRIVATE KEY BLOCK" => [&[0x95, 0x01, 0x2c], &body[..]].concat(),
        _ => [&[0x30, 0x82, 0x01, 0x2c], &body[..]].concat(),
    };
    let base64 = STANDARD_NO_PAD.encode(&framed);
    let lines: Vec<&str> = base64.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let dashes = "-----";
    let sum = if label.starts_with("PGP") {
        format!("{line_end}={}", STANDARD_NO_PAD.encode(&check::crc24::of(&framed).to_be_bytes()[1..]))
    } else {
        String::new()
    };
    format!("{dashes}BEGIN {label}{dashes}{line_end}{}{sum}{line_end}{dashes}END {label}{dashes}", lines.join(line_end))
}

/// A phrase of so many words of the English list, the last of which holds the checksum.
fn mnemonic(words: &str, random: &mut Random) -> String {
    let bytes = words.parse::<usize>().unwrap_or(12) / 3 * 4;
    let mut entropy = Vec::new();
    random.fill(&ALL_BYTES, bytes, &mut entropy);
    bip39::Mnemonic::from_entropy_in(bip39::Language::English, &entropy).map(|phrase| phrase.to_string()).unwrap_or_default()
}

const ALL_BYTES: [u8; 256] = {
    let mut all = [0; 256];
    let mut at = 0;
    while at < 256 {
        all[at] = at as u8;
        at += 1;
    }
    all
};

fn fill(name: &str, argument: &str, detector: &Detector, secret_start: usize, random: &mut Random, text: &mut Vec<u8>) {
    match name {
        "check" => {
            let whole = detector.check.and_then(|kind| check::completed(kind, &text[secret_start..]));
            if let Some(whole) = whole {
                text.truncate(secret_start);
                text.extend(whole);
            }
        }
        "uuid" => {
            for (at, len) in [8, 4, 4, 4, 12].into_iter().enumerate() {
                if at > 0 {
                    text.push(b'-');
                }
                random.fill(b"0123456789abcdef", len, text);
            }
        }
        "bytes" => {
            text.extend(argument.as_bytes().chunks(2).filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()))
        }
        "numbers" => {
            for _ in 0..argument.parse().unwrap_or(1) {
                text.extend(format!(",{}", random.below(256)).as_bytes());
            }
        }
        "any" => random.fill(&ALL_BYTES, argument.parse().unwrap_or(1), text),
        "b64" => text.extend_from_slice(STANDARD_NO_PAD.encode(argument).as_bytes()),
        "mnemonic" => text.extend_from_slice(mnemonic(argument, random).as_bytes()),
        "dashes" => text.extend_from_slice(b"-----"),
        "pem-base64" => text.extend_from_slice(STANDARD_NO_PAD.encode(pem(argument, "\n", random)).as_bytes()),
        "pem" => text.extend_from_slice(pem(argument, "\n", random).as_bytes()),
        "pem-escaped" => text.extend_from_slice(pem(argument, "\\n", random).as_bytes()),
        "b64url" => text.extend_from_slice(URL_SAFE_NO_PAD.encode(argument).as_bytes()),
        _ => {
            let (low, high) = argument.split_once('-').unwrap_or((argument, argument));
            let low: usize = low.parse().unwrap_or(1);
            let high: usize = high.parse().unwrap_or(low);
            let count = low + random.below(high.max(low) - low + 1);
            random.fill(alphabet(name).unwrap_or(b"x"), count, text);
        }
    }
}

fn alphabet(name: &str) -> Option<&'static [u8]> {
    const DIGITS_UPPER_LOWER: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";
    Some(match name {
        "digits" => &DIGITS_UPPER_LOWER[..10],
        "hex" => b"0123456789abcdef",
        "HEX" => b"0123456789ABCDEF",
        "lower" => &DIGITS_UPPER_LOWER[36..62],
        "upper" => &DIGITS_UPPER_LOWER[10..36],
        "lower-digits" => b"abcdefghijklmnopqrstuvwxyz0123456789",
        "upper-digits" => &DIGITS_UPPER_LOWER[..36],
        "base62" => &DIGITS_UPPER_LOWER[..62],
        "base64" => DIGITS_UPPER_LOWER,
        "base64url" => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_",
        "base32" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "zbase32" => b"ybndrfg8ejkmcpqxot1uwisza345h769",
        "base58" => b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        "bech32" => b"qpzry9x8gf2tvdw0s3jn54khce6mua7l",
        "BECH32" => b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
        "word" => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_",
        _ => return None,
    })
}

/// SplitMix64: small, seeded, and not for secrets.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }

    fn fill(&mut self, alphabet: &[u8], count: usize, text: &mut Vec<u8>) {
        for _ in 0..count {
            text.push(alphabet[self.below(alphabet.len())]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::expand;
    use crate::detect::Catalog;

    #[test]
    fn templates_expand_the_same_for_the_same_seed() {
        let catalog = Catalog::shipped();
        let detector = catalog.detectors().next().expect("the catalog is not empty");
        let sample = expand("a {x} ¦= «{hex:8}-{digits:2-3}»{", detector, 7);
        assert_eq!(sample, expand("a {x} = «{hex:8}-{digits:2-3}»{", detector, 7));
        assert_ne!(sample, expand("a {x} = «{hex:8}-{digits:2-3}»{", detector, 8));
        let secret = sample.secret.expect("it is marked");
        assert!((11..=12).contains(&secret.len()));
        assert!(sample.text.starts_with(b"a {x} = ") && sample.text.ends_with(b"{"));
    }
}
