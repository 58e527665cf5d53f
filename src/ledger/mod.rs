//! The ledger: what became of each credential, from the day it was found to the day it is gone. Committed, so that it is reviewed.
//!
//! It holds keyed fingerprints and never a secret. One credential is one entry, sorted, one field a line, so that git merges it.

mod file;
mod report;
mod sync;

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use file::{Error, FILE_NAME};
pub use report::Figures;
pub use sync::{Change, Moved};

use crate::detector::Severity;
use crate::secret::Fingerprint;

/// How far a credential is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nobody has looked at it.
    Open,
    /// Somebody is at it.
    Acknowledged,
    /// Its replacement is in use; the old value still works.
    Rotated,
    /// The old value is dead, and somebody saw that.
    Revoked,
    /// And no branch or tag has it any more.
    Removed,
    /// And no object of the repository has it any more.
    Purged,
    /// It stays, until a day.
    Accepted,
}

impl State {
    /// All states in their order.
    pub const ALL: [State; 7] =
        [State::Open, State::Acknowledged, State::Rotated, State::Revoked, State::Removed, State::Purged, State::Accepted];

    /// Returns the word used in the file.
    pub fn word(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Acknowledged => "acknowledged",
            State::Rotated => "rotated",
            State::Revoked => "revoked",
            State::Removed => "removed",
            State::Purged => "purged",
            State::Accepted => "accepted",
        }
    }

    /// Returns whether the old value may still open something.
    pub fn is_alive(self) -> bool {
        matches!(self, State::Open | State::Acknowledged | State::Rotated)
    }
}

/// What became of one credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is, for people.
    pub title: String,
    /// The detector that found it.
    pub detector: String,
    /// How severe it was when it was last seen.
    pub severity: Severity,
    /// How far it is.
    pub state: State,
    /// The day on which it came to be so.
    pub since: Date,
    /// The day on which it was first found.
    pub found: Date,
    /// The day by which it is to be revoked.
    pub due: Option<Date>,
    /// The day on which it was revoked.
    pub revoked: Option<Date>,
    /// The last day on which it is accepted.
    pub until: Option<Date>,
    /// How often it came back.
    pub reopened: u32,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it is talked about.
    pub ticket: Option<String>,
    /// Why it is as it is.
    pub reason: Option<String>,
    /// How it is known that it is dead.
    pub evidence: Option<String>,
}

impl Entry {
    /// Returns whether it should be dead by now, or is accepted no longer.
    pub fn is_overdue(&self, today: Date) -> bool {
        let has_passed = |day: Option<Date>| day.is_some_and(|day| day < today);
        match self.state {
            State::Open | State::Acknowledged | State::Rotated => has_passed(self.due),
            State::Accepted => has_passed(self.until),
            State::Revoked | State::Removed | State::Purged => false,
        }
    }

    /// Moves it to a state on a day.
    pub fn move_to(&mut self, state: State, today: Date) {
        if self.state != state {
            self.since = today;
        }
        self.state = state;
        match state {
            State::Open | State::Acknowledged | State::Rotated | State::Accepted => self.revoked = None,
            State::Revoked | State::Removed | State::Purged => self.revoked = self.revoked.or(Some(today)),
        }
        if state != State::Accepted {
            self.until = None;
        }
    }
}

/// All entries by their fingerprints.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// The mark of the key that its fingerprints are made with; old files have none.
    pub key: Option<Fingerprint>,
    /// The entries.
    pub entries: BTreeMap<Fingerprint, Entry>,
}
