//! Object folders that git's variables name beside the repository's own: above all the quarantine of a push.
//!
//! While a server asks `pre-receive`, what was pushed lies in a folder of its own, and `GIT_OBJECT_DIRECTORY` names it;
//! what the repository has had before is then only an alternate. Whoever looks in one of them alone misses the push.

use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::{Find as _, FindHeader as _, Kind};

/// Folders that are asked before the repository itself.
#[derive(Default)]
pub(super) struct Beside {
    stores: Vec<gix::odb::Handle>,
}

impl Beside {
    /// Opens the folders that the variables name, but for the repository's own.
    pub(super) fn of_environment(inner: &gix::Repository) -> Self {
        let own = inner.objects.store_ref().path();
        let mut folders: Vec<PathBuf> = std::env::var_os("GIT_OBJECT_DIRECTORY").map(PathBuf::from).into_iter().collect();
        if let Some(others) = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
            folders.extend(std::env::split_paths(&others));
        }
        let is_other = |folder: &PathBuf| !folder.as_os_str().is_empty() && !is_same(folder, own);
        let opened = folders.into_iter().filter(is_other).filter_map(|folder| gix::odb::at(folder, inner.object_hash()).ok());
        let mut stores: Vec<gix::odb::Handle> = opened.collect();
        // Most objects are elsewhere: their absence here is no reason to list the folder again.
        stores.iter_mut().for_each(|store| store.refresh_never());
        Beside { stores }
    }

    /// Returns the size of an object.
    pub(super) fn size(&self, id: ObjectId) -> Option<u64> {
        self.stores.iter().find_map(|store| store.try_header(&id).ok().flatten()).map(|header| header.size)
    }

    /// Reads an object.
    pub(super) fn object(&self, id: ObjectId) -> Option<(Kind, Vec<u8>)> {
        let mut bytes = Vec::new();
        for store in &self.stores {
            if let Ok(Some(kind)) = store.try_find(&id, &mut bytes).map(|found| found.map(|object| object.kind)) {
                return Some((kind, bytes));
            }
        }
        None
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}
