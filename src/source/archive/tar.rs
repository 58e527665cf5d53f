//! Tar archives, header by header.
//!
//! Others stop at the first empty block and pass over kinds of entries that they do not know. Here whatever has content is read,
//! to the end of the bytes; and what cannot be a header any more is read as it is.

use std::io::{self, Cursor, Read};
use std::ops::ControlFlow::{self, Continue};

use bstr::BStr;

use super::{AS_IT_IS, Packing, Unpacking, joined};
use crate::coverage::Why;

pub(super) const BLOCK_BYTES: usize = 512;
/// Names that an entry of its own holds are of a few kilobytes; longer ones are none.
const MAX_NAME_ENTRY_BYTES: u64 = 1 << 20;
/// Where headers have what.
const NAME: std::ops::Range<usize> = 0..100;
const SIZE: std::ops::Range<usize> = 124..136;
const SUM: std::ops::Range<usize> = 148..156;
const KIND: usize = 156;
pub(super) const MARK: std::ops::Range<usize> = 257..262;
const HAS_PREFIX: usize = 262;
const PREFIX: std::ops::Range<usize> = 345..500;
/// Where a header of a sparse file, and a block that continues it, say that one more follows.
const SPARSE_GOES_ON: usize = 482;
const SPARSE_BLOCK_GOES_ON: usize = 504;

type Block = [u8; BLOCK_BYTES];

struct Header {
    name: Vec<u8>,
    size: u64,
    kind: u8,
    is_continued: bool,
}

impl Header {
    fn parse(block: &Block) -> Option<Self> {
        let sum: u32 = block.iter().enumerate().map(|(at, &byte)| u32::from(if SUM.contains(&at) { b' ' } else { byte })).sum();
        if number(&block[SUM])? != u64::from(sum) {
            return None;
        }
        let (prefix, name) = (text(&block[PREFIX]), text(&block[NAME]));
        let is_prefixed = block[HAS_PREFIX] == 0 && !prefix.is_empty();
        Some(Header {
            name: if is_prefixed { [prefix, b"/", name].concat() } else { name.to_vec() },
            size: number(&block[SIZE])?,
            kind: block[KIND],
            is_continued: block[KIND] == b'S' && block[SPARSE_GOES_ON] != 0,
        })
    }
}

fn text(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// Reads a number: octal, or where the first bit is set in binary.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let (high, low) = field.split_at(field.len() - 8);
        let is_small = high.iter().enumerate().all(|(at, &byte)| byte == if at == 0 { 0x80 } else { 0 });
        return is_small.then(|| low.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)));
    }
    let digits = text(field).trim_ascii();
    digits.iter().try_fold(0u64, |number, digit| match digit {
        b'0'..=b'7' => number.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// Reads every entry that has content.
pub(super) fn read(unpacking: &mut Unpacking<'_>, name: &BStr, reader: &mut dyn Read, packing: Packing, depth: usize) -> ControlFlow<()> {
    // What an entry before it says of the next one.
    let (mut long_name, mut long_size) = (None, None);
    loop {
        let mut block = [0; BLOCK_BYTES];
        let filled = match fill(reader, &mut block) {
            Ok(0) => return Continue(()),
            Ok(filled) => filled,
            Err(cause) => return unpacking.fail(name, packing, &cause),
        };
        if block.iter().all(|&byte| byte == 0) {
            continue;
        }
        let Some(header) = Header::parse(&block).filter(|_| filled == BLOCK_BYTES) else {
            unpacking.note(name, Why::Packed { detail: "damaged tar".into() });
            let rest = Cursor::new(block[..filled].to_vec()).chain(reader);
            // It may begin as a tar does, and is none.
            return unpacking.read(&joined(name, b"what follows"), rest, packing, AS_IT_IS);
        };
        let is_of_next = matches!(header.kind, b'L' | b'x' | b'K' | b'g') && header.size <= MAX_NAME_ENTRY_BYTES;
        let size = if is_of_next { header.size } else { long_size.take().unwrap_or(header.size) };
        let mut content = (&mut *reader).take(size);
        let read = match header.kind {
            b'L' if is_of_next => {
                let mut bytes = Vec::new();
                let read = content.read_to_end(&mut bytes);
                long_name = Some(text(&bytes).to_vec());
                read.map(|_| ())
            }
            b'x' if is_of_next => {
                let mut bytes = Vec::new();
                let read = content.read_to_end(&mut bytes);
                long_name = record(&bytes, b"path").map(<[u8]>::to_vec).or(long_name);
                long_size = record(&bytes, b"size").and_then(|size| std::str::from_utf8(size).ok()?.parse().ok());
                read.map(|_| ())
            }
            b'K' | b'g' if is_of_next => Ok(()),
            _ => {
                let read = if header.is_continued { pass_continued(content.get_mut()) } else { Ok(()) };
                let member = joined(name, &long_name.take().unwrap_or(header.name));
                if size > 0 {
                    unpacking.read(&member, &mut content, packing, depth)?;
                } else {
                    unpacking.count(&member)?;
                }
                read
            }
        };
        // What of it was not read, and what fills up its last block.
        let read = read.and_then(|()| io::copy(&mut content, &mut io::sink())).map(|_| content.limit());
        let padding = (BLOCK_BYTES as u64 - size % BLOCK_BYTES as u64) % BLOCK_BYTES as u64;
        match read.and_then(|missing| io::copy(&mut (&mut *reader).take(padding), &mut io::sink()).map(|_| missing)) {
            Ok(0) => {}
            Ok(_) => unpacking.note(name, Why::Packed { detail: format!("damaged {}", packing.word()) }),
            Err(cause) => return unpacking.fail(name, packing, &cause),
        }
    }
}

/// Passes over the list of parts of a sparse file; the parts that it has follow as one.
fn pass_continued(reader: &mut dyn Read) -> io::Result<()> {
    let mut block = [0; BLOCK_BYTES];
    loop {
        if fill(reader, &mut block)? < BLOCK_BYTES || block[SPARSE_BLOCK_GOES_ON] == 0 {
            return Ok(());
        }
    }
}

/// Reads a block, or what is left of it.
fn fill(reader: &mut dyn Read, block: &mut Block) -> io::Result<usize> {
    let mut filled = 0;
    while filled < BLOCK_BYTES {
        match reader.read(&mut block[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// Returns a value of the records that an entry has of the next one: their length, a name, a value.
fn record<'r>(records: &'r [u8], name: &[u8]) -> Option<&'r [u8]> {
    let mut rest = records;
    let mut found = None;
    while let Some(at) = memchr::memchr(b' ', rest) {
        let len: usize = std::str::from_utf8(&rest[..at]).ok()?.parse().ok()?;
        let said = rest.get(at + 1..len.checked_sub(1)?)?;
        if let Some(value) = said.strip_prefix(name).and_then(|said| said.strip_prefix(b"=")) {
            found = Some(value);
        }
        rest = rest.get(len..)?;
    }
    found
}
