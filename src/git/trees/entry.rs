//! Reads the entries of a tree.

use gix::oid;

/// An entry of a tree.
pub(super) struct Entry<'t> {
    /// Where it begins in the tree.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: EntryKind,
    pub(super) name: &'t [u8],
    pub(super) id: &'t oid,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryKind {
    Tree,
    Blob,
    Submodule,
}

/// Reads the entry that begins at `start`; nothing when it is cut off.
pub(super) fn entry(bytes: &[u8], start: usize, id_bytes: usize) -> Option<Entry<'_>> {
    let rest = &bytes[start..];
    let space = memchr::memchr(b' ', &rest[..rest.len().min(8)])?;
    let kind = match &rest[..space] {
        b"40000" | b"040000" => EntryKind::Tree,
        b"160000" => EntryKind::Submodule,
        _ => EntryKind::Blob,
    };
    let zero = space + 1 + memchr::memchr(0, &rest[space + 1..])?;
    let id = oid::try_from_bytes(rest.get(zero + 1..zero + 1 + id_bytes)?).ok()?;
    Some(Entry { start, end: start + zero + 1 + id_bytes, kind, name: &rest[space + 1..zero], id })
}
