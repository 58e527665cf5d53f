//! Temporary folders, real git and our program, all with an environment that says nothing but what a test says.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use staunch::detect::{Catalog, sample};
use staunch::detector::Detector;
use tempfile::TempDir;

/// The detector whose tokens the tests leak.
pub(crate) const DETECTOR: &str = "github-pat-classic";

/// A temporary folder with a `work` folder in it, which most often is a repository.
pub(crate) struct Place {
    temp: TempDir,
    variables: Vec<(&'static str, String)>,
}

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Returns what was written to both streams.
    pub(crate) fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// Returns standard output as one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }

    /// Returns standard output as JSON Lines.
    pub(crate) fn lines(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("no JSON ({error}): {line:?}"));
        self.out.lines().map(parse).collect()
    }

    /// Checks the exit code, and shows everything when it is another one.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    /// Checks that one of the streams holds a text.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.all().contains(text), "{text:?} is not in\nout: {}\nerr: {}", self.out, self.err);
        self
    }
}

impl Place {
    /// Makes an empty folder that is no repository.
    pub(crate) fn folder() -> Self {
        let temp = tempfile::tempdir().expect("a temporary folder can be made");
        std::fs::create_dir(temp.path().join("site")).expect("it is new");
        Place { temp, variables: Vec::new() }
    }

    /// Makes an empty repository.
    pub(crate) fn repo() -> Self {
        Place::repo_with(&[])
    }

    /// Makes an empty repository with more arguments to `git init`.
    pub(crate) fn repo_with(args: &[&str]) -> Self {
        let place = Place::folder();
        place.git(&[&["init", "-q", "-b", "main"], args].concat());
        place
    }

