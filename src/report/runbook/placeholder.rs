//! The blanks in commands: what is known goes in, what is not is listed with what to put there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Item, Section, reading_of};
use crate::identity::About;
use crate::report::document::Credential;

/// What the commands of one credential need.
pub(super) struct Blanks {
    known: BTreeMap<&'static str, String>,
    /// Known, but not fit to stand in a command, or more than one.
    unfit: BTreeMap<&'static str, Unfit>,
    missing: BTreeSet<String>,
    reading: Option<String>,
    needs_secret: bool,
    since: Option<Timestamp>,
    now: Timestamp,
}

/// Why what is known does not go into a command.
enum Unfit {
    /// A shell would act on it.
    Hostile,
    /// There are several, and which one is meant is for the reader to say.
    Several(String),
}

/// Blanks, and the facts that fill them.
const FACTS: &[(&str, About)] = &[
    ("KEY_ID", About::KeyId),
    ("TOKEN_ID", About::KeyId),
    ("ACCESS_KEY", About::KeyId),
    ("ACCOUNT", About::Account),
    ("ACCOUNT_ID", About::Account),
    ("ORG", About::Organization),
    ("ORG_ID", About::Organization),
    ("TEAM_ID", About::Organization),
    ("WORKSPACE", About::Organization),
    ("TENANT", About::Tenant),
    ("PROJECT", About::Project),
    ("PROJECT_ID", About::Project),
    ("NAMESPACE", About::Project),
    ("SERVICE_ACCOUNT", About::User),
    ("USER", About::User),
    ("LOGIN", About::User),
    ("USER_ID", About::User),
    ("IAM_USER", About::User),
    ("NPM_USER", About::User),
    ("APP_ID", About::App),
    ("CLIENT_ID", About::App),
    ("BOT_ID", About::App),
    ("SERVER", About::Host),
    ("HOST", About::Host),
    ("ENDPOINT", About::Host),
    ("BROKER", About::Host),
    ("DATABASE", About::Database),
    ("REGION", About::Region),
    ("DC", About::Region),
    ("REGISTRY", About::Registry),
    ("CLUSTER", About::Cluster),
    ("CLUSTER_ID", About::Cluster),
];

