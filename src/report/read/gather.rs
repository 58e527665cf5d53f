//! What two reports say of one credential, as one: who was exposed longer, who reached further, and where else it is used.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::credential::OWASP;
use crate::report::document::{Credential, Exposure, Shared, Standard};
use crate::verdict::Period;

/// Adds what another report knows of the same credential; the places are the caller's.
pub(super) fn absorb(known: &mut Credential, other: &Credential) {
    known.confidence = known.confidence.max(other.confidence);
    if other.score > known.score {
        // The sum is told with its parts or not at all.
        (known.score, known.severity) = (other.score, other.severity);
        known.arithmetic.clone_from(&other.arithmetic);
    }
    for (about, said) in &other.identity {
        known.identity.entry(about.clone()).or_insert_with(|| said.clone());
    }
    known.expiry = known.expiry.or(other.expiry);
    known.exposure = exposure(&known.exposure, &other.exposure);
    unite(&mut known.owners, &other.owners);
    let (reuse, more) = (&mut known.reuse, &other.reuse);
    unite(&mut reuse.files, &more.files);
    unite(&mut reuse.services, &more.services);
    reuse.environments.extend(&more.environments);
    reuse.names.extend(more.names.iter().cloned());
    reuse.repositories.extend(more.repositories.iter().cloned());
    for standard in &other.standards {
        if known.standards.iter().all(|known| known.id != standard.id) {
            known.standards.push(standard.clone());
        }
    }
    reused(known);
}

/// One value in several repositories is evidence that no single report had.
fn reused(known: &mut Credential) {
    let count = known.reuse.repositories.len();
    if count < 2 {
        return;
    }
    let why: Shared = format!("the same value in {count} repositories").into();
    match known.standards.iter_mut().find(|standard| &*standard.id == REUSE) {
        Some(standard) => standard.why = why,
        None => {
            let title = OWASP.iter().find(|(id, _)| *id == REUSE).map_or("", |(_, title)| title);
            known.standards.push(Standard { id: REUSE.into(), title: title.into(), why });
        }
    }
}

/// The risk of OWASP's that one value serves several purposes.
const REUSE: &str = "NHI9:2025";

/// Whenever either had it, and as public as the more public of both.
fn exposure(one: &Exposure, other: &Exposure) -> Exposure {
    let first_seen = [one.first_seen, other.first_seen].into_iter().flatten().min();
    let periods = Period::united([one, other].into_iter().flat_map(periods).collect());
    // It is over only where it is over in both.
    let last_seen = periods.last().and_then(|last| last.until);
    let now = [one, other].into_iter().filter_map(reported).max();
    let days = now.map(|now| Period::days(&periods, now));
    let mut refs = one.refs.clone();
    unite(&mut refs, &other.refs);
    Exposure {
        first_seen,
        last_seen,
        days,
        periods,
        in_head: one.in_head || other.in_head,
        ref_count: one.ref_count.max(other.ref_count).max(refs.len()),
        refs,
        held_by: [one.held_by, other.held_by].into_iter().flatten().min(),
        pushed: one.pushed.max(other.pushed),
        pushed_since: [one.pushed_since, other.pushed_since].into_iter().flatten().min(),
    }
}

/// Returns the periods of a report; one that does not tell of them had none with a gap.
fn periods(said: &Exposure) -> Vec<Period> {
    let whole = || said.first_seen.map(|from| Period { from, until: said.last_seen });
    if said.periods.is_empty() { whole().into_iter().collect() } else { said.periods.clone() }
}

/// Returns the moment to which a report counts its days: its own, or the end of the last period.
fn reported(said: &Exposure) -> Option<Timestamp> {
    let periods = periods(said);
    let last = periods.last()?;
    let before = Period::days(&periods, last.from);
    last.until.or_else(|| last.from.checked_add(SignedDuration::from_hours(24 * i64::from(said.days?.saturating_sub(before)))).ok())
}

fn unite(known: &mut Vec<Shared>, more: &[Shared]) {
    let mut seen: BTreeSet<Shared> = known.iter().cloned().collect();
    known.extend(more.iter().filter(|text| seen.insert(Shared::clone(text))).cloned());
}

#[cfg(test)]
mod tests {
    use super::exposure;
    use crate::report::document::Exposure;
    use crate::verdict::Period;

    #[test]
    fn an_exposure_that_goes_on_somewhere_goes_on() {
        let at = |text: &str| Some(text.parse().expect("a time"));
        let over = Exposure {
            first_seen: at("2026-01-01T00:00:00Z"),
            last_seen: at("2026-01-11T00:00:00Z"),
            days: Some(10),
            periods: at("2026-01-01T00:00:00Z").map(|from| Period { from, until: at("2026-01-11T00:00:00Z") }).into_iter().collect(),
            pushed: Some(false),
            ..Exposure::default()
        };
        let going_on =
            Exposure { first_seen: at("2026-01-05T00:00:00Z"), days: Some(20), in_head: true, pushed: Some(true), ..Exposure::default() };
        let both = exposure(&over, &going_on);
        assert_eq!((both.first_seen, both.last_seen, both.days), (over.first_seen, None, Some(24)));
        assert_eq!((both.in_head, both.pushed), (true, Some(true)));
        let later = Exposure { last_seen: at("2026-01-20T00:00:00Z"), days: Some(15), ..going_on };
        assert_eq!(exposure(&over, &later).last_seen, later.last_seen);
        assert_eq!(exposure(&over, &Exposure::default()), over);
    }
}
