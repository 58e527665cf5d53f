//! Paths as code hosts want them: from the top of the repository, percent-encoded.

use bstr::ByteSlice as _;

use super::Page;
use crate::chunk::Origin;

/// Returns the path from the top of the repository as a relative URI.
pub(super) fn uri(origin: &Origin, page: &Page) -> String {
    match origin {
        Origin::Blob { id } => format!(".git/blob/{id}"),
        Origin::Commit { id } => format!(".git/commit/{id}"),
        Origin::Tag { id } => format!(".git/tag/{id}"),
        Origin::File { .. } | Origin::Staged { .. } | Origin::Committed { .. } => encode(&page.here.from_top(origin)),
    }
}

fn encode(path: &[u8]) -> String {
    let mut uri = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '_' | '~' | '/' | '@' | '+' | '=' | '(' | ')' | ',' => uri.push(c),
            other => {
                for byte in other.encode_utf8(&mut [0; 4]).bytes() {
                    uri.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;
    use crate::chunk::Origin;
    use crate::report::Page;

    #[test]
    fn a_uri_holds_only_what_a_uri_may() {
        let origin = Origin::Staged { path: "a b#1/é:%.txt".into() };
        assert_eq!(uri(&origin, &Page::default()), "a%20b%231/%C3%A9%3A%25.txt");
    }
}
