//! `Server=…;Password=…;`: the semicolon lists of ADO, JDBC, ODBC and the cloud services.

use super::{Read, Said};
use crate::detect::judge::sign::{Sign, Signs};
use crate::span::Span;

/// How far on either side the list is looked at.
const AROUND_BYTES: usize = 400;
/// How far back a name may stretch the list.
const BEFORE_BYTES: usize = 64;

/// Names of which one must be in the same list: a lone `password=` is an assignment.
const COMPANIONS: [&str; 14] = [
    "server=",
    "data source=",
    "host=",
    "database=",
    "initial catalog=",
    "user id=",
    "uid=",
    "user=",
    "username=",
    "endpoint=",
    "accountname=",
    "accountendpoint=",
    "sharedaccesskeyname=",
    "hostname=",
];

/// Reads the value behind a keyword such as `password=`, when the list names a server or a user as well.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    let start = keyword.end;
    let rest = &chunk[start..chunk.len().min(start + AROUND_BYTES)];
    let is_end = |b: u8| matches!(b, b';' | b'"' | b'\'' | b'`' | b'\n' | b'\r' | b'<' | b'\\' | 0);
    let value = &rest[..rest.iter().position(|&b| is_end(b)).unwrap_or(rest.len())];
    let value = value.trim_ascii_end();
    if value.is_empty() {
        return None;
    }
    let before = &chunk[keyword.start.saturating_sub(BEFORE_BYTES)..keyword.start];
    let line_start = memchr::memrchr2(b'\n', b'"', before).map_or(0, |at| at + 1);
    let after = &rest[value.len()..];
    let line_end = memchr::memchr2(b'\n', b'"', after).unwrap_or(after.len());
    let has_list = before[line_start..].contains(&b';') || after[..line_end].starts_with(b";");
    if !has_list {
        return None;
    }
    let around = [&before[line_start..], &after[..line_end]].map(<[u8]>::to_ascii_lowercase);
    let has_companion = COMPANIONS.iter().any(|name| around.iter().any(|side| memchr::memmem::find(side, name.as_bytes()).is_some()));
    if !has_companion {
        return None;
    }
    let mut signs = Signs::default();
    signs.add(Sign::PlaceConnection);
    let is_local = around.iter().any(|side| memchr::memmem::find(side, b"localhost").is_some());
    signs.add_if(is_local, Sign::HostLocal);
    Some(Read { secret: Span::new(start, start + value.len()), normal: None, said: Said::Place { signs, password: None } })
}

#[cfg(test)]
mod tests {
    use crate::span::Span;

    #[test]
    fn reads_a_password_only_beside_a_server_or_a_user() {
        for (text, password) in [
            ("Server=db;Database=x;User Id=sa;Password=abc;Encrypt=yes", Some("abc")),
            ("\"Password=abc;Server=db\"", Some("abc")),
            ("password=abc", None),
            ("password=abc;color=red", None),
            ("Server=db\nPassword=abc;", None),
        ] {
            let at = text.to_ascii_lowercase().find("password=").expect("each has the mark");
            let read = super::read(text.as_bytes(), Span::new(at, at + 9));
            let found = read.map(|read| String::from_utf8_lossy(read.secret.of(text.as_bytes())).into_owned());
            assert_eq!(found.as_deref(), password, "{text}");
        }
    }
}
