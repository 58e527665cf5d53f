//! Ranges of commits: what a push or a pull request brings.

use bstr::BStr;
use gix::ObjectId;
use gix::revision::plumbing::Spec;

use super::refs::{self, Holder};
use super::repo::{Error, Repo};

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
    /// `A..B` or `A...B`: what B has and A has not.
    Between(String),
    /// What a revision has and no remote-tracking branch.
    Unpushed(String),
}

/// Returns the commits of a range, newest first.
///
/// # Errors
/// When a revision is not there, or history is missing: a range that cannot be resolved is never empty.
pub(crate) fn commits(repo: &Repo, range: &Range) -> Result<Vec<Ranged>, Error> {
    let (tip, hidden) = ends(repo, range)?;
    let shallow = repo.shallow_commits()?;
    let walk = repo.inner().rev_walk([tip]).with_hidden(hidden).all().map_err(|cause| Error::Object { id: tip, cause: cause.into() })?;
    let mut commits = Vec::new();
    for info in walk {
        let info = info.map_err(|cause| Error::Object { id: tip, cause: cause.into() })?;
        commits.push(ranged(repo, info.id, &shallow)?);
    }
    Ok(commits)
}

fn ranged(repo: &Repo, id: ObjectId, shallow: &[ObjectId]) -> Result<Ranged, Error> {
    let fail = |id: ObjectId| move |cause: String| Error::Object { id, cause: cause.into() };
    let commit = repo.inner().find_commit(id).map_err(|cause| fail(id)(cause.to_string()))?;
    let tree = commit.tree_id().map_err(|cause| fail(id)(cause.to_string()))?.detach();
    let is_shallow_end = shallow.contains(&id);
    let mut parents = Vec::new();
    if !is_shallow_end {
        for parent in commit.parent_ids() {
            let parent_commit = repo.inner().find_commit(parent.detach()).map_err(|cause| fail(parent.detach())(cause.to_string()))?;
            let tree = parent_commit.tree_id().map_err(|cause| fail(parent.detach())(cause.to_string()))?.detach();
            parents.push(Parent { tree });
        }
    }
    Ok(Ranged { id, tree, parents, bytes: commit.data.clone(), is_shallow_end })
}

fn ends(repo: &Repo, range: &Range) -> Result<(ObjectId, Vec<ObjectId>), Error> {
    match range {
        Range::Between(spec) => {
            let wrong = |cause: Box<dyn std::error::Error + Send + Sync>| Error::Revision { spec: spec.clone(), cause };
            let parsed = repo.inner().rev_parse(BStr::new(spec)).map_err(|cause| wrong(cause.into()))?;
            let peeled = |id| repo.commit_of(id).map_err(|cause| wrong(cause.into()));
            match parsed.detach() {
                Spec::Range { from, to } => Ok((peeled(to)?, vec![peeled(from)?])),
                Spec::Merge { theirs, ours } => Ok((peeled(ours)?, vec![peeled(theirs)?])),
                Spec::Include(_) | Spec::Exclude(_) | Spec::IncludeOnlyParents(_) | Spec::ExcludeParents(_) => {
                    Err(wrong("a single revision is no range; write BASE..HEAD".into()))
                }
            }
        }
        Range::Unpushed(spec) => {
            let found = repo.inner().rev_parse_single(BStr::new(spec));
            let id = found.map_err(|cause| Error::Revision { spec: spec.clone(), cause: cause.into() })?.detach();
            let remotes = refs::tips(repo)?.into_iter().filter(|tip| tip.holder == Holder::Remote);
            let hidden = remotes.map(|tip| repo.commit_of(tip.id)).collect::<Result<_, _>>()?;
            Ok((repo.commit_of(id)?, hidden))
        }
    }
}
