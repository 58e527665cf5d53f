//! Paths as they are written for people in a folder, and for hosts at the top of a repository.

use bstr::{BStr, BString, ByteSlice as _};

use super::Page;
use crate::chunk::Origin;

/// Returns the path as the user would type it from the current folder.
pub(super) fn from_here(origin: &Origin, page: &Page) -> BString {
    let label = origin.label();
    if origin.path().is_none() || !page.is_from_top || page.prefix.is_empty() {
        return label;
    }
    let here: Vec<&[u8]> = page.prefix.split_str("/").filter(|part| !part.is_empty()).collect();
    let there: Vec<&[u8]> = label.split_str("/").collect();
    let common = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n(&b".."[..], here.len() - common);
    BString::from(bstr::join("/", up.chain(there[common..].iter().copied())))
}

/// Returns the path from the top of the repository, percent-encoded for a URI.
pub(super) fn uri(origin: &Origin, page: &Page) -> String {
    let path = match origin {
        Origin::Blob { id } => return format!(".git/blob/{id}"),
        Origin::Commit { id } => return format!(".git/commit/{id}"),
        Origin::Tag { id } => return format!(".git/tag/{id}"),
        Origin::File { path } | Origin::Staged { path } | Origin::Committed { path, .. } => path,
    };
    let is_absolute = path.starts_with(b"/");
    let joined = if page.is_from_top || is_absolute { path.clone() } else { BString::from([page.prefix.as_bytes(), path.as_bytes()].concat()) };
    encode(BStr::new(&resolve(&joined)))
}

/// Resolves `.` and `..` where that stays inside.
fn resolve(path: &BString) -> BString {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split_str("/") {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            b".." => {}
            other => parts.push(other),
        }
    }
    BString::from(bstr::join("/", parts))
}

fn encode(path: &BStr) -> String {
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
    use super::{from_here, uri};
    use crate::chunk::Origin;
    use crate::report::Page;

    #[test]
    fn paths_are_written_from_here_and_uris_from_the_top() {
        let staged = |path: &str| Origin::Staged { path: path.into() };
        let page = Page { prefix: "src/a/".into(), is_from_top: true, ..Page::default() };
        for (path, here) in [("src/a/x", "x"), ("src/b/x", "../b/x"), ("y", "../../y")] {
            assert_eq!(from_here(&staged(path), &page), here);
        }
        assert_eq!(uri(&staged("a b#1/é:%.txt"), &page), "a%20b%231/%C3%A9%3A%25.txt");
        let typed = Page { prefix: "src/".into(), ..Page::default() };
        assert_eq!(uri(&Origin::File { path: "../x/./y".into() }, &typed), "x/y");
    }
}
