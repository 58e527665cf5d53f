//! Compressed files: streams of one format, one after the other.
//!
//! The streams are told apart here and not by the decoders: an empty one takes fourteen bytes and some time, so each has its price.

use std::io::{self, ErrorKind, Read};

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::Packing;
use super::budget::{Budget, Packed};

/// What a stream costs besides what it unpacks to: what setting up a decoder takes in time.
const STREAM_BYTES: u64 = 64 << 10;
/// The same for gzip, of which honest files have one stream for each of their parts.
const GZIP_STREAM_BYTES: u64 = 8 << 10;
/// A dictionary of the strongest setting of `xz` takes 64 MiB, and what the decoder needs besides.
const MAX_DICTIONARY_KIB: u32 = (64 << 10) + 256;
/// `zstd --long` asks for as much; more has to be allowed explicitly there as well.
const MAX_WINDOW_BYTES: u64 = 128 << 20;

pub(super) struct Streams<'b> {
    packing: Packing,
    rest: &'b [u8],
    budget: &'b Budget<'b>,
    decoder: Option<Decoder<'b>>,
}

enum Decoder<'b> {
    Gzip(Box<flate2::bufread::GzDecoder<Packed<'b>>>),
    Bzip2(bzip2::bufread::BzDecoder<Packed<'b>>),
    Xz(Box<lzma_rust2::XzReader<Packed<'b>>>),
    Zstd(Box<StreamingDecoder<Packed<'b>, FrameDecoder>>),
}

impl<'b> Streams<'b> {
    pub(super) fn new(packing: Packing, bytes: &'b [u8], budget: &'b Budget<'b>) -> Self {
        Streams { packing, rest: bytes, budget, decoder: None }
    }

    /// Begins with the next stream; nothing is left at the end.
    fn begin(&mut self) -> io::Result<Option<Decoder<'b>>> {
        if self.packing == Packing::Zstd {
            while let Some(behind) = skippable(self.rest) {
                self.budget.charge(STREAM_BYTES)?;
                self.rest = behind;
            }
        }
        // Tapes and streams of `xz` are filled up with zeros.
        if self.rest.iter().all(|&byte| byte == 0) {
            return Ok(None);
        }
        if self.packing == Packing::Xz {
            while let [0, 0, 0, 0, behind @ ..] = self.rest {
                self.rest = behind;
            }
        }
        if Packing::of(self.rest) != Some(self.packing) {
            return Err(io::Error::new(ErrorKind::InvalidData, "something else follows"));
        }
        self.budget.charge(if self.packing == Packing::Gzip { GZIP_STREAM_BYTES } else { STREAM_BYTES })?;
        let packed = Packed { rest: self.rest, budget: self.budget };
        Ok(Some(match self.packing {
            Packing::Gzip => Decoder::Gzip(Box::new(flate2::bufread::GzDecoder::new(packed))),
            Packing::Bzip2 => Decoder::Bzip2(bzip2::bufread::BzDecoder::new(packed)),
            Packing::Xz => Decoder::Xz(Box::new(lzma_rust2::XzReader::new_mem_limit(packed, false, MAX_DICTIONARY_KIB))),
            Packing::Zstd => {
                let frame = StreamingDecoder::new_with_max_window_size(packed, MAX_WINDOW_BYTES).map_err(|cause| match cause {
                    FrameDecoderError::WindowSizeTooBig { .. } => io::Error::from(ErrorKind::OutOfMemory),
                    cause => io::Error::new(ErrorKind::InvalidData, cause),
                })?;
                Decoder::Zstd(Box::new(frame))
            }
            Packing::Zip | Packing::Tar | Packing::Other(_) => return Ok(None),
        }))
    }
}

impl Read for Streams<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // Some decoders hide what their reader said.
        self.unpack(into).map_err(|cause| {
            // What a decoder does behind an error is its own affair.
            (self.decoder, self.rest) = (None, &[]);
            self.budget.charge(0).err().unwrap_or(cause)
        })
    }
}

impl<'b> Streams<'b> {
    fn unpack(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        loop {
            let Some(decoder) = &mut self.decoder else {
                self.decoder = self.begin()?;
                if self.decoder.is_none() {
                    return Ok(0);
                }
                continue;
            };
            let count = match decoder {
                Decoder::Gzip(decoder) => decoder.read(into)?,
                Decoder::Bzip2(decoder) => decoder.read(into)?,
                Decoder::Xz(decoder) => decoder.read(into)?,
                Decoder::Zstd(decoder) => decoder.read(into)?,
            };
            if count > 0 {
                return Ok(count);
            }
            if let Some(ended) = self.decoder.take() {
                self.rest = ended.rest();
            }
        }
    }
}

impl<'b> Decoder<'b> {
    /// Returns what follows the stream.
    fn rest(self) -> &'b [u8] {
        let packed = match self {
            Decoder::Gzip(decoder) => decoder.into_inner(),
            Decoder::Bzip2(decoder) => decoder.into_inner(),
            Decoder::Xz(decoder) => decoder.into_inner(),
            Decoder::Zstd(decoder) => decoder.into_inner(),
        };
        packed.rest
    }
}

/// Returns what follows a frame of zstd that says nothing, if that is one.
fn skippable(bytes: &[u8]) -> Option<&[u8]> {
    let ([0x50..=0x5f, 0x2a, 0x4d, 0x18, size @ ..], behind) = bytes.split_first_chunk::<8>()? else { return None };
    behind.get(usize::try_from(u32::from_le_bytes(*size)).ok()?..)
}
