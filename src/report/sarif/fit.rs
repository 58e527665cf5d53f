//! How many results a file may have before GitHub refuses it.

use super::result::{self, Lookup};
use crate::report::document::Document;
use crate::report::json;

/// More results than this make GitHub refuse a file.
pub(super) const MAX_RESULTS: usize = 25_000;
/// GitHub refuses files of more than 10 MB when compressed; rules and what is around results take the rest.
const MAX_COMPRESSED_BYTES: usize = 9_000_000;
/// Compressed together, as a whole file does a little better.
const CHUNK_BYTES: usize = 4 << 20;
/// Fewer places than this always fit: a place that is repeated takes less than a hundred bytes when compressed.
const SURE_TO_FIT: usize = 20_000;

/// Returns whether a document is so small that nothing of it has to be left out.
pub(super) fn is_sure(document: &Document) -> bool {
    let credentials = &document.credentials;
    credentials.len() <= MAX_RESULTS && credentials.iter().map(|credential| credential.places.len()).sum::<usize>() <= SURE_TO_FIT
}

/// Returns how many credentials of a document, worst first, make a file that is taken, and whose limit that is.
pub(super) fn fit(document: &Document, lookup: &Lookup<'_>) -> (usize, &'static str) {
    let count = document.credentials.len().min(MAX_RESULTS);
    let by_count = (count, "GitHub takes 25,000 results");
    if is_sure(document) {
        return by_count;
    }
    let mut compressor = libdeflater::Compressor::new(libdeflater::CompressionLvl::default());
    let (mut chunk, mut compressed, mut total, mut kept) = (Vec::new(), Vec::new(), 0, 0);
    for (number, credential) in (1..).zip(&document.credentials[..count]) {
        // Memory takes everything; what could fail is the disk.
        let _ = json::pretty(&result::reported(credential, lookup), &mut chunk);
        if chunk.len() < CHUNK_BYTES && number < count {
            continue;
        }
        compressed.resize(compressor.gzip_compress_bound(chunk.len()), 0);
        total += compressor.gzip_compress(&chunk, &mut compressed).unwrap_or(chunk.len());
        if total > MAX_COMPRESSED_BYTES {
            return (kept, "GitHub takes 10 MB compressed");
        }
        chunk.clear();
        kept = number;
    }
    by_count
}
