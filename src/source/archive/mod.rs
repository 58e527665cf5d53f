//! Archives and compressed files: what is in them, one member after the other, in memory.
//!
//! Nothing is written to disk, so the names of members are only ever shown and judged by. What cannot be unpacked is told; the
//! bytes of the archive itself are searched like any others, by whoever has them.

mod budget;
mod streams;
mod tar;
#[cfg(test)]
mod tests;
mod zip;

use std::cell::Cell;
use std::io::{self, Cursor, ErrorKind, Read};
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bstr::{BStr, BString, ByteSlice as _};

use crate::chunk::Readable;
use crate::coverage::Why;
use budget::{Bounded, Budget, Halt, LIMITS, Limits};
use streams::Streams;

/// Longer names are cut: the longest path that systems take.
const MAX_NAME_BYTES: usize = 4_096;
/// Of so many members of one file it is told why they were not read; the others are counted.
const MAX_UNREAD: usize = 100;
/// A member of more is read by one thread at a time: each thread may have one, and machines that run CI have little memory.
const BIG_BYTES: u64 = 64 << 20;

static BIG: Mutex<()> = Mutex::new(());

/// How deep a member is that is not looked into.
const AS_IT_IS: usize = usize::MAX;

/// How bytes are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Zip,
    Tar,
    Gzip,
    Bzip2,
    Xz,
    Zstd,
    /// It is not unpacked, for this reason.
    Other(&'static str),
}

/// How the text begins that stands for a file of Git LFS; it is never of more bytes.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
const MAX_LFS_POINTER_BYTES: usize = 1_024;

impl Packing {
    /// Tells it by the first bytes, and a zip behind something else by its end.
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'P', b'K', 3, 4, ..] => Some(Packing::Zip),
            [0x1f, 0x8b, 8, ..] => Some(Packing::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Some(Packing::Bzip2),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Some(Packing::Bzip2),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Packing::Xz),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packing::Zstd),
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some(Packing::Other("7z is not read")),
            [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Some(Packing::Other("rar is not read")),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Packing::Other("lz4 is not read")),
            [0x1f, 0x9d, ..] => Some(Packing::Other("what `compress` packs is not read")),
            [0xed, 0xab, 0xee, 0xdb, ..] => Some(Packing::Other("rpm is not read")),
            [b'M', b'S', b'C', b'F', 0, 0, 0, 0, ..] => Some(Packing::Other("cab is not read")),
            [b'v', ..] if bytes.len() <= MAX_LFS_POINTER_BYTES && bytes.starts_with(LFS_POINTER) => {
                Some(Packing::Other("its content is in Git LFS"))
            }
            _ if bytes.get(tar::MARK) == Some(b"ustar") => Some(Packing::Tar),
            _ if zip::ends(bytes) => Some(Packing::Zip),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Packing::Zip => "zip",
            Packing::Tar => "tar",
            Packing::Gzip => "gzip",
            Packing::Bzip2 => "bzip2",
            Packing::Xz => "xz",
            Packing::Zstd => "zstd",
            Packing::Other(_) => "archive",
        }
    }
}

/// A member that was not read, or not to its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    /// Empty for the file itself.
    pub(crate) member: BString,
    pub(crate) why: Why,
}

/// Calls `each` for every member of an archive, or for what a compressed file unpacks to, which has no name; for no other bytes.
///
/// Returns what could not be read. Members come in the order of the archive, and those of archives in it under the names of both.
pub(crate) fn each(bytes: &[u8], is_stopped: &dyn Fn() -> bool, each: &mut dyn FnMut(&BStr, Readable)) -> Vec<Unread> {
    each_within(&LIMITS, bytes, is_stopped, each)
}

