//! How much a file may unpack to: a few bytes can say that they are a terabyte.

use std::cell::Cell;
use std::io::{self, Read};

use crate::git::MAX_OBJECT_BYTES;

/// What one file may unpack to.
pub(super) struct Limits {
    /// Of all members at all levels together.
    pub(super) unpacked_bytes: u64,
    pub(super) member_bytes: u64,
    pub(super) members: usize,
    pub(super) depth: usize,
}

pub(super) const LIMITS: Limits = Limits {
    // What is in a compressed tar counts twice: as a part of that as well.
    unpacked_bytes: 2 * MAX_OBJECT_BYTES,
    // What is larger is not read where it lies open either.
    member_bytes: MAX_OBJECT_BYTES,
    // The cache of a package manager has some ten thousand.
    members: 200_000,
    // An application in a layer in an image in a package is four deep.
    depth: 8,
};

/// How much may still be unpacked.
pub(super) struct Budget<'b> {
    pub(super) limits: &'b Limits,
    pub(super) left: Cell<u64>,
    pub(super) is_stopped: &'b dyn Fn() -> bool,
}

/// Why a reader was cut off by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Halt {
    #[error("stopped")]
    Stopped,
    #[error("too much")]
    TooMuch,
}

/// What unpacks, as far as the budget goes: it bounds the work, and what is read at once is bounded besides.
pub(super) struct Bounded<'b, R> {
    pub(super) inner: R,
    pub(super) budget: &'b Budget<'b>,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if (self.budget.is_stopped)() {
            return Err(io::Error::other(Halt::Stopped));
        }
        let count = self.inner.read(into)?;
        match self.budget.left.get().checked_sub(count as u64) {
            Some(left) => self.budget.left.set(left),
            None => return Err(io::Error::other(Halt::TooMuch)),
        }
        Ok(count)
    }
}
