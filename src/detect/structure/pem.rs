//! PEM, OpenSSH and PGP private keys, also where a program or a JSON file has escaped their line ends.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{Read, Said};
use crate::detect::check::crc24;
use crate::detector::yaml::MAX_REACH_BYTES;
use crate::finding::Evidence;
use crate::span::Span;

/// `-----BEGIN ENCRYPTED PRIVATE KEY` and the like before the keyword.
const LABEL_BYTES: usize = 40;
/// A body shorter than this is a stub: the shortest real key (Ed25519 in PKCS#8) has 64 characters.
const MIN_BODY_CHARS: usize = 60;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// Reads the block whose label ends in the keyword `PRIVATE KEY`.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    let label_from = keyword.start.saturating_sub(LABEL_BYTES);
    let begin = label_from + memchr::memmem::rfind(&chunk[label_from..keyword.start], b"-----BEGIN ")?;
    let label = &chunk[begin..keyword.start];
    if !label[11..].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b' ') {
        return None;
    }
    let limit = chunk.len().min(keyword.start + MAX_REACH_BYTES as usize);
    let rest = &chunk[keyword.end..limit];
    let rest = rest.strip_prefix(b" BLOCK").unwrap_or(rest);
    let rest = rest.strip_prefix(b"-----")?;
    let body_start = limit - rest.len();
    // The next line of dashes closes the block, or opens another: then this one has no end.
    let dashes = memchr::memmem::find(rest, b"-----");
    let end = dashes.filter(|&at| rest[at..].starts_with(b"-----END "));
    let rest = &rest[..dashes.unwrap_or(rest.len())];
    let raw = if end.is_some() { rest } else { &rest[..open_end(rest)] };
    let body = Body::new(raw);
    if body.base64.len() < MIN_BODY_CHARS || body.is_elided {
        return None;
    }
    if label.ends_with(b"PGP ") && !body.armour_holds() {
        return None;
    }
    let evidence = body.evidence(label, end.is_some());
    let stop = match end {
        Some(at) => closing_end(&chunk[..limit], body_start + at),
        None => body_start + raw.len(),
    };
    Some(Read { secret: Span::new(begin, stop), normal: Some(body.base64.into()), said: Said::Proof(evidence) })
}

/// Returns where the closing line ends.
fn closing_end(chunk: &[u8], end: usize) -> usize {
    let tail = &chunk[(end + 9).min(chunk.len())..chunk.len().min(end + 9 + 64)];
    memchr::memmem::find(tail, b"-----").map_or(end + 9, |at| end + 9 + at + 5)
}

/// Returns how far a block without an end goes: as long as bytes can belong to one.
fn open_end(rest: &[u8]) -> usize {
    let is_body = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'\n' | b'\r' | b'\\' | b' ' | b'\t');
    rest.iter().position(|&b| !is_body(b)).unwrap_or(rest.len())
}

/// What stands between the two lines.
struct Body {
    base64: Vec<u8>,
    has_encryption_header: bool,
    /// The four letters of the last line of an OpenPGP armour.
    armour_sum: Option<[u8; 4]>,
    /// Dots or a placeholder stand for the rest.
    is_elided: bool,
}

