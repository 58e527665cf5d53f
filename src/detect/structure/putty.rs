//! PuTTY private key files.

use super::{Read, Said};
use crate::finding::Evidence;
use crate::span::Span;

/// More lines than any key has: an RSA key of 16,384 bits takes 110.
const MAX_LINES: usize = 400;

/// Reads the `Private-Lines` of the file that begins at the keyword `PuTTY-User-Key-File-`.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    let rest = &chunk[keyword.start..chunk.len().min(keyword.start + 32 * 1024)];
    let mark = b"Private-Lines: ";
    let at = memchr::memmem::find(rest, mark)?;
    let is_encrypted = memchr::memmem::find(&rest[..at], b"Encryption: none").is_none();
    let after = &rest[at + mark.len()..];
    let digits = after.iter().take_while(|b| b.is_ascii_digit()).count();
    let count: usize = std::str::from_utf8(&after[..digits]).ok()?.parse().ok()?;
    if count == 0 || count > MAX_LINES {
        return None;
    }
    let first = memchr::memchr(b'\n', after)? + 1;
    let body: Vec<&[u8]> = after[first..].split(|&b| b == b'\n').take(count).collect();
    let lines: usize = body.iter().map(|line| line.len() + 1).sum();
    let is_crlf = body.last().is_some_and(|line| line.ends_with(b"\r"));
    let len = (lines - 1 - usize::from(is_crlf)).min(after.len() - first);
    let normal: Vec<u8> = body.concat().into_iter().filter(|b| !b.is_ascii_whitespace()).collect();
    let is_base64 = normal.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    if normal.len() < 40 || !is_base64 {
        return None;
    }
    let mut evidence = Evidence::default();
    evidence.add("PuTTY private key", 4.0);
    if is_encrypted {
        evidence.add("encrypted with a passphrase", -3.2);
    }
    let start = keyword.start + at + mark.len() + first;
    Some(Read { secret: Span::new(start, start + len), normal: Some(normal.into()), said: Said::Proof(evidence) })
}

#[cfg(test)]
mod tests {
    use crate::span::Span;

    #[test]
    fn reads_as_many_lines_as_the_file_says() {
        let line = "A1b2".repeat(16);
        let text = format!("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 2\n{line}\n{line}\nPrivate-MAC: 00\n");
        let read = super::read(text.as_bytes(), Span::new(0, 20)).expect("a key");
        assert_eq!(read.normal.as_ref().map(|normal| normal.len()), Some(128));
        assert!(read.probability() > 0.9);
        let none = super::read(b"PuTTY-User-Key-File-3: x\nPrivate-Lines: 0\n", Span::new(0, 20));
        assert!(none.is_none());
    }
}
