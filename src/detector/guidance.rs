//! What to do when a credential of a kind leaked: data, not prose, so that a report can fill in what it knows.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{List, Text};

/// How a kind of credential is revoked, replaced and investigated.
///
/// Commands use `$NAME` for what the reader fills in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Guidance {
    /// Who can revoke it: the owner, an administrator, whoever holds it.
    pub who_can_revoke: Text,
    /// How it is revoked.
    pub revoke: Revoke,
    /// Ordered steps to replace it; the last one confirms that the old value is dead.
    pub rotate: List<Text>,
    /// Where its use was recorded.
    pub investigate: Investigate,
    /// What it usually opens.
    pub reaches: Text,
    /// How to list what this one opens.
    pub enumerate: Text,
    /// What the issuer does by itself when a leak is reported to it.
    pub automatic: Text,
    /// The short-lived or narrower replacement.
    pub prevent: Text,
    /// Pages of the provider.
    pub references: List<Text>,
    /// Whether a source states the steps, or they are general knowledge.
    pub confidence: Sureness,
}

/// The ways to end a credential, fastest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Revoke {
    /// The address of the page with the button.
    pub console: Text,
    /// Exact commands.
    pub cli: List<Text>,
    /// Exact requests.
    pub api: List<ApiCall>,
    /// Whether, and how, it can be undone.
    pub reversible: Text,
}

/// One request that revokes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ApiCall {
    /// The HTTP method.
    pub method: Text,
    /// The address.
    pub url: Text,
    /// What authorises it.
    pub auth: Text,
    /// The body, where there is one.
    pub body: Text,
    /// The answer that means success.
    pub success: Text,
    /// Whether the leaked value can make the call itself.
    pub revokes_itself: Text,
}

/// Where the use of a credential was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Investigate {
    /// The log, and how long it is kept.
    pub logs: Text,
    /// Exact queries.
    pub queries: List<Text>,
}

/// How well founded the guidance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Sureness {
    /// A source states how to revoke or rotate.
    Verified,
    /// General knowledge: check before acting.
    #[default]
    Likely,
}

impl Guidance {
    /// The playbook that holds for every credential, for kinds without their own.
    pub const GENERIC: Guidance = Guidance {
        who_can_revoke: Cow::Borrowed("whoever administers the service that accepts it"),
        revoke: Revoke { console: Cow::Borrowed(""), cli: Cow::Borrowed(&[]), api: Cow::Borrowed(&[]), reversible: Cow::Borrowed("") },
        rotate: Cow::Borrowed(&[
            Cow::Borrowed("Find the service that accepts this value and its owner"),
            Cow::Borrowed("Create a replacement there and keep it in a secret manager, not in the repository"),
            Cow::Borrowed("Deploy the replacement to every consumer, then revoke the old value"),
            Cow::Borrowed("Confirm that the service refuses the old value"),
        ]),
        investigate: Investigate {
            logs: Cow::Borrowed("the access log of that service, from the first exposure on"),
            queries: Cow::Borrowed(&[]),
        },
        reaches: Cow::Borrowed("unknown: whatever accepts this value"),
        enumerate: Cow::Borrowed(""),
        automatic: Cow::Borrowed(""),
        prevent: Cow::Borrowed("read it from the environment or a secret manager when the program starts"),
        references: Cow::Borrowed(&[]),
        confidence: Sureness::Likely,
    };
}
