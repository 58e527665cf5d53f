//! Whether a remote has a credential, and since when at the latest: by the logs of remote-tracking refs.

use jiff::Timestamp;

use super::holding::Reach;
use super::provenance::{Trail, Trails};
use crate::git::graph::Graph;
use crate::git::refs::{Holder, Logged};
use crate::verdict::Pushed;

/// Says of each trail, in their order, whether and since when a remote has it.
///
/// A remote that we never talked to may have it as well: without any remote-tracking ref nothing is known.
pub(crate) fn pushed(graph: &Graph<'_>, trails: &Trails, log: &[Logged], has_remotes: bool) -> Vec<Pushed> {
    let known: Vec<(usize, u32)> = log.iter().enumerate().filter_map(|(number, entry)| Some((number, graph.number(&entry.id)?))).collect();
    let arrivals = trails.values().flat_map(|trail| trail.arrivals.iter()).copied();
    let reach = Reach::new(graph, &known, arrivals);
    let since = |trail: &Trail| {
        let has = |place: usize| trail.arrivals.iter().any(|&arrival| reach.reaches(place, arrival));
        let seconds = known.iter().enumerate().filter(|(place, _)| has(*place)).map(|(_, (number, _))| log[*number].seconds).min();
        seconds.and_then(|seconds| Timestamp::from_second(seconds).ok())
    };
    trails
        .values()
        .map(|trail| match since(trail) {
            Some(at) => Pushed::Since(Some(at)),
            None if trail.holder == Holder::Remote => Pushed::Since(None),
            None if has_remotes => Pushed::Never,
            None => Pushed::Unknown,
        })
        .collect()
}
