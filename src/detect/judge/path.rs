//! What kind of file a path names, and what that says of a value in it.

/// The classes of one path; several may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PathClass {
    /// A programming language: what is not quoted is an expression.
    pub is_code: bool,
    /// Configuration: what is not quoted is a value.
    pub is_config: bool,
    /// Prose and markup for people.
    pub is_docs: bool,
    /// Tests, fixtures, examples, templates of configuration.
    pub is_test: bool,
    /// Texts of a user interface in human languages.
    pub is_translation: bool,
    /// Written by a package manager, full of hashes.
    pub is_lock: bool,
    /// Minified or generated code and maps.
    pub is_minified: bool,
}

const CODE: [&str; 58] = [
    "go", "py", "pyi", "js", "jsx", "mjs", "cjs", "ts", "tsx", "java", "kt", "kts", "scala", "groovy", "gradle", "rb", "erb", "php", "c",
    "h", "cc", "cpp", "hpp", "cs", "m", "mm", "swift", "rs", "dart", "ex", "exs", "erl", "hs", "lua", "pl", "pm", "clj", "cljs", "coffee",
    "vue", "svelte", "fs", "vb", "r", "jl", "css", "scss", "less", "jsp", "haml", "sol", "nim", "zig", "cr", "ml", "d", "proto", "graphql",
];
const CONFIG: [&str; 22] = [
    "yaml",
    "yml",
    "json",
    "toml",
    "ini",
    "cfg",
    "conf",
    "config",
    "properties",
    "env",
    "xml",
    "tf",
    "tfvars",
    "hcl",
    "sh",
    "bash",
    "zsh",
    "ps1",
    "bat",
    "cmd",
    "plist",
    "netrc",
];
const DOCS: [&str; 9] = ["md", "markdown", "rst", "txt", "adoc", "html", "htm", "tex", "ipynb"];
const TRANSLATIONS: [&str; 8] = ["po", "pot", "arb", "strings", "resx", "xliff", "xlf", "ftl"];
const LOCKS: [&str; 16] = [
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "cargo.lock",
    "poetry.lock",
    "uv.lock",
    "gemfile.lock",
    "composer.lock",
    "go.sum",
    "podfile.lock",
    "flake.lock",
    "mix.lock",
    "pubspec.lock",
    "pipfile.lock",
    ".terraform.lock.hcl",
];
/// Our own list of hashes.
const OWN_BASELINE: &[u8] = b".staunch-baseline";
const TEST_DIRS: [&str; 22] = [
    "test",
    "tests",
    "spec",
    "specs",
    "__tests__",
    "fixtures",
    "fixture",
    "testdata",
    "testing",
    "mocks",
    "mock",
    "__mocks__",
    "examples",
    "example",
    "samples",
    "sample",
    "demo",
    "demos",
    "cassettes",
    "snapshots",
    "__snapshots__",
    "e2e",
];
const TRANSLATION_DIRS: [&str; 6] = ["locales", "locale", "i18n", "lang", "translations", "l10n"];

impl PathClass {
    /// Classifies a path by its parts; nothing is read.
    pub fn of(path: &[u8]) -> Self {
        let folded = path.to_ascii_lowercase();
        let mut parts = folded.split(|&b| b == b'/' || b == b'\\');
        let file = parts.next_back().unwrap_or_default();
        let extension = memchr::memrchr(b'.', file).map_or(&b""[..], |at| &file[at + 1..]);
        let is = |list: &[&str], word: &[u8]| list.iter().any(|entry| entry.as_bytes() == word);
        let dirs: Vec<&[u8]> = parts.collect();
        let contains = |needle: &str| memchr::memmem::find(file, needle.as_bytes()).is_some();
        let has_test_name =
            contains("_test.") || contains(".test.") || contains(".spec.") || contains("_spec.") || file.starts_with(b"test_");
        let is_template =
            is(&["example", "sample", "template", "dist", "tmpl", "tpl"], extension) || contains(".example.") || contains(".sample.");
        PathClass {
            is_code: is(&CODE, extension),
            is_config: is(&CONFIG, extension) || file.starts_with(b".env") || contains("dockerfile"),
            is_docs: is(&DOCS, extension) || dirs.iter().any(|dir| is(&["docs", "doc"], dir)),
            is_test: has_test_name || is_template || dirs.iter().any(|dir| is(&TEST_DIRS, dir)),
            is_translation: is(&TRANSLATIONS, extension)
                || (extension == b"properties" && file.starts_with(b"messages"))
                || dirs.iter().any(|dir| is(&TRANSLATION_DIRS, dir)),
            is_lock: is(&LOCKS, file) || file == OWN_BASELINE,
            is_minified: contains(".min.") || is(&["map", "snap", "svg"], extension),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PathClass;

    #[test]
    fn paths_fall_into_classes() {
        let class = |path: &str| PathClass::of(path.as_bytes());
        assert!(class("src/Main.java").is_code && !class("src/Main.java").is_test);
        assert!(class("spec/models/user_spec.rb").is_test);
        assert!(class("config/.env.example").is_test && class("config/.env.example").is_config);
        assert!(class("app/Dockerfile").is_config);
        assert!(class("Cargo.lock").is_lock);
        assert!(class("config/locales/de.yml").is_translation);
        assert!(class("assets/app.min.js").is_minified);
        assert_eq!(class("latest/data"), PathClass::default());
    }
}
