//! An index of a sorted list of evenly spread keys, such as hashes: one look instead of a binary search.

use std::ops::Range;

use gix::oid;

/// Returns the first eight bytes of an object's name: enough to tell millions apart.
pub(crate) fn head(id: &oid) -> u64 {
    id.as_bytes().first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
}

/// Where in the list the keys with the same first bits are.
pub(crate) struct Buckets {
    shift: u32,
    /// The keys of bucket `b` are at `ends[b - 1]..ends[b]`.
    ends: Vec<u32>,
}

impl Buckets {
    /// Indexes the keys of a sorted list.
    pub(crate) fn new(keys: impl ExactSizeIterator<Item = u64>) -> Self {
        let bits = keys.len().next_power_of_two().trailing_zeros().clamp(1, 28);
        let mut buckets = Buckets { shift: u64::BITS - bits, ends: vec![0; 1 << bits] };
        for key in keys {
            let bucket = buckets.bucket(key);
            buckets.ends[bucket] += 1;
        }
        let mut total = 0;
        for end in &mut buckets.ends {
            total += *end;
            *end = total;
        }
        buckets
    }

    fn bucket(&self, key: u64) -> usize {
        usize::try_from(key >> self.shift).unwrap_or(0)
    }

    /// Returns where the key is, if it is in the list: a few places.
    pub(crate) fn around(&self, key: u64) -> Range<usize> {
        let bucket = self.bucket(key);
        let start = if bucket == 0 { 0 } else { self.ends[bucket - 1] };
        start as usize..self.ends[bucket] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::Buckets;

    #[test]
    fn every_key_is_where_the_index_says() {
        for count in [0, 1, 2, 3, 1000] {
            let mut keys: Vec<u64> = (0..count).map(|n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
            keys.sort_unstable();
            let buckets = Buckets::new(keys.iter().copied());
            assert!(buckets.around(u64::MAX).end <= keys.len());
            for (at, &key) in keys.iter().enumerate() {
                let around = buckets.around(key);
                assert!(around.contains(&at) && around.len() < 10, "{around:?} for {at} of {count}");
            }
        }
    }
}
