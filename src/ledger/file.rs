//! The ledger's file: YAML that people may edit, written by hand so that equal ledgers are equal files.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;

use super::{Entry, Ledger, State};
use crate::bounded::{self, Unreadable};
use crate::detector::Severity;
use crate::secret::Fingerprint;

/// Where the ledger is, from the top of the repository.
pub const FILE_NAME: &str = ".staunch/ledger.yaml";

/// A hundred thousand entries take about as much.
const MAX_BYTES: u64 = 32 << 20;

/// Why a ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// What is written is not as it should be.
    #[error("{place}: {what}")]
    Invalid {
        /// File, and line where that is known.
        place: String,
        /// What is wrong.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LedgerYaml {
    version: u32,
    key: Option<String>,
    #[serde(default)]
    credentials: Vec<EntryYaml>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryYaml {
    fingerprint: String,
    title: String,
    detector: String,
    severity: Severity,
    state: State,
    since: String,
    found: String,
    due: Option<String>,
    revoked: Option<String>,
    until: Option<String>,
    #[serde(default)]
    reopened: u32,
    owner: Option<String>,
    ticket: Option<String>,
    reason: Option<String>,
    evidence: Option<String>,
}

impl Ledger {
    /// Reads a file; one that does not exist has no entries.
    ///
    /// # Errors
    /// When it cannot be read or is not valid.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let Some(text) = bounded::read_text(path, MAX_BYTES)? else { return Ok(Ledger::default()) };
        Ledger::parse(&text, FILE_NAME)
    }

    /// Parses what is written; `place` is how messages name it.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str, place: &str) -> Result<Self, Error> {
        if text.trim().is_empty() {
            return Ok(Ledger::default());
        }
        let yaml: LedgerYaml = serde_saphyr::from_str(text).map_err(|cause| Error::Invalid {
            place: cause.location().map_or_else(|| place.to_owned(), |at| format!("{place}:{}:{}", at.line(), at.column())),
            what: cause.without_snippet().to_string(),
        })?;
        let fail = |what: String| Error::Invalid { place: place.to_owned(), what };
        if yaml.version != VERSION {
            return Err(fail(format!("version {} is not {VERSION}, which this program knows", yaml.version)));
        }
        let key = |text: &String| Fingerprint::parse(text).ok_or_else(|| fail(format!("key {text:?} is not 20 hexadecimal digits")));
        let mut ledger = Ledger { key: yaml.key.as_ref().map(key).transpose()?, ..Ledger::default() };
        for entry in yaml.credentials {
            let fingerprint = Fingerprint::parse(&entry.fingerprint)
                .ok_or_else(|| fail(format!("fingerprint {:?} is not 20 hexadecimal digits", entry.fingerprint)))?;
            let entry = entry.valid().map_err(|what| fail(format!("{fingerprint}: {what}")))?;
            if ledger.entries.insert(fingerprint, entry).is_some() {
                return Err(fail(format!("{fingerprint} has two entries: a merge kept both; delete one")));
            }
        }
        Ok(ledger)
    }

    /// Writes all entries, sorted.
    pub fn to_yaml(&self) -> String {
        let mut yaml = format!(
            "# What became of each credential that was found. `staunch ledger` keeps it; it holds no secret.\nversion: {VERSION}\n"
        );
        if let Some(key) = self.key {
            let _ = writeln!(yaml, "# Tells whether STAUNCH_KEY is the one that the fingerprints are made with.\nkey: \"{key}\"");
        }
        yaml.push_str("credentials:");
        if self.entries.is_empty() {
            yaml.push_str(" []");
        }
        yaml.push('\n');
        for (fingerprint, entry) in &self.entries {
            // Digits alone would be a number.
            let _ = writeln!(yaml, "  - fingerprint: \"{fingerprint}\"");
            let mut line = |name: &str, value: &str| {
                let _ = writeln!(yaml, "    {name}: {value}");
            };
            line("title", &quoted(&entry.title));
            line("detector", &quoted(&entry.detector));
            line("severity", entry.severity.word());
            line("state", entry.state.word());
            line("since", &quoted(&entry.since.to_string()));
            line("found", &quoted(&entry.found.to_string()));
            for (name, day) in [("due", entry.due), ("revoked", entry.revoked), ("until", entry.until)] {
                if let Some(day) = day {
                    line(name, &quoted(&day.to_string()));
                }
            }
            if entry.reopened > 0 {
                line("reopened", &entry.reopened.to_string());
            }
            for (name, text) in
                [("owner", &entry.owner), ("ticket", &entry.ticket), ("reason", &entry.reason), ("evidence", &entry.evidence)]
            {
                if let Some(text) = text {
                    line(name, &quoted(text));
                }
            }
        }
        yaml
    }
}