impl Body {
    /// Keeps the base64 and drops line ends, their escapes, quotes, comment marks and headers.
    fn new(raw: &[u8]) -> Self {
        let has_encryption_header = memchr::memmem::find(raw, b"ENCRYPTED").is_some();
        let is_code = raw.iter().any(|b| matches!(b, b'(' | b'*' | b'[' | b'{'));
        let is_elided = is_code || memchr::memmem::find(raw, b"...").is_some() || memchr::memmem::find(raw, b"\xe2\x80\xa6").is_some();
        let mut base64 = Vec::with_capacity(raw.len());
        let mut armour_sum = None;
        for line in lines(raw) {
            let line = line.trim_ascii();
            let is_header = memchr::memmem::find(line, b": ").is_some();
            if let [b'=', sum @ ..] = line
                && let Ok(sum) = <[u8; 4]>::try_from(sum)
            {
                armour_sum = Some(sum);
            } else if !is_header {
                let parts = line.split(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')));
                // A lone `+` or `//` joins strings or opens a comment.
                let is_content = |part: &&[u8]| part.iter().any(u8::is_ascii_alphanumeric) || part.ends_with(b"=");
                parts.filter(is_content).for_each(|part| base64.extend_from_slice(part));
            }
        }
        Body { base64, has_encryption_header, armour_sum, is_elided }
    }

    /// Returns whether the checksum of an armour, which may be left out, is that of its bytes.
    fn armour_holds(&self) -> bool {
        let Some(sum) = self.armour_sum else { return true };
        let Ok(bytes) = LENIENT.decode(&self.base64) else { return false };
        LENIENT.encode(&crc24::of(&bytes).to_be_bytes()[1..]).as_bytes() == sum
    }

    fn evidence(&self, label: &[u8], is_closed: bool) -> Evidence {
        let mut evidence = Evidence::default();
        evidence.add("private key block", 1.0);
        if is_closed {
            evidence.add("closed by its end line", 0.5);
        }
        let decoded = LENIENT.decode(&self.base64).unwrap_or_default();
        if parses(&decoded) {
            evidence.add("decodes to a key", 3.5);
        } else if !self.has_encryption_header {
            evidence.add("does not decode to a key", -0.5);
        }
        let has_label = memchr::memmem::find(label, b"ENCRYPTED").is_some();
        if has_label || self.has_encryption_header || openssh_cipher(&decoded).is_some_and(|cipher| cipher != b"none") {
            evidence.add("encrypted with a passphrase", if parses(&decoded) { -4.0 } else { -1.8 });
        }
        evidence
    }
}

/// Splits at line ends, be they real or escaped once or more.
fn lines(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = raw;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, after) = match memchr::memchr2(b'\n', b'\\', rest) {
            None => (rest, &rest[rest.len()..]),
            Some(at) => {
                let mut next = at;
                while rest.get(next) == Some(&b'\\') {
                    next += 1;
                }
                let is_escape = next > at && matches!(rest.get(next), Some(b'n' | b'r' | b't'));
                (&rest[..at], &rest[(if is_escape || next == at { next + 1 } else { next }).min(rest.len())..])
            }
        };
        rest = after;
        Some(line)
    })
}

/// Returns whether the bytes are a DER sequence of the right length, an OpenSSH key, or an OpenPGP secret key.
fn parses(der: &[u8]) -> bool {
    match der {
        [0x30, 0x82, high, low, ..] => usize::from(*high) * 256 + usize::from(*low) + 4 == der.len(),
        [0x30, 0x81, length, ..] => usize::from(*length) + 3 == der.len(),
        [0x30, length, 0x02, ..] if *length < 0x80 => usize::from(*length) + 2 == der.len(),
        // Old format: tag 5 (secret key) with any length type; new format: 0xc5.
        [0x94..=0x97 | 0xc5, ..] => der.len() > 32,
        _ => der.starts_with(b"openssh-key-v1\0"),
    }
}

fn openssh_cipher(der: &[u8]) -> Option<&[u8]> {
    let rest = der.strip_prefix(b"openssh-key-v1\0")?;
    let length = u32::from_be_bytes(*rest.first_chunk::<4>()?) as usize;
    rest.get(4..4 + length)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::LENIENT;
    use crate::span::Span;

    fn key_body() -> String {
        let mut der = vec![0x30, 0x82, 0x01, 0x00];
        der.extend((0..256u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8));
        LENIENT.encode(der)
    }

    fn read(text: &str) -> Option<(String, f32)> {
        let at = text.find("PRIVATE KEY").expect("each has the mark");
        let read = super::read(text.as_bytes(), Span::new(at, at + 11))?;
        let probability = read.probability();
        Some((String::from_utf8_lossy(&read.normal.expect("a key is normalised")).into_owned(), probability))
    }

    #[test]
    fn a_key_is_the_same_through_line_ends_and_escapes() {
        let body = key_body();
        let folded = |by: &str| body.as_bytes().chunks(64).map(|c| String::from_utf8_lossy(c)).collect::<Vec<_>>().join(by);
        let dashes = "-----";
        for by in ["\n", "\r\n", "\\n", "\\\\n", "\n    ", "\" +\n  \"", "\n# "] {
            let text = format!("{dashes}BEGIN RSA PRIVATE KEY{dashes}{by}{}{by}{dashes}END RSA PRIVATE KEY{dashes}", folded(by));
            let (normal, probability) = read(&text).unwrap_or_else(|| panic!("not read with {by:?}"));
            assert_eq!(normal, body, "{by:?}");
            assert!(probability > 0.95, "{by:?} gives {probability}");
        }
    }

    #[test]
    fn stubs_and_elided_keys_are_not_read_and_encrypted_ones_count_less() {
        let dashes = "-----";
        let wrap = |body: &str| format!("{dashes}BEGIN PRIVATE KEY{dashes}\n{body}\n{dashes}END PRIVATE KEY{dashes}");
        assert_eq!(read(&wrap("MIIEvQ...")), None);
        assert_eq!(read(&wrap("short")), None);
        let encrypted = read(&wrap(&format!("Proc-Type: 4,ENCRYPTED\n\n{}", key_body()))).expect("still a key");
        assert!(encrypted.1 < 0.9);
    }
}
