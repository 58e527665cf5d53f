//! What kind of file a path names, and what that says of a value in it.

use super::sign::{Sign, Signs};

/// The language of a file, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
#[allow(missing_docs, reason = "the words are their own documentation")]
pub enum Language {
    Go,
    Python,
    Jvm,
    Script,
    Ruby,
    Php,
    Dotnet,
    Native,
    OtherCode,
    Shell,
    Yaml,
    Json,
    Config,
    Xml,
    Prose,
    Sql,
    Log,
    #[default]
    Unknown,
}

impl Language {
    /// All languages.
    pub(super) const ALL: [Language; 18] = [
        Language::Go,
        Language::Python,
        Language::Jvm,
        Language::Script,
        Language::Ruby,
        Language::Php,
        Language::Dotnet,
        Language::Native,
        Language::OtherCode,
        Language::Shell,
        Language::Yaml,
        Language::Json,
        Language::Config,
        Language::Xml,
        Language::Prose,
        Language::Sql,
        Language::Log,
        Language::Unknown,
    ];

    fn of(file: &[u8], extension: &[u8]) -> Self {
        let is_named = |part: &str| memchr::memmem::find(file, part.as_bytes()).is_some();
        match extension {
            b"go" => Language::Go,
            b"py" | b"pyi" | b"pyx" => Language::Python,
            b"java" | b"kt" | b"kts" | b"scala" | b"groovy" | b"gradle" | b"clj" | b"cljs" => Language::Jvm,
            b"js" | b"jsx" | b"mjs" | b"cjs" | b"ts" | b"tsx" | b"vue" | b"svelte" | b"coffee" => Language::Script,
            b"rb" | b"erb" | b"rake" => Language::Ruby,
            b"php" => Language::Php,
            b"cs" | b"fs" | b"vb" => Language::Dotnet,
            b"c" | b"h" | b"cc" | b"cpp" | b"hpp" | b"m" | b"mm" | b"rs" | b"swift" | b"zig" | b"pas" => Language::Native,
            b"dart" | b"ex" | b"exs" | b"erl" | b"hs" | b"lua" | b"pl" | b"pm" | b"r" | b"jl" | b"nim" | b"sol" | b"proto" | b"css"
            | b"scss" | b"less" | b"sass" | b"graphql" | b"asm" | b"tcl" | b"el" | b"elm" | b"ml" | b"mli" => Language::OtherCode,
            b"sh" | b"bash" | b"zsh" | b"fish" | b"bashrc" | b"zshrc" | b"profile" | b"bash_profile" | b"zprofile" | b"zshenv" | b"ps1"
            | b"psm1" | b"bat" | b"cmd" => Language::Shell,
            b"yaml" | b"yml" => Language::Yaml,
            b"json" | b"jsonl" | b"tfstate" => Language::Json,
            b"toml" | b"ini" | b"cfg" | b"conf" | b"config" | b"properties" | b"env" | b"tf" | b"tfvars" | b"hcl" | b"netrc" | b"npmrc"
            | b"cnf" | b"envrc" | b"pgpass" | b"esmtprc" | b"msmtprc" | b"s3cfg" | b"credentials" | b"ovpn" | b"pypirc" => Language::Config,
            b"xml" | b"html" | b"htm" | b"plist" | b"xaml" | b"csproj" | b"jsp" => Language::Xml,
            b"md" | b"markdown" | b"rst" | b"txt" | b"adoc" | b"tex" | b"ipynb" => Language::Prose,
            b"sql" => Language::Sql,
            b"log" | b"cast" | b"har" => Language::Log,
            _ if file.starts_with(b".env") || is_named("dockerfile") || is_named("compose") => Language::Config,
            _ => Language::Unknown,
        }
    }

    fn is_code(self) -> bool {
        match self {
            Language::Go
            | Language::Python
            | Language::Jvm
            | Language::Script
            | Language::Ruby
            | Language::Php
            | Language::Dotnet
            | Language::Native
            | Language::OtherCode => true,
            Language::Shell
            | Language::Yaml
            | Language::Json
            | Language::Config
            | Language::Xml
            | Language::Prose
            | Language::Sql
            | Language::Log
            | Language::Unknown => false,
        }
    }

