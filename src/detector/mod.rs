//! What is looked for: a detector, its guidance, and the rules that make one valid.
//!
//! A detector is written in YAML ([`yaml`]) and becomes a [`Detector`], which cannot be wrong. The build script
//! includes this very module, so the catalog that ships was checked by the same code that checks a user's file.

pub(crate) mod base64;
pub mod guidance;
pub mod outline;
pub(crate) mod pattern;
mod told;
pub mod yaml;

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use guidance::Guidance;
pub use outline::Outline;

/// Text that is either compiled in or was read from a user's file.
pub type Text = Cow<'static, str>;
/// A list that is either compiled in or was read from a user's file.
pub type List<T> = Cow<'static, [T]>;

/// What a live credential of a kind opens, at worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Public by design, expired by construction, or of little use alone.
    Low,
    /// One service, limited rights.
    Medium,
    /// One account or service with wide rights.
    High,
    /// An organisation, a cloud account, a signing identity.
    Critical,
}

impl Severity {
    /// All severities, worst first.
    pub const WORST_FIRST: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];

    /// Returns the word used in reports and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// What kind of service issues the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words are their own documentation; the build script, which includes this, asks for none")]
pub enum Category {
    Ai,
    Ci,
    Cloud,
    Comms,
    Generic,
    Identity,
    Infra,
    Observability,
    Payment,
    Registry,
    Saas,
    Vcs,
}

impl Category {
    /// Returns the word used in detector files.
    pub fn word(self) -> &'static str {
        match self {
            Category::Ai => "ai",
            Category::Ci => "ci",
            Category::Cloud => "cloud",
            Category::Comms => "comms",
            Category::Generic => "generic",
            Category::Identity => "identity",
            Category::Infra => "infra",
            Category::Observability => "observability",
            Category::Payment => "payment",
            Category::Registry => "registry",
            Category::Saas => "saas",
            Category::Vcs => "vcs",
        }
    }
}

/// How sure a shape of its own makes us that a value opens something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Telling {
    /// It is nearly proof, wherever it stands.
    #[default]
    High,
    /// Something made of a secret that does not open anything by itself, such as a stored hash: in tests and documentation less.
    Medium,
    /// Known by its shape, and no secret: who asks for everything sees it.
    Low,
}

/// Which bytes may not touch a secret, so that the middle of a longer run is not taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Boundary {
    /// Letters, digits and `_` (default).
    #[default]
    Word,
    /// Letters, digits, `_`, `-`: for base64url and for bodies with dashes.
    Base64url,
    /// Letters, digits, `_`, `-`, `+`, `/`, `=`: for base64.
    Base64,
    /// Anything may touch: for secrets that end by a mark of their own.
    None,
}

/// A proof that needs nothing but the bytes; `src/detect/check` computes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// The last 6 characters are the CRC-32, in base 62, of what stands between the last `_` and them.
    Crc32Base62,
    /// The last 6 characters are the CRC-32, in base 62, of all before the last `_`.
    Crc32Base62Stem,
    /// The last 8 characters are the CRC-32, in lower hex, of the 40 before them.
    Crc32Hex,
    /// The last 8 characters are the CRC-32, in lower hex, of what stands between the last two `_`.
    Crc32HexBody,
    /// The last 8 are the CRC-32 of all before the last `_`, in hex of the little-endian bytes.
    Crc32HexLe,
    /// The last 8 are the CRC-32 of everything before them, in upper hex.
    Crc32HexAll,
    /// The last 6 are the CRC-32 of the 54 before them, in base64 of the little-endian bytes.
    Crc32Base64Le,
    /// The last 9 are the length of the payload (2) and the CRC-32 of everything before (7), both in base 36.
    GitlabRoutable,
    /// The last 4 bytes, in base64, are the Marvin32 of those before, seeded with a role of an Azure service.
    AzureKey,
    /// The characters from the 81st on are the Marvin32 of the first 60 bytes.
    AzureAnnotatedKey,
    /// Four bytes within the base32 are a masked CRC-32 of the others.
    AzureDevopsToken,
    /// The last 4 bytes, in base58, are the double SHA-256 of a private key of Bitcoin.
    Base58,
    /// The last 6 characters are the checksum of BIP-173.
    Bech32,
    /// The last 2 bytes, in base32, are the CRC-16 of those before.
    Crc16Base32,
    /// One DER sequence, as long as it says, that begins with the version of a private key.
    DerPrivateKey,
    /// 64 bytes as numbers in brackets; the last half is the Ed25519 public key of the first.
    Ed25519Pair,
    /// Every group of digits is eleven times a number of 16 bits.
    GroupsOfEleven,
    /// 32 bytes in base64 whose lowest and highest bits are those of a scalar of Curve25519.
    X25519,
    /// Three base64url parts; the first two are JSON objects and the first names an algorithm.
    Jwt,
    /// Five base64url parts; the first is a JSON object that names an encryption.
    Jwe,
}

