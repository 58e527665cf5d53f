//! What the fuzz targets of `fuzz/` call; not part of a usual build.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gix::objs::Kind;
use gix::{ObjectId, oid};

use super::pack::{self, Derived, Object, Run, Store, Visitor};
use super::repo::Repo;
use super::trees;
use crate::coverage::Why;
use crate::watch::Watch;

/// Applies the second half of the data to the first.
///
/// # Panics
/// When a rule is broken.
pub fn delta(data: &[u8]) {
    let Some((&split, data)) = data.split_first() else { return };
    let (base, delta) = data.split_at(data.len() * usize::from(split) / 256);
    let Some((result, runs)) = pack::apply(base, delta) else { return };
    let mut at = 0;
    for run in &runs {
        assert!(run.len > 0 && run.target >= at, "runs are in order: {runs:?}");
        assert_eq!(result[run.target..run.target + run.len], base[run.base..run.base + run.len]);
        at = run.target + run.len;
    }
    assert!(at <= result.len());
}

/// Reads the data as two trees, the second one also as a delta of the first.
///
/// # Panics
/// When a rule is broken.
pub fn tree(data: &[u8]) {
    let Some((&split, data)) = data.split_first() else { return };
    let (base, tree) = data.split_at(data.len() * usize::from(split) / 256);
    let head = base.iter().zip(tree).take_while(|(a, b)| a == b).count();
    let rest = base.len().min(tree.len()) - head;
    let tail = base.iter().rev().zip(tree.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut runs = Vec::new();
    if head > 0 {
        runs.push(Run { target: 0, base: 0, len: head });
    }
    if tail > 0 {
        runs.push(Run { target: tree.len() - tail, base: base.len() - tail, len: tail });
    }
    trees::same_as_alone(base, tree, &runs);
}

/// A repository of one pack, in memory where the system has such a folder.
struct Place {
    folder: PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = parent.join(format!("staunch-fuzz-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("objects/pack")).expect("a folder for tests");
        fs::create_dir_all(folder.join("refs")).expect("a folder for tests");
        fs::write(folder.join("HEAD"), "ref: refs/heads/main\n").expect("a file for tests");
        fs::write(folder.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n").expect("a file for tests");
        Place { folder }
    }

    fn walk(&self, pack: &[u8], index: &[u8]) -> (Option<Store>, Seen) {
        fs::write(self.folder.join("objects/pack/pack-1.pack"), pack).expect("a file for tests");
        fs::write(self.folder.join("objects/pack/pack-1.idx"), index).expect("a file for tests");
        let repo = Repo::around(&self.folder).expect("a repository");
        let seen = Seen::default();
        let store = Store::open(&repo).ok();
        if let Some(store) = &store {
            store.walk(&repo, &seen, &Watch::default());
        }
        (store, seen)
    }
}

thread_local! {
    static PLACE: Place = Place::new("pack");
}

/// What was shown, and what was named as skipped.
#[derive(Default)]
struct Seen(Mutex<BTreeSet<ObjectId>>);

impl Seen {
    fn note(&self, id: &oid) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
    }
}

impl Visitor for Seen {
    type Kept = ();

    fn wants(&self, _: Kind) -> bool {
        true
    }

    fn visit(&self, object: Object<'_>, derived: Option<Derived<'_, ()>>) {
        for run in derived.iter().flat_map(|derived| derived.runs) {
            assert!(run.target + run.len <= object.bytes.len());
        }
        self.note(object.id);
    }

    fn skip(&self, id: &oid, _: Why) {
        self.note(id);
    }
}

/// Reads the data as the entries of a pack: the first byte says how many, and where they begin.
///
/// # Panics
/// When an object is neither shown nor skipped.
pub fn pack(data: &[u8]) {
    let Some((&count, data)) = data.split_first() else { return };
    let count = usize::from(count % 8) + 1;
    if data.len() < count {
        return;
    }
    let (places, body) = data.split_at(count);
    let mut at = 0;
    let mut offsets: Vec<u32> = Vec::new();
    for &step in places {
        offsets.push(12 + at);
        at += u32::from(step) + 1;
    }
    offsets.retain(|&offset| (offset as usize) < 12 + body.len());
    let names: Vec<ObjectId> = (0..offsets.len()).map(|number| ObjectId::from_bytes_or_panic(&[number as u8 * 16 + 7; 20])).collect();
    let count = u32::try_from(offsets.len()).expect("a few");
    let pack = [&b"PACK\0\0\0\x02"[..], &count.to_be_bytes(), body, &[0; 20]].concat();
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255u8 {
        index.extend((names.iter().filter(|name| name.as_bytes()[0] <= first).count() as u32).to_be_bytes());
    }
    names.iter().for_each(|name| index.extend(name.as_bytes()));
    offsets.iter().for_each(|_| index.extend([0; 4]));
    offsets.iter().for_each(|offset| index.extend(offset.to_be_bytes()));
    index.extend([0; 40]);
    PLACE.with(|place| {
        let (store, seen) = place.walk(&pack, &index);
        if store.is_some_and(|store| store.skips.is_empty()) {
            let seen = seen.0.into_inner().unwrap_or_else(PoisonError::into_inner);
            assert!(names.iter().all(|name| seen.contains(name)), "{seen:?} of {names:?}");
        }
    });
}

/// Reads the data as the index of a small pack.
pub fn index(data: &[u8]) {
    // Two blobs of one byte, deflated without compression.
    let entry = [0x31, 0x78, 0x01, 0x01, 0x01, 0x00, 0xfe, 0xff, b'a', 0x00, 0x62, 0x00, 0x62];
    let pack = [&b"PACK\0\0\0\x02\0\0\0\x02"[..], &entry, &entry, &[0; 20]].concat();
    PLACE.with(|place| drop(place.walk(&pack, data)));
}