/// What to put into blanks that nobody but the reader can fill.
const MEANINGS: &[(&str, &str)] = &[
    ("SINCE", "when it may have been exposed first, such as 2026-01-31T00:00:00Z"),
    ("FIRST_EXPOSURE", "when it may have been exposed first, such as 2026-01-31T00:00:00Z"),
    ("SINCE_MS", "when it may have been exposed first, in milliseconds since 1970"),
    ("KEY_ID", "the id of the leaked key, as the provider's list of keys shows it"),
    ("TOKEN_ID", "the id of the leaked token, as the provider's list of tokens shows it"),
    ("ID", "the id of the leaked credential, from the list that the command before prints"),
    ("IAM_USER", "the IAM user that the key belongs to; `aws iam get-access-key-last-used` names it"),
    ("USER", "the user or service account that the credential belongs to"),
    ("LOGIN", "the login of the user"),
    ("USER_ID", "the id of the user"),
    ("NPM_USER", "the user of the registry"),
    ("UPN", "the user's principal name, such as ann@example.com"),
    ("ROLE", "the role whose session it is"),
    ("REGION", "the region; repeat for each that you use"),
    ("ACCOUNT", "the account"),
    ("ACCOUNT_ID", "the account's id"),
    ("ACCOUNT_SID", "the account's SID, which begins with AC"),
    ("KEY_SID", "the key's SID, which begins with SK"),
    ("SID", "the SID of the resource"),
    ("ORG", "the organisation"),
    ("ORG_ID", "the organisation's id"),
    ("ORGANISATION", "the organisation"),
    ("GROUP", "the resource group, or the group"),
    ("GROUP_ID", "the group's id"),
    ("PROJECT", "the project"),
    ("PROJECT_ID", "the project's id"),
    ("TEAM_ID", "the team's id"),
    ("TENANT", "the tenant's id or domain"),
    ("WORKSPACE", "the workspace"),
    ("SERVICE_ACCOUNT", "the address of the service account"),
    ("APP", "the application"),
    ("CLUSTER_ID", "the cluster's id"),
    ("FINAL", "the file of the finished key set"),
    ("APP_ID", "the application's id"),
    ("APPLICATION_ID", "the application's id"),
    ("CLIENT_ID", "the OAuth client's id"),
    ("OBJECT_ID", "the object id of the application"),
    ("BOT_ID", "the bot's id"),
    ("GUILD_ID", "the id of the Discord server"),
    ("SERVER", "the server's name"),
    ("HOST", "the host"),
    ("DATABASE", "the database"),
    ("RESOURCE", "the resource the key belongs to"),
    ("RESOURCE_ID", "the full id of the resource"),
    ("NAMESPACE", "the namespace"),
    ("STORE", "the store"),
    ("SHOP", "the shop, such as acme.myshopify.com"),
    ("SITE", "the site: the first part of its address"),
    ("SITE_ID", "the site's id"),
    ("SUBDOMAIN", "the first part of your address at the provider"),
    ("DOMAIN", "your domain at the provider"),
    ("DC", "the data centre: the letters behind the dash of the key, such as us12"),
    ("DD_SITE", "the Datadog site, such as datadoghq.eu"),
    ("DD_API_KEY", "a Datadog API key that did not leak"),
    ("DD_APP_KEY", "a Datadog application key that did not leak"),
    ("GRAFANA", "the address of your Grafana"),
    ("SONAR", "the address of your SonarQube"),
    ("VAULT", "the key vault's name"),
    ("REGISTRY", "the registry"),
    ("REPO", "the repository"),
    ("PACKAGE", "each package that the token may publish"),
    ("IMAGE", "each image that the token may push"),
    ("BRANCH", "the branch"),
    ("VCS", "the forge and owner, such as gh/acme"),
    ("WORKFLOW", "the workflow"),
    ("CREDENTIAL_ID", "the id of the service-specific credential"),
    ("ACCESSOR", "the accessor of the token, from the audit log"),
    ("POLICY", "the policy"),
    ("NAME", "the name of the credential"),
    ("TOKEN_NAME", "the name of the token, as its list shows it"),
    ("KEY", "the other key of the pair, or a key that did not leak"),
    ("ADMIN_TOKEN", "a token of an administrator that did not leak"),
    ("ADMIN_KEY", "a key of an administrator that did not leak"),
    ("ADMIN_EMAIL", "the address of the administrator"),
    ("AUDIT_TOKEN", "a token that may read the audit log"),
    ("ACCESS_TOKEN", "an access token that did not leak"),
    ("AUTH_TOKEN", "the account's auth token, not the leaked one"),
    ("MGMT_TOKEN", "a token of the management API"),
    ("SERVICE_TOKEN", "the token of a service account that did not leak"),
    ("TEAM_TOKEN", "a token of the team that did not leak"),
    ("ORG_TOKEN", "a token of the organisation that did not leak"),
    ("NEW_KEY", "the replacement"),
    ("NEW_KEY_ID", "the id of the replacement"),
    ("NEW_TOKEN", "the replacement"),
    ("NEW_PASSWORD", "the replacement"),
    ("NEW", "the replacement"),
    ("TOKEN", "a token that did not leak"),
    ("JWT", "a session of an owner: log in and use the token that the login returns"),
    ("REFRESH_TOKEN", "the refresh token"),
    ("APP_SECRET", "the application's secret, not the leaked one"),
    ("LAST4", "the last four characters of the leaked key"),
    ("SECRET_PATH", "where your secret manager keeps it"),
    ("AUTH_ID", "the authorization's id"),
    ("LIFETIME", "for how long the replacement shall be good"),
    ("EPOCH", "the end of the replacement's life in seconds since 1970"),
    ("PUBLIC_KEY_FILE", "the public half of the leaked key"),
    ("CERTIFICATE", "the certificate that belongs to the key"),
    ("FINGERPRINT", "the fingerprint of the public key"),
    ("TOPIC", "the topic"),
    ("CACHE", "the cache's name"),
    ("HUB", "the hub's name"),
    ("DEVICE", "the device"),
    ("CONTAINER", "the container"),
    ("FUNCTION", "the function"),
    ("SERVICE", "the service"),
    ("API_ID", "the API's id"),
    ("RULE", "the rule's name"),
    ("TRIGGER_ID", "the trigger's id"),
    ("RUNNER_ID", "the runner's id"),
    ("AGENT", "the agent"),
    ("AGENT_ID", "the agent's id"),
    ("JOB_ID", "the job's id"),
    ("PASSWORD_ID", "the id of the application's password"),
    ("KEYSET", "the file of the key set"),
    ("NEW_KEYSET", "the file of the new key set"),
    ("TEMPLATE", "the template"),
    ("PROMOTED", "the number of the key that was promoted"),
    ("ZONE_ID", "the zone's id"),
    ("GITLAB_SERVER", "the address of your GitLab"),
    ("BITBUCKET_SERVER", "the address of your Bitbucket"),
    ("BITBUCKET_USER", "your user at Bitbucket"),
    ("ARTIFACTORY_USER", "your user at Artifactory"),
    ("SMTP_USER", "the user of the mail server"),
    ("REQUEST_LOG", "the log of requests of your own service"),
    ("HASH", "the hash of the credential, as the provider's list shows it"),
    ("ACCESS_ID", "the id of the access key"),
    ("REF", "the project's reference"),
    ("NODE", "the node"),
    ("POOL_ID", "the pool's id"),
    ("ACTOR_ID", "the id of whoever used it"),
    ("COLLECTION_ID", "the collection's id"),
    ("REGISTRY_PATH", "the path of the registry"),
    ("PARENT_ACCESSOR", "the accessor of the token that made it"),
    ("SECONDARY_TOKEN", "the secondary auth token"),
    ("USER_KEY", "the user's key"),
    ("ENDPOINT", "the endpoint"),
];

