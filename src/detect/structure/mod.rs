//! Shapes that code recognises better than a regular expression: each reads a candidate at a keyword.

mod authorization;
mod call;
mod command;
mod connection_string;
mod jwk;
mod mnemonic;
mod pair;
mod pem;
mod putty;
mod secret_manifest;
mod sql;
mod url;

use crate::detect::form::{self, Assignment};
use crate::detect::judge::sign::Signs;
use crate::detector::Structure;
use crate::finding::Evidence;
use crate::span::Span;

/// What a recogniser read.
pub(super) struct Read {
    /// Where the secret is.
    pub(super) secret: Span,
    /// The secret without the escapes and line ends around it, where that differs.
    pub(super) normal: Option<Box<[u8]>>,
    /// What it stands in.
    pub(super) said: Said,
}

/// What says that a value is a secret.
pub(super) enum Said {
    /// Its name.
    Assignment(Assignment),
    /// Its place: an address, a header, a command.
    Place {
        /// What was seen of the place.
        signs: Signs,
        /// What a person would type, where that differs from the value: the password within a header.
        password: Option<Box<[u8]>>,
    },
    /// The value itself, for these reasons.
    Proof(Evidence),
}

/// Hands each candidate of a structure whose keyword is at `keyword` to `each`, looking at `chunk` only.
pub(super) fn read(structure: Structure, chunk: &[u8], keyword: Span, each: &mut dyn FnMut(Read)) {
    let read = match structure {
        Structure::Assignment => assigned(chunk, keyword),
        Structure::UserPassword => pair::read(chunk, keyword),
        Structure::UrlPassword => url::read(chunk, keyword),
        Structure::ConnectionString => connection_string::read(chunk, keyword),
        Structure::PemPrivateKey => pem::read(chunk, keyword),
        Structure::PuttyPrivateKey => putty::read(chunk, keyword),
        Structure::Mnemonic => mnemonic::read(chunk, keyword),
        Structure::AuthorizationHeader => authorization::read(chunk, keyword),
        Structure::PrivateJwk => jwk::read(chunk, keyword),
        Structure::SecretManifest => return secret_manifest::read(chunk, keyword, each),
        Structure::SqlPassword => sql::read(chunk, keyword),
        Structure::CommandPassword => command::read(chunk, keyword),
        Structure::CallPassword => call::read(chunk, keyword),
    };
    read.into_iter().for_each(each);
}

/// Reads a value that stands for itself: the password of a pair has a recogniser of its own.
fn assigned(chunk: &[u8], keyword: Span) -> Option<Read> {
    let assignment = form::assignment_at(chunk, keyword).filter(|assignment| pair::parts(chunk, assignment).is_none())?;
    let normal = form::without_seams(chunk, &assignment);
    Some(Read { secret: assignment.value, normal, said: Said::Assignment(assignment) })
}

#[cfg(test)]
impl Read {
    /// Returns how likely a secret is that its own shape proves.
    fn probability(&self) -> f32 {
        match &self.said {
            Said::Proof(evidence) => evidence.probability(),
            Said::Assignment(_) | Said::Place { .. } => panic!("a name or a place is no proof"),
        }
    }
}
