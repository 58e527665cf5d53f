//! Who made a commit or a tag, after `.mailmap`.

use bstr::{BStr, ByteSlice as _};
use gix::ObjectId;
use gix::mailmap::Snapshot;
use gix::objs::{Kind, TagRef};
use jiff::Timestamp;

use crate::git::Repo;
use crate::verdict::{Commit, Tag, Tagger};

/// Names people as the repository's `.mailmap` says.
pub(crate) struct People(Snapshot);

impl People {
    pub(crate) fn of(repo: &Repo) -> Self {
        People(repo.inner().open_mailmap())
    }

    /// Returns the addresses under which a person committed, as `.mailmap` knows them.
    pub(crate) fn addresses(&self, email: &str) -> Vec<Vec<u8>> {
        let mut addresses = vec![email.as_bytes().to_vec()];
        let own = |new: Option<&BStr>| new.is_some_and(|new| new.eq_ignore_ascii_case(email.as_bytes()));
        addresses.extend(self.0.iter().filter(|entry| own(entry.new_email())).map(|entry| entry.old_email().to_vec()));
        addresses
    }

    /// Describes a commit; nothing when it cannot be read.
    pub(crate) fn commit(&self, repo: &Repo, id: ObjectId) -> Option<Commit> {
        let bytes = repo.commit(id).ok()?;
        let commit = gix::objs::CommitRef::from_bytes(&bytes, repo.inner().object_hash()).ok()?;
        let author = commit.author().ok()?;
        let resolved = self.0.resolve(author);
        let seconds = author.time().ok()?.seconds;
        let summary = commit.message().summary().to_string();
        Some(Commit {
            id,
            author: resolved.name.to_string(),
            email: resolved.email.to_string(),
            date: Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH),
            summary,
        })
    }

    /// Describes an annotated tag; nothing when it cannot be read.
    pub(crate) fn tag(&self, repo: &Repo, id: ObjectId) -> Option<Tag> {
        let (_, bytes) = repo.object(id).ok().filter(|(kind, _)| *kind == Kind::Tag)?;
        let tag = TagRef::from_bytes(&bytes, repo.inner().object_hash()).ok()?;
        let tagger = tag.tagger().ok().flatten().and_then(|who| {
            let resolved = self.0.resolve(who);
            let date = Timestamp::from_second(who.time().ok()?.seconds).unwrap_or(Timestamp::UNIX_EPOCH);
            Some(Tagger { name: resolved.name.to_string(), email: resolved.email.to_string(), date })
        });
        let summary = tag.message.lines().next().unwrap_or_default().as_bstr().to_string();
        Some(Tag { id, name: tag.name.to_string(), tagger, summary })
    }
}
