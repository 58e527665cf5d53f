//! How far a scan is, and whether it shall stop: shared between the threads that work and the one that shows it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Counters that only grow, and a wish to stop.
#[derive(Debug, Default)]
pub struct Watch {
    done_bytes: AtomicU64,
    total_bytes: AtomicU64,
    objects: AtomicU64,
    candidates: AtomicU64,
    stop: AtomicBool,
    budget: OnceLock<Budget>,
}

/// How long work may take.
#[derive(Debug, Clone, Copy)]
struct Budget {
    end: Instant,
    whole: Duration,
}

/// 100 MB a second: what zlib yields at least on a busy server.
const UNPACKED_BYTES_PER_MS: u64 = 100_000;

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

    /// Asks all who work to stop when that time has passed; only the first such wish counts.
    pub fn stop_after(&self, whole: Duration) {
        let _ = self.budget.set(Budget { end: Instant::now() + whole, whole });
    }

    /// Returns whether the time is limited.
    pub fn has_budget(&self) -> bool {
        self.budget.get().is_some()
    }

    /// Returns whether somebody asked to stop, or the time is over.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.overrun().is_some()
    }

    /// Returns the time that was given, where it is over.
    pub fn overrun(&self) -> Option<Duration> {
        self.budget.get().filter(|budget| Instant::now() >= budget.end).map(|budget| budget.whole)
    }

    /// Returns the time that was given, where what is left of it does not suffice to unpack so many bytes.
    ///
    /// Unpacking is the one thing that cannot be broken off.
    pub fn too_late_for(&self, bytes: u64) -> Option<Duration> {
        let budget = self.budget.get()?;
        let left = budget.end.saturating_duration_since(Instant::now());
        (left < Duration::from_millis(bytes / UNPACKED_BYTES_PER_MS)).then_some(budget.whole)
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
