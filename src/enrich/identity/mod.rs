//! What a credential says of itself: one file for each family of formats.
//!
//! Everything here reads bytes that somebody hostile may have written: no reader trusts a length, and what they find is text
//! to be escaped. A fact never holds the secret.

mod aws;
mod azure;
mod certificate;
mod chat;
mod connection;
mod der;
mod fly;
mod forge;
mod google;
mod jwt;
mod keys;
mod kubeconfig;
mod macaroon;
mod mode;
mod registry;
mod small;
mod ssh;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bstr::ByteSlice as _;

use crate::detector::{Decode, Detector, Find, Profile, Structure};
use crate::finding::Finding;
use crate::identity::{About, Identity};
pub(crate) use keys::{Halves, MAX_COUNTERPART_BYTES, halves, is_counterpart};

/// A secret among the bytes it was found in.
#[derive(Clone, Copy)]
struct Seen<'s> {
    /// What recognised it.
    detector: &'s Detector,
    /// The value, without what a file's format put around or into it.
    value: &'s [u8],
    /// The whole file.
    chunk: &'s [u8],
    /// The bytes of the file from shortly before the secret to shortly behind it.
    around: &'s [u8],
    /// Where the secret starts and ends in those.
    start: usize,
    end: usize,
}

/// So far from a secret its surroundings are read: a service account's JSON has its other fields within 3 KiB.
const AROUND_BYTES: usize = 4_096;

impl<'s> Seen<'s> {
    fn new(finding: &'s Finding, chunk: &'s [u8]) -> Self {
        let span = finding.span;
        let (from, to) = (span.start.saturating_sub(AROUND_BYTES), chunk.len().min(span.end.saturating_add(AROUND_BYTES)));
        // What stands around base64 is that of another text.
        let around = chunk.get(from..to).filter(|_| finding.layer.is_none()).unwrap_or_default();
        Seen {
            detector: &finding.detector,
            value: finding.secret.expose(),
            chunk,
            around,
            start: (span.start - from).min(around.len()),
            end: (span.end - from).min(around.len()),
        }
    }

    /// Returns the run of bytes around the secret that a predicate accepts, and where the secret starts in it.
    fn run(self, is_part: impl Fn(u8) -> bool) -> &'s [u8] {
        let before = self.around[..self.start].iter().rev().take_while(|&&b| is_part(b)).count();
        let after = self.around[self.end..].iter().take_while(|&&b| is_part(b)).count();
        &self.around[self.start - before..self.end + after]
    }
}

/// Reads what a finding says of itself; `chunk` is what its span counts in.
pub(crate) fn read(finding: &Finding, chunk: &[u8]) -> Identity {
    let seen = Seen::new(finding, chunk);
    let mut identity = by_decode(seen);
    if finding.layer.is_none()
        && let Some(context) = kubeconfig::read(chunk, finding.span)
    {
        identity.absorb(&context);
    }
    let secret = finding.secret.expose();
    let is_identifier = matches!(finding.detector.decode, Some(Decode::AwsKeyId));
    // A user name that equals the password, and the like.
    let may_stay =
        |about, value: &str| (is_identifier && about == About::KeyId) || secret.len() < 4 || !value.as_bytes().contains_str(secret);
    identity.map(|about, value| if may_stay(about, &value) { value } else { String::new() })
}

