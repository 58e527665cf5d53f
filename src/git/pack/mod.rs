//! The object database as it lies on disk: packs, loose objects, and those of alternates.
//!
//! Everything else reads single objects by name; this reads all of them, in the order that is cheapest.

mod delta;
mod forest;
mod names;
mod walk;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use gix::ObjectId;
use gix::objs::Kind;
use gix::odb::pack::{data, index};
use rayon::prelude::{IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _};

pub use delta::Run;
use forest::Forest;
use names::Names;
pub use walk::{Derived, Object, Visitor};
use walk::{Fetched, Place, Walk, corrupt};

use super::repo::{Error, Repo};
use crate::coverage::{Skip, Why};
use crate::watch::Watch;

/// The number of an object in a store: an eighth of the memory of its name, which it finds.
pub type ObjectNumber = u32;

/// One pack and its index, mapped.
pub(crate) struct Pack {
    data: data::File,
    index: index::File,
}

/// Every place that holds objects of a repository.
#[derive(Default)]
pub struct Store {
    packs: Vec<Pack>,
    /// By pack: which of its objects is a delta of which.
    forests: Vec<Forest>,
    loose: Vec<(ObjectId, u64)>,
    names: Names,
    /// Packs and files that are there and cannot be read.
    pub skips: Vec<Skip>,
}

/// Chains of alternates longer than this are a mistake; git follows five.
const MAX_ALTERNATES: usize = 64;

/// Applies a delta, for the fuzz targets.
#[cfg(fuzzing)]
pub(super) fn apply(base: &[u8], delta: &[u8]) -> Option<(Vec<u8>, Vec<Run>)> {
    let (mut result, mut runs) = (Vec::new(), Vec::new());
    delta::apply(base, delta, &mut result, &mut runs).ok().map(|()| (result, runs))
}

impl Store {
    /// Returns a store that has these names and nothing behind them, for the fuzz targets.
    #[cfg(fuzzing)]
    pub(super) fn of_names(mut ids: Vec<ObjectId>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        let loose: Vec<(ObjectId, u64)> = ids.into_iter().map(|id| (id, 0)).collect();
        Store { names: Names::new(&[], &loose), loose, ..Store::default() }
    }

    /// Opens all packs and lists all loose objects, those of alternates included.
    ///
    /// # Errors
    /// When a folder of the object database cannot be listed.
    pub fn open(repo: &Repo) -> Result<Self, Error> {
        let hash = repo.inner().object_hash();
        let mut store = Store::default();
        let mut folders = vec![repo.inner().objects.store_ref().path().to_owned()];
        match repo.inner().objects.store_ref().alternate_db_paths() {
            Ok(alternates) => folders.extend(alternates.into_iter().take(MAX_ALTERNATES)),
            Err(cause) => store.skips.push(Skip { what: "objects/info/alternates".into(), why: corrupt(cause) }),
        }
        folders.dedup();
        for folder in &folders {
            store.list_packs(&folder.join("pack"), hash)?;
            store.list_loose(folder, hash)?;
        }
        store.loose.sort_unstable();
        store.loose.dedup_by_key(|loose| loose.0);
        let forests = || store.packs.iter().map(Forest::new).collect();
        (store.forests, store.names) = rayon::join(forests, || Names::new(&store.packs, &store.loose));
        Ok(store)
    }

    fn list_packs(&mut self, folder: &Path, hash: gix::hash::Kind) -> Result<(), Error> {
        let mut names = list(folder)?;
        names.sort();
        for path in names.iter().filter(|path| path.extension() == Some(OsStr::new("pack"))) {
            let opened = index::File::at(path.with_extension("idx"), hash).and_then(|index| {
                let data = data::File::at(path, hash)?;
                Ok(Pack { data, index })
            });
            match opened {
                Ok(pack) if pack.data.num_objects() == pack.index.num_objects() => self.packs.push(pack),
                Ok(_) => self.skip(path, corrupt("pack and index do not hold the same number of objects")),
                Err(cause) => self.skip(path, corrupt(cause)),
            }
        }
        Ok(())
    }

    fn skip(&mut self, path: &Path, why: Why) {
        let name = path.file_name().unwrap_or(path.as_os_str());
        self.skips.push(Skip { what: name.to_string_lossy().into_owned(), why });
    }