    /// Sets a variable for all that is run here.
    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.variables.push((name, value.into()));
    }

    /// Returns a path below the working folder.
    pub(crate) fn path(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.temp.path().join("site").join(Path::new(&name))
    }

    /// Returns a path beside the working folder.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.temp.path().join(name)
    }

    /// Writes a file and the folders above it.
    pub(crate) fn write(&self, name: impl AsRef<OsStr>, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("it is below the folder")).expect("folders can be made");
        std::fs::write(path, content).expect("the file can be written");
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: impl AsRef<OsStr>) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path(name)).expect("the file is there")).into_owned()
    }

    /// Runs git, which must succeed, and returns what it printed.
    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.git_in(&self.path(""), args)
    }

    /// Runs git in another folder.
    #[track_caller]
    pub(crate) fn git_in(&self, folder: &Path, args: &[&str]) -> String {
        let ran = self.try_git_in(folder, args, b"");
        assert_eq!(ran.code, 0, "git {args:?}: {ran:?}");
        ran.out.trim_end().to_owned()
    }

    /// Runs git, which may fail.
    pub(crate) fn try_git(&self, args: &[&str]) -> Ran {
        self.try_git_in(&self.path(""), args, b"")
    }

    /// Runs git in a folder, with input, and returns whatever happens.
    pub(crate) fn try_git_in(&self, folder: &Path, args: &[&str], input: &[u8]) -> Ran {
        self.run("git".as_ref(), folder, args, input)
    }

    /// Runs our program in the working folder.
    pub(crate) fn staunch(&self, args: &[&str]) -> Ran {
        self.staunch_in(&self.path(""), args)
    }

    /// Runs our program in another folder.
    pub(crate) fn staunch_in(&self, folder: &Path, args: &[&str]) -> Ran {
        self.run(program().as_os_str(), folder, args, b"")
    }

    /// Runs our program with something on standard input.
    pub(crate) fn staunch_with(&self, input: &[u8], args: &[&str]) -> Ran {
        self.run(program().as_os_str(), &self.path(""), args, input)
    }

    /// Runs any program with a cleared environment.
    #[expect(clippy::disallowed_methods, reason = "the tests compare with a real git and run our program as a user does")]
    pub(crate) fn run(&self, program: &OsStr, folder: &Path, args: &[&str], input: &[u8]) -> Ran {
        let mut child = Command::new(program)
            .args(args)
            .current_dir(folder)
            .env_clear()
            .envs(self.environment())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program:?} does not start: {error}"));
        let mut stdin = child.stdin.take().expect("it is piped");
        std::thread::scope(|threads| {
            // A program that does not read its input is no failure of the test.
            threads.spawn(move || {
                let _ = stdin.write_all(input);
            });
            let output = child.wait_with_output().expect("it ends");
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            Ran { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
        })
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let folder = program().parent().expect("it is in a folder").display().to_string();
        let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".to_owned());
        let mut variables = vec![
            ("PATH", format!("{folder}:{path}")),
            ("HOME", self.temp.path().display().to_string()),
            ("LC_ALL", "C".into()),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".into()),
            ("GIT_EDITOR", "true".into()),
        ];
        for (name, value) in [
            ("GIT_AUTHOR_NAME", "Ann Author"),
            ("GIT_AUTHOR_EMAIL", "ann@example.com"),
            ("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z"),
            ("GIT_COMMITTER_NAME", "Carl Committer"),
            ("GIT_COMMITTER_EMAIL", "carl@example.com"),
            ("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z"),
        ] {
            variables.push((name, value.to_owned()));
        }
        variables.extend(self.variables.iter().cloned());
        variables
    }

    /// Writes a file, commits it alone, and returns the commit.
    #[track_caller]
    pub(crate) fn commit(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        self.write(name, content);
        self.git(&["add", "-f", "--", name]);
        self.git(&["commit", "-q", "-m", &format!("change {name}")]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Removes a file in a commit of its own.
    #[track_caller]
    pub(crate) fn remove(&self, name: &str) -> String {
        self.git(&["rm", "-q", "--", name]);
        self.git(&["commit", "-q", "-m", &format!("remove {name}")]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Audits the repository and returns the places where the secrets lie, as `path` values.
    #[track_caller]
    pub(crate) fn audited(&self, args: &[&str]) -> (Ran, Vec<Value>) {
        let ran = self.staunch(&[&["audit", "--format", "json"], args].concat());
        let found = credentials(&ran.json());
        (ran, found)
    }
}

/// Returns the credentials of a JSON report.
pub(crate) fn credentials(report: &Value) -> Vec<Value> {
    report["credentials"].as_array().expect("the report lists credentials").clone()
}

/// Returns our program.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_staunch"))
}

/// Returns the top of this very repository.
pub(crate) fn source() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the detectors that ship, built once.
pub(crate) fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(Catalog::shipped)
}

fn detector(id: &str) -> Arc<Detector> {
    catalog().detectors().find(|detector| detector.id == id).expect("the detector ships").clone()
}

fn made(template: &str, id: &str, seed: u64) -> String {
    String::from_utf8(sample::expand(template, &detector(id), seed).text).expect("the template is text")
}

/// Returns a token with a right checksum; another seed gives another token.
pub(crate) fn token(seed: u64) -> String {
    made("«ghp_{base62:30}{check}»", DETECTOR, seed)
}

/// Returns a line that leaks the token of a seed.
pub(crate) fn leak(seed: u64) -> String {
    format!("x = {}\n", token(seed))
}

/// Makes two repositories, `site` and `second`, that hold the same token; returns them and the path of the second.
pub(crate) fn shared_by_two() -> (Place, Place, String) {
    let (place, other) = (Place::repo(), Place::repo());
    place.commit("a.txt", leak(1));
    other.commit("b.txt", leak(1));
    let path = other.path("").canonicalize().expect("it is there");
    let renamed = path.with_file_name("second");
    std::fs::rename(&path, &renamed).expect("it can be moved");
    (place, other, renamed.to_str().expect("UTF-8").to_owned())
}

/// Returns 32 random hexadecimal digits.
pub(crate) fn hex(seed: u64) -> String {
    made("«{hex:32}»", DETECTOR, seed)
}

/// Returns a random password without a shape of its own.
pub(crate) fn password(seed: u64) -> String {
    made("«{base62:8}-{base62:8}!{digits:2}»", DETECTOR, seed)
}

/// Returns a line that assigns a password, so that no such line stands in our source.
pub(crate) fn assignment(seed: u64) -> String {
    format!("{} = \"{}\"\n", ["db", "password"].join("_"), password(seed))
}