fn by_decode(seen: Seen<'_>) -> Identity {
    let Some(decode) = seen.detector.decode else { return by_shape(seen) };
    match decode {
        Decode::AwsKeyId => aws::key_id(seen.value),
        Decode::AwsPresigned => aws::short_bedrock(seen.value),
        Decode::AwsBedrock => aws::long_bedrock(seen.value),
        Decode::AwsEcr => aws::ecr(seen.value),
        Decode::AzureKey => azure::key(seen.value),
        Decode::AzureSas => azure::shared_access(seen),
        Decode::Basic => registry::basic(seen),
        Decode::CloudflareTunnel => small::cloudflare_tunnel(seen.value),
        Decode::ConnectionString => connection::string(seen),
        Decode::DiscordBot => chat::discord_bot(seen.value),
        Decode::DiscordWebhook => chat::discord_webhook(seen.value),
        Decode::DockerConfig => registry::docker(seen),
        Decode::GcpServiceAccount => google::service_account(seen),
        Decode::Github => forge::github(seen.value),
        Decode::Gitlab => forge::gitlab(seen.value),
        Decode::GoogleClientId => google::client_id(seen.value),
        Decode::Jwt => jwt::read(seen.value),
        Decode::Kubeconfig => Identity::default(),
        Decode::Macaroon => macaroon::read(seen.value),
        Decode::MailchimpDataCentre => small::mailchimp(seen.value),
        Decode::Mode => mode::read(seen.value),
        Decode::NatsRole => small::nats(seen.value),
        Decode::Npmrc => registry::npmrc(seen),
        Decode::Otpauth => small::otpauth(seen),
        Decode::PrivateKey => keys::read(seen),
        Decode::SalesforceOrg => small::salesforce(seen.value),
        Decode::Slack => chat::slack(seen.value),
        Decode::TelegramBot => chat::telegram(seen.value),
        Decode::Url => connection::url(seen),
    }
}

/// Reads a value whose detector names no decoder by what it looks like.
fn by_shape(seen: Seen<'_>) -> Identity {
    if let Find::Structure { structure, profile } = seen.detector.find {
        match structure {
            Structure::UrlPassword => return connection::url(seen),
            Structure::ConnectionString => return connection::string(seen),
            Structure::PemPrivateKey | Structure::PuttyPrivateKey => return keys::read(seen),
            Structure::Assignment if profile == Profile::Password => return connection::siblings(seen),
            Structure::Assignment
            | Structure::UserPassword
            | Structure::Mnemonic
            | Structure::AuthorizationHeader
            | Structure::PrivateJwk
            | Structure::SecretManifest
            | Structure::SqlPassword
            | Structure::CommandPassword
            | Structure::CallPassword => {}
        }
    }
    let mut identity = if seen.value.starts_with(b"eyJ") { jwt::read(seen.value) } else { Identity::default() };
    if let Some(presigned) = aws::presigned(seen.run(is_url_byte)) {
        identity.absorb(&presigned);
    }
    if seen.detector.id.starts_with("npm-") {
        identity.absorb(&registry::npmrc(seen));
    }
    identity
}

fn is_url_byte(b: u8) -> bool {
    b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'{' | b'}' | b'|' | b'^' | b',' | b';')
}

const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, CONFIG);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, CONFIG);

/// Decodes base64 of either alphabet.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let engine = if text.iter().any(|b| matches!(b, b'-' | b'_')) { &FOR_URLS } else { &PLAIN };
    engine.decode(text).ok()
}

/// Returns the value of a parameter of a query, percent-decoded; `&amp;` counts as `&`.
fn parameter(query: &[u8], name: &str) -> Option<String> {
    let query = query.to_str_lossy();
    let query = query.replace("&amp;", "&").replace("\\u0026", "&");
    let pairs = query.split(['?', '&', ' ']).filter_map(|pair| pair.split_once('='));
    let value = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| percent_decoded(value)).next()?;
    Some(value).filter(|value| !value.is_empty())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, others)) = rest.split_first() {
        let pair = (first == b'%').then(|| others.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match pair.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            None => {
                bytes.push(first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Reads the moment of a date of whichever common form.
fn moment(text: &str) -> Option<jiff::Timestamp> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at);
    }
    if let Ok(seconds) = text.parse::<i64>() {
        return jiff::Timestamp::from_second(seconds).ok();
    }
    let date = text.get(..10).unwrap_or(text);
    date.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|at| at.timestamp())
}

/// Writes a moment as reports do.
fn day(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
