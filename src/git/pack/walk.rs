//! Decodes every object of a pack once, each from its base while that is in memory.

use std::sync::Arc;

use gix::objs::Kind;
use gix::oid;
use libdeflater::Decompressor;

use super::delta::{self, Run};
use super::forest::{Entry, Forest, Node};
use super::{ObjectNumber, Pack};
use crate::coverage::Why;
use crate::git::MAX_OBJECT_BYTES;
use crate::watch::Watch;

/// An object of the repository.
#[derive(Debug, Clone, Copy)]
pub struct Object<'o> {
    /// Its name.
    pub id: &'o oid,
    /// Its number in the store.
    pub number: ObjectNumber,
    /// What it is.
    pub kind: Kind,
    /// Its content.
    pub bytes: &'o [u8],
    /// Whether it was or will be seen elsewhere: it is shown for the sake of those that are deltas of it.
    pub is_repeat: bool,
    /// Whether others are deltas of it: what is kept of an object is of use only then.
    pub is_base: bool,
}

/// What an object that was stored as a delta was made from.
#[derive(Debug, Clone, Copy)]
pub struct Derived<'d, K> {
    /// The content of the base.
    pub base: &'d [u8],
    /// What the visitor kept of the base.
    pub kept: &'d K,
    /// What was copied from it, in the order of the object's bytes.
    pub runs: &'d [Run],
}

/// Whoever wants to see objects; called from several threads.
pub trait Visitor: Sync {
    /// What is kept of an object for those that are deltas of it.
    type Kept: Send + Sync;

    /// Returns whether objects of a kind are to be read at all.
    fn wants(&self, kind: Kind) -> bool;

    /// Returns whether there are objects that need not be seen; such a one may be seen nevertheless, as a repeat, for the sake of its deltas.
    fn knows_any(&self) -> bool {
        false
    }

    /// Returns whether it knows this object.
    fn knows(&self, _: &oid) -> bool {
        false
    }

    /// Sees an object. Bases come before what is made from them; beyond that there is no order.
    fn visit(&self, object: Object<'_>, derived: Option<Derived<'_, Self::Kept>>) -> Self::Kept;

    /// Learns of an object that could not be read.
    fn skip(&self, id: &oid, why: Why);
}

/// A base in memory, and what the visitor kept of it.
struct Held<K> {
    bytes: Vec<u8>,
    kept: K,
}

/// Work that may be done apart: a node, its base, and what kind of family it is.
struct Task<K> {
    node: Node,
    base: Option<Arc<Held<K>>>,
    kind: Kind,
}

/// Deflate makes 258 bytes of two bits at best, so a larger announcement is a lie, made to have memory allocated.
const MAX_RATIO: usize = 1_032;

/// Reads an object by its name, from wherever it is.
pub(super) type Fetch<'f> = dyn Fn(&oid) -> Option<Fetched> + Sync + 'f;

/// An object that was read by its name.
pub(super) struct Fetched {
    pub(super) number: ObjectNumber,
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
}

/// A pack among others.
pub(super) struct Place<'p> {
    pub(super) pack: &'p Pack,
    pub(super) forest: &'p Forest,
    /// The number of its first object.
    pub(super) first: ObjectNumber,
}

/// A node that is still to be visited, and its base.
type Pending<K> = (Node, Option<Arc<Held<K>>>);

/// A subtree of more than this is given to another thread: large enough that handing it over costs nothing.
const SPLIT_BYTES: u64 = 8 << 20;

pub(super) struct Walk<'w, V: Visitor> {
    pack: &'w Pack,
    forest: &'w Forest,
    first: ObjectNumber,
    visitor: &'w V,
    watch: &'w Watch,
    /// Tells which objects a pack before this one holds as well.
    is_repeat: &'w (dyn Fn(&oid) -> bool + Sync),
    /// Reads an object that is not in this pack.
    fetch: &'w Fetch<'w>,
    /// Which nodes must be read; all where it is empty.
    needed: Vec<bool>,
}

/// Buffers of one thread.
struct Bench {
    inflater: Decompressor,
    delta: Vec<u8>,
    runs: Vec<Run>,
    spare: Vec<Vec<u8>>,
}

impl Default for Bench {
    fn default() -> Self {
        Bench { inflater: Decompressor::new(), delta: Vec::new(), runs: Vec::new(), spare: Vec::new() }
    }
}

