//! Requests with their retries: what passes is tried again, what does not is told.

use std::sync::mpsc;
use std::time::Duration;

use super::{Error, Method, Pace, Request, said};

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    wait: Option<Duration>,
    is_limited: bool,
}

/// Sends requests.
pub struct Client {
    agent: ureq::Agent,
    /// For this very machine: what is in plain is not shown to a proxy.
    direct: ureq::Agent,
    pace: Pace,
}

/// The longest answer that is read; the answers of these interfaces are some hundred bytes.
const MAX_ANSWER_BYTES: u64 = 1 << 20;

impl Client {
    /// Makes a client that goes through the proxy of the environment and checks certificates as the system does.
    pub fn new(pace: Pace) -> Self {
        let tls = ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::PlatformVerifier).build();
        let config = || {
            ureq::Agent::config_builder()
                .http_status_as_error(false)
                // A token does not follow a redirection, and a report should not.
                .max_redirects(0)
                .timeout_global(Some(pace.timeout))
                .user_agent(concat!("staunch/", env!("CARGO_PKG_VERSION")))
                .tls_config(tls.clone())
        };
        Client { agent: config().build().into(), direct: config().proxy(None).build().into(), pace }
    }

    /// Returns how long to wait for what.
    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }

    /// Sends a request, and again where the answer says that it may pass.
    ///
    /// # Errors
    /// When no answer comes. An answer, whatever it says, is none.
    pub(super) fn send(&self, request: &Request, authorization: Option<&str>) -> Result<Answer, Error> {
        allowed(&request.url)?;
        let mut waits = self.pace.retries.iter();
        loop {
            let answer = self.once(request, authorization);
            let asked = match &answer {
                Ok(answer) if answer.passes() => answer.wait,
                Ok(_) | Err(Error::Untrusted { .. }) => return answer,
                Err(_) => None,
            };
            let Some(&wait) = waits.next() else { return answer };
            match asked {
                // Longer than anybody would sit there: the answer is the news.
                Some(asked) if asked > self.pace.max_wait => return answer,
                Some(asked) => pause(asked.max(wait)),
                None => pause(wait),
            }
        }
    }

    fn once(&self, request: &Request, authorization: Option<&str>) -> Result<Answer, Error> {
        let mut builder = ureq::http::Request::builder().method(request.method.name()).uri(&request.url);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(authorization) = authorization {
            builder = builder.header("Authorization", authorization);
        }
        let unreachable = |why: String| Error::Unreachable { host: host(&request.url), why };
        let agent = if request.url.starts_with("https://") { &self.agent } else { &self.direct };
        let sent = match request.method {
            Method::Get | Method::Delete => agent.run(builder.body(()).map_err(|error| unreachable(error.to_string()))?),
            Method::Post | Method::Put => {
                let builder = builder.header("Content-Type", &request.content_type);
                agent.run(builder.body(request.body.as_slice()).map_err(|error| unreachable(error.to_string()))?)
            }
        };
        let mut response = sent.map_err(|error| match untrusted(&error) {
            Some(why) => Error::Untrusted { host: host(&request.url), why },
            None => unreachable(error.to_string()),
        })?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let wait = header("retry-after").and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        let is_limited = wait.is_some() || header("x-ratelimit-remaining").as_deref() == Some("0");
        let status = response.status().as_u16();
        let body =
            response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec().map_err(|error| unreachable(error.to_string()))?;
        Ok(Answer { status, body, wait, is_limited })
    }
}

impl Answer {
    /// Whether the same request may be answered otherwise a little later.
    fn passes(&self) -> bool {
        match self.status {
            429 | 500 | 502 | 503 | 504 => true,
            403 => self.is_limited,
            _ => false,
        }
    }

    /// Makes an error of an answer.
    pub(super) fn refused(&self, host: &str, hint: &'static str) -> Error {
        Error::Refused { host: host.to_owned(), status: self.status, said: said(&self.body), hint }
    }
}

/// Returns what is wrong with the other side's certificate, where that is why there is no answer: it will be wrong again.
fn untrusted(error: &ureq::Error) -> Option<String> {
    let is_lasting = match error {
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => true,
        // What goes wrong within TLS comes as data that is not valid.
        ureq::Error::Io(cause) => cause.kind() == std::io::ErrorKind::InvalidData,
        _ => false,
    };
    let said = error.to_string();
    (is_lasting && said.contains("certificate")).then_some(said)
}

/// Waits; nothing is left behind when the process ends meanwhile.
pub(super) fn pause(wait: Duration) {
    let (_sender, receiver) = mpsc::channel::<()>();
    // The sender is still there, so this ends when the time is over.
    let _ = receiver.recv_timeout(wait);
}

/// A token is sent over an encrypted connection, or to this very machine.
fn allowed(url: &str) -> Result<(), Error> {
    let host = host(url);
    let name =
        host.strip_prefix('[').map_or_else(|| host.split(':').next().unwrap_or_default(), |six| six.split(']').next().unwrap_or_default());
    let is_here = url.starts_with("http://") && matches!(name, "localhost" | "127.0.0.1" | "::1");
    if url.starts_with("https://") || is_here { Ok(()) } else { Err(Error::Plain { url: url.to_owned() }) }
}

/// Returns the host of an address, with its port.
pub(super) fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{allowed, host};

    #[test]
    fn a_token_goes_to_this_machine_or_over_tls() {
        for (url, is) in [
            ("https://acme.example/api", true),
            ("http://acme.example/api", false),
            ("http://127.0.0.1:8080/", true),
            ("http://[::1]:8080/", true),
            ("http://localhost/", true),
            ("http://localhost.acme.example/", false),
            ("http://127.0.0.1@acme.example/", false),
            ("ftp://localhost/", false),
        ] {
            assert_eq!(allowed(url).is_ok(), is, "{url}");
        }
        assert_eq!(host("https://user:pass@acme.example:8443/x?y"), "acme.example:8443");
    }
}
