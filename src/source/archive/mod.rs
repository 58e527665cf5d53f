//! Archives and compressed files: what is in them, one member after the other, in memory.
//!
//! Nothing is written to disk, so the names of members are only ever shown and judged by. What cannot be unpacked is told; the
//! bytes of the archive itself are searched like any others, by whoever has them.

mod budget;

use std::cell::Cell;
use std::io::{self, Cursor, Read};
use std::ops::ControlFlow::{self, Break, Continue};

use bstr::{BStr, BString, ByteSlice as _};

use budget::{Bounded, Budget, Halt, LIMITS, Limits};

use crate::chunk::Readable;
use crate::coverage::Why;

/// Longer names are cut: the longest path that systems take.
const MAX_NAME_BYTES: usize = 4_096;
/// A dictionary of the strongest setting of `xz` is as large.
const MAX_DICTIONARY_KIB: u32 = 64 << 10;
/// `zstd --long` asks for as much; more has to be allowed explicitly there as well.
const MAX_WINDOW_BYTES: u64 = 128 << 20;

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

/// Where the mark of a tar stands in its first header.
const TAR_MARK: std::ops::Range<usize> = 257..262;
/// The size of a header of a tar.
const TAR_HEADER_BYTES: u64 = 512;

impl Packing {
    /// Tells it by the first bytes.
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [b'P', b'K', 3, 4, ..] => Some(Packing::Zip),
            [0x1f, 0x8b, 8, ..] => Some(Packing::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Some(Packing::Bzip2),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Packing::Xz),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some(Packing::Other("7z is not read")),
            [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Some(Packing::Other("rar is not read")),
            [b'v', ..] if bytes.len() <= MAX_LFS_POINTER_BYTES && bytes.starts_with(LFS_POINTER) => {
                Some(Packing::Other("its content is in Git LFS"))
            }
            _ if bytes.get(TAR_MARK) == Some(b"ustar") => Some(Packing::Tar),
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
    let mut unpacking = Unpacking { budget: &budget, each, members: 0, unread: Vec::new() };
    // Why it ended early is among what was not read.
    let _ = unpacking.open("".into(), bytes, packing, 1);
    unpacking.unread
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
}

impl Unpacking<'_> {
    fn note(&mut self, member: &BStr, why: Why) {
        self.unread.push(Unread { member: member.to_owned(), why });
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
            None => {
                self.note(member, Why::Packed { detail: format!("damaged {}", packing.word()) });
                Continue(())
            }
        }
    }

    /// Unpacks the file of a name, or a member of it.
    fn open(&mut self, name: &BStr, bytes: &[u8], packing: Packing, depth: usize) -> ControlFlow<()> {
        let stream: io::Result<Box<dyn Read + '_>> = match packing {
            Packing::Zip => return self.zip(name, bytes, depth),
            Packing::Tar => return self.tar(name, &mut &bytes[..], packing, depth),
            Packing::Other(why) => {
                self.note(name, Why::Packed { detail: why.to_owned() });
                return Continue(());
            }
            Packing::Gzip => Ok(Box::new(flate2::read::MultiGzDecoder::new(bytes))),
            Packing::Bzip2 => Ok(Box::new(bzip2::read::MultiBzDecoder::new(bytes))),
            Packing::Xz => Ok(Box::new(lzma_rust2::XzReader::new_mem_limit(bytes, true, MAX_DICTIONARY_KIB))),
            Packing::Zstd => ruzstd::decoding::StreamingDecoder::new_with_max_window_size(bytes, MAX_WINDOW_BYTES)
                .map(|frame| Box::new(Frames { frame }) as Box<dyn Read>)
                .map_err(io::Error::other),
        };
        match stream {
            Ok(stream) => self.stream(name, stream, packing, depth),
            Err(cause) => self.fail(name, packing, &cause),
        }
    }

    /// Reads what unpacks to one text, or to a tar.
    fn stream(&mut self, name: &BStr, inner: Box<dyn Read + '_>, packing: Packing, depth: usize) -> ControlFlow<()> {
        let mut stream = Bounded { inner, budget: self.budget };
        let content = if name.is_empty() { BString::default() } else { joined(name, &named("".into(), Some(name))) };
        let mut head = Vec::new();
        if let Err(cause) = (&mut stream).take(TAR_HEADER_BYTES).read_to_end(&mut head) {
            self.fail(name, packing, &cause)?;
            return self.member(content.as_bstr(), head, depth);
        }
        let is_tar = Packing::of(&head) == Some(Packing::Tar);
        let mut stream = Cursor::new(head).chain(stream);
        if is_tar { self.tar(name, &mut stream, packing, depth) } else { self.read(&content, stream, packing, depth) }
    }

    fn tar(&mut self, name: &BStr, reader: &mut dyn Read, packing: Packing, depth: usize) -> ControlFlow<()> {
        let mut archive = tar::Archive::new(reader);
        let entries = match archive.entries() {
            Ok(entries) => entries,
            Err(cause) => return self.fail(name, packing, &cause),
        };
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(cause) => return self.fail(name, packing, &cause),
            };
            let kind = entry.header().entry_type();
            if !(kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse()) {
                continue;
            }
            let member = joined(name, &entry.path_bytes());
            // Of a sparse file a few bytes say that it is large.
            let entry = Bounded { inner: entry, budget: self.budget };
            self.read(&member, entry, Packing::Tar, depth)?;
        }
        Continue(())
    }

    fn zip(&mut self, name: &BStr, bytes: &[u8], depth: usize) -> ControlFlow<()> {
        // The list of members is read at once: this many bytes of it bound what that takes.
        if memchr::memmem::find_iter(bytes, b"PK\x01\x02").count() > self.budget.limits.members {
            self.note(name, self.too_many());
            return Continue(());
        }
        let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
            self.note(name, Why::Packed { detail: "damaged zip".into() });
            return Continue(());
        };
        for number in 0..archive.len() {
            let listed = archive.name_for_index(number).and_then(Result::ok).map(|member| joined(name, member.as_bytes()));
            let member = listed.unwrap_or_else(|| joined(name, format!("member {number}").as_bytes()));
            match archive.by_index(number) {
                Ok(entry) if entry.is_dir() => {}
                Ok(entry) => self.read(&member, Bounded { inner: entry, budget: self.budget }, Packing::Zip, depth)?,
                Err(cause) => self.note(member.as_bstr(), Why::Packed { detail: unreadable(&cause).into() }),
            }
        }
        Continue(())
    }

    /// Reads a member from what is bounded already: what of it can be read, where it is damaged.
    fn read(&mut self, member: &BString, reader: impl Read, packing: Packing, depth: usize) -> ControlFlow<()> {
        let Limits { members, member_bytes, .. } = *self.budget.limits;
        if self.members >= members {
            self.note(member.as_bstr(), self.too_many());
            return Break(());
        }
        let mut bytes = Vec::new();
        let read = reader.take(member_bytes + 1).read_to_end(&mut bytes);
        let goes_on = read.err().map_or(Continue(()), |cause| self.fail(member.as_bstr(), packing, &cause));
        if bytes.len() as u64 > member_bytes {
            self.note(member.as_bstr(), Why::TooMuch { limit: format!("a member of more than {member_bytes} bytes") });
            return goes_on;
        }
        self.member(member.as_bstr(), bytes, depth)?;
        goes_on
    }

    fn too_many(&self) -> Why {
        Why::TooMuch { limit: format!("more than {} members", self.budget.limits.members) }
    }

    /// Hands a member on, or what is packed in it.
    fn member(&mut self, name: &BStr, bytes: Vec<u8>, depth: usize) -> ControlFlow<()> {
        self.members += 1;
        let (before, mut goes_on) = (self.members, Continue(()));
        match Packing::of(&bytes) {
            Some(packing) if depth < self.budget.limits.depth => goes_on = self.open(name, &bytes, packing, depth + 1),
            Some(_) => {
                self.note(name, Why::TooMuch { limit: format!("more than {} archives within each other", self.budget.limits.depth) })
            }
            None => {}
        }
        // What nothing came out of is searched as it is.
        if self.members == before {
            (self.each)(name, Readable::of(bytes));
        }
        goes_on
    }
}

