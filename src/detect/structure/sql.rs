//! `IDENTIFIED BY 'password'`, in the dialects that have it.

use super::{Read, Said};
use crate::detect::judge::sign::{Sign, Signs};
use crate::span::Span;

/// What may stand between the words and the password: the name of a plugin.
const BETWEEN_BYTES: usize = 64;
const MAX_BYTES: usize = 200;

/// Reads the text in quotes behind the keyword `identified by` or `identified with`.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    let rest = &chunk[keyword.end..chunk.len().min(keyword.end + BETWEEN_BYTES + MAX_BYTES)];
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let is_by = keyword.of(chunk).ends_with(b"by") || keyword.of(chunk).ends_with(b"BY");
    let from = if is_by { 0 } else { words_end(line)? };
    let open = from + line[from..].iter().take(BETWEEN_BYTES).position(|b| matches!(b, b'\'' | b'"'))?;
    let between = line[from..open].to_ascii_lowercase();
    let between = between.trim_ascii().trim_ascii_end();
    if !matches!(between, b"" | b"password" | b"\\" | b"password \\") {
        return None;
    }
    let quote = line[open];
    let len = memchr::memchr(quote, &line[open + 1..]).filter(|&len| len > 0)?;
    let len = if line[open..].starts_with(b"\\") { len } else { len - usize::from(line[open + len] == b'\\') };
    let start = keyword.end + open + 1;
    let mut signs = Signs::default();
    signs.add(Sign::PlaceSql);
    Some(Read { secret: Span::new(start, start + len), normal: None, said: Said::Place { signs, password: None } })
}

/// Returns where `IDENTIFIED WITH plugin BY` or `… AS` ends.
fn words_end(line: &[u8]) -> Option<usize> {
    let folded = line.to_ascii_lowercase();
    let head = &folded[..folded.len().min(BETWEEN_BYTES)];
    [&b" by "[..], b" as "].iter().find_map(|word| memchr::memmem::find(head, word).map(|at| at + word.len()))
}

#[cfg(test)]
mod tests {
    use crate::span::Span;

    #[test]
    fn reads_the_password_of_a_user() {
        for (text, password) in [
            ("CREATE USER a IDENTIFIED BY 'pw';", Some("pw")),
            ("CREATE USER a IDENTIFIED BY \"a'b\"", Some("a'b")),
            ("ALTER USER a IDENTIFIED WITH mysql_native_password BY 'pw'", Some("pw")),
            ("GRANT ALL ON *.* TO a IDENTIFIED BY PASSWORD 'pw'", Some("pw")),
            ("identified by its name 'pw'", None),
            ("IDENTIFIED BY :password", None),
            ("IDENTIFIED BY ''", None),
        ] {
            let folded = text.to_ascii_lowercase();
            let word = if folded.contains("identified with") { "identified with" } else { "identified by" };
            let at = folded.find(word).expect("each has the words");
            let read = super::read(text.as_bytes(), Span::new(at, at + word.len()));
            let found = read.map(|read| String::from_utf8_lossy(read.secret.of(text.as_bytes())).into_owned());
            assert_eq!(found.as_deref(), password, "{text}");
        }
    }
}
