//! Reports on their way to a code host or a tracker: the only part of the program that talks to a network.
//!
//! It stands apart from the formats because it knows nothing of them: it is given bytes, and a place to bring them.
//! Tokens come from the environment alone and cannot be printed.

pub mod bitbucket;
pub mod ci;
pub mod defectdojo;
pub mod github;
mod http;

use std::fmt;
use std::time::Duration;

pub use http::Client;

/// What authorises a request; it has no `Display`, and its `Debug` says nothing.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Takes a token; nothing where it is empty or could not stand in a header.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_header = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        is_header.then(|| Token(text.to_owned()))
    }

    fn header(&self, scheme: &str) -> String {
        format!("{scheme} {}", self.0)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Token(…)")
    }
}

/// How long to wait for what.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Between tries of a request that failed in a way that passes; their number is that of the tries after the first.
    pub retries: Vec<Duration>,
    /// The longest wait that a server may ask for.
    pub max_wait: Duration,
    /// Before each question whether a report was processed.
    pub polls: Vec<Duration>,
    /// For an answer.
    pub timeout: Duration,
}

impl Default for Pace {
    /// Tries for half a minute, and asks for two and a half, as GitHub's own action does.
    fn default() -> Self {
        let seconds = |all: &[u64]| all.iter().copied().map(Duration::from_secs).collect();
        Pace {
            retries: seconds(&[1, 2, 4, 8, 16]),
            max_wait: Duration::from_secs(120),
            polls: seconds(&[1, 4, 10, 20, 40, 80]),
            timeout: Duration::from_secs(120),
        }
    }
}

/// A request, complete but for its authorisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// The type of the body.
    pub content_type: String,
    /// Other headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
}

/// The methods that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Asks.
    Get,
    /// Adds.
    Post,
    /// Replaces.
    Put,
    /// Removes.
    Delete,
}

impl Method {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It was taken and processed.
    Done {
        /// What there is to say of it.
        what: String,
    },
    /// It was taken; whether it was processed could not be learnt in time.
    Taken {
        /// What there is to say of it.
        what: String,
    },
}

/// Why a report did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is none that a token may be sent to.
    #[error("{url}: only https is spoken to other machines")]
    Plain {
        /// The address.
        url: String,
    },
    /// No answer came.
    #[error("{host}: no answer: {why}")]
    Unreachable {
        /// The host.
        host: String,
        /// What happened.
        why: String,
    },
    /// The other side could not show who it is.
    #[error("{host}: its certificate is not trusted: {why}")]
    Untrusted {
        /// The host.
        host: String,
        /// What is wrong with it.
        why: String,
    },
    /// The answer was no.
    #[error("{host} refused the report: {status} {said}")]
    Refused {
        /// The host.
        host: String,
        /// The status.
        status: u16,
        /// What it said.
        said: String,
        /// What can be done.
        hint: &'static str,
    },
    /// The answer could not be understood.
    #[error("{host}: an answer that is not documented: {what}")]
    Strange {
        /// The host.
        host: String,
        /// What was strange.
        what: String,
    },
    /// It was taken and could not be processed.
    #[error("{host} took the report and could not process it: {said}")]
    Failed {
        /// The host.
        host: String,
        /// What it said.
        said: String,
    },
    /// It would not be taken.
    #[error("the report is {bytes} bytes when compressed, and {host} takes {limit_bytes}")]
    TooLarge {
        /// The host.
        host: String,
        /// Its size.
        bytes: usize,
        /// The limit.
        limit_bytes: usize,
    },
}

impl Error {
    /// Returns what can be done about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Error::Plain { .. } => "give an address that begins with https://",
            Error::Unreachable { .. } => "check the address, the network and the proxy (HTTPS_PROXY, NO_PROXY); nothing was taken",
            Error::Untrusted { .. } => "nothing was sent; an authority of your own is trusted where SSL_CERT_FILE names its certificate",
            Error::Refused { hint, .. } => hint,
            Error::Strange { .. } => "is this the address of the API? `--dry-run` shows what is sent where",
            Error::Failed { .. } => "the report is there as it was sent; `--dry-run` shows it",
            Error::TooLarge { .. } => "report less: --min-severity, --min-confidence, a baseline",
        }
    }
}

/// Text of a server, cut and without what could move a terminal.
fn said(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let message = serde_json::from_str::<serde_json::Value>(&text).ok().and_then(|value| {
        let of = |key: &str| value.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
        of("message").or_else(|| of("detail")).or_else(|| value["error"]["message"].as_str().map(str::to_owned))
    });
    let text = message.unwrap_or_else(|| text.into_owned());
    let visible = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    visible.take(MAX_SAID_CHARS).collect::<String>().trim().to_owned()
}

/// An error page may be long; its first words tell enough.
const MAX_SAID_CHARS: usize = 300;

#[cfg(test)]
mod tests {
    use super::{Token, said};

    #[test]
    fn a_token_says_nothing_of_itself() {
        let token = Token::new(" acme-0123456789 ").expect("it is a token");
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert!(Token::new("").is_none() && Token::new("a\r\nb: c").is_none());
    }

    #[test]
    fn what_a_server_says_is_cut_and_harmless() {
        assert_eq!(said(br#"{"message":"Not Found"}"#), "Not Found");
        assert_eq!(said(b"<h1>\x1b[2J"), "<h1> [2J");
        assert_eq!(said("é".repeat(1_000).as_bytes()).chars().count(), 300);
    }
}