/// The frames of a zstd file, one after the other.
struct Frames<'b> {
    frame: ruzstd::decoding::StreamingDecoder<&'b [u8], ruzstd::decoding::FrameDecoder>,
}

impl Read for Frames<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.frame.read(into)?;
            if count > 0 || into.is_empty() || self.frame.get_ref().is_empty() {
                return Ok(count);
            }
            self.frame = ruzstd::decoding::StreamingDecoder::new_with_max_window_size(*self.frame.get_ref(), MAX_WINDOW_BYTES)
                .map_err(io::Error::other)?;
        }
    }
}

fn unreadable(cause: &zip::result::ZipError) -> &'static str {
    use zip::result::ZipError;
    match cause {
        ZipError::InvalidPassword | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => "encrypted",
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => "a method of zip that is not read",
        _ => "damaged zip",
    }
}

/// Returns the name of a member of what has a name, cut where it is very long.
fn joined(name: &BStr, member: &[u8]) -> BString {
    let member = member.strip_prefix(b"./").unwrap_or(member);
    let mut joined = if name.is_empty() { member.to_vec() } else { [name.as_bytes(), b"/", member].concat() };
    joined.truncate(MAX_NAME_BYTES);
    joined.into()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use bstr::BString;

    use super::{LIMITS, Limits, Unread, each_within, named};
    use crate::coverage::Why;

    const FEW: Limits = Limits { unpacked_bytes: 100_000, member_bytes: 40_000, members: 50, depth: 3 };

    fn unpacked(limits: &Limits, bytes: &[u8]) -> (Vec<(String, Vec<u8>)>, Vec<Unread>) {
        let mut members = Vec::new();
        let unread = each_within(limits, bytes, &|| false, &mut |name, text| members.push((name.to_string(), text.into_bytes())));
        (members, unread)
    }

    fn whole(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
        let (members, unread) = unpacked(&LIMITS, bytes);
        assert_eq!(unread, []);
        members
    }

    fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("it is begun");
            writer.write_all(bytes).expect("it is written");
        }
        writer.finish().expect("it is ended").into_inner()
    }

    fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, bytes) in members {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            builder.append_data(&mut header, name, *bytes).expect("it is written");
        }
        builder.into_inner().expect("it is ended")
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).expect("it is written");
        encoder.finish().expect("it is ended")
    }

    fn bzip2(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
        encoder.write_all(bytes).expect("it is written");
        encoder.finish().expect("it is ended")
    }

    fn xz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).expect("it is begun");
        encoder.write_all(bytes).expect("it is written");
        encoder.finish().expect("it is ended")
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    type Compress = fn(&[u8]) -> Vec<u8>;
    const COMPRESSIONS: [(&str, Compress); 4] = [("gz", gzip), ("bz2", bzip2), ("xz", xz), ("zst", zstd)];

    fn named_members(members: &[(&str, &[u8])]) -> Vec<(String, Vec<u8>)> {
        members.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect()
    }

    #[test]
    fn every_packing_gives_back_what_was_packed() {
        let members: [(&str, &[u8]); 3] = [("a.txt", b"one"), ("b/c.bin", b"\0\x01two"), ("empty", b"")];
        assert_eq!(whole(&zip(&members)), named_members(&members));
        assert_eq!(whole(&tar(&members)), named_members(&members));
        assert_eq!(whole(&tar(&[("./a.txt", b"one")]))[0].0, "a.txt", "as `tar -c .` names them");
        for (word, compress) in COMPRESSIONS {
            assert_eq!(whole(&compress(b"some text")), [(String::new(), b"some text".to_vec())], "{word}");
            assert_eq!(whole(&compress(&tar(&members))), named_members(&members), "tar.{word}");
            let twice = [compress(b"some "), compress(b"text")].concat();
            assert_eq!(whole(&twice), [(String::new(), b"some text".to_vec())], "{word} in two parts");
        }
        for plain in [&b""[..], b"PK", b"PK\x03", b"text", &[0x1f, 0x8b], b"BZh9 is how bzip2 begins", &[0; 600]] {
            assert_eq!(unpacked(&LIMITS, plain), (vec![], vec![]), "{plain:?}");
        }
    }

    #[test]
    fn archives_in_archives_are_read_under_the_names_of_all() {
        let inner = zip(&[("x.env", b"one")]);
        let layers = tar(&[("app.jar", &inner), ("log.gz", &gzip(b"two")), ("plain", b"three")]);
        let outer = zip(&[("image.tgz", &gzip(&layers))]);
        let expected: [(&str, &[u8]); 3] =
            [("image.tgz/app.jar/x.env", b"one"), ("image.tgz/log.gz/log", b"two"), ("image.tgz/plain", b"three")];
        assert_eq!(whole(&outer), named_members(&expected));
    }

    #[test]
    fn a_compressed_file_is_called_as_without_its_ending() {
        let called = |member: &str, path: Option<&str>| named(member.into(), path.map(Into::into)).to_string();
        for (path, name) in [("a/dump.sql.gz", "dump.sql"), ("x.tgz", "x.tar"), ("x.zst", "x"), (".gz", "content"), ("blob", "content")] {
            assert_eq!(called("", Some(path)), name);
        }
        assert_eq!((called("", None).as_str(), called("in", Some("a.zip")).as_str()), ("content", "in"));
    }

    #[test]
    fn what_is_damaged_is_read_as_far_as_it_goes_and_told() {
        let text: Vec<u8> = (0..20_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_string().into_bytes()).collect();
        for (word, packed) in COMPRESSIONS.map(|(word, compress)| (word, compress(&text))) {
            let (members, unread) = unpacked(&LIMITS, &packed[..packed.len() / 2]);
            assert!(members.iter().all(|(_, read)| text.starts_with(read)), "{word}");
            assert!(
                matches!(&unread[..], [Unread { why: Why::Packed { detail }, .. }] if detail.starts_with("damaged")),
                "{word}: {unread:?}"
            );
        }
        let cut = tar(&[("whole", b"one"), ("cut", &text)]);
        let (members, unread) = unpacked(&LIMITS, &cut[..cut.len() / 2]);
        assert_eq!((members[0].0.as_str(), members[1].0.as_str(), unread.len()), ("whole", "cut", 1));
        let whole = zip(&[("first", b"one"), ("second", &text)]);
        let (members, unread) = unpacked(&LIMITS, &whole[..whole.len() - 5]);
        assert_eq!(
            (members.len(), unread),
            (0, vec![Unread { member: BString::default(), why: Why::Packed { detail: "damaged zip".into() } }])
        );
        let mut broken = whole.clone();
        broken[200] ^= 0x55;
        let (members, unread) = unpacked(&LIMITS, &broken);
        assert_eq!((members[0].0.as_str(), unread.len()), ("first", 1), "the others are read");
        for (magic, word) in [(&b"7z\xbc\xaf\x27\x1c"[..], "7z"), (b"Rar!\x1a\x07\x01", "rar")] {
            let why = Why::Packed { detail: format!("{word} is not read") };
            assert_eq!(unpacked(&LIMITS, magic), (vec![], vec![Unread { member: BString::default(), why }]));
        }
    }

    #[test]
    fn what_unpacks_to_too_much_is_told_and_left() {
        let is_too_much =
            |unread: &[Unread], word: &str| matches!(unread, [Unread { why: Why::TooMuch { limit }, .. }] if limit.contains(word));
        let zeros = vec![0; 200_000];
        for (word, compress) in COMPRESSIONS {
            let (members, unread) = unpacked(&FEW, &compress(&zeros));
            assert!(members.is_empty() && is_too_much(&unread, "a member of more than 40000 bytes"), "{word}: {unread:?}");
        }
        let part = vec![0; 30_000];
        let bomb = zip(&[("a", &part), ("b", &part), ("c", &part), ("d", &part), ("e", &part)]);
        let (members, unread) = unpacked(&FEW, &bomb);
        assert!(members.len() >= 3 && is_too_much(&unread, "more than 100000 bytes"), "{unread:?}");
        let many: Vec<String> = (0..60).map(|number| format!("m{number}")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
        for (archive, count) in [(zip(&many), 0), (tar(&many), 50)] {
            let (members, unread) = unpacked(&FEW, &archive);
            assert!(members.len() == count && is_too_much(&unread, "more than 50 members"), "{unread:?}");
        }
        let deep = (0..5).fold(b"text".to_vec(), |inner, _| gzip(&inner));
        let (members, unread) = unpacked(&FEW, &deep);
        assert!(members.len() == 1 && is_too_much(&unread, "more than 3 archives within each other"), "{unread:?}");
        let mut said = Vec::new();
        let unread = each_within(&LIMITS, &bomb, &|| true, &mut |name, _| said.push(name.to_owned()));
        assert!(unread.is_empty(), "whoever stopped it says so: {unread:?}");
    }
}
