//! Where HEAD has what the commits of a range brought: that is the version which people and code hosts look at.

use std::collections::{HashMap, VecDeque};

use bstr::{BString, ByteSlice as _};

use super::{Scanner, Sighting};
use crate::chunk::Origin;
use crate::finding::Finding;
use crate::git::{Read, Repo};
use crate::secret::Fingerprint;
use crate::verdict::AtHead;

/// The places of a credential in a file, from its top.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(VecDeque<AtHead>);

impl FromIterator<Finding> for Places {
    fn from_iter<I: IntoIterator<Item = Finding>>(findings: I) -> Self {
        Places(findings.into_iter().map(AtHead::from).collect())
    }
}

impl Places {
    /// Gives each sighting of a value its place: one in the same member of an archive, and to what is left over what is left.
    ///
    /// The first, second, … time that the value stood in the file is the same time in HEAD's version of it.
    pub(super) fn give(mut self, sightings: &mut [&mut Sighting]) {
        for Sighting { finding, context, .. } in sightings.iter_mut().map(|sighting| &mut **sighting) {
            let same = self.0.iter().position(|place| place.member == finding.member);
            context.at_head = same.and_then(|at| self.0.remove(at));
        }
        for sighting in sightings.iter_mut().filter(|sighting| sighting.context.at_head.is_none()) {
            sighting.context.at_head = self.0.pop_front();
        }
    }
}

impl Scanner {
    /// Looks for each sighting in HEAD's version of its file; only files in which something was found are read.
    pub(super) fn place_at_head(&self, repo: &Repo, sightings: &mut [Sighting]) {
        let mut files: HashMap<BString, HashMap<Fingerprint, Vec<&mut Sighting>>> = HashMap::new();
        for sighting in sightings {
            let Origin::Committed { path, .. } = &sighting.finding.origin else { continue };
            files.entry(path.clone()).or_default().entry(sighting.finding.fingerprint).or_default().push(sighting);
        }
        for (path, credentials) in files {
            let mut places = self.places_at_head(repo, &path);
            for (fingerprint, mut sightings) in credentials {
                places.remove(&fingerprint).unwrap_or_default().give(&mut sightings);
            }
        }
    }

    /// Nothing is in a file that HEAD does not have, or that cannot be read: then the place is told as it was brought.
    fn places_at_head(&self, repo: &Repo, path: &BString) -> HashMap<Fingerprint, Places> {
        let mut places: HashMap<Fingerprint, Places> = HashMap::new();
        let Ok(name) = path.to_str() else { return places };
        let Ok(Read::Bytes(bytes)) = repo.object_named(&format!("HEAD:{name}")).map(|id| repo.blob(id)) else { return places };
        for Sighting { finding, .. } in self.file_until(&Origin::File { path: path.clone() }, &bytes, &mut Vec::new()) {
            places.entry(finding.fingerprint).or_default().0.push_back(finding.into());
        }
        places
    }
}