/// What a value says of itself without a network: declared by a detector, read in `src/enrich/identity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decode {
    /// The account that an AWS access key id belongs to.
    AwsKeyId,
    /// Key id, region, service, issue time and lifetime of a signed URL of AWS, or of a short-lived Bedrock key.
    AwsPresigned,
    /// User and account in a long-lived Bedrock key.
    AwsBedrock,
    /// Registry, account and expiry in a login token of ECR.
    AwsEcr,
    /// Role, or month of issue and service, of an Azure key that carries its checksum.
    AzureKey,
    /// Rights, scope and expiry of a shared access signature.
    AzureSas,
    /// User, host and account in `Authorization: Basic` or a registry's `auth`.
    Basic,
    /// Account and tunnel of a Cloudflare tunnel token.
    CloudflareTunnel,
    /// Server, database, account or user in the list around the value.
    ConnectionString,
    /// The bot's user id in a Discord token.
    DiscordBot,
    /// The webhook's id, and by it when it was made.
    DiscordWebhook,
    /// Registries and users of a Docker configuration.
    DockerConfig,
    /// Project, account and key id of a Google service account.
    GcpServiceAccount,
    /// Kind and owner of a GitHub token from its prefix, and the application of one that has it.
    Github,
    /// Kind of a GitLab token, and the parts that route it.
    Gitlab,
    /// The project's number in a Google OAuth client id.
    GoogleClientId,
    /// Claims of a JSON Web Token: issuer, subject, audience, scopes, issue and expiry.
    Jwt,
    /// Clusters, users and namespaces of a kubeconfig.
    Kubeconfig,
    /// Location, identifier and caveats of a macaroon.
    Macaroon,
    /// The data centre in a Mailchimp key.
    MailchimpDataCentre,
    /// Whether the value is of the test or the live mode, from the words in it.
    Mode,
    /// The role of a NATS seed.
    NatsRole,
    /// Registry of a line of `.npmrc`.
    Npmrc,
    /// Issuer, account and period of a one-time password's address.
    Otpauth,
    /// Kind, size and protection of a private key.
    PrivateKey,
    /// The organisation before the `!` of a Salesforce session.
    SalesforceOrg,
    /// Workspace, bot and user of a Slack token, or workspace and hook of a webhook's address.
    Slack,
    /// The bot's id before the colon of a Telegram token.
    TelegramBot,
    /// Scheme, user, host and database of a URL that holds a password.
    Url,
}

