//! Shapes that code recognises better than a regular expression: each reads a candidate at a keyword.

mod authorization;
mod connection_string;
mod jwk;
mod mnemonic;
mod pem;
mod putty;
mod secret_manifest;
mod url;

use crate::detect::form::{self, Assignment};
use crate::detector::Structure;
use crate::finding::Evidence;
use crate::span::Span;

/// What a recogniser read.
pub(super) struct Read {
    /// Where the secret is.
    pub(super) secret: Span,
    /// The secret without the escapes and line ends around it, where that differs.
    pub(super) normal: Option<Box<[u8]>>,
    /// What was seen on the way.
    pub(super) evidence: Evidence,
    /// The name and form it stands in, for the judge.
    pub(super) assignment: Option<Assignment>,
}

/// Hands each candidate of a structure whose keyword is at `keyword` to `each`, looking at `chunk` only.
pub(super) fn read(structure: Structure, chunk: &[u8], keyword: Span, each: &mut dyn FnMut(Read)) {
    let read = match structure {
        Structure::Assignment => form::assignment_at(chunk, keyword).map(|assignment| Read {
            secret: assignment.value,
            normal: form::without_seams(chunk, &assignment),
            evidence: Evidence::default(),
            assignment: Some(assignment),
        }),
        Structure::UrlPassword => url::read(chunk, keyword),
        Structure::ConnectionString => connection_string::read(chunk, keyword),
        Structure::PemPrivateKey => pem::read(chunk, keyword),
        Structure::PuttyPrivateKey => putty::read(chunk, keyword),
        Structure::Mnemonic => mnemonic::read(chunk, keyword),
        Structure::AuthorizationHeader => authorization::read(chunk, keyword),
        Structure::PrivateJwk => jwk::read(chunk, keyword),
        Structure::SecretManifest => return secret_manifest::read(chunk, keyword, each),
    };
    read.into_iter().for_each(each);
}
