//! Texts that many places of a report share: people, commits, titles, paths. Each is in memory once, as far as a small memory reaches.
//!
//! Places of one file, commit or author follow each other, so remembering the last few thousand texts is enough, and costs the same
//! for a report of a hundred findings and of a million.

use std::fmt;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use serde::de::{Deserializer, SeqAccess, Visitor};

use super::{Commit, Credential, Place};

/// A text that several owners share.
pub type Shared = Arc<str>;

/// 4,096 texts: a quarter of a megabyte, and more than a commit of leaks has names.
const REMEMBERED: usize = 1 << 12;

/// The texts that were met last.
pub(super) struct Texts(Box<[Option<Shared>]>);

impl Texts {
    pub(super) fn new() -> Self {
        Texts(vec![None; REMEMBERED].into())
    }

    /// Puts the text that is remembered in the place of an equal one.
    fn share(&mut self, text: &mut Shared) {
        let slot = usize::try_from(FxBuildHasher.hash_one(&**text) >> 32).unwrap_or(0) % REMEMBERED;
        match &self.0[slot] {
            Some(known) if known == text => *text = Arc::clone(known),
            _ => self.0[slot] = Some(Arc::clone(text)),
        }
    }

    fn share_all<'t>(&mut self, texts: impl IntoIterator<Item = &'t mut Shared>) {
        texts.into_iter().for_each(|text| self.share(text));
    }

    /// Makes a credential as small as it can be.
    pub(super) fn tidy(&mut self, credential: &mut Credential) {
        self.share_all([&mut credential.detector, &mut credential.title, &mut credential.provider, &mut credential.secret]);
        self.share_all(&mut credential.public);
        self.share_all(&mut credential.owners);
        self.share_all(&mut credential.exposure.refs);
        self.share_all(&mut credential.reuse.services);
        self.share_all(credential.arithmetic.iter_mut().map(|summand| &mut summand.what));
        self.share_all(credential.evidence.iter_mut().map(|clue| &mut clue.what));
        for standard in &mut credential.standards {
            self.share_all([&mut standard.id, &mut standard.title, &mut standard.why]);
        }
        credential.places.iter_mut().for_each(|place| self.tidy_place(place));
        self.share_all(&mut credential.reuse.files);
        // What is read grows by guesses: room for four where there is one.
        credential.arithmetic.shrink_to_fit();
        credential.evidence.shrink_to_fit();
        credential.standards.shrink_to_fit();
        credential.owners.shrink_to_fit();
        credential.exposure.refs.shrink_to_fit();
        credential.reuse.files.shrink_to_fit();
        credential.reuse.services.shrink_to_fit();
        credential.parts.shrink_to_fit();
        credential.places.shrink_to_fit();
    }

    fn tidy_place(&mut self, place: &mut Place) {
        self.share(&mut place.path);
        let said = [&mut place.commit, &mut place.tag, &mut place.author, &mut place.email, &mut place.summary, &mut place.unknown_because];
        self.share_all(said.into_iter().flatten());
        let own = [&mut place.detector, &mut place.title, &mut place.secret, &mut place.repository, &mut place.from_top];
        if let Some(archive) = place.archive.as_deref_mut() {
            self.share_all([&mut archive.member, &mut archive.head_member].into_iter().flatten());
        }
        self.share_all(own.into_iter().flatten());
        self.share_all(&mut place.owners);
        for Commit { id, author, email, summary, .. } in [&mut place.removed, &mut place.touched].into_iter().flatten().map(Box::as_mut) {
            self.share_all([id, author, email, summary]);
        }
        for held in &mut place.refs {
            self.share(&mut held.name);
            self.share_all(&mut held.removed);
        }
        place.owners.shrink_to_fit();
        place.refs.shrink_to_fit();
    }
}

/// Reads credentials one by one, each tidied before the next is read.
pub(super) fn credentials<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Credential>, D::Error> {
    struct Tidily;

    impl<'de> Visitor<'de> for Tidily {
        type Value = Vec<Credential>;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a list of credentials")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut read: A) -> Result<Self::Value, A::Error> {
            let (mut texts, mut credentials) = (Texts::new(), Vec::new());
            while let Some(mut credential) = read.next_element()? {
                texts.tidy(&mut credential);
                credentials.push(credential);
            }
            credentials.shrink_to_fit();
            Ok(credentials)
        }
    }

    deserializer.deserialize_seq(Tidily)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::report::Document;

    #[test]
    fn a_place_stays_small_for_there_may_be_a_hundred_thousand() {
        let bytes = std::mem::size_of::<crate::report::document::Place>();
        assert!(bytes <= 512, "{bytes} bytes: share or box what most places do not have");
    }

    #[test]
    fn places_of_one_author_share_the_name_and_keep_no_room_for_more() {
        let place = r#"{"path":"a","line":1,"end_line":1,"column":1,"end_column":2,"origin":"committed","author":"Ann"}"#;
        let credential = |fingerprint: &str| {
            format!(
                r#"{{"fingerprint":"{fingerprint}","detector":"d","title":"t","provider":"p","severity":"low","confidence":"low","secret":"…","places":[{place}]}}"#
            )
        };
        let text = format!(
            r#"{{"version":1,"tool":{{"name":"x","version":"0"}},"complete":true,"credentials":[{},{}]}}"#,
            credential("1"),
            credential("2")
        );
        let document: Document = serde_json::from_str(&text).expect("it is a report");
        let places: Vec<_> = document.credentials.iter().flat_map(|credential| &credential.places).collect();
        assert!(places[0].author.as_ref().zip(places[1].author.as_ref()).is_some_and(|(one, other)| Arc::ptr_eq(one, other)));
        assert!(Arc::ptr_eq(&document.credentials[0].title, &document.credentials[1].title));
        assert_eq!(document.credentials[0].places.capacity(), 1);
    }
}