impl Bench {
    /// Keeps a buffer for the next object, unless there are enough or it is unusually large.
    fn spare(&mut self, buffer: Vec<u8>) {
        if self.spare.len() < 8 && buffer.capacity() <= 1 << 20 {
            self.spare.push(buffer);
        }
    }
}

impl<'w, V: Visitor> Walk<'w, V> {
    pub(super) fn new(
        place: Place<'w>,
        visitor: &'w V,
        watch: &'w Watch,
        is_repeat: &'w (dyn Fn(&oid) -> bool + Sync),
        fetch: &'w Fetch<'w>,
    ) -> Self {
        let Place { pack, forest, first } = place;
        let mut walk = Walk { pack, forest, first, visitor, watch, is_repeat, fetch, needed: Vec::new() };
        if visitor.knows_any() {
            walk.needed = walk.needed();
        }
        walk
    }

    /// Lists the nodes that must be read: those the visitor does not know, and their bases.
    fn needed(&self) -> Vec<bool> {
        let mut is_needed = vec![false; self.forest.len()];
        for node in 0..Node::try_from(self.forest.len()).unwrap_or(Node::MAX) {
            if self.visitor.knows(self.forest.id(node, self.pack)) {
                continue;
            }
            let mut at = Some(node);
            while let Some(node) = at.filter(|&node| !is_needed[node as usize]) {
                is_needed[node as usize] = true;
                at = self.forest.base(node);
            }
        }
        is_needed
    }

    fn is_needed(&self, node: Node) -> bool {
        self.needed.get(node as usize).copied().unwrap_or(true)
    }

    /// Visits all objects of the wanted kinds, on as many threads as the current pool has.
    pub(super) fn run(&self) {
        let mut roots: Vec<(Node, Kind)> =
            self.forest.roots().iter().copied().filter(|root| self.visitor.wants(root.1) && self.is_needed(root.0)).collect();
        roots.sort_by_key(|&(node, _)| (std::cmp::Reverse(self.forest.weight(node) / SPLIT_BYTES), node));
        rayon::scope(|scope| {
            for family in roots.chunk_by(|a, b| self.forest.weight(a.0).max(self.forest.weight(b.0)) < SPLIT_BYTES) {
                for part in family.chunks(256) {
                    scope.spawn(move |scope| {
                        for &(node, kind) in part {
                            self.family(Task { node, base: None, kind }, scope);
                        }
                    });
                }
            }
            for &(node, ref base_id) in self.forest.strays().iter().filter(|stray| self.is_needed(stray.0)) {
                scope.spawn(move |scope| self.stray(node, base_id, scope));
            }
        });
    }

