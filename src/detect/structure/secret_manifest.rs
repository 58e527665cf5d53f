//! Kubernetes manifests of kind `Secret`: each value under `data`, in base64, and under `stringData`, as it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Read, Said};
use crate::detect::judge::sign::{Sign, Signs};
use crate::span::Span;

/// How far a manifest is read on either side of its kind; the reach of the structure is this.
const AROUND_BYTES: usize = 8_000;
/// Shorter values are flags and numbers.
const MIN_VALUE_BYTES: usize = 4;
/// Keys whose values people keep beside a secret.
const PLAIN_KEYS: [&str; 22] = [
    "username",
    "user",
    "login",
    "email",
    "host",
    "hostname",
    "port",
    "server",
    "url",
    "uri",
    "endpoint",
    "address",
    "database",
    "dbname",
    "name",
    "namespace",
    "region",
    "bucket",
    "type",
    "ca.crt",
    "tls.crt",
    "enabled",
];

/// Reads the values of the manifest around `kind: Secret`.
pub(super) fn read(chunk: &[u8], keyword: Span, each: &mut dyn FnMut(Read)) {
    // `kind: SecretProviderClass` is another kind.
    if chunk.get(keyword.end).is_some_and(|&b| b.is_ascii_alphanumeric() || b == b'-') {
        return;
    }
    let from = keyword.start.saturating_sub(AROUND_BYTES);
    let to = chunk.len().min(keyword.end + AROUND_BYTES);
    let start = memchr::memmem::rfind(&chunk[from..keyword.start], b"\n---").map_or(from, |at| from + at + 1);
    let end = memchr::memmem::find(&chunk[keyword.end..to], b"\n---").map_or(to, |at| keyword.end + at);
    let is_json = chunk[keyword.start..keyword.end].ends_with(b"\"") || chunk[..keyword.start].last() == Some(&b'"');
    if is_json {
        json(chunk, Span::new(start, end), each);
    } else {
        yaml(chunk, Span::new(start, end), each);
    }
}

/// What a section's values are written in.
#[derive(Clone, Copy)]
enum Written {
    Base64,
    Plain,
}

/// Reads the lines that are indented more than `data:` or `stringData:` before them.
fn yaml(chunk: &[u8], manifest: Span, each: &mut dyn FnMut(Read)) {
    let mut section: Option<(usize, Written)> = None;
    let mut at = manifest.start;
    while at < manifest.end {
        let end = memchr::memchr(b'\n', &chunk[at..manifest.end]).map_or(manifest.end, |len| at + len);
        let line = &chunk[at..end];
        let indent = line.iter().take_while(|&&b| b == b' ').count();
        let text = line[indent..].trim_ascii_end();
        if !text.is_empty() && !text.starts_with(b"#") {
            match (text, section) {
                (flowing, None) if let Some((len, written)) = begins_flow(flowing) => {
                    flow(chunk, Span::new(at + indent + len, end), written, each);
                }
                (b"data:", _) => section = Some((indent, Written::Base64)),
                (b"stringData:", _) => section = Some((indent, Written::Plain)),
                (_, Some((outer, _))) if indent <= outer => section = None,
                (_, Some((_, written))) => entry(chunk, Span::new(at + indent, at + indent + text.len()), written, each),
                (_, None) => {}
            }
        }
        at = end + 1;
    }
}

/// Reads the flat objects behind `"data"` and `"stringData"`.
fn json(chunk: &[u8], manifest: Span, each: &mut dyn FnMut(Read)) {
    for (name, written) in [(&b"\"data\""[..], Written::Base64), (b"\"stringData\"", Written::Plain)] {
        let mut read_to = manifest.start;
        for found in memchr::memmem::find_iter(manifest.of(chunk), name) {
            let rest = Span::new(manifest.start + found + name.len(), manifest.end);
            let Some(open) = rest.of(chunk).iter().position(|b| !b.is_ascii_whitespace() && *b != b':') else { continue };
            // Within an object that was read: however many names a file repeats, its bytes are read once.
            let was_read = rest.start + open < read_to;
            if was_read || chunk[rest.start + open] != b'{' {
                continue;
            }
            read_to = flow(chunk, Span::new(rest.start + open + 1, manifest.end), written, each);
        }
    }
}

/// `stringData: {one: "…"}` on one line: returns where the inside begins.
fn begins_flow(text: &[u8]) -> Option<(usize, Written)> {
    [(&b"data:"[..], Written::Base64), (b"stringData:", Written::Plain)].into_iter().find_map(|(name, written)| {
        let rest = text.strip_prefix(name)?;
        let blanks = rest.iter().take_while(|&&b| b == b' ').count();
        (rest.get(blanks) == Some(&b'{')).then_some((name.len() + blanks + 1, written))
    })
}

/// Reads the entries of a flat object up to its brace and returns where that is; braces and commas within quotes are of the values.
fn flow(chunk: &[u8], inside: Span, written: Written, each: &mut dyn FnMut(Read)) -> usize {
    let mut at = inside.start;
    while at < inside.end {
        let Some((end, is_last)) = entry_end(chunk, Span::new(at, inside.end)) else { return inside.end };
        let part = &chunk[at..end];
        let lead = part.iter().take_while(|b| b.is_ascii_whitespace()).count();
        entry(chunk, Span::new(at + lead, at + lead + part.trim_ascii().len()), written, each);
        if is_last {
            return end;
        }
        at = end + 1;
    }
    inside.end
}