/// A shape that is recognised by code in `src/detect/structure`, because no regular expression says it well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Structure {
    /// A value assigned to a name that holds one of the keywords, in any common grammar.
    Assignment,
    /// `BASIC_AUTH=user:password`; the secret is the password.
    UserPassword,
    /// `scheme://user:password@host`; the secret is the password.
    UrlPassword,
    /// `Password=…;` and its kin in an ADO, JDBC or ODBC connection string.
    ConnectionString,
    /// A PEM or PGP block whose label ends in `PRIVATE KEY` or `PRIVATE KEY BLOCK`.
    PemPrivateKey,
    /// A PuTTY private key file.
    PuttyPrivateKey,
    /// Twelve to twenty-four words of the English list of BIP-39, the last of which holds their checksum.
    Mnemonic,
    /// `Authorization: Basic` or `Bearer` with a value.
    AuthorizationHeader,
    /// The private member of a JSON Web Key: `d`, or `k` of type `oct`.
    PrivateJwk,
    /// The values under `data` and `stringData` of a Kubernetes manifest of kind `Secret`.
    SecretManifest,
    /// `IDENTIFIED BY '…'` in SQL.
    SqlPassword,
    /// `curl -u user:…`, `mysql -p…` and the like.
    CommandPassword,
    /// The second of two texts that a call signs in with, or the key of one that signs or encrypts.
    CallPassword,
}

impl Structure {
    /// How far the recognisers of `src/detect/structure` look; their constants are these.
    fn reach(self) -> Reach {
        match self {
            Structure::Assignment | Structure::UserPassword => Reach { before: 192, after: 1280 },
            Structure::UrlPassword => Reach { before: 256, after: 576 },
            Structure::ConnectionString => Reach { before: 128, after: 512 },
            Structure::SqlPassword => Reach { before: 128, after: 384 },
            Structure::CommandPassword => Reach { before: 256, after: 448 },
            Structure::CallPassword => Reach { before: 128, after: 384 },
            Structure::PemPrivateKey | Structure::PuttyPrivateKey => Reach { before: 64, after: yaml::MAX_REACH_BYTES },
            Structure::Mnemonic => Reach { before: 64, after: 512 },
            Structure::AuthorizationHeader => Reach { before: 128, after: 4096 },
            Structure::PrivateJwk => Reach { before: 4096, after: 4096 },
            Structure::SecretManifest => Reach { before: 8192, after: 8192 },
        }
    }
}

/// How the judge weighs a value that has no shape of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Chosen by a person: may be short and made of letters.
    Password,
    /// Made by a machine: long, mixed, without words.
    Token,
    /// Named only `key` or the like: most are not secret, so ask for more.
    Key,
}

/// How many bytes around a keyword decide whether there is a match.
///
/// The outcome at a keyword is a function of these bytes alone, which is what lets the history walk carry an
/// outcome over from a delta's base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reach {
    /// Bytes before the keyword's first byte.
    pub before: u32,
    /// Bytes from the keyword's first byte on.
    pub after: u32,
}

/// How far around a character it is decided whether its line of base64 goes on from the one before: a line, and what it is indented by.
pub(crate) const ENCODED_LINE_BYTES: u32 = 256;

impl Reach {
    /// Returns the reach of the same detector where all of that is in base64.
    ///
    /// Four characters for three bytes, breaks of lines and what they are indented by; and a line more, since only that tells whether
    /// it goes on from the one before.
    #[must_use]
    pub(crate) fn encoded(self) -> Reach {
        Reach { before: 2 * self.before + 2 * ENCODED_LINE_BYTES, after: 2 * self.after + 2 * ENCODED_LINE_BYTES }
    }

    /// Returns the reach that covers both.
    #[must_use]
    pub fn or_wider(self, other: Reach) -> Reach {
        Reach { before: self.before.max(other.before), after: self.after.max(other.after) }
    }
}

