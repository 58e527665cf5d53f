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
    /// One more than the number of an object, or zero; the bits above it are a mark of its name.
    slots: Vec<u32>,
    /// How many bits of a name say which slot is its own.
    slot_bits: u32,
    /// The bits that a number takes.
    number_mask: u32,
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
        let slot_bits = (count + count / 4 + 2).next_power_of_two().trailing_zeros();
        let number_mask = u32::try_from((count + 1).next_power_of_two() - 1).unwrap_or(u32::MAX);
        let mut names = Names { slots: vec![0; 1 << slot_bits], slot_bits, number_mask, firsts };
        let packed = packs.flat_map(|pack| (0..pack.index.num_objects()).map(|at| pack.index.oid_at_index(at)));
        for (number, id) in (1..).zip(packed.chain(loose.iter().map(|loose| loose.0.as_ref()))) {
            let (mut slot, mark) = names.slot(id);
            while names.slots[slot] != 0 {
                slot = (slot + 1) & (names.slots.len() - 1);
            }
            names.slots[slot] = mark | number;
        }
        names
    }

    /// Returns where a name belongs, and its mark: names that are not the same hardly ever have the same mark.
    fn slot(&self, id: &oid) -> (usize, u32) {
        let head = head(id);
        let slot = head.checked_shr(u64::BITS - self.slot_bits).unwrap_or(0);
        let mark = (head << self.slot_bits >> u32::BITS) as u32;
        (usize::try_from(slot).unwrap_or(0), mark & !self.number_mask)
    }

    /// Returns the number of the first object of a pack, or of the first loose one.
    pub(super) fn first(&self, place: usize) -> ObjectNumber {
        self.firsts[place]
    }

    /// Returns the number of the object of a name.
    pub(super) fn find(&self, id: &oid, packs: &[(Pack, Forest)], loose: &[(ObjectId, u64)]) -> Option<ObjectNumber> {
        let (mut at, mark) = self.slot(id);
        loop {
            let slot = self.slots[at];
            let number = (slot & self.number_mask).checked_sub(1)?;
            if slot & !self.number_mask == mark && self.id(number, packs, loose) == id {
                return Some(number);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
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
