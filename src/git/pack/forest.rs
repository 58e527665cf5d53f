//! Which object of a pack is a delta of which: a forest whose roots are stored whole.

use gix::objs::Kind;
use gix::odb::pack::data;
use gix::odb::pack::data::entry::Header;
use gix::{ObjectId, oid};
use rayon::prelude::{IntoParallelRefIterator as _, ParallelIterator as _, ParallelSliceMut as _};

use super::Pack;

/// The number of an object in the order of the pack.
pub(super) type Node = u32;

/// The objects of one pack in the order of their offsets, and how they hang together.
///
/// There are millions, so what can be read again from the pack, such as sizes, is not kept: 28 bytes an object.
pub(super) struct Forest {
    /// Where each entry begins.
    offsets: Vec<u64>,
    /// Where each is in the index.
    positions: Vec<u32>,
    /// What each is a delta of, or `NO_BASE`.
    bases: Vec<Node>,
    /// The children of node `n` are `children[child_ends[n - 1]..child_ends[n]]`.
    child_ends: Vec<u32>,
    children: Vec<Node>,
    /// The size of each node and all below it, in units of `WEIGHT_BYTES`.
    weights: Vec<u32>,
    /// Nodes that are stored whole.
    roots: Vec<(Node, Kind)>,
    /// Deltas whose base is in another pack or loose.
    strays: Vec<(Node, ObjectId)>,
    /// Deltas that hang on no root: their bases form a circle, or cannot be read.
    pub(super) lost: Vec<Node>,
}

/// No base in this pack.
const NO_BASE: Node = Node::MAX;

/// What a weight counts: families of up to 256 GiB have one.
const WEIGHT_BYTES: u64 = 64;

/// What is stored of one object.
pub(super) struct Entry<'p> {
    /// How many bytes it inflates to, as it says.
    pub(super) inflated_bytes: u64,
    /// The compressed bytes, and maybe a few more.
    pub(super) deflated: &'p [u8],
}

/// What the header of an entry says.
#[derive(Clone, Copy)]
enum Head {
    Whole { kind: Kind, bytes: u64 },
    Delta { base: Base, bytes: u64 },
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
        let (offsets, positions): (Vec<u64>, Vec<u32>) = entries.into_iter().unzip();
        let heads: Vec<Head> = offsets.par_iter().map(|&offset| head(pack, &offsets, offset)).collect();
        let mut roots = Vec::new();
        let mut strays = Vec::new();
        for (node, head) in (0..).zip(&heads) {
            match head {
                Head::Whole { kind, .. } => roots.push((node, *kind)),
                Head::Delta { base: Base::Elsewhere, .. } => strays.extend(base_id(pack, offsets[node as usize]).map(|id| (node, id))),
                Head::Delta { .. } | Head::Broken => {}
            }
        }
        let base = |head: &Head| match head {
            Head::Delta { base: Base::Node(base), .. } => *base,
            Head::Delta { .. } | Head::Whole { .. } | Head::Broken => NO_BASE,
        };
        let weight = |head: &Head| match head {
            Head::Whole { bytes, .. } | Head::Delta { bytes, .. } => u32::try_from(bytes.div_ceil(WEIGHT_BYTES)).unwrap_or(u32::MAX),
            Head::Broken => 0,
        };
        let bases: Vec<Node> = heads.iter().map(base).collect();
        let weights = heads.iter().map(weight).collect();
        drop(heads);
        let (child_ends, children) = link(&bases);
        let mut forest = Forest { offsets, positions, bases, child_ends, children, weights, roots, strays, lost: Vec::new() };
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
        let mut is_reached = vec![false; self.len()];
        for &node in order.iter().rev() {
            is_reached[node as usize] = true;
            if let Some(base) = self.base(node) {
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
        self.offsets.len()
    }

    /// Returns what a node is a delta of, if that is in this pack.
    pub(super) fn base(&self, node: Node) -> Option<Node> {
        Some(self.bases[node as usize]).filter(|&base| base != NO_BASE)
    }

    /// Returns about how many bytes the entries of a node and all below it inflate to.
    pub(super) fn weight(&self, node: Node) -> u64 {
        u64::from(self.weights[node as usize]) * WEIGHT_BYTES
    }

    /// Returns what is stored of a node.
    pub(super) fn entry<'p>(&self, node: Node, pack: &'p Pack) -> Option<Entry<'p>> {
        let entry = entry(pack, self.offsets[node as usize])?;
        let end = self.offsets.get(node as usize + 1).map_or(pack.data.pack_end() as u64, |next| *next);
        if entry.data_offset > end {
            return None;
        }
        let deflated = pack.data.entry_slice(entry.data_offset..end)?;
        Some(Entry { inflated_bytes: entry.decompressed_size, deflated })
    }

    /// Returns where a node is in the index.
    pub(super) fn position(&self, node: Node) -> u32 {
        self.positions[node as usize]
    }

    pub(super) fn id<'p>(&self, node: Node, pack: &'p Pack) -> &'p oid {
        pack.index.oid_at_index(self.position(node))
    }
}

/// Reads the header of the entry at an offset.
fn entry(pack: &Pack, offset: u64) -> Option<data::Entry> {
    let is_inside = offset < pack.data.pack_end() as u64;
    is_inside.then(|| pack.data.entry(offset).ok()).flatten()
}

fn head(pack: &Pack, offsets: &[u64], offset: u64) -> Head {
    let Some(entry) = entry(pack, offset) else { return Head::Broken };
    let bytes = entry.decompressed_size;
    let node_at = |offset: u64| offsets.binary_search(&offset).ok().and_then(|node| Node::try_from(node).ok());
    match entry.header {
        Header::Commit => Head::Whole { kind: Kind::Commit, bytes },
        Header::Tree => Head::Whole { kind: Kind::Tree, bytes },
        Header::Blob => Head::Whole { kind: Kind::Blob, bytes },
        Header::Tag => Head::Whole { kind: Kind::Tag, bytes },
        Header::OfsDelta { base_distance } => {
            let base = Header::verified_base_pack_offset(offset, base_distance).and_then(node_at);
            Head::Delta { base: base.map_or(Base::Nowhere, Base::Node), bytes }
        }
        Header::RefDelta { base_id } => {
            let base = match pack.index.lookup(base_id) {
                Some(at) => node_at(pack.index.pack_offset_at_index(at)).map_or(Base::Nowhere, Base::Node),
                None => Base::Elsewhere,
            };
            Head::Delta { base, bytes }
        }
    }
}

/// Returns the name of the base of a reference delta.
fn base_id(pack: &Pack, offset: u64) -> Option<ObjectId> {
    match entry(pack, offset)?.header {
        Header::RefDelta { base_id } => Some(base_id),
        Header::Commit | Header::Tree | Header::Blob | Header::Tag | Header::OfsDelta { .. } => None,
    }
}

/// Lists the children of each node, one node after the other.
fn link(bases: &[Node]) -> (Vec<u32>, Vec<Node>) {
    let pairs = || (0..).zip(bases.iter().copied()).filter(|&(_, base): &(Node, Node)| base != NO_BASE);
    let mut ends = vec![0u32; bases.len()];
    for (_, base) in pairs() {
        ends[base as usize] += 1;
    }
    let mut total = 0;
    for end in &mut ends {
        total += *end;
        *end = total;
    }
    let mut children = vec![0; total as usize];
    let mut next: Vec<u32> = std::iter::once(0).chain(ends.iter().copied()).take(bases.len()).collect();
    for (node, base) in pairs() {
        let slot = &mut next[base as usize];
        children[*slot as usize] = node;
        *slot += 1;
    }
    (ends, children)
}