    /// Reads a delta whose base lies outside of the pack.
    fn stray<'s>(&'s self, node: Node, base_id: &oid, scope: &rayon::Scope<'s>) {
        let Some(Fetched { number, kind, bytes }) = (self.fetch)(base_id) else {
            let why = Why::Corrupt { detail: format!("its base {base_id} is missing") };
            return self.give_up(node, &why);
        };
        if self.visitor.wants(kind) {
            let kept = self.visitor.visit(Object { id: base_id, number, kind, bytes: &bytes, is_repeat: true, is_base: true }, None);
            self.family(Task { node, base: Some(Arc::new(Held { bytes, kept })), kind }, scope);
        }
    }

    /// Visits a node and all below it.
    ///
    /// Children come lightest first, and the base is let go before its last child is gone into: so a base is held
    /// only while half of a family or more is still below its other children, and never more than log₂ of the
    /// family's size are held at once.
    fn family<'s>(&'s self, task: Task<V::Kept>, scope: &rayon::Scope<'s>) {
        let kind = task.kind;
        let mut bench = BENCH.take();
        let mut pending = vec![(task.node, task.base)];
        while let Some((node, base)) = pending.pop() {
            if self.watch.is_stopped() {
                break;
            }
            match self.object(node, base.as_deref(), kind, &mut bench) {
                Err(why) => self.give_up(node, &why),
                Ok(held) => {
                    if let Some(base) = base.and_then(Arc::into_inner) {
                        bench.spare(base.bytes);
                    }
                    self.put_off(node, held, kind, &mut pending, &mut bench, scope);
                }
            }
        }
        BENCH.set(bench);
    }

    /// Puts the children of a node on the pile, or gives the heavy ones to other threads.
    fn put_off<'s>(
        &'s self,
        node: Node,
        held: Held<V::Kept>,
        kind: Kind,
        pending: &mut Vec<Pending<V::Kept>>,
        bench: &mut Bench,
        scope: &rayon::Scope<'s>,
    ) {
        let children = self.forest.children(node);
        if !children.iter().any(|&child| self.is_needed(child)) {
            return bench.spare(held.bytes);
        }
        let held = Arc::new(held);
        let mut by_weight: Vec<Node> = children.iter().copied().filter(|&child| self.is_needed(child)).collect();
        by_weight.sort_by_key(|&child| (std::cmp::Reverse(self.forest.weight(child)), child));
        for (rank, child) in by_weight.into_iter().enumerate() {
            let base = Some(Arc::clone(&held));
            if rank > 0 && self.forest.weight(child) > SPLIT_BYTES {
                scope.spawn(move |scope| self.family(Task { node: child, base, kind }, scope));
            } else {
                pending.push((child, base));
            }
        }
    }

    fn object(&self, node: Node, base: Option<&Held<V::Kept>>, kind: Kind, bench: &mut Bench) -> Result<Held<V::Kept>, Why> {
        let Entry { inflated_bytes, deflated } = self.forest.entry(node, self.pack).ok_or_else(|| corrupt("its entry is cut off"))?;
        let bytes = limited(inflated_bytes)?;
        if bytes > deflated.len().saturating_mul(MAX_RATIO) + 1024 {
            return Err(corrupt("it is said to inflate to more than it can"));
        }
        let mut content = bench.spare.pop().unwrap_or_default();
        match base {
            None => inflate(&mut bench.inflater, deflated, &mut content, bytes)?,
            Some(base) => {
                inflate(&mut bench.inflater, deflated, &mut bench.delta, bytes)?;
                limited(delta::sizes(&bench.delta).map_err(corrupt)?.result)?;
                delta::apply(&base.bytes, &bench.delta, &mut content, &mut bench.runs).map_err(corrupt)?;
            }
        }
        self.watch.advance(deflated.len() as u64);
        let id = self.forest.id(node, self.pack);
        let derived = base.map(|base| Derived { base: &base.bytes, kept: &base.kept, runs: &bench.runs });
        let is_repeat = (self.is_repeat)(id) || (!self.needed.is_empty() && self.visitor.knows(id));
        let number = self.first + self.forest.position(node);
        let is_base = !self.forest.children(node).is_empty();
        let kept = self.visitor.visit(Object { id, number, kind, bytes: &content, is_repeat, is_base }, derived);
        Ok(Held { bytes: content, kept })
    }

    /// Reports a node that cannot be read, and all that cannot be read without it.
    pub(super) fn give_up(&self, node: Node, why: &Why) {
        self.visitor.skip(self.forest.id(node, self.pack), why.clone());
        let mut below = self.forest.children(node).to_vec();
        while let Some(child) = below.pop() {
            let base = self.forest.id(node, self.pack);
            self.visitor.skip(self.forest.id(child, self.pack), corrupt(format_args!("it is a delta of {base}, which cannot be read")));
            below.extend_from_slice(self.forest.children(child));
        }
    }
}

fn limited(bytes: u64) -> Result<usize, Why> {
    let too_large = Why::TooLarge { bytes, limit_bytes: MAX_OBJECT_BYTES };
    if bytes > MAX_OBJECT_BYTES { Err(too_large) } else { usize::try_from(bytes).map_err(|_| too_large) }
}

fn inflate(inflater: &mut Decompressor, deflated: &[u8], into: &mut Vec<u8>, bytes: usize) -> Result<(), Why> {
    // What an earlier object left there need not become zeros first: all of it is written, or nobody reads it.
    into.resize(bytes, 0);
    match inflater.zlib_decompress(deflated, into) {
        Ok(written) if written == bytes => Ok(()),
        Ok(_) => Err(corrupt("it inflates to another size than it says")),
        Err(cause) => Err(corrupt(cause)),
    }
}

pub(super) fn corrupt(detail: impl std::fmt::Display) -> Why {
    Why::Corrupt { detail: detail.to_string() }
}

thread_local! {
    static BENCH: std::cell::Cell<Bench> = std::cell::Cell::new(Bench::default());
}
