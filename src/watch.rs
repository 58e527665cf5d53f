//! How far a scan is, and whether it shall stop: shared between the threads that work and the one that shows it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counters that only grow, and a wish to stop.
#[derive(Debug, Default)]
pub struct Watch {
    done_bytes: AtomicU64,
    total_bytes: AtomicU64,
    objects: AtomicU64,
    candidates: AtomicU64,
    stop: AtomicBool,
}

/// A moment's reading of a [`Watch`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Bytes of work done, in the unit of `total_bytes`.
    pub done_bytes: u64,
    /// Bytes of work known so far; zero when unknown.
    pub total_bytes: u64,
    /// Files or objects read.
    pub objects: u64,
    /// Places that look like secrets, before judgement by path.
    pub candidates: u64,
}

impl Watch {
    /// Announces work.
    pub fn expect(&self, bytes: u64) {
        self.total_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Reports one object read, and how much of the announced work that was.
    pub fn advance(&self, bytes: u64) {
        self.done_bytes.fetch_add(bytes, Ordering::Relaxed);
        self.objects.fetch_add(1, Ordering::Relaxed);
    }

    /// Reports places that look like secrets.
    pub fn spot(&self, count: usize) {
        if count > 0 {
            self.candidates.fetch_add(count as u64, Ordering::Relaxed);
        }
    }

    /// Asks all who work to stop soon.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Returns whether somebody asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Reads the counters.
    pub fn read(&self) -> Reading {
        Reading {
            done_bytes: self.done_bytes.load(Ordering::Relaxed),
            total_bytes: self.total_bytes.load(Ordering::Relaxed),
            objects: self.objects.load(Ordering::Relaxed),
            candidates: self.candidates.load(Ordering::Relaxed),
        }
    }
}