    fn sign(self) -> Sign {
        match self {
            Language::Go => Sign::LangGo,
            Language::Python => Sign::LangPython,
            Language::Jvm => Sign::LangJvm,
            Language::Script => Sign::LangScript,
            Language::Ruby => Sign::LangRuby,
            Language::Php => Sign::LangPhp,
            Language::Dotnet => Sign::LangDotnet,
            Language::Native => Sign::LangNative,
            Language::OtherCode => Sign::LangOther,
            Language::Shell => Sign::LangShell,
            Language::Yaml => Sign::LangYaml,
            Language::Json => Sign::LangJson,
            Language::Config => Sign::LangConfig,
            Language::Xml => Sign::LangXml,
            Language::Prose => Sign::LangProse,
            Language::Sql => Sign::LangSql,
            Language::Log => Sign::LangLog,
            Language::Unknown => Sign::LangNone,
        }
    }
}

/// What a path says; several may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PathClass {
    /// What the file is written in.
    pub language: Language,
    /// A folder or a name of documentation.
    pub is_docs: bool,
    /// Tests, fixtures, examples.
    pub is_test: bool,
    /// A template of settings, such as `.env.example`.
    pub is_template: bool,
    /// Code of others, kept beside one's own.
    pub is_vendored: bool,
    /// Texts of a user interface in human languages.
    pub is_translation: bool,
    /// Written by a package manager, full of hashes.
    pub is_lock: bool,
    /// Minified or generated code and maps.
    pub is_minified: bool,
}

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
const TEST_DIRS: [&str; 24] = [
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
    "molecule",
    "t",
];
const TEMPLATES: [&str; 7] = ["example", "sample", "template", "dist", "tmpl", "tpl", "j2"];
const VENDOR_DIRS: [&str; 6] = ["vendor", "vendored", "third_party", "thirdparty", "node_modules", "bower_components"];
const TRANSLATION_DIRS: [&str; 5] = ["locales", "locale", "i18n", "translations", "l10n"];
/// Folders of translations, if what is in them is named after a language: `lang/de.php`, but not `lang/python/parse.py`.
const LANGUAGE_DIRS: [&str; 3] = ["lang", "langs", "languages"];

impl PathClass {
    /// Classifies a path by its parts; nothing is read.
    pub fn of(path: &[u8]) -> Self {
        let folded = path.to_ascii_lowercase();
        let mut parts = folded.split(|&b| b == b'/' || b == b'\\');
        let file = parts.next_back().unwrap_or_default();
        let dirs: Vec<&[u8]> = parts.collect();
        let is = |list: &[&str], word: &[u8]| list.iter().any(|entry| entry.as_bytes() == word);
        let contains = |needle: &str| memchr::memmem::find(file, needle.as_bytes()).is_some();
        let mut extension = ending(file);
        let is_template = is(&TEMPLATES, extension) || contains(".example.") || contains(".sample.");
        if is(&TEMPLATES, extension) {
            // `.env.example` and `settings.yml.j2` are what stands before it.
            extension = ending(&file[..file.len() - extension.len() - 1]);
        }
        let has_test_name = file.starts_with(b"examples")
            || contains(".examples.")
            || contains("_test.")
            || contains(".test.")
            || contains(".spec.")
            || contains("_spec.")
            || file.starts_with(b"test_");
        PathClass {
            language: Language::of(file, extension),
            is_docs: dirs.iter().any(|dir| is(&["docs", "doc", "documentation"], dir)) || file.starts_with(b"readme"),
            is_test: has_test_name || dirs.iter().any(|dir| is(&TEST_DIRS, dir)),
            is_template,
            is_vendored: dirs.iter().any(|dir| is(&VENDOR_DIRS, dir)),
            is_translation: is(&TRANSLATIONS, extension)
                || file == b"strings.json"
                || (extension == b"properties" && file.starts_with(b"messages"))
                || dirs.iter().any(|dir| is(&TRANSLATION_DIRS, dir))
                || is_named_after_language(&dirs, file),
            is_lock: is(&LOCKS, file) || file == OWN_BASELINE,
            is_minified: contains(".min.") || is(&["map", "snap", "svg"], extension),
        }
    }

    /// Returns whether nothing in such a file is a secret that has no shape of its own.
    pub(super) fn is_hopeless(self) -> bool {
        self.is_lock || self.is_minified
    }

