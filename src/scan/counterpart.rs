//! The certificate or public key that was committed beside a private key: it says whose the key is, and until when.

use std::collections::HashMap;
use std::path::Path;

use bstr::{BString, ByteSlice as _};
use gix::ObjectId;

use super::{Scanner, Sighting};
use crate::chunk::Origin;
use crate::enrich::identity::{Halves, MAX_COUNTERPART_BYTES, halves, is_counterpart};
use crate::git::{Read, Repo};
use crate::identity::{About, Identity, Life};
use crate::verdict::Expiry;

/// Files beside a key that are looked into: a folder of authorities may hold thousands.
const MAX_FILES: usize = 64;

impl Scanner {
    /// Adds to private keys what certificate or public key of theirs lies beside them, in HEAD or where they came.
    pub(super) fn find_counterparts(&self, repo: &Repo, head: Option<ObjectId>, sightings: &mut [Sighting]) {
        let mut counterparts = Counterparts::default();
        for sighting in sightings {
            let Origin::Committed { path, commit } = &sighting.finding.origin else { continue };
            if sighting.context.identity.get(About::Counterpart).is_some() {
                continue;
            }
            let Some(halves) = halves(&sighting.finding) else { continue };
            let commits = head.into_iter().chain([*commit]);
            if let Some((said, life)) = commits.filter_map(|commit| counterparts.find(repo, commit, path, &halves)).next() {
                let mut beside = Identity::of_life(life);
                beside.add(About::Counterpart, self.scrub(said));
                sighting.context.identity.absorb(&beside);
                sighting.context.expiry = Expiry::of(sighting.context.identity.life, self.options.now);
            }
        }
    }
}

/// Files that may be counterparts, by tree and folder; each folder is listed once.
#[derive(Default)]
struct Counterparts(HashMap<(ObjectId, BString), Vec<(BString, ObjectId)>>);

impl Counterparts {
    /// Looks for the counterpart in the folder of a path, in a commit's tree.
    fn find(&mut self, repo: &Repo, commit: ObjectId, path: &BString, halves: &Halves) -> Option<(String, Life)> {
        let folder = path.rfind_byte(b'/').map_or_else(BString::default, |at| path[..at].into());
        let files = self.0.entry((commit, folder.clone())).or_insert_with(|| candidates(repo, commit, &folder).unwrap_or_default());
        files.iter().find_map(|(name, id)| {
            let size = repo.inner().find_header(*id).ok()?.size();
            if size > MAX_COUNTERPART_BYTES as u64 {
                return None;
            }
            let Read::Bytes(bytes) = repo.blob(*id) else { return None };
            let place = if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") };
            is_counterpart(halves, &bytes, &place)
        })
    }
}

/// Lists the files of a folder whose ending says that they may hold a certificate or public key.
fn candidates(repo: &Repo, commit: ObjectId, folder: &BString) -> Option<Vec<(BString, ObjectId)>> {
    let root = repo.inner().find_tree(repo.tree_of(commit).ok()?).ok()?;
    let tree = if folder.is_empty() {
        root
    } else {
        let entry = root.lookup_entry_by_path(Path::new(folder.to_str().ok()?)).ok()??;
        entry.object().ok()?.try_into_tree().ok()?
    };
    let is_candidate = |name: &[u8]| {
        let name = name.to_ascii_lowercase();
        [".pub", ".crt", ".cer", ".cert", ".pem", ".der", ".key", ".p7b", ".yaml", ".yml"].iter().any(|end| name.ends_with(end.as_bytes()))
            || name == b"authorized_keys"
    };
    let files = tree.iter().flatten().filter(|entry| entry.mode().is_blob() && is_candidate(entry.filename()));
    Some(files.take(MAX_FILES).map(|entry| (entry.filename().into(), entry.object_id())).collect())
}
