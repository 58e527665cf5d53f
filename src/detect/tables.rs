//! Tables that are compiled in, or made while the program runs: whoever reads them need not know which.

use std::borrow::Cow;
use std::ops::Deref;

/// A large table of fixed size.
#[derive(Debug)]
pub(crate) enum Table<T: 'static> {
    /// Compiled in: nothing is read of it but what is looked at.
    Shipped(&'static T),
    /// Made by this program.
    Made(Box<T>),
}

impl<T> Deref for Table<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Table::Shipped(table) => table,
            Table::Made(table) => table,
        }
    }
}

/// Many short texts, one behind the other: a list of them would have an address each, to be set whenever the program starts.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    pub(crate) all: Cow<'static, str>,
    pub(crate) ends: Cow<'static, [u32]>,
}

impl Texts {
    /// Returns texts that are compiled in, and where each ends.
    pub(crate) const fn shipped(all: &'static str, ends: &'static [u32]) -> Self {
        Texts { all: Cow::Borrowed(all), ends: Cow::Borrowed(ends) }
    }

    /// Returns how many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns where a text lies.
    fn bounds(&self, number: u32) -> (usize, usize) {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        (start as usize, self.ends[number] as usize)
    }

    /// Returns the text of a number.
    pub(crate) fn get(&self, number: u32) -> &str {
        let (start, end) = self.bounds(number);
        &self.all[start..end]
    }

    /// Returns its bytes, without a look at where characters begin.
    pub(crate) fn bytes(&self, number: u32) -> &[u8] {
        let (start, end) = self.bounds(number);
        &self.all.as_bytes()[start..end]
    }

    /// Returns all in the order of their numbers.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len() as u32).map(|number| self.get(number))
    }
}

impl<'t> FromIterator<&'t str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'t str>>(texts: I) -> Self {
        let (mut all, mut ends) = (String::new(), Vec::new());
        for text in texts {
            all.push_str(text);
            ends.push(u32::try_from(all.len()).expect("fewer than 4 GiB of keywords"));
        }
        Texts { all: Cow::Owned(all), ends: Cow::Owned(ends) }
    }
}