    /// Returns every class that can make a difference, so that the most that a path can add is known beforehand.
    pub(super) fn every() -> impl Iterator<Item = PathClass> {
        Language::ALL.into_iter().flat_map(|language| {
            (0u8..32).map(move |bits| PathClass {
                language,
                is_docs: bits & 1 != 0,
                is_test: bits & 2 != 0,
                is_template: bits & 4 != 0,
                is_vendored: bits & 8 != 0,
                is_translation: bits & 16 != 0,
                ..PathClass::default()
            })
        })
    }

    /// Returns whether bare words in such a file are settings rather than expressions.
    pub(super) fn holds_settings(self) -> bool {
        matches!(self.language, Language::Yaml | Language::Config | Language::Xml | Language::Shell)
    }

    /// Returns whether texts in such a file stand in quotes.
    pub(super) fn quotes_texts(self) -> bool {
        self.is_code() || self.language == Language::Json
    }

    /// Returns whether the file is code.
    pub(super) fn is_code(self) -> bool {
        self.language.is_code()
    }

    /// Returns what a path shows of a candidate that stands with or without quotes.
    pub(super) fn signs(self, is_bare: bool) -> Signs {
        let mut signs = Signs::default();
        signs.add(self.language.sign());
        signs.add_if(self.is_test, Sign::InTests);
        signs.add_if(self.is_template, Sign::InTemplate);
        signs.add_if(self.is_docs, Sign::InDocs);
        signs.add_if(self.is_vendored, Sign::InVendored);
        signs.add_if(self.is_translation, Sign::InTranslation);
        if is_bare {
            signs.add_if(self.is_code(), Sign::BareInCode);
            signs.add_if(self.holds_settings(), Sign::BareInSettings);
            signs.add_if(self.language == Language::Prose, Sign::BareInProse);
        }
        signs
    }
}

/// Returns whether a folder or the file within a folder of languages is named `de`, `pt-br`, `zh_hans`, `english`.
fn is_named_after_language(dirs: &[&[u8]], file: &[u8]) -> bool {
    let Some(at) = dirs.iter().position(|dir| LANGUAGE_DIRS.iter().any(|entry| entry.as_bytes() == *dir)) else { return false };
    let stem = &file[..memchr::memchr(b'.', file).unwrap_or(file.len())];
    let is_code = |name: &[u8]| {
        let code = name.split(|b| matches!(b, b'-' | b'_')).next().unwrap_or_default();
        (2..=3).contains(&code.len()) && code.iter().all(u8::is_ascii_alphabetic)
            || matches!(name, b"english" | b"german" | b"french" | b"spanish" | b"chinese")
    };
    let settings = [&b"php"[..], b"json", b"js", b"ts", b"yml", b"yaml", b"xml", b"ini", b"properties", b"rb", b"txt", b"py"];
    settings.contains(&ending(file)) && (is_code(stem) || dirs[at + 1..].iter().any(|dir| is_code(dir)))
}

fn ending(file: &[u8]) -> &[u8] {
    memchr::memrchr(b'.', file).map_or(&b""[..], |at| &file[at + 1..])
}

#[cfg(test)]
mod tests {
    use super::{Language, PathClass};

    #[test]
    fn paths_fall_into_classes() {
        let class = |path: &str| PathClass::of(path.as_bytes());
        assert!(class("src/Main.java").is_code() && !class("src/Main.java").is_test);
        assert!(class("spec/models/user_spec.rb").is_test);
        assert!(class("config/.env.example").is_template && class("config/.env.example").language == Language::Config);
        assert_eq!(class("deploy/settings.yml.j2").language, Language::Yaml);
        assert_eq!(class("app/Dockerfile").language, Language::Config);
        assert!(class("Cargo.lock").is_lock && class("Cargo.lock").is_hopeless());
        assert!(class("config/locales/de.yml").is_translation);
        assert!(class("lang/pt-BR/auth.php").is_translation && class("src/lang/de.js").is_translation);
        assert!(!class("src/lang/python/parser.py").is_translation && !class("samples/lang/query.j").is_translation);
        assert!(class("assets/app.min.js").is_minified);
        assert_eq!(class("latest/data"), PathClass::default());
    }
}
