//! Opening a repository and reading its objects, without trusting it.

use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::Kind;
use gix::open::permissions::{Config, Environment};
use gix::sec::Permission;

use super::MAX_OBJECT_BYTES;
use crate::coverage::Why;

/// A repository that is only read.
pub struct Repo {
    inner: gix::Repository,
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
const MAX_TAGS: usize = 64;

/// What became of reading an object.
pub enum Read {
    /// Its bytes.
    Bytes(Vec<u8>),
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
        Repo::checked(opened.map(gix::Repository::from), dir)
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
        Ok(Repo { inner })
    }

    /// Wraps a handle for another thread.
    pub(crate) fn of(inner: gix::Repository) -> Self {
        Repo { inner }
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

    /// Reads a blob, unless it is missing, corrupt or too large.
    pub fn blob(&self, id: ObjectId) -> Read {
        match self.inner.try_find_header(id) {
            Ok(None) => return Read::Skip(Why::Missing),
            Ok(Some(header)) if header.size() > MAX_OBJECT_BYTES => {
                return Read::Skip(Why::TooLarge { bytes: header.size(), limit_bytes: MAX_OBJECT_BYTES });
            }
            Ok(Some(_)) | Err(_) => {}
        }
        match self.inner.try_find_object(id) {
            Ok(Some(object)) if object.kind == Kind::Blob => Read::Bytes(object.detach().data),
            Ok(Some(object)) => Read::Skip(Why::Corrupt { detail: format!("a {} instead of a blob", object.kind) }),
            Ok(None) => Read::Skip(Why::Missing),
            Err(cause) => Read::Skip(Why::Corrupt { detail: cause.to_string() }),
        }
    }

    /// Reads a tree.
    ///
    /// # Errors
    /// When it is missing or is no tree.
    pub(crate) fn tree(&self, id: ObjectId) -> Result<Vec<u8>, Error> {
        let object = self.inner.find_object(id).map_err(|cause| Error::Object { id, cause: cause.into() })?;
        if object.kind != Kind::Tree {
            return Err(Error::Object { id, cause: format!("a {} instead of a tree", object.kind).into() });
        }
        Ok(object.detach().data)
    }

    /// Returns the tree of HEAD; nothing before the first commit.
    ///
    /// # Errors
    /// When HEAD names something that cannot be read.
    pub(crate) fn head_tree(&self) -> Result<Option<ObjectId>, Error> {
        match self.head_commit()? {
            None => Ok(None),
            Some(id) => {
                let commit = self.inner.find_commit(id).map_err(|cause| Error::Object { id, cause: cause.into() })?;
                let tree = commit.tree_id().map_err(|cause| Error::Object { id, cause: cause.into() })?;
                Ok(Some(tree.detach()))
            }
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

    /// Follows annotated tags to the commit they name; a forged one may name itself.
    ///
    /// # Errors
    /// When an object on the way is missing, or it is no commit in the end.
    pub(crate) fn commit_of(&self, named: ObjectId) -> Result<ObjectId, Error> {
        let mut id = named;
        for _ in 0..MAX_TAGS {
            let object = self.inner.find_object(id).map_err(|cause| Error::Object { id, cause: cause.into() })?;
            match object.kind {
                Kind::Commit => return Ok(id),
                Kind::Tag => {
                    let target = object.into_tag().target_id().map(gix::Id::detach);
                    id = target.map_err(|cause| Error::Object { id, cause: cause.into() })?;
                }
                Kind::Tree | Kind::Blob => {
                    return Err(Error::Object { id, cause: format!("a {} instead of a commit", object.kind).into() });
                }
            }
        }
        Err(Error::Object { id: named, cause: "tags name tags without end".into() })
    }

    /// Returns the commits at which a shallow clone ends.
    ///
    /// # Errors
    /// When the file that names them cannot be read.
    pub(crate) fn shallow_commits(&self) -> Result<Vec<ObjectId>, Error> {
        let commits = self.inner.shallow_commits().map_err(|cause| Error::Refs(cause.into()))?;
        Ok(commits.map(|commits| commits.iter().copied().collect()).unwrap_or_default())
    }

    /// Returns `core.hooksPath` as git sees it here: of the user's and the system's configuration as well.
    ///
    /// # Errors
    /// When the repository cannot be opened with all of its configuration.
    pub fn hooks_path(&self) -> Result<Option<PathBuf>, Error> {
        let path = self.inner.git_dir().to_owned();
        let everything = gix::open_opts(&path, gix::open::Options::default().open_path_as_is(true))
            .map_err(|cause| Error::NotARepository { path, cause: cause.into() })?;
        let configured = everything.config_snapshot().trusted_path("core.hooksPath").ok().flatten();
        Ok(configured.map(|path| path.to_path_buf()))
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
