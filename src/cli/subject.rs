//! What a report says of what was scanned, and where the files that a code host shows are read again.

use std::cell::OnceCell;
use std::path::{Component, Path, PathBuf};

use staunch::chunk::Readable;
use staunch::git::{MAX_OBJECT_BYTES, Read, Repo};
use staunch::report::Files;
use staunch::report::document::{Subject, SubjectKind};

/// Names what was scanned: the kind, and what is checked out.
pub(super) fn subject(kind: SubjectKind, repo: Option<&Repo>) -> Subject {
    let commit = repo.and_then(|repo| repo.head_commit().ok().flatten()).map(|id| id.to_string());
    Subject { kind, commit, branch: repo.and_then(Repo::head_branch) }
}

/// Reads files below a folder, as they are now.
pub(super) fn on_disk(top: PathBuf) -> Files {
    Files::by(move |path| {
        // The path may come from a report that somebody else wrote: it leads nowhere but below the top.
        is_below(&top, path).then(|| regular(&top.join(path))).flatten()
    })
}

/// Returns whether a path that somebody else wrote leads to something below a folder: by no `..`, and through no link.
pub(super) fn is_below(top: &Path, path: &str) -> bool {
    let is_plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
    let real = |path: &Path| path.canonicalize().ok();
    is_plain && real(top).zip(real(&top.join(path))).is_some_and(|(top, path)| path.starts_with(top))
}

/// Reads files as HEAD has them.
pub(super) fn at_head(repo: &Repo) -> Files {
    let folder = repo.git_dir().to_owned();
    // Opened again when a file is asked for, and not before: a hook that writes no such format shall not wait.
    let opened = OnceCell::new();
    Files::by(move |path| {
        let repo = opened.get_or_init(|| Repo::around(&folder).ok()).as_ref()?;
        match repo.blob(repo.object_named(&format!("HEAD:{path}")).ok()?) {
            Read::Bytes(text) => Some(text.into_bytes()),
            Read::Skip(_) => None,
        }
    })
}

/// Returns whether one of the last parts of a path is a link: in a repository of somebody else's it may lead to any file of the user.
pub(super) fn is_through_link(path: &Path, parts: usize) -> bool {
    path.ancestors().take(parts).any(Path::is_symlink)
}

/// Reads a file of a working tree: no link, which may lead anywhere, no device, and nothing larger than what is scanned.
pub(super) fn regular(path: &Path) -> Option<Vec<u8>> {
    let is_ordinary = path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() <= MAX_OBJECT_BYTES);
    is_ordinary.then(|| std::fs::read(path).ok()).flatten().map(|bytes| Readable::of(bytes).into_bytes())
}