/// What makes a match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Find {
    /// The secret has a shape that is nearly proof by itself.
    Token {
        /// A regular expression over bytes; the group `secret`, or all of it, is the secret.
        pattern: Text,
        /// Whether each match starts with the keyword, so that nothing need be searched.
        anchored: bool,
        /// What may not touch the secret.
        boundary: Boundary,
        /// What all matches have in common.
        outline: Outline,
    },
    /// The lines around say that a secret stands here, as in the files of a tool; the judge weighs what it is.
    Slot {
        /// A regular expression over bytes; the group `secret` is the secret.
        pattern: Text,
        /// Whether each match starts with the keyword, so that nothing need be searched.
        anchored: bool,
        /// What may not touch the secret.
        boundary: Boundary,
        /// What all matches have in common.
        outline: Outline,
        /// How the judge weighs it.
        profile: Profile,
    },
    /// The value says little; the keyword, near and on its left, says what it is.
    Value {
        /// A regular expression over bytes for the whole value.
        value: Text,
        /// Bytes between the end of the keyword and the value, at most, on the same line.
        within: u16,
        /// What may not touch the value.
        boundary: Boundary,
        /// What all values have in common.
        outline: Outline,
        /// Whether each value begins with a mark of three bytes or more, as `sk_live_`, that others may use as well.
        is_marked: bool,
        /// Whether a word such as `key` or `secret` must stand between the two, as the keyword is a word of any text.
        needs_secret_word: bool,
    },
    /// A recogniser of our own.
    Structure {
        /// Which one.
        structure: Structure,
        /// How the judge weighs what it yields.
        profile: Profile,
    },
}

/// How far behind the start of a name a value may begin that stands on a line below it: a heading and three short lines.
pub const BELOW_BYTES: u16 = 256;

/// One kind of credential, what it looks like and what revokes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detector {
    /// Stable for ever: baselines and allow entries name it.
    pub id: Text,
    /// A name for people.
    pub title: Text,
    /// Who issues the credential.
    pub provider: Text,
    /// What kind of service that is.
    pub category: Category,
    /// What it opens.
    pub severity: Severity,
    /// In lower case; at least one is in every match.
    pub keywords: List<Text>,
    /// How the keywords look within base64.
    pub encoded: List<base64::Form>,
    /// What makes a match.
    pub find: Find,
    /// How far from a keyword the outcome is decided.
    pub reach: Reach,
    /// How sure the shape makes us, where it has one of its own.
    pub telling: Telling,
    /// Bits per character of the secret, lower bound.
    pub entropy: f32,
    /// The offline proof, where one is known.
    pub check: Option<Check>,
    /// How a value begins for which the proof holds; for every value where there is none.
    pub check_if: List<Text>,
    /// What the value says of itself offline.
    pub decode: Option<Decode>,
    /// Why the value may be public.
    pub public: Option<Text>,
    /// Further kinds of credential, by the ids of lists of kinds, that this one finds.
    pub covers: List<Text>,
    /// Detectors whose value is needed beside this one.
    pub paired_with: List<Text>,
    /// Whom to ask and what to do when it leaked.
    pub guidance: Cow<'static, Guidance>,
    /// Lines in which the detector must find something; `«»` mark what.
    pub leaks: List<Text>,
    /// Lines in which it must not, and why.
    pub cleans: List<Clean>,
}

/// A sample in which nothing may be found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clean {
    /// Why it is not a secret.
    pub why: Text,
    /// The sample.
    pub text: Text,
}

impl Detector {
    /// Returns the proof that a value must satisfy.
    pub fn check_of(&self, value: &[u8]) -> Option<Check> {
        let holds = self.check_if.is_empty() || self.check_if.iter().any(|prefix| value.starts_with(prefix.as_bytes()));
        self.check.filter(|_| holds)
    }

    /// Returns whether the value alone is nearly proof, so that no judge is needed.
    pub fn is_self_identifying(&self) -> bool {
        match &self.find {
            Find::Token { .. } => true,
            Find::Slot { .. } | Find::Value { .. } => false,
            Find::Structure { structure, .. } => match structure {
                Structure::PemPrivateKey | Structure::PuttyPrivateKey | Structure::Mnemonic | Structure::PrivateJwk => true,
                Structure::Assignment
                | Structure::UserPassword
                | Structure::UrlPassword
                | Structure::ConnectionString
                | Structure::AuthorizationHeader
                | Structure::SecretManifest
                | Structure::SqlPassword
                | Structure::CommandPassword
                | Structure::CallPassword => false,
            },
        }
    }
}
