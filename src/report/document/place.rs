//! A place of a credential as it is written down, and the commits and refs that it names.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Shared;
use crate::chunk::{Wide, within};
use crate::detector::Severity;
use crate::finding::{Confidence, Layer};
use crate::git::refs::Holder;
use crate::verdict::Disposition;

/// A place of a credential; a line of JSON Lines.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Place {
    /// As one would type it from the current folder; `commit ID`, `tag ID` or `blob ID` where there is no path.
    pub path: Shared,
    /// The path from the top of the repository, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_top: Option<Shared>,
    /// Where in the archive it is that the file is; lines and columns are those in the member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<Box<InArchive>>,
    /// Its first line, from 1, in the version of `commit`.
    pub line: usize,
    /// Its last line.
    pub end_line: usize,
    /// Its first column, from 1, in Unicode code points.
    pub column: usize,
    /// One past its last column.
    pub end_column: usize,
    /// The byte at which it starts in the version of `commit`, as that is stored, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// How many bytes it takes there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub byte_count: Option<usize>,
    /// How those bytes are encoded, where they are UTF-16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Wide>,
    /// What these bytes were read through, where they are not the secret itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
    /// What it was read from.
    pub origin: OriginKind,
    /// The commit that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Shared>,
    /// The name of the annotated tag it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<Shared>,
    /// The author of that commit, or who made the tag, after `.mailmap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Shared>,
    /// The author's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Shared>,
    /// When it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub date: Option<Timestamp>,
    /// The first line of its message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Shared>,
    /// Why there is no commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_because: Option<Shared>,
    /// The last commit that took it out of the path, on the way to HEAD where HEAD had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Box<Commit>>,
    /// Its first line in HEAD's version; absent when it is not in HEAD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_line: Option<usize>,
    /// Its last line there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_end_line: Option<usize>,
    /// Its first column there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_column: Option<usize>,
    /// One past its last column there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_end_column: Option<usize>,
    /// The commit that last changed the line it is on, where it is in HEAD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touched: Option<Box<Commit>>,
    /// When whoever brought it last committed, where that is long ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub author_silent_since: Option<Timestamp>,
    /// Who owns the file, by CODEOWNERS in HEAD.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Shared>,
    /// The repository, where several were audited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Shared>,
    /// The most public name that keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<Holder>,
    /// Branches, tags, stashes and notes whose history has it at this path, 50 at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refs: Vec<Ref>,
    /// How many such refs there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ref_count: Option<usize>,
    /// What recognised it; like the fields below, only where its credential does not say the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detector: Option<Shared>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Shared>,
    /// What it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// How sure we are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// The identity of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<Shared>,
    /// The mask, or all of it where the user asked for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Shared>,
    /// Why it is not reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppression: Option<Disposition>,
}

/// Where in an archive a place is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InArchive {
    /// The path of the member, in the version of `commit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<Shared>,
    /// The path of the member in HEAD's version, where it is in HEAD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_member: Option<Shared>,
}

/// What a place was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OriginKind {
    /// A file.
    File,
    /// The version of a file that is about to be committed.
    Staged,
    /// A version of a file in a commit.
    Committed,
    /// An object that no commit holds under a path.
    Blob,
    /// The message or the people of a commit.
    CommitMessage,
    /// The message of a tag.
    TagMessage,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Commit {
    /// Its id.
    pub id: Shared,
    /// The author's name after `.mailmap`.
    pub author: Shared,
    /// The author's address.
    pub email: Shared,
    /// When it was written.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub date: Timestamp,
    /// The first line of its message.
    pub summary: Shared,
}

/// A ref whose history has a secret at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ref {
    /// Its full name.
    pub name: Shared,
    /// Whether it is there now.
    pub present: bool,
    /// The last commit on the way there that took it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<Shared>,
}

