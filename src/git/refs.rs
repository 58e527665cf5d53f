//! What keeps objects alive and by which name: branches, tags, stashes, notes, reflogs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gix::ObjectId;

use super::repo::{Error, Repo};
use crate::bounded;

/// By what kind of name a commit is held, the most public first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// A remote-tracking branch: it was pushed or fetched.
    Remote,
    /// A tag.
    Tag,
    /// A branch, or HEAD.
    Branch,
    /// A ref outside of the usual places, such as those of pull requests.
    Other,
    /// Notes.
    Notes,
    /// A stash.
    Stash,
    /// Only the log of a ref: it was there once.
    Reflog,
    /// Nothing at all: git will delete it some day.
    Nothing,
}

impl Holder {
    /// Returns whether reports name refs of this kind: those of pull requests, of which there may be a hundred thousand, they do not.
    pub(crate) fn is_shown(self) -> bool {
        matches!(self, Holder::Remote | Holder::Tag | Holder::Branch | Holder::Notes | Holder::Stash)
    }
}

/// A name and what it points to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tip {
    /// What kind of name.
    pub holder: Holder,
    /// The full name.
    pub name: String,
    /// The object it names; a tag object where it is an annotated tag.
    pub id: ObjectId,
}

/// Returns the names of annotated tags that are signed.
///
/// # Errors
/// When refs cannot be read.
pub fn signed_tags(repo: &Repo) -> Result<Vec<String>, Error> {
    let is_signed = |tip: &Tip| {
        let object = repo.object(tip.id).ok().filter(|(kind, _)| *kind == gix::objs::Kind::Tag);
        object.is_some_and(|(_, bytes)| {
            let has = |mark: &[u8]| memchr::memmem::find(&bytes, mark).is_some();
            has(b"-----BEGIN PGP SIGNATURE") || has(b"-----BEGIN SSH SIGNATURE") || has(b"-----BEGIN SIGNED MESSAGE")
        })
    };
    Ok(named(repo)?.into_iter().filter(|tip| tip.holder == Holder::Tag && is_signed(tip)).map(|tip| tip.name).collect())
}

/// What a remote-tracking ref once pointed to, and when it came to do so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Logged {
    /// Seconds since 1970.
    pub(crate) seconds: i64,
    /// The commit.
    pub(crate) id: ObjectId,
}

/// Older entries are left out: what was pushed then is in a later one as well, unless a push was forced.
const MAX_LOGGED: usize = 2_000;

/// 256 MiB: a line is some 200 bytes, so this is a ref that moved a million times.
const MAX_LOG_BYTES: u64 = 256 << 20;

/// Reads one log.
fn log_at(path: &Path) -> Result<Vec<u8>, Error> {
    Ok(bounded::read(path, MAX_LOG_BYTES).map_err(|cause| Error::Refs(cause.into()))?.unwrap_or_default())
}

/// Reads the logs of all remote-tracking refs, oldest first: what fetches and pushes brought there.
///
/// # Errors
/// When a log cannot be read, or is larger than any can be.
pub(crate) fn remote_log(repo: &Repo) -> Result<Vec<Logged>, Error> {
    let mut files = Vec::new();
    log_files(&repo.common_dir().join("logs/refs/remotes"), &mut files, 0);
    let mut log = Vec::new();
    for path in files {
        log.extend(log_at(&path)?.split(|&b| b == b'\n').filter_map(logged));
    }
    log.sort_unstable();
    log.dedup();
    Ok(log.split_off(log.len().saturating_sub(MAX_LOGGED)))
}

/// Reads `OLD NEW NAME <EMAIL> SECONDS ZONE\tMESSAGE`.
fn logged(line: &[u8]) -> Option<Logged> {
    let id = ObjectId::from_hex(line.split(|&b| b == b' ').nth(1)?).ok().filter(|id| !id.is_null())?;
    let head = line.split(|&b| b == b'\t').next()?;
    let seconds = head.rsplit(|&b| b == b' ').nth(1).and_then(|digits| std::str::from_utf8(digits).ok())?;
    Some(Logged { seconds: seconds.parse().ok()?, id })
}

