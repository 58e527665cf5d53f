//! What a credential says of itself: whose it is, what it opens, until when; read from its bytes, without a network.

use jiff::Timestamp;
use serde::Serialize;

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// What kind of token it is, where one shape serves several.
    Kind,
    /// `test` or `live`.
    Mode,
    /// The account that pays.
    Account,
    /// An organisation, workspace or team.
    Organization,
    /// A tenant of a directory.
    Tenant,
    /// A project, group or namespace.
    Project,
    /// A user or service account.
    User,
    /// An application or bot.
    App,
    /// The public id of the key.
    KeyId,
    /// The scheme, driver or protocol.
    Scheme,
    /// A server, with its port where that is given.
    Host,
    /// A database, virtual host or file share.
    Database,
    /// A region or data centre.
    Region,
    /// A service within a cloud.
    Service,
    /// A registry of packages or images.
    Registry,
    /// A cluster.
    Cluster,
    /// What it opens: a bucket, container, queue or path.
    Resource,
    /// What it may do.
    Scope,
    /// Who issued it.
    Issuer,
    /// For whom it was issued.
    Subject,
    /// Who accepts it.
    Audience,
    /// The algorithm of a key or signature.
    Algorithm,
    /// The size of a key.
    Bits,
    /// How a key is protected by a passphrase, or `none`.
    Protection,
    /// What else it names itself by: a comment, a serial number.
    Name,
    /// The certificate or public key that belongs to it, and where that is committed.
    Counterpart,
    /// When it was made.
    Issued,
}

impl About {
    /// Returns the word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            About::Kind => "kind",
            About::Mode => "mode",
            About::Account => "account",
            About::Organization => "organization",
            About::Tenant => "tenant",
            About::Project => "project",
            About::User => "user",
            About::App => "app",
            About::KeyId => "key_id",
            About::Scheme => "scheme",
            About::Host => "host",
            About::Database => "database",
            About::Region => "region",
            About::Service => "service",
            About::Registry => "registry",
            About::Cluster => "cluster",
            About::Resource => "resource",
            About::Scope => "scope",
            About::Issuer => "issuer",
            About::Subject => "subject",
            About::Audience => "audience",
            About::Algorithm => "algorithm",
            About::Bits => "bits",
            About::Protection => "protection",
            About::Name => "name",
            About::Counterpart => "counterpart",
            About::Issued => "issued",
        }
    }
}

/// One thing that a credential says of itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// What it is about.
    pub about: About,
    /// What is said. It was written by whoever wrote the file: escape it before it is shown.
    pub value: String,
}

/// Everything that a credential says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    facts: Vec<Fact>,
    /// Until when it is good.
    pub life: Life,
}

/// Until when a credential is good, by its own words or by the rules of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Life {
    /// Nothing is said.
    #[default]
    Unstated,
    /// Until then.
    Until(Timestamp),
    /// For ever, or until somebody ends it.
    Endless,
}

/// What is kept of one fact: longer ones are cut, as whoever wrote the file chose their length.
const MAX_CHARS: usize = 200;

impl Identity {
    /// Returns an identity of which only the end is known.
    pub fn of_life(life: Life) -> Self {
        Identity { facts: Vec::new(), life }
    }

    /// Adds a fact; an empty one says nothing, and a repeated one nothing new.
    pub fn add(&mut self, about: About, value: impl AsRef<str>) {
        let value = value.as_ref().trim();
        if value.is_empty() {
            return;
        }
        let value: String = value.chars().take(MAX_CHARS).collect();
        let fact = Fact { about, value };
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
    }

    /// Adds bytes as a fact, where they are text.
    pub fn add_bytes(&mut self, about: About, value: &[u8]) {
        if let Ok(value) = std::str::from_utf8(value) {
            self.add(about, value);
        }
    }

    /// Returns the facts, ordered by what they are about.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Returns the first fact about something.
    pub fn get(&self, about: About) -> Option<&str> {
        self.facts.iter().find(|fact| fact.about == about).map(|fact| fact.value.as_str())
    }

    /// Returns the facts, what they say changed by a function.
    #[must_use]
    pub fn map(self, change: impl Fn(About, String) -> String) -> Self {
        let facts = self.facts.into_iter().map(|fact| Fact { value: change(fact.about, fact.value), about: fact.about });
        let mut facts: Vec<Fact> = facts.filter(|fact| !fact.value.is_empty()).collect();
        facts.sort();
        Identity { facts, life: self.life }
    }

    /// Adds all that another part of the same credential says; of two ends the earlier counts.
    pub fn absorb(&mut self, other: &Identity) {
        for fact in &other.facts {
            self.add(fact.about, &fact.value);
        }
        self.facts.sort();
        self.life = match (self.life, other.life) {
            (Life::Until(one), Life::Until(other)) => Life::Until(one.min(other)),
            (Life::Until(one), _) | (_, Life::Until(one)) => Life::Until(one),
            (Life::Endless, _) | (_, Life::Endless) => Life::Endless,
            (Life::Unstated, Life::Unstated) => Life::Unstated,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::{About, Identity, Life};

    #[test]
    fn of_two_parts_the_earlier_end_counts_and_facts_are_told_once() {
        let at = |seconds| Life::Until(jiff::Timestamp::from_second(seconds).expect("in range"));
        let mut one = Identity { life: at(20), ..Identity::default() };
        one.add(About::User, "app");
        one.add(About::User, " ");
        let mut other = Identity { life: at(10), ..Identity::default() };
        other.add(About::User, "app");
        other.add(About::Account, "1");
        one.absorb(&other);
        assert_eq!(one.life, at(10));
        let told: Vec<&str> = one.facts().iter().map(|fact| fact.value.as_str()).collect();
        assert_eq!(told, ["1", "app"]);
    }
}
