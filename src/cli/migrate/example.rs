//! What a pattern tells of itself: texts that are in every match, and a template of something that it matches.
//!
//! A detector needs keywords and samples; whoever wrote the rule had to give neither.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// Alphabets of templates, the widest first: a random text of one looks most like a secret.
const ALPHABETS: [(&str, &str); 12] = [
    ("base62", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ("base58", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
    ("lower-digits", "0123456789abcdefghijklmnopqrstuvwxyz"),
    ("upper-digits", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("base32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    ("bech32", "qpzry9x8gf2tvdw0s3jn54khce6mua7l"),
    ("BECH32", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    ("lower", "abcdefghijklmnopqrstuvwxyz"),
    ("upper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("hex", "0123456789abcdef"),
    ("HEX", "0123456789ABCDEF"),
    ("digits", "0123456789"),
];

/// Returns texts in lower case of which each match holds one, of three bytes or more; nothing where there are none.
pub(super) fn keywords(hir: &Hir) -> Vec<String> {
    let mut sets = Vec::new();
    collect(hir, &mut sets);
    sets.retain(|set: &Vec<String>| !set.is_empty() && set.iter().all(|word| word.len() >= 3));
    // The longest is the cheapest, and few are cheaper than many.
    let worth = |set: &Vec<String>| (set.iter().map(String::len).min().unwrap_or(0).min(8), std::cmp::Reverse(set.len()));
    let mut best = sets.into_iter().max_by_key(worth).unwrap_or_default();
    best.iter_mut().for_each(|word| word.truncate(64));
    best.sort();
    best.dedup();
    best
}

/// Collects sets of texts; of each set one is in every match.
fn collect(hir: &Hir, sets: &mut Vec<Vec<String>>) {
    match hir.kind() {
        HirKind::Capture(capture) => collect(&capture.sub, sets),
        HirKind::Repetition(repetition) if repetition.min > 0 => collect(&repetition.sub, sets),
        HirKind::Concat(parts) => {
            runs(parts, sets);
            let is_more = |part: &&Hir| !matches!(part.kind(), HirKind::Literal(_) | HirKind::Class(_));
            parts.iter().filter(is_more).for_each(|part| collect(part, sets));
        }
        HirKind::Alternation(branches) => {
            let each: Vec<Vec<String>> = branches.iter().map(keywords).collect();
            if each.iter().all(|words| !words.is_empty()) {
                sets.push(each.concat());
            }
        }
        HirKind::Literal(_) | HirKind::Class(_) => runs(std::slice::from_ref(hir), sets),
        HirKind::Repetition(_) | HirKind::Empty | HirKind::Look(_) => {}
    }
}

/// Joins neighbouring letters, in whatever case.
fn runs(parts: &[Hir], sets: &mut Vec<Vec<String>>) {
    let mut run = String::new();
    for part in parts {
        match part.kind() {
            HirKind::Literal(literal) if literal.0.is_ascii() => run.push_str(&String::from_utf8_lossy(&literal.0).to_ascii_lowercase()),
            HirKind::Class(class) => match one_letter(class) {
                Some(letter) => run.push(letter),
                None => sets.push(vec![std::mem::take(&mut run)]),
            },
            HirKind::Look(_) => {}
            _ => sets.push(vec![std::mem::take(&mut run)]),
        }
    }
    sets.push(vec![run]);
}

/// Returns the letter of a class such as `[aA]`.
fn one_letter(class: &Class) -> Option<char> {
    let mut bytes = bytes_of(class).map(|byte| byte.to_ascii_lowercase());
    let first = bytes.next()?;
    bytes.all(|byte| byte == first).then(|| char::from(first))
}

fn bytes_of(class: &Class) -> Box<dyn Iterator<Item = u8> + '_> {
    match class {
        Class::Bytes(ranges) => Box::new(ranges.iter().flat_map(|range| range.start()..=range.end())),
        Class::Unicode(ranges) => {
            Box::new(ranges.iter().flat_map(|range| range.start()..=range.end()).filter_map(|c| u8::try_from(c).ok()))
        }
    }
}

/// Returns a template that expands to what the pattern matches, with the secret marked: its group, or all of it.
///
/// A repetition without an end is about `length` long. Whether it really is matched, words at its edges and all, is left to a test.
pub(super) fn template(hir: &Hir, length: u32, has_group: bool) -> String {
    let mut text = String::new();
    write(hir, length, &mut text);
    if has_group { text } else { format!("«{text}»") }
}

fn write(hir: &Hir, length: u32, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|&byte| push(byte, out)),
        HirKind::Class(class) => times(class, 1, out),
        HirKind::Repetition(repetition) => {
            let count = count(repetition, length);
            match repetition.sub.kind() {
                HirKind::Class(class) => times(class, count, out),
                _ => (0..count).for_each(|_| write(&repetition.sub, length, out)),
            }
        }
        HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => {
            out.push('«');
            write(&capture.sub, length, out);
            out.push('»');
        }
        HirKind::Capture(capture) => write(&capture.sub, length, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, length, out)),
        HirKind::Alternation(branches) => branches.iter().take(1).for_each(|branch| write(branch, length, out)),
    }
}

/// What may be left out is; what has no end, or a far one, is about as long as a secret.
fn count(repetition: &Repetition, length: u32) -> u32 {
    let longest = repetition.max.unwrap_or(u32::MAX);
    match repetition.min {
        0 => 0,
        min => longest.min(min.max(length)),
    }
}

fn times(class: &Class, count: u32, out: &mut String) {
    if count == 0 {
        return;
    }
    let all: Vec<u8> = bytes_of(class).collect();
    let alphabet = ALPHABETS.into_iter().find(|(_, members)| members.bytes().all(|byte| all.contains(&byte))).map(|(name, _)| name);
    match alphabet {
        Some(name) => out.push_str(&format!("{{{name}:{count}}}")),
        None => {
            let is_letter = |byte: &&u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            let byte = all.iter().find(is_letter).or_else(|| all.iter().find(|byte| byte.is_ascii_graphic())).or(all.first());
            (0..count).for_each(|_| byte.iter().for_each(|&&byte| push(byte, out)));
        }
    }
}

/// Adds a byte as templates take it for itself.
fn push(byte: u8, out: &mut String) {
    match byte {
        b'{' | b'}' | 0x7f.. | ..0x20 => out.push_str(&format!("{{bytes:{byte:02x}}}")),
        plain => out.push(char::from(plain)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::expression::of_go;
    use super::{keywords, template};

    #[test]
    fn the_best_text_that_is_in_every_match_is_found() {
        for (regex, words) in [
            (r"acme_[0-9a-f]{32}", &["acme_"][..]),
            (r"(?i)\bAcme_key\s*=\s*[a-z]{9}", &["acme_key"]),
            (r"(?:acme|corp-one)_[0-9]{9}", &["acme", "corp-one"]),
            (r"[a-z]{32}", &[]),
            (r"(acme)?[a-z]{32}xyz", &["xyz"]),
            (r"(?:acme|[0-9]{5})", &[]),
        ] {
            assert_eq!(keywords(&of_go(regex, 0).expect("it is right").hir), words, "{regex}");
        }
    }

    #[test]
    fn a_template_has_the_shape_of_the_pattern() {
        for (regex, made) in [
            (r"acme_[0-9a-f]{32}", "«acme_{hex:32}»"),
            (r#"acme\s*[:=]\s*["']?([A-Za-z0-9_-]{20,})"#, r#"acme:«{base62:24}»"#),
            (r"acme-[A-F0-9]{8}-[ac-hj-np-z02-9]{58}", "«acme-{HEX:8}-{bech32:58}»"),
            (r"acme\{([A-Z]{4}|x)\}", "acme{bytes:7b}«{upper:4}»{bytes:7d}"),
        ] {
            let expression = of_go(regex, 0).expect("it is right");
            assert_eq!(template(&expression.hir, 24, expression.pattern.contains("(?<secret>")), made, "{regex}");
        }
    }
}