fn each_within(limits: &Limits, bytes: &[u8], is_stopped: &dyn Fn() -> bool, each: &mut dyn FnMut(&BStr, Readable)) -> Vec<Unread> {
    let Some(packing) = Packing::of(bytes) else { return Vec::new() };
    let budget = Budget { limits, left: Cell::new(limits.unpacked_bytes), is_stopped };
    let mut unpacking = Unpacking { budget: &budget, each, members: 0, unread: Vec::new(), noted: 0, big: None };
    // Why it ended early is among what was not read.
    let _ = unpacking.open("".into(), bytes, packing, 1);
    let Unpacking { mut unread, noted, .. } = unpacking;
    if noted > unread.len() {
        let why = Why::Packed { detail: format!("{} more of its members", noted - unread.len()) };
        unread.push(Unread { member: BString::default(), why });
    }
    unread
}

/// Returns the name of a member of the file at a path: what a compressed file unpacks to is called as the file without its last ending.
pub(crate) fn named(member: &BStr, path: Option<&BStr>) -> BString {
    if !member.is_empty() {
        return member.to_owned();
    }
    let path = path.unwrap_or_default();
    BString::from(unpacked_name(path.rfind_byte(b'/').map_or(path.as_bytes(), |at| &path[at + 1..])))
}

fn unpacked_name(name: &[u8]) -> Vec<u8> {
    let ends = [(".gz", ""), (".tgz", ".tar"), (".bz2", ""), (".xz", ""), (".zst", ""), (".zstd", "")];
    let stem = ends.iter().find_map(|(end, instead)| Some([name.strip_suffix(end.as_bytes())?, instead.as_bytes()].concat()));
    stem.filter(|stem| !stem.is_empty()).unwrap_or_else(|| b"content".to_vec())
}

/// One file that is unpacked.
struct Unpacking<'u> {
    budget: &'u Budget<'u>,
    each: &'u mut dyn FnMut(&BStr, Readable),
    members: usize,
    unread: Vec<Unread>,
    /// How often something was not read, told or not.
    noted: usize,
    /// Is held while a member is large.
    big: Option<MutexGuard<'static, ()>>,
}

