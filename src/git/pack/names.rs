//! Tells fast whether an object of some name is there: one look into a table instead of a search in every index.

use gix::{ObjectId, oid};

use super::forest::Forest;
use super::{ObjectNumber, Pack};
use crate::git::buckets::head;

/// The names of all objects, found by their first bytes.
///
/// Names are spread evenly, so those of an index, which are sorted, fill the table from front to end.
#[derive(Default)]
pub(super) struct Names {
    /// One more than the number of an object, or zero.
    slots: Vec<u32>,
    /// The slot of a name is what is left of its first eight bytes after this shift.
    shift: u32,
    /// The number of the first object of each pack, and of the first loose one.
    firsts: Vec<u32>,
}

impl Names {
    pub(super) fn new<'p>(packs: impl Iterator<Item = &'p Pack> + Clone, loose: &[(ObjectId, u64)]) -> Self {
        let mut total = 0u32;
        let mut firsts = Vec::new();
        for pack in packs.clone() {
            firsts.push(total);
            total += pack.index.num_objects();
        }
        firsts.push(total);
        let count = total as usize + loose.len();
        let bits = (count + count / 4 + 2).next_power_of_two().trailing_zeros();
        let mut names = Names { slots: vec![0; 1 << bits], shift: 64 - bits, firsts };
        let packed = packs.flat_map(|pack| (0..pack.index.num_objects()).map(|at| pack.index.oid_at_index(at)));
        for (number, id) in (1..).zip(packed.chain(loose.iter().map(|loose| loose.0.as_ref()))) {
            let mut slot = names.slot(id);
            while names.slots[slot] != 0 {
                slot = (slot + 1) & (names.slots.len() - 1);
            }
            names.slots[slot] = number;
        }
        names
    }

    fn slot(&self, id: &oid) -> usize {
        usize::try_from(head(id).checked_shr(self.shift).unwrap_or(0)).unwrap_or(0)
    }

    /// Returns the number of the first object of a pack, or of the first loose one.
    pub(super) fn first(&self, place: usize) -> ObjectNumber {
        self.firsts[place]
    }

    /// Returns the number of the object of a name.
    pub(super) fn find(&self, id: &oid, packs: &[(Pack, Forest)], loose: &[(ObjectId, u64)]) -> Option<ObjectNumber> {
        let mut slot = self.slot(id);
        while let Some(number) = self.slots[slot].checked_sub(1) {
            if self.id(number, packs, loose) == id {
                return Some(number);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        None
    }

    /// Returns the name of an object.
    pub(super) fn id<'n>(&self, number: ObjectNumber, packs: &'n [(Pack, Forest)], loose: &'n [(ObjectId, u64)]) -> &'n oid {
        let place = self.firsts.partition_point(|&first| first <= number) - 1;
        let at = number - self.firsts[place];
        match packs.get(place) {
            Some((pack, _)) => pack.index.oid_at_index(at),
            None => &loose[at as usize].0,
        }
    }
}