/// Names of branches nest, but not without end.
fn log_files(folder: &Path, into: &mut Vec<std::path::PathBuf>, depth: usize) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten().filter(|_| depth <= 64) {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => log_files(&entry.path(), into, depth + 1),
            Ok(kind) if kind.is_file() => into.push(entry.path()),
            Ok(_) | Err(_) => {}
        }
    }
}

/// Returns all refs in the order of their names.
///
/// No object is read: there may be a hundred thousand refs.
///
/// # Errors
/// When refs cannot be read: no refs must not look like no findings.
pub fn named(repo: &Repo) -> Result<Vec<Tip>, Error> {
    let inner = repo.inner();
    let mut tips = Vec::new();
    let platform = inner.references().map_err(|cause| Error::Refs(cause.into()))?;
    for reference in platform.all().map_err(|cause| Error::Refs(cause.into()))? {
        let reference = reference.map_err(|cause| Error::Refs(cause.to_string().into()))?;
        let name = reference.name().as_bstr().to_string();
        // A symbolic ref names another ref, which is in the list itself.
        if let Some(id) = reference.target().try_id() {
            tips.push(Tip { holder: holder_of(&name), name, id: id.to_owned() });
        }
    }
    Ok(tips)
}

/// Returns all refs, the entries of all reflogs, and the HEADs of all worktrees, sorted by holder and name.
///
/// # Errors
/// When refs cannot be read.
pub fn tips(repo: &Repo) -> Result<Vec<Tip>, Error> {
    let mut tips = named(repo)?;
    if let Some(id) = repo.head_commit()? {
        tips.push(Tip { holder: Holder::Branch, name: "HEAD".into(), id });
    }
    let mut logs = BTreeMap::new();
    for folder in [repo.common_dir(), repo.git_dir()] {
        read_logs(&folder.join("logs"), &mut logs)?;
        read_worktree_heads(folder, &mut tips);
    }
    tips.extend(logs.into_iter().map(|(id, name)| Tip { holder: Holder::Reflog, name, id }));
    tips.sort();
    tips.dedup();
    Ok(tips)
}

fn holder_of(name: &str) -> Holder {
    for (prefix, holder) in [
        ("refs/heads/", Holder::Branch),
        ("refs/tags/", Holder::Tag),
        ("refs/remotes/", Holder::Remote),
        ("refs/stash", Holder::Stash),
        ("refs/notes/", Holder::Notes),
    ] {
        if name.starts_with(prefix) {
            return holder;
        }
    }
    Holder::Other
}

/// Detached HEADs of linked worktrees are no refs.
fn read_worktree_heads(folder: &Path, tips: &mut Vec<Tip>) {
    for entry in fs::read_dir(folder.join("worktrees")).into_iter().flatten().flatten() {
        let text = fs::read_to_string(entry.path().join("HEAD")).unwrap_or_default();
        if let Ok(id) = ObjectId::from_hex(text.trim().as_bytes()) {
            let name = format!("worktrees/{}/HEAD", entry.file_name().to_string_lossy());
            tips.push(Tip { holder: Holder::Branch, name, id });
        }
    }
}

/// Collects every object that a reflog names; the stash's log holds all stashes but the newest.
fn read_logs(folder: &Path, into: &mut BTreeMap<ObjectId, String>) -> Result<(), Error> {
    let mut files = Vec::new();
    log_files(folder, &mut files, 0);
    for path in files {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        for line in log_at(&path)?.split(|&b| b == b'\n') {
            for id in line.split(|&b| b == b' ').take(2).filter_map(|hex| ObjectId::from_hex(hex).ok()) {
                if !id.is_null() {
                    into.entry(id).or_insert_with(|| name.clone());
                }
            }
        }
    }
    Ok(())
}
