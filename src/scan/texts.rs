//! What messages of commits and annotated tags hold, and the names of people in their headers; and who wrote them.

use std::collections::HashMap;

use gix::ObjectId;
use gix::objs::Kind;

use super::{Scanner, Sighting};
use crate::chunk::{Origin, Stored};
use crate::coverage::{Skip, Why};
use crate::enrich::person::People;
use crate::git::graph::Graph;
use crate::git::refs::{Holder, Tip};
use crate::git::{MAX_TAGS, Repo};
use crate::span::Span;
use crate::verdict::{Provenance, Ref, RefState, Tag, Tagger};

impl Scanner {
    /// Makes findings of what commits and tags hold; what cannot be read again goes to `skips`.
    pub(super) fn texts(
        &self,
        repo: &Repo,
        texts: &[(ObjectId, Kind)],
        graph: &Graph<'_>,
        tips: &[Tip],
        skips: &mut Vec<Skip>,
    ) -> Vec<Sighting> {
        let people = People::of(repo);
        let has_tags = texts.iter().any(|(_, kind)| *kind == Kind::Tag);
        let names = if has_tags { names_of_tags(graph, tips) } else { HashMap::new() };
        let mut sightings = Vec::new();
        for &(id, kind) in texts {
            let bytes = match repo.object(id) {
                Ok((_, bytes)) => bytes,
                Err(error) => {
                    skips.push(Skip { what: format!("{kind} {id}"), why: Why::Corrupt { detail: error.to_string() } });
                    continue;
                }
            };
            let provenance = self.written_by(repo, &people, id, kind);
            let named = names.get(&id).map(Vec::as_slice).unwrap_or_default();
            let (origin, holder) = match kind {
                Kind::Tag => (Origin::Tag { id }, Some(named.first().map_or(Holder::Nothing, |tip| tip.holder))),
                Kind::Commit | Kind::Tree | Kind::Blob => (Origin::Commit { id }, graph.number(&id).map(|number| graph.holder(number))),
            };
            let shown = named.iter().filter(|tip| tip.holder.is_shown());
            let refs: Vec<Ref> = shown.map(|tip| Ref { name: self.scrub(tip.name.clone()), state: RefState::Present }).collect();
            let mut found = self.text(&origin, &bytes);
            for sighting in &mut found {
                sighting.context.holder = holder;
                sighting.context.refs.clone_from(&refs);
                sighting.context.provenance = provenance.clone();
            }
            sightings.extend(found);
        }
        sightings
    }

    /// Scans headers and message of a commit or tag, each as a text of its own.
    pub(super) fn text(&self, origin: &Origin, bytes: &[u8]) -> Vec<Sighting> {
        let (head, message) = split(bytes);
        let mut sightings = Vec::new();
        for (part, before) in [(head, 0), (message, bytes.len() - message.len())] {
            let mut found = self.chunk(origin.into(), part, &|| self.watch.is_stopped());
            for Sighting { finding, context, .. } in &mut found {
                let span = Span::new(finding.span.start + before, finding.span.end + before);
                context.stored = Some(Stored { span: Some(span), order: None });
            }
            sightings.extend(found);
        }
        sightings
    }

    /// Says who wrote a commit or tag.
    pub(super) fn written_by(&self, repo: &Repo, people: &People, id: ObjectId, kind: Kind) -> Provenance {
        match kind {
            Kind::Tag => people
                .tag(repo, id)
                .map_or(Provenance::Unknown { why: "the tag cannot be read" }, |tag| Provenance::Tagged(self.scrubbed_tag(tag))),
            Kind::Commit | Kind::Tree | Kind::Blob => people
                .commit(repo, id)
                .map_or(Provenance::Unknown { why: "the commit cannot be read" }, |commit| Provenance::Known(self.scrubbed(commit))),
        }
    }

    /// Takes secrets out of what a tag says of itself.
    fn scrubbed_tag(&self, tag: Tag) -> Tag {
        let scrubbed = |who: Tagger| Tagger { name: self.scrub(who.name), email: self.scrub(who.email), ..who };
        Tag { name: self.scrub(tag.name), tagger: tag.tagger.map(scrubbed), summary: self.scrub(tag.summary), ..tag }
    }
}

/// Splits a commit or tag into its headers and its message.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memmem::find(bytes, b"\n\n") {
        Some(at) => (&bytes[..at + 1], &bytes[at + 2..]),
        None => (bytes, &[]),
    }
}

/// Returns the tips that lead to each tag object, by way of other tags as well, the most public first.
fn names_of_tags<'t>(graph: &Graph<'_>, tips: &'t [Tip]) -> HashMap<ObjectId, Vec<&'t Tip>> {
    let tags = graph.tags();
    let mut names: HashMap<ObjectId, Vec<&Tip>> = HashMap::new();
    for tip in tips {
        let mut id = tip.id;
        for _ in 0..MAX_TAGS {
            let Some(&target) = tags.get(&id) else { break };
            names.entry(id).or_default().push(tip);
            id = target;
        }
    }
    names
}