impl Place {
    /// Returns a place of which nothing is known.
    pub(in crate::report) fn nowhere() -> Self {
        Place {
            path: "".into(),
            from_top: None,
            archive: None,
            line: 1,
            end_line: 1,
            column: 1,
            end_column: 1,
            offset: None,
            byte_count: None,
            encoding: None,
            layer: None,
            origin: OriginKind::File,
            commit: None,
            tag: None,
            author: None,
            email: None,
            date: None,
            summary: None,
            unknown_because: None,
            removed: None,
            head_line: None,
            head_end_line: None,
            head_column: None,
            head_end_column: None,
            touched: None,
            author_silent_since: None,
            owners: Vec::new(),
            repository: None,
            held_by: None,
            refs: Vec::new(),
            ref_count: None,
            detector: None,
            title: None,
            severity: None,
            confidence: None,
            fingerprint: None,
            secret: None,
            suppression: None,
        }
    }

    /// Returns whether it is in a file, and not in a message or a lost object.
    pub fn has_path(&self) -> bool {
        match self.origin {
            OriginKind::File | OriginKind::Staged | OriginKind::Committed => true,
            OriginKind::Blob | OriginKind::CommitMessage | OriginKind::TagMessage => false,
        }
    }

    /// Returns the path from the top of the repository, or what stands for one.
    pub fn top_path(&self) -> &str {
        self.from_top.as_deref().unwrap_or(&self.path)
    }

    /// Returns what brought it, as one calls that: the first digits of a commit, or the name of a tag.
    pub(in crate::report) fn bringer(&self) -> Option<String> {
        let commit = self.commit.as_ref().map(|id| format!("commit {}", id.chars().take(10).collect::<String>()));
        commit.or_else(|| self.tag.as_ref().map(|name| format!("tag {name}")))
    }

    /// Returns the path of an object that has none, in the folder where git keeps its own.
    pub fn object_path(&self) -> String {
        format!(".git/{}", self.path.replacen(' ', "/", 1))
    }

    /// Returns where it is in the version that code hosts show: first line and column, last line and column.
    ///
    /// Of an archive they show no lines: there it is the first.
    pub fn region(&self) -> [usize; 4] {
        if self.shown_member().is_some() { [1; 4] } else { self.shown_region() }
    }

    /// Returns the member of an archive in which it is shown.
    pub(in crate::report) fn shown_member(&self) -> Option<&Shared> {
        let archive = self.archive.as_ref()?;
        if self.head_line.is_some() { archive.head_member.as_ref() } else { archive.member.as_ref() }
    }

    /// Returns the member of an archive in the version of `commit`.
    pub(in crate::report) fn member(&self) -> Option<&Shared> {
        self.archive.as_ref()?.member.as_ref()
    }

    /// Returns its path in the version of `commit`, as people are shown it.
    pub(in crate::report) fn name(&self) -> String {
        self.named(&self.path)
    }

    /// Returns a path of it, with the member of the archive in the version of `commit`.
    pub(in crate::report) fn named(&self, path: &str) -> String {
        self.member().map_or(path.to_owned(), |member| within(path, member))
    }

    /// Returns a path of it as people are shown it: with the member of an archive.
    pub(in crate::report) fn shown(&self, path: &str) -> String {
        self.shown_member().map_or(path.to_owned(), |member| within(path, member))
    }

    /// Returns where it is in the text that is shown, be it that of a member: first line and column, last line and column.
    pub(in crate::report) fn shown_region(&self) -> [usize; 4] {
        match (self.head_line, self.head_column, self.head_end_line, self.head_end_column) {
            (Some(line), Some(column), Some(end_line), Some(end_column)) => [line, column, end_line, end_column],
            (Some(line), ..) => [line, 1, line, 1],
            (None, ..) => [self.line, self.column, self.end_line, self.end_column],
        }
    }

    /// Returns whether a code host that shows HEAD, or the files that were scanned, shows this place.
    pub fn is_shown(&self) -> bool {
        match self.origin {
            OriginKind::File | OriginKind::Staged => true,
            OriginKind::Committed => self.head_line.is_some(),
            OriginKind::Blob | OriginKind::CommitMessage | OriginKind::TagMessage => false,
        }
    }
}
