//! Where HEAD has what the commits of a range brought: that is the version which people and code hosts look at.

use std::collections::{HashMap, VecDeque};

use bstr::{BString, ByteSlice as _};

use super::{Scanner, Sighting};
use crate::chunk::Origin;
use crate::git::{Read, Repo};
use crate::secret::Fingerprint;
use crate::verdict::AtHead;

/// The places of each credential in a file, from its top.
type Places = HashMap<Fingerprint, VecDeque<AtHead>>;

impl Scanner {
    /// Looks for each sighting in HEAD's version of its file; only files in which something was found are read.
    pub(super) fn place_at_head(&self, repo: &Repo, sightings: &mut [Sighting]) {
        let mut files: HashMap<BString, Places> = HashMap::new();
        for sighting in sightings {
            let Origin::Committed { path, .. } = &sighting.finding.origin else { continue };
            let places = files.entry(path.clone()).or_insert_with(|| self.places_at_head(repo, path));
            // The first, second, … time that it was brought is taken for the same time in HEAD.
            sighting.context.at_head = places.get_mut(&sighting.finding.fingerprint).and_then(VecDeque::pop_front);
        }
    }

    /// Nothing is in a file that HEAD does not have, or that cannot be read: then the place is told as it was brought.
    fn places_at_head(&self, repo: &Repo, path: &BString) -> Places {
        let mut places = Places::new();
        let Ok(name) = path.to_str() else { return places };
        let Ok(Read::Bytes(bytes)) = repo.object_named(&format!("HEAD:{name}")).map(|id| repo.blob(id)) else { return places };
        for Sighting { finding, .. } in self.chunk(&Origin::File { path: path.clone() }, &bytes) {
            let place = AtHead { start: finding.start, end: finding.end, excerpt: finding.excerpt };
            places.entry(finding.fingerprint).or_default().push_back(place);
        }
        places
    }
}