impl Unpacking<'_> {
    fn note(&mut self, member: &BStr, why: Why) {
        self.noted += 1;
        let alike = self.unread.iter().filter(|unread| unread.why.is_incomplete() == why.is_incomplete()).count();
        if alike < MAX_UNREAD {
            self.unread.push(Unread { member: member.to_owned(), why });
        }
    }

    /// Notes why a member could not be read to its end.
    fn fail(&mut self, member: &BStr, packing: Packing, cause: &io::Error) -> ControlFlow<()> {
        match cause.get_ref().and_then(|cause| cause.downcast_ref()) {
            // Whoever stopped it says so.
            Some(Halt::Stopped) => Break(()),
            Some(Halt::TooMuch) => {
                self.note(member, Why::TooMuch { limit: format!("more than {} bytes", self.budget.limits.unpacked_bytes) });
                Break(())
            }
            None if cause.kind() == ErrorKind::OutOfMemory => {
                self.note(member, Why::TooMuch { limit: format!("{} that takes too much memory", packing.word()) });
                Continue(())
            }
            None => {
                self.note(member, Why::Packed { detail: format!("damaged {}", packing.word()) });
                Continue(())
            }
        }
    }

    /// Counts a member, or what was tried as one.
    fn count(&mut self, member: &BString) -> ControlFlow<()> {
        self.members += 1;
        let Limits { members, .. } = *self.budget.limits;
        if self.members <= members {
            return Continue(());
        }
        self.note(member.as_bstr(), Why::TooMuch { limit: format!("more than {members} members") });
        Break(())
    }

    /// Passes over a member that is packed in a way that cannot be undone.
    fn pass(&mut self, member: &BString, why: &str) -> ControlFlow<()> {
        self.count(member)?;
        self.note(member.as_bstr(), Why::Packed { detail: why.to_owned() });
        Continue(())
    }

    /// Unpacks the file of a name, or a member of it.
    fn open(&mut self, name: &BStr, bytes: &[u8], packing: Packing, depth: usize) -> ControlFlow<()> {
        match packing {
            Packing::Zip => zip::read(self, name, bytes, depth),
            Packing::Tar => tar::read(self, name, &mut Bounded { inner: bytes, budget: self.budget }, packing, depth),
            Packing::Other(why) => {
                self.note(name, Why::Packed { detail: why.to_owned() });
                Continue(())
            }
            Packing::Gzip | Packing::Bzip2 | Packing::Xz | Packing::Zstd => self.stream(name, bytes, packing, depth),
        }
    }

    /// Reads what unpacks to one text, or to a tar.
    fn stream(&mut self, name: &BStr, bytes: &[u8], packing: Packing, depth: usize) -> ControlFlow<()> {
        let mut stream = Bounded { inner: Streams::new(packing, bytes, self.budget), budget: self.budget };
        let content = if name.is_empty() { BString::default() } else { joined(name, &named("".into(), Some(name))) };
        let mut head = Vec::new();
        if let Err(cause) = (&mut stream).take(tar::BLOCK_BYTES as u64).read_to_end(&mut head) {
            self.fail(name, packing, &cause)?;
            return if head.is_empty() { Continue(()) } else { self.member(content.as_bstr(), head, depth) };
        }
        let is_tar = Packing::of(&head) == Some(Packing::Tar);
        let mut stream = Cursor::new(head).chain(stream);
        if is_tar { tar::read(self, name, &mut stream, packing, depth) } else { self.read(&content, stream, packing, depth) }
    }

    /// Reads a member from what is bounded already: what of it can be read, where it is damaged.
    fn read(&mut self, member: &BString, reader: impl Read, packing: Packing, depth: usize) -> ControlFlow<()> {
        self.count(member)?;
        let Limits { member_bytes, .. } = *self.budget.limits;
        let mut reader = reader.take(member_bytes + 1);
        let mut bytes = Vec::new();
        let mut read = (&mut reader).take(BIG_BYTES).read_to_end(&mut bytes);
        let is_big = read.is_ok() && bytes.len() as u64 == BIG_BYTES;
        let is_first = is_big && self.big.is_none();
        if is_big {
            self.big.get_or_insert_with(|| BIG.lock().unwrap_or_else(PoisonError::into_inner));
            read = reader.read_to_end(&mut bytes);
        }
        let goes_on = read.err().map_or(Continue(()), |cause| self.fail(member.as_bstr(), packing, &cause));
        if bytes.len() as u64 > member_bytes {
            self.note(member.as_bstr(), Why::TooMuch { limit: format!("a member of more than {member_bytes} bytes") });
            return goes_on;
        }
        let went_on = self.member(member.as_bstr(), bytes, depth);
        if is_first {
            self.big = None;
        }
        went_on?;
        goes_on
    }

    /// Hands a member on, or what is packed in it.
    fn member(&mut self, name: &BStr, bytes: Vec<u8>, depth: usize) -> ControlFlow<()> {
        let (members, noted, mut goes_on) = (self.members, self.noted, Continue(()));
        match Packing::of(&bytes).filter(|_| depth != AS_IT_IS) {
            Some(packing) if depth < self.budget.limits.depth => goes_on = self.open(name, &bytes, packing, depth + 1),
            Some(_) => {
                self.note(name, Why::TooMuch { limit: format!("more than {} archives within each other", self.budget.limits.depth) })
            }
            None => {}
        }
        // What nothing came out of, or not all, is searched as it is; and so is the program before a zip.
        let is_behind = Packing::of(&bytes) == Some(Packing::Zip) && !zip::begins(&bytes);
        if self.members == members || self.noted > noted || is_behind {
            (self.each)(name, Readable::of(bytes));
        }
        goes_on
    }
}

/// Returns the name of a member of what has a name, cut where it is very long.
fn joined(name: &BStr, member: &[u8]) -> BString {
    let member = member.strip_prefix(b"./").unwrap_or(member);
    let mut joined = if name.is_empty() { member.to_vec() } else { [name.as_bytes(), b"/", member].concat() };
    joined.truncate(MAX_NAME_BYTES);
    joined.into()
}