const VERSION: u32 = 1;

/// A text of JSON is one of YAML as well.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl EntryYaml {
    fn valid(self) -> Result<Entry, String> {
        let day = |name: &str, text: &str| text.parse::<Date>().map_err(|_| format!("{name} {text:?} is not a date such as 2027-03-31"));
        let day_of = |name: &str, text: &Option<String>| text.as_deref().map(|text| day(name, text)).transpose();
        let entry = Entry {
            since: day("since", &self.since)?,
            found: day("found", &self.found)?,
            due: day_of("due", &self.due)?,
            revoked: day_of("revoked", &self.revoked)?,
            until: day_of("until", &self.until)?,
            title: self.title,
            detector: self.detector,
            severity: self.severity,
            state: self.state,
            reopened: self.reopened,
            owner: self.owner,
            ticket: self.ticket,
            reason: self.reason,
            evidence: self.evidence,
        };
        if entry.state == State::Accepted && (entry.until.is_none() || entry.reason.is_none()) {
            return Err("accepted needs a reason, and a day in `until`".into());
        }
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::{Entry, Ledger, State};
    use crate::detector::Severity;
    use crate::secret::Fingerprint;

    fn entry() -> Entry {
        Entry {
            title: "A \"token\": #1\n".into(),
            detector: "acme".into(),
            severity: Severity::High,
            state: State::Accepted,
            since: date(2026, 1, 2),
            found: date(2026, 1, 1),
            due: Some(date(2026, 1, 8)),
            revoked: None,
            until: Some(date(2027, 1, 1)),
            reopened: 2,
            owner: Some("@acme/ops".into()),
            ticket: None,
            reason: Some("- yes: no".into()),
            evidence: None,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut ledger = Ledger { key: Fingerprint::parse("00000000000000000009"), ..Ledger::default() };
        for hex in ["00000000000000000001", "0123456789abcdef0123", "00000000000000000002"] {
            ledger.entries.insert(Fingerprint::parse(hex).expect("20 digits"), entry());
        }
        let yaml = ledger.to_yaml();
        assert_eq!(Ledger::parse(&yaml, "x").expect("it is ours"), ledger, "{yaml}");
        assert_eq!(Ledger::parse(&Ledger::default().to_yaml(), "x").expect("it is ours"), Ledger::default());
    }

    #[test]
    fn what_is_wrong_is_said() {
        let good = {
            let mut ledger = Ledger::default();
            ledger.entries.insert(Fingerprint::parse("00000000000000000001").expect("20 digits"), entry());
            ledger.to_yaml()
        };
        let twice = format!("{good}{}", good.split_once("credentials:\n").expect("it has entries").1);
        for (yaml, said) in [
            (good.replace("2026-01-08", "soon"), "is not a date"),
            (good.replace("00000000000000000001", "zz"), "is not 20 hexadecimal digits"),
            (good.replace("version: 1", "version: 9"), "version 9"),
            (good.replace("    until", "    unti"), "unti"),
            (good.replace("    until: \"2027-01-01\"\n", ""), "accepted needs"),
            (twice, "has two entries"),
            (format!("{good}<<<<<<< ours\n"), "x"),
        ] {
            let error = Ledger::parse(&yaml, "x").expect_err("it is not valid").to_string();
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
