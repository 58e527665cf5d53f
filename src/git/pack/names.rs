//! Tells fast whether an object of some name is there: one look into a table instead of a search in every index.

use gix::{ObjectId, oid};

use super::{ObjectNumber, Pack};
use crate::git::buckets::head;

/// The names of all objects, found by their first bytes.
///
/// Names are spread evenly, so those of an index, which are sorted, fill the table from front to end. What is looked up is looked for at its
/// place by half of the eight bytes, and compared by the other half: the index, where the whole name is, would be one more place in memory to
/// wait for. Two objects whose names agree so far are noticed, and then names are compared in full; of names that are of no object
/// one in a billion would be taken for that of one.
#[derive(Default)]
pub(super) struct Names {
    /// The mark of a name in the upper half, in the lower one more than the number of its object; or zero.
    slots: Vec<u64>,
    /// Whether two names have the same mark, in places where one may be taken for the other.
    are_alike: bool,
    /// The number of the first object of each pack, and of the first loose one.
    firsts: Vec<u32>,
}

impl Names {
    pub(super) fn new(packs: &[Pack], loose: &[(ObjectId, u64)]) -> Self {
        let mut total = 0u32;
        let mut firsts = Vec::new();
        for pack in packs {
            firsts.push(total);
            total += pack.index.num_objects();
        }
        firsts.push(total);
        let count = total as usize + loose.len();
        let mut names = Names { slots: vec![0; count + count / 3 + 2], are_alike: false, firsts };
        let packed = packs.iter().flat_map(|pack| (0..pack.index.num_objects()).map(|at| pack.index.oid_at_index(at)));
        for (number, id) in (1..).zip(packed.chain(loose.iter().map(|loose| loose.0.as_ref()))) {
            let (mut at, mark) = names.place(id);
            while let Some(other) = names.number_at(at) {
                let is_alike = mark_of(names.slots[at]) == mark && names.id(other, packs, loose) != id;
                names.are_alike |= is_alike;
                at = names.after(at);
            }
            names.slots[at] = u64::from(mark) << u32::BITS | number;
        }
        names
    }

    /// Returns where a name belongs, and its mark.
    fn place(&self, id: &oid) -> (usize, u32) {
        let head = head(id);
        let place = (u128::from(head) * self.slots.len() as u128) >> u64::BITS;
        (place as usize, head as u32)
    }

    /// Returns the number of the object in a slot.
    fn number_at(&self, at: usize) -> Option<ObjectNumber> {
        (self.slots[at] as u32).checked_sub(1)
    }

    /// Returns the slot behind one.
    fn after(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    /// Returns the number of the first object of a pack, or of the first loose one.
    pub(super) fn first(&self, place: usize) -> ObjectNumber {
        self.firsts[place]
    }

    /// Returns the number of the object of a name.
    pub(super) fn find(&self, id: &oid, packs: &[Pack], loose: &[(ObjectId, u64)]) -> Option<ObjectNumber> {
        let (mut at, mark) = self.place(id);
        loop {
            let number = self.number_at(at)?;
            if mark_of(self.slots[at]) == mark && (!self.are_alike || self.id(number, packs, loose) == id) {
                return Some(number);
            }
            at = self.after(at);
        }
    }

    /// Returns the name of an object.
    pub(super) fn id<'n>(&self, number: ObjectNumber, packs: &'n [Pack], loose: &'n [(ObjectId, u64)]) -> &'n oid {
        let place = self.firsts.partition_point(|&first| first <= number) - 1;
        let at = number - self.firsts[place];
        match packs.get(place) {
            Some(pack) => pack.index.oid_at_index(at),
            None => &loose[at as usize].0,
        }
    }
}

fn mark_of(slot: u64) -> u32 {
    (slot >> u32::BITS) as u32
}

#[cfg(test)]
mod tests {
    use gix::ObjectId;

    use super::Names;

    #[test]
    fn every_name_finds_its_object() {
        let mut bytes = [0; 20];
        let mut loose: Vec<(ObjectId, u64)> = (0..1_000u64)
            .map(|number| {
                bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
                (ObjectId::from_bytes_or_panic(&bytes), 0)
            })
            .collect();
        // Those that belong in the last slots find room in the first.
        loose.extend(
            [0xfa, 0xfb, 0xfc, 0xfd].map(|byte| (ObjectId::from_bytes_or_panic(&[[0xff; 7], [byte; 7], [0; 7]].concat()[..20]), 0)),
        );
        loose.sort_unstable();
        let names = Names::new(&[], &loose);
        for (number, (id, _)) in (0..).zip(&loose) {
            assert_eq!(names.find(id, &[], &loose), Some(number));
        }
        assert_eq!(names.find(&ObjectId::from_bytes_or_panic(&[0x11; 20]), &[], &loose), None);
    }

    #[test]
    fn names_that_begin_alike_are_told_apart() {
        let id = |end: u8| ObjectId::from_bytes_or_panic(&[[7; 10], [end; 10]].concat());
        let loose = [(id(1), 0), (id(2), 0)];
        let names = Names::new(&[], &loose);
        assert_eq!([1, 2, 3].map(|end| names.find(&id(end), &[], &loose)), [Some(0), Some(1), None]);
    }
}