/// Returns where an entry ends, and whether it is the last one; nothing where a quote is never closed.
fn entry_end(chunk: &[u8], rest: Span) -> Option<(usize, bool)> {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, &byte) in (rest.start..).zip(rest.of(chunk)) {
        match (quote, byte) {
            _ if is_escaped => is_escaped = false,
            (Some(b'"'), b'\\') => is_escaped = true,
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b',') => return Some((at, false)),
            // What opens another object is no flat one: that is read by itself.
            (None, b'{' | b'}') => return Some((at, true)),
            (None, _) => {}
        }
    }
    quote.is_none().then_some((rest.end, true))
}

/// Reads `key: value`, either in quotes or not.
fn entry(chunk: &[u8], line: Span, written: Written, each: &mut dyn FnMut(Read)) {
    let text = line.of(chunk);
    let Some(colon) = memchr::memchr(b':', text) else { return };
    let key = unquoted(Span::new(line.start, line.start + colon), chunk).of(chunk).to_ascii_lowercase();
    let lead = text[colon + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    let value = unquoted(Span::new(line.start + colon + 1 + lead, line.end), chunk);
    let is_plain = PLAIN_KEYS.iter().any(|plain| key == plain.as_bytes());
    if is_plain || value.len() < MIN_VALUE_BYTES {
        return;
    }
    let normal = match written {
        Written::Plain => None,
        Written::Base64 => match STANDARD.decode(value.of(chunk)) {
            Ok(bytes) if bytes.len() >= MIN_VALUE_BYTES && !bytes.starts_with(b"-----BEGIN CERT") => Some(bytes.into_boxed_slice()),
            _ => return,
        },
    };
    let mut signs = Signs::default();
    signs.add(Sign::PlaceSlot);
    each(Read { secret: value, normal, said: Said::Place { signs, password: None } });
}

fn unquoted(span: Span, chunk: &[u8]) -> Span {
    match span.of(chunk) {
        [b'"', .., b'"'] | [b'\'', .., b'\''] => Span::new(span.start + 1, span.end - 1),
        _ => span,
    }
}

#[cfg(test)]
mod tests {
    use crate::span::Span;

    /// Reads the values of a text in which `KIND` stands for the kind.
    fn values(text: &str) -> Vec<String> {
        let text = text.replace("KIND", "Secret");
        let kind = text.find("Secret").expect("each has the kind");
        let start = text[..kind].rfind("kind").expect("each has the kind");
        let mut values = Vec::new();
        super::read(text.as_bytes(), Span::new(start, kind + 6), &mut |read| {
            let value = read.normal.unwrap_or_else(|| read.secret.of(text.as_bytes()).into());
            values.push(String::from_utf8_lossy(&value).into_owned());
        });
        values
    }

    #[test]
    fn values_are_read_before_and_after_the_kind_and_in_this_manifest_only() {
        let text = "data:\n  other: b3RoZXI=\n---\napiVersion: v1\ndata:\n  one: Zmlyc3Q=\n  username: YWRtaW4=\nkind: KIND\n\
                    metadata:\n  name: not-this\nstringData:\n  two: \"second\" \n---\ndata:\n  more: b3RoZXI=\n";
        assert_eq!(values(text), ["first", "second"]);
    }

    #[test]
    fn json_is_read_on_one_line_and_on_many() {
        assert_eq!(values(r#"{"kind": "KIND", "data": {"one": "Zmlyc3Q=", "user": "YWRtaW4="}, "type": "Opaque"}"#), ["first"]);
        assert_eq!(values("{\n \"data\": {\n  \"one\": \"Zmlyc3Q=\"\n },\n \"kind\": \"KIND\"\n}"), ["first"]);
        assert_eq!(values(r#"{"kind": "KIND", "data": null, "other": {"one": "Zmlyc3Q="}}"#), [""; 0]);
    }

    #[test]
    fn braces_and_commas_within_quotes_belong_to_the_value() {
        assert_eq!(values(r#"{"kind": "KIND", "stringData": {"one": "a}b,c\"d", "two": "second"}, "x": "y"}"#), ["a}b,c\\\"d", "second"]);
        assert_eq!(values("kind: KIND\nstringData: {one: 'a}b,c', user: me, two: second}\nother: {three: third}\n"), ["a}b,c", "second"]);
        assert_eq!(values("kind: KIND\ndata: {one: Zmlyc3Q=}\n"), ["first"]);
        assert_eq!(values("kind: KIND\nstringData: {}\nother: {three: third}\n"), [""; 0]);
        assert_eq!(values("kind: KIND\nstringData: {one: 'open\nother: \"two: x'}\n"), [""; 0], "a flow ends with its line");
        assert_eq!(values(r#"{"data": {"kind": "KIND", "data": {"one": "Zmlyc3Q="}}}"#), ["first"], "an answer with a secret in it");
    }

    #[test]
    fn what_is_no_base64_and_other_kinds_are_left_alone() {
        assert_eq!(values("kind: KIND\ndata:\n  one: {{ .Values.one | b64enc }}\n"), [""; 0]);
        assert_eq!(values("kind: KINDStore\ndata:\n  one: Zmlyc3Q=\n"), [""; 0]);
    }
}
