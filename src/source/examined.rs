//! Blobs that an earlier audit looked at and found clean, so that the next one need not.
//!
//! Only what is clean is remembered: what held a candidate, what could not be read and what is new is looked at again, so
//! an audit with such a state reports what one without reports. Blobs are known by their content, which makes the state
//! safe after `git gc`, force pushes and rebases. What makes a blob clean is the catalog, the version of the program and
//! the least confidence: where one of them changed, nothing is known. The file holds no secret and no hash of one.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use gix::oid;

use crate::git::buckets::Buckets;

/// The first twelve bytes of a blob's name: to make another blob with the same takes 2⁷⁶ attempts for a million blobs.
type Name = [u8; NAME_BYTES];

const NAME_BYTES: usize = 12;
const MAGIC: &[u8; 16] = b"staunch state 1\n";
const HASH_BYTES: usize = blake3::OUT_LEN;
/// 1.5 GiB: more than a hundred million blobs.
const MAX_BYTES: u64 = 3 << 29;

/// The clean blobs of earlier audits, and those of this one.
pub struct Examined {
    catalog: [u8; HASH_BYTES],
    /// Sorted.
    known: Vec<Name>,
    index: Buckets,
    /// Which of them are still there.
    is_there: Vec<AtomicBool>,
    new: Mutex<Vec<Name>>,
}

/// Why a state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("state {path:?} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
    /// The file is no state of ours.
    #[error("{path:?} is no state of an audit; it was left as it is")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file was a state once.
    #[error("state {path:?} is damaged: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
}

impl Examined {
    /// Reads what is known for a catalog; nothing is where there is no file, or one for another catalog.
    ///
    /// # Errors
    /// When the file cannot be read, is none of ours, or is damaged.
    pub(crate) fn read(path: &Path, catalog: [u8; HASH_BYTES]) -> Result<Self, Error> {
        let fail = |cause| Error::Unreadable { path: path.to_owned(), cause };
        match std::fs::metadata(path) {
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Examined::of(catalog, Vec::new())),
            Err(cause) => return Err(fail(cause)),
            Ok(meta) if !meta.is_file() || meta.len() > MAX_BYTES => return Err(Error::Foreign { path: path.to_owned() }),
            Ok(_) => {}
        }
        let bytes = std::fs::read(path).map_err(fail)?;
        Examined::parse(&bytes, catalog, path)
    }

    fn parse(bytes: &[u8], catalog: [u8; HASH_BYTES], path: &Path) -> Result<Self, Error> {
        let damaged = |what| Err(Error::Damaged { path: path.to_owned(), what });
        let Some(rest) = bytes.strip_prefix(MAGIC) else { return Err(Error::Foreign { path: path.to_owned() }) };
        let Some((body, sum)) = rest.split_last_chunk::<HASH_BYTES>() else { return damaged("it is cut off") };
        if blake3::hash(body).as_bytes() != sum {
            return damaged("its checksum does not fit");
        }
        let Some((own, names)) = body.split_first_chunk::<HASH_BYTES>() else { return damaged("it is cut off") };
        let (names, rest) = names.as_chunks::<NAME_BYTES>();
        if !rest.is_empty() || !names.is_sorted() {
            return damaged("its names are not in order");
        }
        let is_same = *own == catalog;
        Ok(Examined::of(catalog, if is_same { names.to_vec() } else { Vec::new() }))
    }

    fn of(catalog: [u8; HASH_BYTES], known: Vec<Name>) -> Self {
        let is_there = known.iter().map(|_| AtomicBool::new(false)).collect();
        let index = Buckets::new(known.iter().map(head));
        Examined { catalog, known, index, is_there, new: Mutex::default() }
    }

    /// Returns whether a blob was found clean earlier, and remembers that it is still there.
    pub(crate) fn knows(&self, id: &oid) -> bool {
        let name = name(id);
        let Some(at) = self.index.around(head(&name)).find(|&at| self.known[at] == name) else { return false };
        self.is_there[at].store(true, Ordering::Relaxed);
        true
    }

    /// Notes a blob that was found clean now.
    pub(crate) fn note(&self, id: &oid) {
        self.new.lock().unwrap_or_else(PoisonError::into_inner).push(name(id));
    }

    /// Returns whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Returns how many blobs were known and are still there.
    pub(crate) fn count(&self) -> u64 {
        self.is_there.iter().filter(|is_there| is_there.load(Ordering::Relaxed)).count() as u64
    }

    /// Returns the bytes of the file that the next audit reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        let still = self.known.iter().zip(&self.is_there).filter(|(_, is_there)| is_there.load(Ordering::Relaxed));
        let mut names: Vec<Name> = still.map(|(name, _)| *name).collect();
        names.extend_from_slice(&self.new.lock().unwrap_or_else(PoisonError::into_inner));
        names.sort_unstable();
        names.dedup();
        let mut body = self.catalog.to_vec();
        body.extend_from_slice(names.as_flattened());
        let sum = blake3::hash(&body);
        [MAGIC, &body[..], sum.as_bytes()].concat()
    }
}

fn name(id: &oid) -> Name {
    id.as_bytes().first_chunk().copied().unwrap_or_default()
}

fn head(name: &Name) -> u64 {
    name.first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use gix::ObjectId;

    use super::{Error, Examined};

    fn id(byte: u8) -> ObjectId {
        ObjectId::from_bytes_or_panic(&[byte; 20])
    }

    #[test]
    fn what_is_still_there_and_what_is_new_is_known_next_time() {
        let first = Examined::of([1; 32], Vec::new());
        [id(7), id(3), id(5)].iter().for_each(|id| first.note(id));
        let second = Examined::parse(&first.to_bytes(), [1; 32], Path::new("s")).expect("it was just written");
        assert!(second.knows(&id(3)) && second.knows(&id(7)) && !second.knows(&id(4)));
        second.note(&id(4));
        let third = Examined::parse(&second.to_bytes(), [1; 32], Path::new("s")).expect("it was just written");
        assert!(third.knows(&id(3)) && third.knows(&id(4)) && third.knows(&id(7)));
        assert!(!third.knows(&id(5)), "nobody saw it the second time");
        let other = Examined::parse(&second.to_bytes(), [2; 32], Path::new("s")).expect("another catalog is no damage");
        assert!(!other.knows(&id(3)));
    }

    #[test]
    fn every_bit_counts() {
        let state = Examined::of([1; 32], Vec::new());
        state.note(&id(9));
        let bytes = state.to_bytes();
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 4;
            let error = Examined::parse(&broken, [1; 32], Path::new("s")).err().expect("it is not what was written");
            assert_eq!(matches!(error, Error::Foreign { .. }), at < 16, "byte {at}");
            assert!(Examined::parse(&bytes[..at], [1; 32], Path::new("s")).is_err(), "cut off at {at}");
        }
    }
}
