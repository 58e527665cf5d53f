//! How much a file may unpack to: a few bytes can say that they are a terabyte.

use std::cell::Cell;
use std::io::{self, BufRead, Read};

use crate::git::MAX_OBJECT_BYTES;

/// What one file may unpack to.
pub(super) struct Limits {
    /// Of all members at all levels together.
    pub(super) unpacked_bytes: u64,
    pub(super) member_bytes: u64,
    pub(super) members: usize,
    pub(super) depth: usize,
}

/// The bounds of a scan; fuzzing has small ones, or it would not come far.
pub(super) const LIMITS: Limits = if cfg!(fuzzing) {
    Limits { unpacked_bytes: 4 << 20, member_bytes: 1 << 20, members: 1_000, depth: 8 }
} else {
    Limits {
        // An archive in an archive counts as a part of that as well.
        unpacked_bytes: 2 * MAX_OBJECT_BYTES,
        // What is larger is not read where it lies open either.
        member_bytes: MAX_OBJECT_BYTES,
        // The cache of a package manager has some ten thousand.
        members: 200_000,
        // An application in a layer in an image in a package is four deep.
        depth: 8,
    }
};

/// So much is read between two questions whether to stop.
const STEP_BYTES: usize = 64 << 10;

/// What it costs to ask for packed bytes: decoders that ask in small pieces do so several times for each block, and some of a block's
/// work is done before it turns out to be empty.
const CALL_BYTES: u64 = 1 << 10;

/// How much may still be unpacked.
pub(super) struct Budget<'b> {
    pub(super) limits: &'b Limits,
    pub(super) left: Cell<u64>,
    pub(super) is_stopped: &'b dyn Fn() -> bool,
}

impl Budget<'_> {
    /// Takes what work costs from what is left.
    pub(super) fn charge(&self, bytes: u64) -> io::Result<()> {
        if (self.is_stopped)() {
            return Err(io::Error::other(Halt::Stopped));
        }
        let left = self.left.get().checked_sub(bytes).ok_or_else(|| io::Error::other(Halt::TooMuch))?;
        self.left.set(left);
        Ok(())
    }
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
        self.budget.charge(0)?;
        let step = into.len().min(STEP_BYTES);
        let count = self.inner.read(&mut into[..step])?;
        self.budget.charge(count as u64)?;
        Ok(count)
    }
}

/// Packed bytes on their way into what unpacks them: it may read on for long before anything comes out.
pub(super) struct Packed<'b> {
    pub(super) rest: &'b [u8],
    pub(super) budget: &'b Budget<'b>,
}

impl Read for Packed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.budget.charge(CALL_BYTES)?;
        let mut piece = self.fill_buf()?;
        let count = piece.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Packed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.budget.charge(0)?;
        Ok(&self.rest[..self.rest.len().min(STEP_BYTES)])
    }

    fn consume(&mut self, count: usize) {
        self.rest = &self.rest[count..];
    }
}
