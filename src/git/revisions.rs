//! Ranges of commits: what a push or a pull request brings.

use bstr::BStr;
use gix::ObjectId;
use gix::objs::{CommitRefIter, Kind};
use gix::revision::plumbing::Spec;

use super::refs::{self, Holder};
use super::repo::{Error, MAX_TAGS, Repo};
use super::walk;
use crate::watch::Watch;

/// A commit of a range.
#[derive(Debug, Clone)]
pub(crate) struct Ranged {
    pub(crate) id: ObjectId,
    pub(crate) tree: ObjectId,
    pub(crate) parents: Vec<Parent>,
    /// The raw commit.
    pub(crate) bytes: Vec<u8>,
    /// Whether the clone ends here, so that its parents are not there to compare with.
    pub(crate) is_shallow_end: bool,
}

/// A parent and its tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parent {
    pub(crate) tree: ObjectId,
}

/// Which commits to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// `A..B` or `A...B`: what B has and A has not; `A^!`: that commit alone.
    Between(String),
    /// What a revision has and no remote-tracking branch.
    Unpushed(String),
    /// What a push brings.
    Pushed(Push),
}

/// What a push brings: all that its objects lead to and what is there already does not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Push {
    /// The objects that refs shall name: commits, tags, or anything else.
    pub ends: Vec<ObjectId>,
    /// What the other side has; what is not in this repository is passed over.
    pub known: Vec<ObjectId>,
    /// What that is, in words.
    pub title: String,
}

/// What a range consists of.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    /// Its commits, the newest first.
    pub(crate) commits: Vec<ObjectId>,
    /// Annotated tags that are no part of any commit, and their bytes.
    pub(crate) tags: Vec<(ObjectId, Vec<u8>)>,
    /// Trees and blobs that are pushed by themselves.
    pub(crate) loose: Vec<(ObjectId, Kind)>,
}

/// Finds out what a range consists of; ends early when the watch says so.
///
/// # Errors
/// When a revision is not there, or history is missing: a range that cannot be resolved is never empty.
pub(crate) fn contents(repo: &Repo, range: &Range, watch: &Watch) -> Result<Contents, Error> {
    let mut contents = Contents::default();
    let (ends, known) = match range {
        Range::Between(spec) => between(repo, spec)?,
        Range::Unpushed(spec) => unpushed(repo, spec)?,
        Range::Pushed(push) => (pushed(repo, push, &mut contents)?, known_commits(repo, &push.known)),
    };
    contents.commits = walk::fresh(repo, &ends, &known, &|| watch.is_stopped())?.commits;
    Ok(contents)
}

/// Reads a commit of a range with the trees of its parents.
///
/// # Errors
/// When the commit or a parent is missing.
pub(crate) fn ranged(repo: &Repo, id: ObjectId, shallow: &[ObjectId]) -> Result<Ranged, Error> {
    let bytes = repo.commit(id)?;
    let commit = || CommitRefIter::from_bytes(&bytes, repo.inner().object_hash());
    let tree = commit().tree_id().map_err(|cause| Error::Object { id, cause: cause.into() })?;
    let is_shallow_end = shallow.contains(&id);
    let mut parents = Vec::new();
    if !is_shallow_end {
        for parent in commit().parent_ids() {
            parents.push(Parent { tree: repo.tree_of(parent)? });
        }
    }
    Ok(Ranged { id, tree, parents, bytes, is_shallow_end })
}

fn between(repo: &Repo, spec: &str) -> Result<(Vec<ObjectId>, Vec<ObjectId>), Error> {
    let wrong = |cause: Box<dyn std::error::Error + Send + Sync>| Error::Revision { spec: spec.to_owned(), cause };
    let no_range = |what| Error::NoRange { spec: spec.to_owned(), what };
    let base = spec.split_once("..").map_or(spec, |(base, _)| base);
    // Git would take HEAD for it, and HEAD brings nothing to HEAD.
    if base.trim().is_empty() {
        return Err(no_range("nothing stands before the dots"));
    }
    if base == spec && !spec.contains('^') {
        return Err(no_range("it is a single revision"));
    }
    let parsed = repo.inner().rev_parse(BStr::new(spec)).map_err(|cause| wrong(cause.into()))?;
    let peeled = |id| repo.commit_of(id).map_err(|cause| wrong(cause.into()));
    match parsed.detach() {
        Spec::Range { from, to } => Ok((vec![peeled(to)?], vec![peeled(from)?])),
        Spec::Merge { theirs, ours } => Ok((vec![peeled(ours)?], vec![peeled(theirs)?])),
        // The commit alone, `REV^!`.
        Spec::ExcludeParents(id) => {
            let id = peeled(id)?;
            let bytes = repo.commit(id)?;
            let parents = CommitRefIter::from_bytes(&bytes, repo.inner().object_hash()).parent_ids().collect();
            Ok((vec![id], parents))
        }
        Spec::Include(_) | Spec::Exclude(_) | Spec::IncludeOnlyParents(_) => Err(no_range("it is a single revision")),
    }
}

fn unpushed(repo: &Repo, spec: &str) -> Result<(Vec<ObjectId>, Vec<ObjectId>), Error> {
    Ok((vec![repo.commit_of(repo.object_named(spec)?)?], on_remotes(repo)?))
}

/// Returns the commits that remote-tracking branches name.
///
/// # Errors
/// When the refs cannot be read.
pub fn on_remotes(repo: &Repo) -> Result<Vec<ObjectId>, Error> {
    let remotes = refs::named(repo)?.into_iter().filter(|tip| tip.holder == Holder::Remote);
    Ok(known_commits(repo, &remotes.map(|tip| tip.id).collect::<Vec<_>>()))
}

/// Follows tags of known ends to their commits; what is not there, or is no commit, excludes nothing.
fn known_commits(repo: &Repo, known: &[ObjectId]) -> Vec<ObjectId> {
    let mut commits: Vec<ObjectId> = known.iter().filter_map(|&id| repo.commit_of(id).ok()).collect();
    commits.sort();
    commits.dedup();
    commits
}

/// Follows what is pushed to its commits, and notes the tags on the way and what is no commit.
fn pushed(repo: &Repo, push: &Push, contents: &mut Contents) -> Result<Vec<ObjectId>, Error> {
    let mut commits = Vec::new();
    for &end in push.ends.iter().filter(|end| !push.known.contains(end)) {
        let mut id = end;
        for depth in 0.. {
            if depth == MAX_TAGS {
                return Err(Error::Object { id: end, cause: "tags name tags without end".into() });
            }
            match repo.object(id)? {
                (Kind::Tag, bytes) => {
                    let target = repo.target_of(id, &bytes)?;
                    contents.tags.push((id, bytes));
                    id = target;
                }
                (Kind::Commit, _) => {
                    commits.push(id);
                    break;
                }
                (kind @ (Kind::Tree | Kind::Blob), _) => {
                    contents.loose.push((id, kind));
                    break;
                }
            }
        }
    }
    contents.tags.sort();
    contents.tags.dedup();
    contents.loose.sort();
    contents.loose.dedup();
    Ok(commits)
}
