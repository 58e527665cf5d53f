//! Where git looks for hooks: the one thing for which the configuration of the user and the system is read as well.

use std::path::{Path, PathBuf};

use bstr::{BString, ByteSlice as _};

use super::repo::{Error, Repo};

/// The folder from which git runs hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksFolder {
    /// The folder.
    pub path: PathBuf,
    /// The file that says so with `core.hooksPath`; nothing where it is the folder of every repository.
    pub set_by: Option<String>,
}

/// A hook that the configuration names; git runs such hooks from version 2.54 on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfiguredHook {
    /// The moments in which it is asked.
    pub events: Vec<BString>,
    /// What is run.
    pub command: BString,
    /// The file that says so.
    pub set_by: String,
}

impl Repo {
    /// Returns the folder from which git runs hooks here.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn hooks_folder(&self) -> Result<HooksFolder, Error> {
        let everything = self.with_all_configuration()?;
        let config = everything.config_snapshot();
        let Some(configured) = config.trusted_path("core.hooksPath").ok().flatten() else {
            return Ok(HooksFolder { path: absolute(&self.common_dir().join("hooks")), set_by: None });
        };
        // A relative path is relative to where git runs the hook: the top of the working tree.
        let path = absolute(&self.work_dir().unwrap_or(self.git_dir()).join(&configured));
        let sections = config.plumbing().sections_by_name("core").into_iter().flatten();
        let set_by = sections.filter(|section| section.value("hooksPath").is_some()).last().map(|section| file(section.meta()));
        Ok(HooksFolder { path, set_by: Some(set_by.unwrap_or_else(|| "the configuration".to_owned())) })
    }

    /// Returns the hooks that the configuration names and does not switch off.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    pub fn configured_hooks(&self) -> Result<Vec<ConfiguredHook>, Error> {
        let everything = self.with_all_configuration()?;
        let config = everything.config_snapshot();
        let mut hooks: Vec<(BString, ConfiguredHook)> = Vec::new();
        for section in config.plumbing().sections_by_name("hook").into_iter().flatten() {
            let Some(name) = section.header().subsection_name() else { continue };
            let at = hooks.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
                let hook = ConfiguredHook { events: Vec::new(), command: BString::default(), set_by: file(section.meta()) };
                hooks.push((name.to_owned(), hook));
                hooks.len() - 1
            });
            let hook = &mut hooks[at].1;
            hook.events.extend(section.values("event"));
            if let Some(command) = section.value("command") {
                hook.command = command;
            }
        }
        let is_on = |name: &BString| config.boolean(format!("hook.{}.enabled", name.to_str_lossy()).as_str()) != Some(false);
        Ok(hooks.into_iter().filter(|(name, hook)| is_on(name) && !hook.command.is_empty()).map(|(_, hook)| hook).collect())
    }

    /// Opens the repository once more, as git does: with what user and system configure.
    fn with_all_configuration(&self) -> Result<gix::Repository, Error> {
        let path = self.git_dir().to_owned();
        gix::open_opts(&path, gix::open::Options::default().open_path_as_is(true))
            .map_err(|cause| Error::NotARepository { path, cause: cause.into() })
    }
}

/// Returns the folder that system or user name for all repositories, if they do.
pub fn global_hooks_folder() -> Option<PathBuf> {
    use gix::config::{File, Source, file::Metadata};
    let mut of_environment = |name: &str| std::env::var_os(name);
    let mut folder = None;
    for source in [Source::System, Source::Git, Source::User] {
        let Some(path) = source.storage_location(&mut of_environment).filter(|path| path.is_file()) else { continue };
        let meta = Metadata { path: Some(path.to_path_buf()), source, level: 0, trust: gix::sec::Trust::Full };
        let Ok(Some(config)) = File::from_paths_metadata([meta], Default::default()) else { continue };
        let Ok(value) = config.value::<gix::config::Path>("core.hooksPath") else { continue };
        let home = std::env::home_dir();
        let context = gix::config::path::interpolate::Context { home_dir: home.as_deref(), ..Default::default() };
        folder = value.interpolate(context).ok().map(|path| path.to_path_buf()).or(folder);
    }
    folder
}

fn file(meta: &gix::config::file::Metadata) -> String {
    meta.path.as_ref().map_or_else(|| format!("{:?} configuration", meta.source).to_lowercase(), |path| path.display().to_string())
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
