//! Opening a repository and reading its objects, without trusting it.

use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::Kind;
use gix::open::permissions::{Config, Environment};
use gix::sec::Permission;

use super::MAX_OBJECT_BYTES;
use super::beside::Beside;
use crate::chunk::Readable;
use crate::coverage::Why;

/// A repository that is only read.
pub struct Repo {
    inner: gix::Repository,
    beside: Beside,
    /// Whether git's variables speak of this repository.
    is_of_environment: bool,
}

/// Why git's data cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no repository.
    #[error("{path:?} is not in a git repository")]
    NotARepository {
        /// Where it was looked for.
        path: PathBuf,
        /// What was tried.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The repository uses something that we cannot read.
    #[error("the repository uses `extensions.{name}`{value}, which is not supported")]
    Extension {
        /// The extension.
        name: String,
        /// Its value, if that is what is not supported.
        value: String,
    },
    /// A revision cannot be found.
    #[error("{spec:?} is not a revision or range of this repository")]
    Revision {
        /// What the user wrote.
        spec: String,
        /// What is wrong.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It is no range, whatever this repository holds.
    #[error("{spec:?} is no range: {what}")]
    NoRange {
        /// What the user wrote.
        spec: String,
        /// What is wrong.
        what: &'static str,
    },
    /// There is no commit yet.
    #[error("there is no commit here yet")]
    Unborn,
    /// The index cannot be read.
    #[error("the index {path:?} cannot be read")]
    Index {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A ref or HEAD cannot be read.
    #[error("the refs cannot be read")]
    Refs(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An object that everything hangs on is missing or corrupt.
    #[error("object {id} cannot be read")]
    Object {
        /// The object.
        id: ObjectId,
        /// What is wrong.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A folder of the object database cannot be listed.
    #[error("{path:?} cannot be read")]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: std::io::Error,
    },
}

/// Tags of tags of tags: nobody makes more by hand.
pub(crate) const MAX_TAGS: usize = 64;

/// What became of reading an object.
pub enum Read {
    /// Its bytes.
    Bytes(Readable),
    /// Why they could not be had.
    Skip(Why),
}

impl Repo {
    /// Opens the repository that git would use here: the one its variables name, or the one around `dir`.
    ///
    /// # Errors
    /// When there is none, or it uses an extension that we do not know.
    pub fn from_environment(dir: &Path) -> Result<Self, Error> {
        let environment = Environment { git_prefix: Permission::Allow, objects: Permission::Allow, ..Environment::isolated() };
        let opened = gix::ThreadSafeRepository::discover_with_environment_overrides_opts(
            dir,
            gix::discover::upwards::Options { match_ceiling_dir_or_error: false, ..Default::default() },
            same_for_all(options(environment)),
        );
        let repo = Repo::checked(opened.map(gix::Repository::from), dir)?;
        Ok(Repo { beside: Beside::of_environment(&repo.inner), is_of_environment: true, ..repo })
    }

    /// Opens the repository in or around `dir`, whatever the environment says.
    ///
    /// # Errors
    /// When there is none, or it uses an extension that we do not know.
    pub fn around(dir: &Path) -> Result<Self, Error> {
        let trust = same_for_all(options(Environment::isolated()));
        let opened = gix::ThreadSafeRepository::discover_opts(dir, Default::default(), trust);
        Repo::checked(opened.map(gix::Repository::from), dir)
    }

    fn checked<E>(opened: Result<gix::Repository, E>, dir: &Path) -> Result<Self, Error>
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let inner = opened.map_err(|cause| Error::NotARepository { path: dir.to_owned(), cause: cause.into() })?;
        check_extensions(&inner)?;
        Ok(Repo::of(inner))
    }

    /// Wraps a handle for another thread.
    pub(crate) fn of(inner: gix::Repository) -> Self {
        Repo { inner, beside: Beside::default(), is_of_environment: false }
    }

    pub(crate) fn inner(&self) -> &gix::Repository {
        &self.inner
    }

    /// Returns the top of the working tree; nothing for a bare repository.
    pub fn work_dir(&self) -> Option<&Path> {
        self.inner.workdir()
    }

    /// Returns the folder that linked worktrees share.
    pub fn common_dir(&self) -> &Path {
        self.inner.common_dir()
    }

    /// Returns the folder of this worktree's own files: HEAD, index.
    pub fn git_dir(&self) -> &Path {
        self.inner.git_dir()
    }

    /// Returns how large an object is once it is unpacked; nothing where that cannot be told.
    pub(crate) fn size(&self, id: ObjectId) -> Option<u64> {
        self.beside.size(id).or_else(|| self.inner.try_find_header(id).ok().flatten().map(|header| header.size()))
    }

    /// Reads a blob, unless it is missing, corrupt or too large; text in UTF-16 as UTF-8.
    pub fn blob(&self, id: ObjectId) -> Read {
        let size = match self.beside.size(id) {
            Some(size) => Some(size),
            None => match self.inner.try_find_header(id) {
                Ok(None) => return Read::Skip(Why::Missing),
                Ok(Some(header)) => Some(header.size()),
                Err(_) => None,
            },
        };
        if let Some(bytes) = size.filter(|&bytes| bytes > MAX_OBJECT_BYTES) {
            return Read::Skip(Why::TooLarge { bytes, limit_bytes: MAX_OBJECT_BYTES });
        }
        match self.find(id) {
            Ok(Some((Kind::Blob, bytes))) => Read::Bytes(Readable::of(bytes)),
            Ok(Some((kind, _))) => Read::Skip(Why::Corrupt { detail: format!("a {kind} instead of a blob") }),
            Ok(None) => Read::Skip(Why::Missing),
            Err(error) => {
                let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                Read::Skip(Why::Corrupt { detail: cause })
            }
        }
    }

    /// Looks for an object in all places that git would look in.
    fn find(&self, id: ObjectId) -> Result<Option<(Kind, Vec<u8>)>, Error> {
        if let Some(found) = self.beside.object(id) {
            return Ok(Some(found));
        }
        let found = self.inner.try_find_object(id).map_err(|cause| Error::Object { id, cause: cause.into() })?;
        Ok(found.map(|object| {
            let object = object.detach();
            (object.kind, object.data)
        }))
    }

    /// Reads an object of any kind.
    ///
    /// # Errors
    /// When it is missing or corrupt.
    pub(crate) fn object(&self, id: ObjectId) -> Result<(Kind, Vec<u8>), Error> {
        self.find(id)?.ok_or_else(|| Error::Object { id, cause: "it is not in this repository".into() })
    }

    /// Reads an object that must be of one kind.
    fn object_of(&self, id: ObjectId, wanted: Kind) -> Result<Vec<u8>, Error> {
        match self.object(id)? {
            (kind, bytes) if kind == wanted => Ok(bytes),
            (kind, _) => Err(Error::Object { id, cause: format!("a {kind} instead of a {wanted}").into() }),
        }
    }

    /// Reads a tree.
    ///
    /// # Errors
    /// When it is missing or is no tree.
    pub(crate) fn tree(&self, id: ObjectId) -> Result<Vec<u8>, Error> {
        self.object_of(id, Kind::Tree)
    }

    /// Reads a commit.
    ///
    /// # Errors
    /// When it is missing or is no commit.
    pub(crate) fn commit(&self, id: ObjectId) -> Result<Vec<u8>, Error> {
        self.object_of(id, Kind::Commit)
    }

    /// Returns the tree of a commit.
    ///
    /// # Errors
    /// When the commit is missing or names no tree.
    pub(crate) fn tree_of(&self, commit: ObjectId) -> Result<ObjectId, Error> {
        let bytes = self.commit(commit)?;
        let tree = gix::objs::CommitRefIter::from_bytes(&bytes, self.inner.object_hash()).tree_id();
        tree.map_err(|cause| Error::Object { id: commit, cause: cause.into() })
    }

    /// Returns the tree of HEAD; nothing before the first commit.
    ///
    /// # Errors
    /// When HEAD names something that cannot be read.
    pub(crate) fn head_tree(&self) -> Result<Option<ObjectId>, Error> {
        match self.head_commit()? {
            None => Ok(None),
            Some(id) => self.tree_of(id).map(Some),
        }
    }

    /// Returns the commit of HEAD; nothing before the first commit.
    ///
    /// # Errors
    /// When HEAD cannot be read.
    pub fn head_commit(&self) -> Result<Option<ObjectId>, Error> {
        let head = self.inner.head().map_err(|cause| Error::Refs(cause.into()))?;
        match head.id() {
            None => Ok(None),
            Some(id) => self.commit_of(id.detach()).map(Some),
        }
    }

    /// Returns the name of the branch that is checked out, such as `main`.
    pub fn head_branch(&self) -> Option<String> {
        self.inner.head_name().ok().flatten().map(|name| name.shorten().to_string())
    }

    /// Follows annotated tags to the commit they name; a forged one may name itself.
    ///
    /// # Errors
    /// When an object on the way is missing, or it is no commit in the end.
    pub(crate) fn commit_of(&self, named: ObjectId) -> Result<ObjectId, Error> {
        let mut id = named;
        for _ in 0..MAX_TAGS {
            match self.object(id)? {
                (Kind::Commit, _) => return Ok(id),
                (Kind::Tag, bytes) => id = self.target_of(id, &bytes)?,
                (kind @ (Kind::Tree | Kind::Blob), _) => {
                    return Err(Error::Object { id, cause: format!("a {kind} instead of a commit").into() });
                }
            }
        }
        Err(Error::Object { id: named, cause: "tags name tags without end".into() })
    }

    /// Returns the object that a revision names.
    ///
    /// # Errors
    /// When it names none.
    pub fn object_named(&self, spec: &str) -> Result<ObjectId, Error> {
        if spec == "HEAD" && self.inner.head().is_ok_and(|head| head.is_unborn()) {
            return Err(Error::Unborn);
        }
        let found = self.inner.rev_parse_single(bstr::BStr::new(spec));
        found.map(gix::Id::detach).map_err(|cause| Error::Revision { spec: spec.to_owned(), cause: cause.into() })
    }

    /// Returns the commit that a revision names, which is there.
    ///
    /// # Errors
    /// When it names none, or one that is not there.
    pub fn commit_named(&self, spec: &str) -> Result<ObjectId, Error> {
        self.commit_of(self.object_named(spec)?)
    }

    /// Returns whether some of the history was left out when this was cloned.
    pub fn is_shallow(&self) -> bool {
        self.shallow_commits().is_ok_and(|commits| !commits.is_empty())
    }

    /// Returns what a tag names.
    ///
    /// # Errors
    /// When its bytes are no tag.
    pub(crate) fn target_of(&self, tag: ObjectId, bytes: &[u8]) -> Result<ObjectId, Error> {
        let target = gix::objs::TagRefIter::from_bytes(bytes, self.inner.object_hash()).target_id();
        target.map_err(|cause| Error::Object { id: tag, cause: cause.into() })
    }

    /// Returns the commits that a merge in progress joins to HEAD.
    ///
    /// While git asks `pre-merge-commit` it has not yet written `MERGE_HEAD`; it names the commits in its variables.
    pub(crate) fn merge_heads(&self) -> Vec<ObjectId> {
        let written = std::fs::read_to_string(self.git_dir().join("MERGE_HEAD")).unwrap_or_default();
        let mut heads: Vec<ObjectId> = written.lines().filter_map(|line| ObjectId::from_hex(line.trim().as_bytes()).ok()).collect();
        if self.is_of_environment {
            let named = std::env::vars_os().filter_map(|(name, _)| {
                let hex = name.as_encoded_bytes().strip_prefix(b"GITHEAD_")?.to_owned();
                ObjectId::from_hex(&hex).ok()
            });
            heads.extend(named);
        }
        heads.sort();
        heads.dedup();
        heads
    }

    /// Returns the commits at which a shallow clone ends.
    ///
    /// # Errors
    /// When the file that names them cannot be read.
    pub(crate) fn shallow_commits(&self) -> Result<Vec<ObjectId>, Error> {
        let commits = self.inner.shallow_commits().map_err(|cause| Error::Refs(cause.into()))?;
        Ok(commits.map(|commits| commits.iter().copied().collect()).unwrap_or_default())
    }
}

fn options(env: Environment) -> gix::open::Options {
    gix::open::Options::isolated()
        .permissions(gix::open::Permissions { config: Config::isolated(), env, ..gix::open::Permissions::isolated() })
        // What `refs/replace` shows is not what is stored and pushed.
        .config_overrides(["core.useReplaceRefs=false"])
        .strict_config(false)
}

fn same_for_all(options: gix::open::Options) -> gix::sec::trust::Mapping<gix::open::Options> {
    gix::sec::trust::Mapping { full: options.clone(), reduced: options }
}

/// Refuses what changes the meaning of the files we read; git does so too.
fn check_extensions(repo: &gix::Repository) -> Result<(), Error> {
    const KNOWN: [&str; 9] = [
        "objectformat",
        "partialclone",
        "worktreeconfig",
        "preciousobjects",
        "noop",
        "refstorage",
        "relativeworktrees",
        "submodulepathconfig",
        "compatobjectformat",
    ];
    let snapshot = repo.config_snapshot();
    let config = snapshot.plumbing();
    for section in config.sections_by_name("extensions").into_iter().flatten() {
        for name in section.value_names() {
            let folded = name.to_string().to_ascii_lowercase();
            if !KNOWN.contains(&folded.as_str()) {
                return Err(Error::Extension { name: folded, value: String::new() });
            }
            let value = section.value(&folded).map(|value| value.to_string()).unwrap_or_default();
            if folded == "refstorage" && !value.eq_ignore_ascii_case("files") {
                return Err(Error::Extension { name: folded, value: format!(" = {value}") });
            }
        }
    }
    Ok(())
}
