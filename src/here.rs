//! Where the user stands in a repository: paths are typed from here, and mean something from the top.

use bstr::{BString, ByteSlice as _};

use crate::chunk::{Origin, within};
use crate::verdict::Verdict;

/// The top of a repository and the current folder in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Here {
    /// The top as an absolute path; empty outside of a repository.
    pub top: BString,
    /// The current folder as seen from the top, such as `src/`; empty at the top or outside.
    pub prefix: BString,
}

impl Here {
    /// Returns the path of an origin from the top of the repository, without `.` and `..`.
    pub fn from_top(&self, origin: &Origin) -> BString {
        let Origin::File { path } = origin else { return origin.label() };
        if path.starts_with(b"/") {
            let below = path.strip_prefix(self.top.as_bytes()).filter(|_| !self.top.is_empty());
            return resolve(below.map_or(path.as_bytes(), |below| below));
        }
        resolve(&[self.prefix.as_bytes(), path.as_bytes()].concat())
    }

    /// Returns the path of an origin as the user would type it in the current folder.
    pub fn from_here(&self, origin: &Origin) -> BString {
        let label = origin.label();
        let is_from_top = matches!(origin, Origin::Staged { .. } | Origin::Committed { .. });
        if !is_from_top || self.prefix.is_empty() {
            return label;
        }
        let here: Vec<&[u8]> = self.prefix.split_str("/").filter(|part| !part.is_empty()).collect();
        let there: Vec<&[u8]> = label.split_str("/").collect();
        let common = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
        let up = std::iter::repeat_n(&b".."[..], here.len() - common);
        BString::from(bstr::join("/", up.chain(there[common..].iter().copied())))
    }
}

impl Here {
    /// Returns how the place of a finding is shown to whoever stands here: with the member of an archive.
    pub fn shown(&self, verdict: &Verdict) -> String {
        let path = self.from_here(&verdict.finding.origin).to_string();
        verdict.shown_member().map_or(path.clone(), |member| within(&path, member))
    }
}

/// Resolves `.` and `..` where that stays inside.
fn resolve(path: &[u8]) -> BString {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split_str("/") {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    BString::from(bstr::join("/", parts))
}

#[cfg(test)]
mod tests {
    use super::Here;
    use crate::chunk::Origin;

    #[test]
    fn paths_are_written_from_here_and_meant_from_the_top() {
        let here = Here { top: "/srv/repo".into(), prefix: "src/a/".into() };
        let staged = |path: &str| Origin::Staged { path: path.into() };
        for (path, typed) in [("src/a/x", "x"), ("src/b/x", "../b/x"), ("y", "../../y")] {
            assert_eq!(here.from_here(&staged(path)), typed);
            assert_eq!(here.from_top(&staged(path)), path);
        }
        let file = |path: &str| Origin::File { path: path.into() };
        for (path, top) in [("x", "src/a/x"), ("../x/./y", "src/x/y"), ("/srv/repo/z", "z"), ("/etc/z", "etc/z")] {
            assert_eq!(here.from_top(&file(path)), top);
            assert_eq!(here.from_here(&file(path)), path);
        }
    }
}
