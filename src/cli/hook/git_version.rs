//! Which version of git is installed: whether it runs hooks that its configuration names, nobody but git can say.

/// Git runs what its configuration names from this version on.
const CONFIGURED_FROM: (u32, u32) = (2, 54);

/// Returns what git says of its version, and whether that one runs configured hooks; nothing where git does not answer.
///
/// The one place where a program is run: the user's own git, from the PATH, for which nothing of a repository matters.
#[expect(clippy::disallowed_methods, reason = "`git --version` reads nothing of a repository, and only who asks for hooks asks for it")]
pub(super) fn runs_configured_hooks() -> Option<(String, bool)> {
    let output = std::process::Command::new("git").arg("--version").stdin(std::process::Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let version = version(&said)?;
    Some((said, version >= CONFIGURED_FROM))
}

/// Reads `git version 2.47.3`, whatever follows.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.strip_prefix("git version ")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{CONFIGURED_FROM, version};

    #[test]
    fn a_version_is_read_as_vendors_write_it() {
        assert_eq!(version("git version 2.39.5 (Apple Git-154)"), Some((2, 39)));
        assert_eq!(version("git version 2.54.0.windows.1"), Some(CONFIGURED_FROM));
        assert_eq!(version("gti"), None);
    }
}
