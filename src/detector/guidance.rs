//! What to do when a credential of a kind leaked: data, not prose, so that a report can fill in what it knows.

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
    /// Fills what this leaves open from a more general guidance.
    #[must_use]
    pub fn or(self, general: Guidance) -> Guidance {
        Guidance {
            who_can_revoke: text_or(self.who_can_revoke, general.who_can_revoke),
            revoke: Revoke {
                console: text_or(self.revoke.console, general.revoke.console),
                cli: list_or(self.revoke.cli, general.revoke.cli),
                api: list_or(self.revoke.api, general.revoke.api),
                reversible: text_or(self.revoke.reversible, general.revoke.reversible),
            },
            rotate: list_or(self.rotate, general.rotate),
            investigate: Investigate {
                logs: text_or(self.investigate.logs, general.investigate.logs),
                queries: list_or(self.investigate.queries, general.investigate.queries),
            },
            reaches: text_or(self.reaches, general.reaches),
            enumerate: text_or(self.enumerate, general.enumerate),
            automatic: text_or(self.automatic, general.automatic),
            prevent: text_or(self.prevent, general.prevent),
            references: list_or(self.references, general.references),
            confidence: self.confidence,
        }
    }
}

impl Guidance {
    /// Returns every text of it, as reports show it.
    pub(super) fn texts(&self) -> Vec<&str> {
        let Guidance { who_can_revoke, revoke, rotate, investigate, reaches, enumerate, automatic, prevent, references, confidence: _ } =
            self;
        let Revoke { console, cli, api, reversible } = revoke;
        let Investigate { logs, queries } = investigate;
        let single = [who_can_revoke, console, reversible, logs, reaches, enumerate, automatic, prevent];
        let lists = [cli, rotate, queries, references].into_iter().flat_map(|list| list.iter());
        let calls = api
            .iter()
            .flat_map(|ApiCall { method, url, auth, body, success, revokes_itself }| [method, url, auth, body, success, revokes_itself]);
        single.into_iter().chain(lists).chain(calls).map(AsRef::as_ref).collect()
    }
}

fn text_or(own: Text, general: Text) -> Text {
    if own.is_empty() { general } else { own }
}

fn list_or<T: Clone>(own: List<T>, general: List<T>) -> List<T> {
    if own.is_empty() { general } else { own }
}
