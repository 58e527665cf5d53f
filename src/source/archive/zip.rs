//! Zip archives, by the headers before their members.
//!
//! Others read the directory at the end, and see what that lists. Here every member that is there is read: one that is listed
//! twice, or no more, behind the code of a program, or in an archive whose end is missing.

use std::io::{self, Read};
use std::ops::ControlFlow::{self, Continue};

use bstr::{BStr, BString};

use super::budget::{Bounded, Packed};
use super::{Packing, Unpacking, joined};
use crate::coverage::Why;

const HEADER: &[u8] = b"PK\x03\x04";
const HEADER_BYTES: usize = 30;
/// The record at the end of a zip; this long where it has no comment.
const END: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;

const IS_ENCRYPTED: u16 = 1;
const HAS_SIZE_BEHIND: u16 = 8;

/// Returns whether bytes end as a zip does, whatever they begin with.
pub(super) fn ends(bytes: &[u8]) -> bool {
    bytes.len() >= END_BYTES && bytes[bytes.len() - END_BYTES..].starts_with(END)
}

/// Returns whether bytes begin as a zip does.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(HEADER)
}

/// The header of a member.
struct Entry<'z> {
    name: &'z [u8],
    flags: u16,
    method: u16,
    /// The checksum of what it unpacks to, where its header says so.
    sum: Option<u32>,
    /// How many bytes it takes packed, where its header says so.
    size: Option<usize>,
    /// Where it begins.
    data: usize,
}

impl<'z> Entry<'z> {
    fn parse(bytes: &'z [u8], start: usize) -> Option<Self> {
        let header = bytes.get(start..start + HEADER_BYTES)?;
        let word = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let long = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let name_at = start + HEADER_BYTES;
        let extra_at = name_at + usize::from(word(26));
        let data = extra_at + usize::from(word(28));
        let (name, extra) = (bytes.get(name_at..extra_at)?, bytes.get(extra_at..data)?);
        let (flags, method) = (word(6), word(8));
        let size = match long(18) {
            // Who does not know the size yet may say zero in either place.
            u32::MAX => large(extra).filter(|&size| size > 0 || flags & HAS_SIZE_BEHIND == 0),
            0 if flags & HAS_SIZE_BEHIND != 0 => None,
            size => usize::try_from(size).ok(),
        };
        let sum = Some(long(14)).filter(|_| flags & HAS_SIZE_BEHIND == 0);
        Some(Entry { name, flags, method, sum, size, data })
    }

    fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") && self.size == Some(0)
    }
}

/// Reads the packed size of a member of more than 4 GiB, or of one that was written as if.
fn large(mut extra: &[u8]) -> Option<usize> {
    while let Some((&[kind, kind_high, len, len_high], rest)) = extra.split_first_chunk() {
        let field = rest.get(..usize::from(u16::from_le_bytes([len, len_high])))?;
        if (kind, kind_high) == (1, 0) {
            return usize::try_from(u64::from_le_bytes(*field.get(8..)?.first_chunk()?)).ok();
        }
        extra = &rest[field.len()..];
    }
    None
}

/// Reads every member.
pub(super) fn read(unpacking: &mut Unpacking<'_>, name: &BStr, bytes: &[u8], depth: usize) -> ControlFlow<()> {
    let (mut at, mut is_any) = (0, false);
    while let Some(found) = memchr::memmem::find(&bytes[at..], HEADER) {
        let start = at + found;
        at = start + HEADER.len();
        if let Err(cause) = unpacking.budget.charge(HEADER_BYTES as u64) {
            return unpacking.fail(name, Packing::Zip, &cause);
        }
        if let Some(entry) = Entry::parse(bytes, start) {
            is_any = true;
            at = member(unpacking, &joined(name, entry.name), bytes, &entry, depth)?;
        }
    }
    // An empty archive has its end alone.
    if !is_any && !ends(bytes) {
        unpacking.note(name, Why::Packed { detail: "damaged zip".into() });
    }
    Continue(())
}

/// Reads a member, and returns where it ends.
fn member(unpacking: &mut Unpacking<'_>, name: &BString, bytes: &[u8], entry: &Entry<'_>, depth: usize) -> ControlFlow<(), usize> {
    let rest = &bytes[entry.data..];
    // Where nothing of a zip stands behind a member, what seemed to be its header may be none.
    let behind = entry.data + entry.size.filter(|&size| rest.get(size..).is_some_and(is_sign)).unwrap_or(0);
    if entry.is_folder() {
        unpacking.count(name)?;
        return Continue(entry.data);
    }
    if entry.flags & IS_ENCRYPTED != 0 {
        unpacking.pass(name, "encrypted")?;
        return Continue(behind);
    }
    let budget = unpacking.budget;
    let mut packed = Packed { rest, budget };
    let is_whole = match entry.method {
        0 => {
            let len = entry.size.unwrap_or_else(|| until_next(rest));
            unpacked(unpacking, name, &rest[..len.min(rest.len())], entry.sum, depth)?;
            if len > rest.len() {
                unpacking.note(name.as_ref(), Why::Packed { detail: "damaged zip".into() });
            }
            return Continue(if len > rest.len() { entry.data } else { entry.data + len });
        }
        8 => unpacked(unpacking, name, flate2::bufread::DeflateDecoder::new(&mut packed), entry.sum, depth)?,
        12 => unpacked(unpacking, name, bzip2::bufread::BzDecoder::new(&mut packed), entry.sum, depth)?,
        _ => {
            unpacking.pass(name, "a method of zip that is not read")?;
            return Continue(behind);
        }
    };
    let taken = rest.len() - packed.rest.len();
    if is_whole {
        return Continue(entry.data + taken);
    }
    // The next header may be in what was taken in vain; that it was taken counts, or a few bytes could be read again and again.
    match budget.charge(taken as u64) {
        Ok(()) => Continue(entry.data),
        Err(cause) => unpacking.fail(name.as_ref(), Packing::Zip, &cause).map_continue(|()| bytes.len()),
    }
}

/// Unpacks a member; returns whether it was whole.
fn unpacked(unpacking: &mut Unpacking<'_>, name: &BString, inner: impl Read, sum: Option<u32>, depth: usize) -> ControlFlow<(), bool> {
    let mut summed = Summed { inner, sum: crc32fast::Hasher::new(), has_ended: false };
    unpacking.read(name, Bounded { inner: &mut summed, budget: unpacking.budget }, Packing::Zip, depth)?;
    if summed.has_ended && sum.is_some_and(|sum| sum != summed.sum.finalize()) {
        unpacking.note(name.as_ref(), Why::Packed { detail: "damaged zip".into() });
    }
    Continue(summed.has_ended)
}

/// Sums up what is read, and sees whether it came to its end.
struct Summed<R> {
    inner: R,
    sum: crc32fast::Hasher,
    has_ended: bool,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.sum.update(&into[..count]);
        self.has_ended |= count == 0 && !into.is_empty();
        Ok(count)
    }
}

/// Returns how far it is to what may follow a member whose size is not known before it.
fn until_next(rest: &[u8]) -> usize {
    let mut signs = memchr::memmem::find_iter(rest, b"PK");
    signs.find(|&at| is_sign(&rest[at..])).unwrap_or(rest.len())
}

/// Returns whether a record of a zip begins with bytes.
fn is_sign(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [b'P', b'K', 1, 2, ..] | [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 6, 6, ..] | [b'P', b'K', 7, 8, ..]
    )
}
