//! Who yields bytes: the index, a range of commits, files, and the whole history.

pub(crate) mod archive;
pub(crate) mod examined;
pub(crate) mod history;
pub(crate) mod range;
pub(crate) mod staged;
pub(crate) mod worktree;

use crate::chunk::Origin;
use crate::git::ObjectId;

/// New content, and what it takes the place of.
pub(crate) struct Revision {
    pub(crate) origin: Origin,
    /// The blob.
    pub(crate) id: ObjectId,
    /// What the path held before, one for each parent; a path that is new has what was deleted along with it, because
    /// a move brings no secret.
    pub(crate) replaced: Vec<Vec<ObjectId>>,
}
