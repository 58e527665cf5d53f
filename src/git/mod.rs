//! The one door to git: repositories are opened and read here and nowhere else, and nothing in them is executed.

mod beside;
pub(crate) mod buckets;
pub(crate) mod changes;
#[cfg(fuzzing)]
pub mod fuzz;
pub(crate) mod graph;
pub mod hooks;
pub mod pack;
pub mod refs;
mod repo;
pub mod revisions;
pub(crate) mod trees;
pub(crate) mod walk;

pub use gix::ObjectId;
pub(crate) use repo::MAX_TAGS;
pub use repo::{Error, Read, Repo};

/// The largest object that is read: a base and its child are in memory at once, on each thread.
///
/// 512 MiB: twice the largest file that code hosts accept, and a size that two threads can hold on a laptop.
pub const MAX_OBJECT_BYTES: u64 = 512 << 20;
