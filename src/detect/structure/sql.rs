//! `IDENTIFIED BY 'password'`, and `CREATE ROLE … PASSWORD 'password'`, in the dialects that have them.

use super::{Read, Said};
use crate::detect::judge::sign::{Sign, Signs};
use crate::span::Span;

/// What may stand between the words and the password: the name of a plugin.
const BETWEEN_BYTES: usize = 64;
const MAX_BYTES: usize = 200;

/// How far before `password` the user is created: less than the reach of the structure.
const BEFORE_BYTES: usize = 120;

/// Reads the text in quotes behind the keyword `identified by`, `identified with`, or `password '`.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    if keyword.of(chunk).ends_with(b"'") {
        return of_role(chunk, keyword);
    }
    let rest = &chunk[keyword.end..chunk.len().min(keyword.end + BETWEEN_BYTES + MAX_BYTES)];
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    // "the row identified by 'x'" is a sentence.
    let is_shouted = keyword.of(chunk).iter().all(|b| !b.is_ascii_lowercase());
    if !is_shouted && !says(statement_before(chunk, keyword.start).as_slice(), &["create ", "alter ", "grant "]) {
        return None;
    }
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
    Some(set_to(Span::new(start, start + len)))
}

/// Reads the rest of `CREATE USER app WITH ENCRYPTED PASSWORD '`.
fn of_role(chunk: &[u8], keyword: Span) -> Option<Read> {
    let statement = statement_before(chunk, keyword.start);
    if !says(&statement, &["create ", "alter "]) || !says(&statement, &["role ", "user ", "login "]) {
        return None;
    }
    let rest = &chunk[keyword.end..chunk.len().min(keyword.end + MAX_BYTES)];
    let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
    let len = memchr::memchr(b'\'', line).filter(|&len| len > 0)?;
    Some(set_to(Span::new(keyword.end, keyword.end + len)))
}

/// What stands before the keyword in its statement, in small letters.
fn statement_before(chunk: &[u8], keyword: usize) -> Vec<u8> {
    let before = &chunk[keyword.saturating_sub(BEFORE_BYTES)..keyword];
    before[memchr::memrchr(b';', before).map_or(0, |at| at + 1)..].to_ascii_lowercase()
}

fn says(statement: &[u8], words: &[&str]) -> bool {
    words.iter().any(|word| memchr::memmem::find(statement, word.as_bytes()).is_some())
}

fn set_to(secret: Span) -> Read {
    let mut signs = Signs::default();
    signs.add(Sign::PlaceSql);
    Read { secret, normal: None, said: Said::Place { signs, password: None } }
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
            ("each row is identified by 'pw'", None),
            ("grant all on t.* to a identified by 'pw'", Some("pw")),
            ("IDENTIFIED BY :password", None),
            ("IDENTIFIED BY ''", None),
            ("CREATE ROLE a WITH LOGIN PASSWORD 'pw';", Some("pw")),
            ("alter user a with\n  encrypted password 'pw'", Some("pw")),
            ("CREATE USER a; UPDATE t SET password 'pw'", None),
            ("the password 'pw' of a user", None),
        ] {
            let folded = text.to_ascii_lowercase();
            let words = ["identified with", "identified by", "password '"];
            let word = words.into_iter().find(|word| folded.contains(word)).expect("each has the words");
            let at = folded.find(word).expect("each has the words");
            let read = super::read(text.as_bytes(), Span::new(at, at + word.len()));
            let found = read.map(|read| String::from_utf8_lossy(read.secret.of(text.as_bytes())).into_owned());
            assert_eq!(found.as_deref(), password, "{text}");
        }
    }
}
