//! Which object of a pack is a delta of which: a forest whose roots are stored whole.

use gix::objs::Kind;
use gix::odb::pack::data::entry::Header;
use gix::{ObjectId, oid};
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _, ParallelSliceMut as _};

use super::Pack;

/// The number of an object in the order of the pack.
pub(super) type Node = u32;

/// The objects of one pack in the order of their offsets, and how they hang together.
pub(super) struct Forest {
    /// Where each entry begins, and its position in the index.
    entries: Vec<(u64, u32)>,
    heads: Vec<Head>,
    /// The children of node `n` are `children[child_ends[n - 1]..child_ends[n]]`.
    child_ends: Vec<u32>,
    children: Vec<Node>,
    /// Bytes of each node and all below it.
    weights: Vec<u64>,
    /// Nodes that are stored whole.
    roots: Vec<(Node, Kind)>,
    /// Deltas whose base is in another pack or loose.
    strays: Vec<(Node, ObjectId)>,
    /// Deltas that hang on no root: their bases form a circle, or cannot be read.
    pub(super) lost: Vec<Node>,
}

/// What the header of an entry says.
#[derive(Clone, Copy)]
enum Head {
    Whole { kind: Kind, bytes: u64, data: u64 },
    Delta { base: Base, bytes: u64, data: u64 },
    Broken,
}

#[derive(Clone, Copy)]
enum Base {
    Node(Node),
    /// In another pack or loose; its name is in `strays`, as there are few and a name is long.
    Elsewhere,
    Nowhere,
}

impl Forest {
    pub(super) fn new(pack: &Pack) -> Self {
        let mut entries: Vec<(u64, u32)> = (0..pack.index.num_objects()).map(|at| (pack.index.pack_offset_at_index(at), at)).collect();
        entries.par_sort_unstable();
        let heads: Vec<Head> = entries.par_iter().map(|&(offset, _)| head(pack, &entries, offset)).collect();
        let (child_ends, children) = link(&heads);
        let mut roots = Vec::new();
        let mut strays = Vec::new();
        for (node, head) in (0..).zip(&heads) {
            match head {
                Head::Whole { kind, .. } => roots.push((node, *kind)),
                Head::Delta { base: Base::Elsewhere, .. } => strays.extend(base_id(pack, entries[node as usize].0).map(|id| (node, id))),
                Head::Delta { .. } | Head::Broken => {}
            }
        }
        let mut forest = Forest { entries, heads, child_ends, children, weights: Vec::new(), roots, strays, lost: Vec::new() };
        forest.weigh();
        forest
    }

    /// Adds up the weights from the leaves, and finds what hangs on no root.
    fn weigh(&mut self) {
        let starts = self.roots.iter().map(|root| root.0).chain(self.strays.iter().map(|stray| stray.0));
        let mut order: Vec<Node> = starts.collect();
        let mut at = 0;
        while at < order.len() {
            let node = order[at];
            order.extend_from_slice(self.children(node));
            at += 1;
        }
        self.weights = self
            .heads
            .iter()
            .map(|head| match head {
                Head::Whole { bytes, .. } | Head::Delta { bytes, .. } => *bytes,
                Head::Broken => 0,
            })
            .collect();
        let mut is_reached = vec![false; self.heads.len()];
        for &node in order.iter().rev() {
            is_reached[node as usize] = true;
            if let Head::Delta { base: Base::Node(base), .. } = self.heads[node as usize] {
                // Sizes are what an entry claims; a hostile one claims anything.
                self.weights[base as usize] = self.weights[base as usize].saturating_add(self.weights[node as usize]);
            }
        }
        self.lost = (0..).zip(is_reached).filter(|&(_, is_reached)| !is_reached).map(|(node, _)| node).collect();
    }

    pub(super) fn roots(&self) -> &[(Node, Kind)] {
        &self.roots
    }

    pub(super) fn strays(&self) -> &[(Node, ObjectId)] {
        &self.strays
    }

    pub(super) fn children(&self, node: Node) -> &[Node] {
        let node = node as usize;
        let start = if node == 0 { 0 } else { self.child_ends[node - 1] };
        &self.children[start as usize..self.child_ends[node] as usize]
    }

