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
    /// Takes the next place, in the same member of an archive where there is one.
    ///
    /// The first, second, … time that the value stood in the file is the same time in HEAD's version of it.
    pub(super) fn take(&mut self, member: Option<&BString>) -> Option<AtHead> {
        let same = self.0.iter().position(|place| place.member.as_ref() == member);
        self.0.remove(same.unwrap_or_default())
    }
}

impl Scanner {
    /// Looks for each sighting in HEAD's version of its file; only files in which something was found are read.
    pub(super) fn place_at_head(&self, repo: &Repo, sightings: &mut [Sighting]) {
        let mut files: HashMap<BString, HashMap<Fingerprint, Places>> = HashMap::new();
        for Sighting { finding, context, .. } in sightings {
            let Origin::Committed { path, .. } = &finding.origin else { continue };
            let places = files.entry(path.clone()).or_insert_with(|| self.places_at_head(repo, path));
            context.at_head = places.get_mut(&finding.fingerprint).and_then(|places| places.take(finding.member.as_ref()));
        }
    }

    /// Nothing is in a file that HEAD does not have, or that cannot be read: then the place is told as it was brought.
    fn places_at_head(&self, repo: &Repo, path: &BString) -> HashMap<Fingerprint, Places> {
        let mut places: HashMap<Fingerprint, Places> = HashMap::new();
        let Ok(name) = path.to_str() else { return places };
        let Ok(Read::Bytes(bytes)) = repo.object_named(&format!("HEAD:{name}")).map(|id| repo.blob(id)) else { return places };
        for Sighting { finding, .. } in
            self.file_until(&Origin::File { path: path.clone() }, &bytes, &|| self.watch.is_stopped(), &mut Vec::new())
        {
            places.entry(finding.fingerprint).or_default().0.push_back(finding.into());
        }
        places
    }
}