impl Blanks {
    pub(super) fn new(credential: &Credential, now: Timestamp) -> Self {
        let mut known: BTreeMap<&'static str, String> = BTreeMap::new();
        let mut unfit = BTreeMap::new();
        for (name, about) in FACTS {
            match credential.identity.get(about.word()) {
                Some(value) if is_plain(value) => drop(known.insert(name, value.to_owned())),
                Some(values) if values.split(", ").all(is_plain) => drop(unfit.insert(*name, Unfit::Several(values.clone()))),
                Some(_) => drop(unfit.insert(*name, Unfit::Hostile)),
                None => {}
            }
        }
        let since = credential.exposure.first_seen;
        if let Some(since) = since {
            known.insert("SINCE", moment(since));
            known.insert("FIRST_EXPOSURE", moment(since));
            known.insert("SINCE_MS", since.as_millisecond().to_string());
        }
        known.insert("NOW", moment(now));
        let reading = reading_of(credential).map(|command| format!("LEAKED=\"$({command})\""));
        Blanks { known, unfit, missing: BTreeSet::new(), reading, needs_secret: false, since, now }
    }

    /// Fills the blanks of a text and remembers those that stay.
    pub(super) fn fill(&mut self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            filled.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let name_len = rest.bytes().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_').count();
            let name = &rest[..name_len];
            if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
                filled.push('$');
                continue;
            }
            rest = &rest[name_len..];
            match self.known.get(name) {
                // Some interfaces count seconds.
                Some(_) if name == "SINCE" && filled.ends_with("[gte]=") => {
                    filled.push_str(&self.since.map_or_else(String::new, |since| since.as_second().to_string()));
                }
                Some(value) => filled.push_str(value),
                None if name == "LEAKED" => {
                    self.needs_secret = true;
                    filled.push_str("$LEAKED");
                }
                None => {
                    self.missing.insert(name.to_owned());
                    filled.push('$');
                    filled.push_str(name);
                }
            }
        }
        filled + rest
    }

    /// Returns the time in which somebody may have used it.
    pub(super) fn window(&self) -> Option<String> {
        let day = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        self.since.map(|since| format!("Look from {} (when it first came) until it is dead; now it is {}", day(since), day(self.now)))
    }

    /// Returns what is to be set before the commands, where there is anything.
    pub(super) fn section(&self) -> Option<Section> {
        let mut items: Vec<Item> = Vec::new();
        for name in &self.missing {
            let meaning = meaning(name).unwrap_or("as the provider names it");
            let unfit = match self.unfit.get(name.as_str()) {
                Some(Unfit::Hostile) => "; what the file says has characters that do not belong in a command".to_owned(),
                Some(Unfit::Several(values)) => format!("; the files name several: {values}"),
                None => String::new(),
            };
            items.push(Item::Note(format!("${name}: {meaning}{unfit}")));
        }
        if self.needs_secret {
            items.push(Item::Note("$LEAKED: the leaked value, read from where it lies and never typed".into()));
            match &self.reading {
                Some(command) => items.push(Item::Command(command.clone())),
                None => items.push(Item::Note("read it by hand: it is encoded, or in a path that no shell can take".into())),
            }
        }
        (!items.is_empty()).then(|| Section { title: "Before you start: what the commands need".into(), items })
    }
}

/// Writes a moment to the second, which every log takes.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Returns what belongs into a blank.
pub(super) fn meaning(name: &str) -> Option<&'static str> {
    MEANINGS.iter().find(|(known, _)| *known == name).map(|(_, meaning)| *meaning)
}

/// Letters that mean nothing to any shell, and no option.
fn is_plain(value: &str) -> bool {
    !value.is_empty()
        && !value.starts_with('-')
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'@' | b':' | b'/' | b'+' | b'=' | b',' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn only_plain_values_go_into_a_command() {
        for (value, plain) in [
            ("AKIA0123", true),
            ("svc@acme.iam.example", true),
            ("a b", false),
            ("$(id)", false),
            ("`id`", false),
            ("a;id", false),
            ("--all", false),
            ("a'b", false),
            ("a\nb", false),
            ("", false),
        ] {
            assert_eq!(is_plain(value), plain, "{value:?}");
        }
    }
}
