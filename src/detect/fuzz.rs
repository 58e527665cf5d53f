//! What the fuzz targets of `fuzz/` call; not part of a usual build.

use std::sync::OnceLock;

use super::Catalog;
use crate::chunk::Content;
use crate::git::pack::Run;

/// Builds a chunk by copying from a base and inserting, and looks at it both ways.
///
/// # Panics
/// When a rule is broken.
pub fn engine(data: &[u8]) {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    let catalog = CATALOG.get_or_init(Catalog::shipped);
    for m in catalog.matches(data, Content::Text) {
        let span = m.span();
        assert!(span.start < span.end && span.end <= data.len(), "{span:?}");
    }
    let Some((head, base)) = data.split_first_chunk::<9>() else { return };
    let (mut chunk, mut runs) = (Vec::new(), Vec::new());
    for part in head.as_chunks::<3>().0 {
        let place = |byte: u8| base.len() * usize::from(byte) / 256;
        let (from, to) = (place(part[0].min(part[1])), place(part[0].max(part[1])));
        if from < to {
            runs.push(Run { target: chunk.len(), base: from, len: to - from });
            chunk.extend_from_slice(&base[from..to]);
        }
        let insert = &data[..data.len() * usize::from(part[2] % 64) / 256];
        chunk.extend_from_slice(insert);
    }
    let known = catalog.trace(base);
    assert_eq!(catalog.trace_derived(&chunk, base, &known, &runs, true), catalog.trace(&chunk));
}