    fn list_loose(&mut self, folder: &Path, hash: gix::hash::Kind) -> Result<(), Error> {
        for dir in list(folder)? {
            let head = dir.file_name().and_then(OsStr::to_str).unwrap_or_default().to_owned();
            if head.len() != 2 || !head.bytes().all(|b| b.is_ascii_hexdigit()) {
                continue;
            }
            for file in list(&dir)? {
                let tail = file.file_name().and_then(OsStr::to_str).unwrap_or_default();
                if tail.len() + 2 != hash.len_in_hex() {
                    continue;
                }
                if let Ok(id) = ObjectId::from_hex(format!("{head}{tail}").as_bytes()) {
                    let bytes = fs::metadata(&file).map(|meta| meta.len()).unwrap_or(0);
                    self.loose.push((id, bytes));
                }
            }
        }
        Ok(())
    }

    /// Returns the number of objects, repeated ones included.
    pub fn objects(&self) -> u64 {
        let packed: u64 = self.packs.iter().map(|pack| u64::from(pack.index.num_objects())).sum();
        packed + self.loose.len() as u64
    }

    /// Returns whether the store holds an object.
    pub fn holds(&self, id: &gix::oid) -> bool {
        // Whoever writes a tree or a ref may write down any name.
        self.number(id).is_some_and(|number| self.names.id(number, &self.packs, &self.loose) == id)
    }

    /// Returns the number of an object, if it is in the store.
    pub fn number(&self, id: &gix::oid) -> Option<ObjectNumber> {
        self.names.find(id, &self.packs, &self.loose)
    }

    /// Returns the name of an object.
    pub fn id(&self, number: ObjectNumber) -> &gix::oid {
        self.names.id(number, &self.packs, &self.loose)
    }

    /// Returns how many bytes a walk over everything reads.
    pub fn bytes(&self) -> u64 {
        let packed: u64 = self.packs.iter().map(|pack| pack.data.pack_end() as u64).sum();
        packed + self.loose.iter().map(|loose| loose.1).sum::<u64>()
    }

    /// Shows every object of the wanted kinds to the visitor, on the threads of the current pool.
    pub fn walk<V: Visitor>(&self, repo: &Repo, visitor: &V, watch: &Watch) {
        let handle = Mutex::new(repo.inner().clone().into_sync());
        let fetch = |id: &gix::oid| {
            let local = handle.lock().ok()?.to_thread_local();
            let number = self.number(id)?;
            let object = local.try_find_object(id).ok().flatten()?;
            Some(Fetched { number, kind: object.kind, bytes: object.detach().data })
        };
        for (number, (pack, forest)) in self.packs.iter().zip(&self.forests).enumerate() {
            let is_repeat = |id: &gix::oid| self.packs[..number].iter().any(|other| other.index.lookup(id).is_some());
            let place = Place { pack, forest, first: self.names.first(number) };
            Walk::new(place, visitor, watch, &is_repeat, &fetch).run();
            for &node in &forest.lost {
                visitor.skip(forest.id(node, pack), corrupt("it or its delta bases cannot be read, or form a circle"));
            }
        }
        self.walk_loose(repo, visitor, watch);
    }

    fn walk_loose<V: Visitor>(&self, repo: &Repo, visitor: &V, watch: &Watch) {
        let shared = repo.inner().clone().into_sync();
        let first = self.names.first(self.packs.len());
        self.loose.par_iter().enumerate().for_each_init(
            || shared.to_thread_local(),
            |local, (at, (id, bytes))| {
                let is_packed = self.packs.iter().any(|pack| pack.index.lookup(id).is_some());
                if watch.is_stopped() || is_packed || (visitor.knows_any() && visitor.knows(id)) {
                    return;
                }
                match loose(local, *id) {
                    Ok((kind, content)) => {
                        if visitor.wants(kind) {
                            watch.advance(*bytes);
                            let number = first + ObjectNumber::try_from(at).unwrap_or(ObjectNumber::MAX - first);
                            visitor.visit(Object { id, number, kind, bytes: &content, is_repeat: false, is_base: false }, None);
                        }
                    }
                    Err(why) => visitor.skip(id, why),
                }
            },
        );
    }
}

fn loose(repo: &gix::Repository, id: ObjectId) -> Result<(Kind, Vec<u8>), Why> {
    let header = repo.find_header(id).map_err(corrupt)?;
    if header.size() > super::MAX_OBJECT_BYTES {
        return Err(Why::TooLarge { bytes: header.size(), limit_bytes: super::MAX_OBJECT_BYTES });
    }
    let object = repo.find_object(id).map_err(corrupt)?;
    Ok((object.kind, object.detach().data))
}

/// Lists a folder; one that does not exist is empty.
fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let fail = |cause| Error::Folder { path: folder.to_owned(), cause };
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path()).map_err(fail)).collect(),
        Err(cause) if matches!(cause.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => Ok(Vec::new()),
        Err(cause) => Err(fail(cause)),
    }
}
