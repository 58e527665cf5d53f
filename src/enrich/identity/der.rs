//! Distinguished Encoding Rules (X.690), as far as keys and certificates need them: elements in elements.
//!
//! By hand, because all we want is to walk: five structures, a hundred lines, and a bound on every step.

/// An element: its tag and what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'d> {
    pub(super) tag: u8,
    pub(super) content: &'d [u8],
}

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// Splits the first element off.
pub(super) fn first(bytes: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    // Tags of several bytes do not occur in keys and certificates.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (digits.iter().fold(0usize, |sum, &digit| sum << 8 | usize::from(digit)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((Element { tag, content }, rest))
}

impl<'d> Element<'d> {
    /// Reads the only or first element of some bytes.
    pub(super) fn of(bytes: &'d [u8]) -> Option<Self> {
        first(bytes).map(|(element, _)| element)
    }

    /// Returns the elements in this one; what follows a broken one is left out.
    pub(super) fn children(self) -> impl Iterator<Item = Element<'d>> {
        let mut rest = self.content;
        std::iter::from_fn(move || {
            let (element, after) = first(rest)?;
            rest = after;
            Some(element)
        })
    }

    /// Returns the n-th element in this one.
    pub(super) fn child(self, n: usize) -> Option<Element<'d>> {
        self.children().nth(n)
    }

    /// Returns this where it has a tag.
    pub(super) fn tagged(self, tag: u8) -> Option<Self> {
        (self.tag == tag).then_some(self)
    }

    /// Returns the digits of a whole number without leading zeros.
    pub(super) fn digits(self) -> &'d [u8] {
        let zeros = self.content.iter().take_while(|&&b| b == 0).count();
        &self.content[zeros..]
    }

    /// Returns the bytes of a bit string without the count of unused bits.
    pub(super) fn bits(self) -> Option<&'d [u8]> {
        self.tagged(BIT_STRING)?.content.split_first().map(|(_, bits)| bits)
    }
}

/// Returns how many bits a whole number has.
pub(super) fn bit_length(digits: &[u8]) -> usize {
    digits.first().map_or(0, |&top| digits.len() * 8 - top.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::{Element, bit_length, first};

    #[test]
    fn elements_are_walked_and_broken_ones_end_the_walk() {
        let bytes = [0x30, 8, 2, 1, 5, 2, 3, 0, 1, 2];
        let outer = Element::of(&bytes).expect("a sequence");
        let numbers: Vec<&[u8]> = outer.children().map(Element::digits).collect();
        assert_eq!(numbers, [&[5u8][..], &[1, 2]]);
        for broken in [&[][..], &[0x30], &[0x30, 5, 1], &[0x30, 0x80], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x1f, 1, 1]] {
            assert_eq!(first(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn sizes_are_counted_in_bits() {
        for (digits, bits) in [(&[][..], 0), (&[1], 1), (&[0x80, 0], 16), (&[0x7f, 0xff], 15)] {
            assert_eq!(bit_length(digits), bits);
        }
    }
}
