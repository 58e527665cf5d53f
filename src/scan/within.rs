//! A file as a whole: its own bytes, and the members of the archive that it may be.

use std::cell::RefCell;
use std::collections::BTreeSet;

use bstr::BStr;

use super::{Scanner, Sighting};
use crate::chunk::{Content, Origin, Readable, Site, Stored, within};
use crate::coverage::Skip;
use crate::secret::Fingerprint;
use crate::source::archive;
use crate::verdict::{Context, Provenance};

impl Scanner {
    /// Scans a file, or a version of one.
    pub(super) fn file(&self, origin: &Origin, text: &Readable, skips: &mut Vec<Skip>) -> Vec<Sighting> {
        let sightings = self.file_until(origin, text, skips);
        self.watch.spot(sightings.len());
        sightings
    }

    /// Scans a file again in which something was found.
    pub(super) fn file_again(&self, origin: &Origin, text: &Readable) -> Vec<Sighting> {
        // What was not read was told the first time. What lies open is told even to those who asked to stop.
        self.whole(origin, text, &|| false, &mut Vec::new())
    }

    /// The same, as far as one comes until somebody asks to stop.
    pub(super) fn file_until(&self, origin: &Origin, text: &Readable, skips: &mut Vec<Skip>) -> Vec<Sighting> {
        self.whole(origin, text, &|| self.watch.is_stopped(), skips)
    }

    fn whole(&self, origin: &Origin, text: &Readable, is_stopped: &dyn Fn() -> bool, skips: &mut Vec<Skip>) -> Vec<Sighting> {
        let mut sightings = self.chunk(origin.into(), text, is_stopped);
        for Sighting { finding, context, .. } in &mut sightings {
            context.stored = text.stored(finding.span);
        }
        let mut packed = Vec::new();
        let unread = archive::each(text, &|| self.watch.is_stopped(), &mut |member, text| {
            packed.extend(self.member(origin, member, &text, is_stopped));
        });
        skips.extend(unread.into_iter().map(|unread| skip(origin.label().as_ref(), unread)));
        // What an archive holds as it is was seen twice.
        let known: BTreeSet<Fingerprint> = packed.iter().map(|sighting| sighting.finding.fingerprint).collect();
        sightings.retain(|sighting| !known.contains(&sighting.finding.fingerprint));
        sightings.extend(packed);
        sightings
    }

    fn member(&self, origin: &Origin, member: &BStr, text: &Readable, is_stopped: &dyn Fn() -> bool) -> Vec<Sighting> {
        let name = archive::named(member, origin.path());
        let mut sightings = self.chunk(Site { origin, member: Some(name.as_ref()) }, text, is_stopped);
        // Where its bytes are packed they are others.
        sightings.iter_mut().for_each(|sighting| sighting.context.stored = Some(Stored { span: None, order: None }));
        sightings
    }

    /// Scans one chunk that is no part of a history.
    pub(super) fn chunk(&self, site: Site<'_>, bytes: &[u8], is_stopped: &dyn Fn() -> bool) -> Vec<Sighting> {
        let matches = self.catalog.matches_until(bytes, Content::of(bytes), is_stopped);
        if matches.is_empty() {
            return Vec::new();
        }
        let findings = self.catalog.findings_until(bytes, site, &matches, &self.identities, is_stopped);
        self.sightings(bytes, findings, || Context::of(Provenance::Uncommitted))
    }
}

/// Says what of an archive was not read.
pub(super) fn skip(archive: &BStr, unread: archive::Unread) -> Skip {
    let what = if unread.member.is_empty() { archive.to_string() } else { within(archive, unread.member) };
    Skip { what, why: unread.why }
}

/// Returns the text of a member of the archive at a path, as reports name it.
pub fn member(archive: &[u8], path: &str, name: &str) -> Option<Readable> {
    let found = RefCell::new(None);
    archive::each(archive, &|| found.borrow().is_some(), &mut |member, text| {
        if archive::named(member, Some(path.into())) == name {
            found.borrow_mut().get_or_insert(text);
        }
    });
    found.into_inner()
}