    /// Returns the number of nodes.
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    /// Returns what a node is a delta of, if that is in this pack.
    pub(super) fn base(&self, node: Node) -> Option<Node> {
        match self.heads[node as usize] {
            Head::Delta { base: Base::Node(base), .. } => Some(base),
            Head::Delta { .. } | Head::Whole { .. } | Head::Broken => None,
        }
    }

    pub(super) fn weight(&self, node: Node) -> u64 {
        self.weights[node as usize]
    }

    /// Returns how many bytes the entry of a node inflates to.
    pub(super) fn inflated_bytes(&self, node: Node) -> u64 {
        match self.heads[node as usize] {
            Head::Whole { bytes, .. } | Head::Delta { bytes, .. } => bytes,
            Head::Broken => 0,
        }
    }

    /// Returns the compressed bytes of a node, and maybe a few more.
    pub(super) fn deflated<'p>(&self, node: Node, pack: &'p Pack) -> Option<&'p [u8]> {
        let data = match self.heads[node as usize] {
            Head::Whole { data, .. } | Head::Delta { data, .. } => data,
            Head::Broken => return None,
        };
        let end = self.entries.get(node as usize + 1).map_or(pack.data.pack_end() as u64, |next| next.0);
        if data > end {
            return None;
        }
        pack.data.entry_slice(data..end)
    }

    pub(super) fn id<'p>(&self, node: Node, pack: &'p Pack) -> &'p oid {
        pack.index.oid_at_index(self.entries[node as usize].1)
    }
}

fn head(pack: &Pack, entries: &[(u64, u32)], offset: u64) -> Head {
    let is_inside = offset < pack.data.pack_end() as u64;
    let Some(entry) = is_inside.then(|| pack.data.entry(offset).ok()).flatten() else { return Head::Broken };
    let (bytes, data) = (entry.decompressed_size, entry.data_offset);
    let node_at = |offset: u64| entries.binary_search_by_key(&offset, |entry| entry.0).ok().and_then(|node| Node::try_from(node).ok());
    match entry.header {
        Header::Commit => Head::Whole { kind: Kind::Commit, bytes, data },
        Header::Tree => Head::Whole { kind: Kind::Tree, bytes, data },
        Header::Blob => Head::Whole { kind: Kind::Blob, bytes, data },
        Header::Tag => Head::Whole { kind: Kind::Tag, bytes, data },
        Header::OfsDelta { base_distance } => {
            let base = Header::verified_base_pack_offset(offset, base_distance).and_then(node_at);
            Head::Delta { base: base.map_or(Base::Nowhere, Base::Node), bytes, data }
        }
        Header::RefDelta { base_id } => {
            let base = match pack.index.lookup(base_id) {
                Some(at) => node_at(pack.index.pack_offset_at_index(at)).map_or(Base::Nowhere, Base::Node),
                None => Base::Elsewhere,
            };
            Head::Delta { base, bytes, data }
        }
    }
}

/// Returns the name of the base of a reference delta.
fn base_id(pack: &Pack, offset: u64) -> Option<ObjectId> {
    match pack.data.entry(offset).ok()?.header {
        Header::RefDelta { base_id } => Some(base_id),
        Header::Commit | Header::Tree | Header::Blob | Header::Tag | Header::OfsDelta { .. } => None,
    }
}

/// Lists the children of each node, one node after the other.
fn link(heads: &[Head]) -> (Vec<u32>, Vec<Node>) {
    let parents = || {
        (0..).zip(heads).filter_map(|(node, head)| match head {
            Head::Delta { base: Base::Node(base), .. } => Some((node, *base)),
            Head::Delta { .. } | Head::Whole { .. } | Head::Broken => None,
        })
    };
    let mut ends = vec![0u32; heads.len()];
    for (_, base) in parents() {
        ends[base as usize] += 1;
    }
    let mut total = 0;
    for end in &mut ends {
        total += *end;
        *end = total;
    }
    let mut children = vec![0; total as usize];
    let mut next: Vec<u32> = std::iter::once(0).chain(ends.iter().copied()).take(heads.len()).collect();
    for (node, base) in parents() {
        let slot = &mut next[base as usize];
        children[*slot as usize] = node;
        *slot += 1;
    }
    (ends, children)
}
