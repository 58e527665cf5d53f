//! From the outcome of a scan to its report: what is shown of a secret is decided here, once for all formats.

use std::collections::BTreeMap;

use bstr::BString;

use super::shared::Texts;
use super::{
    Clue, Commit, Coverage, Credential, Document, Expiry, Exposure, InArchive, Kind, OriginKind, Part, Place, Ref, Reuse, Shared, Skipped,
    Standard, Summand, Tool, VERSION,
};
use crate::chunk::Origin;
use crate::coverage;
use crate::credential;
use crate::detector::{Detector, Find, Profile, Structure};
use crate::identity::Identity;
use crate::report::{Page, text};
use crate::span::Span;
use crate::verdict::{self, Disposition, Outcome, Provenance, RefState, Verdict};

/// Repositories with a thousand tags are common; which of them hold a secret is told by the first and their number.
pub(super) const MAX_REFS: usize = 50;

impl Document {
    /// Writes an outcome down.
    pub fn of(outcome: &Outcome, page: &Page) -> Self {
        let credentials = outcome.credentials();
        let suppressed = outcome.verdicts.iter().filter(|verdict| verdict.disposition != Disposition::Reported);
        let detectors = outcome.verdicts.iter().map(|verdict| &verdict.finding.detector);
        Document {
            version: VERSION,
            tool: Tool::own(),
            complete: outcome.coverage.is_complete(),
            subject: page.subject.clone(),
            credentials: Credential::of_all(&credentials, page),
            detectors: detectors.map(|detector| (detector.id.to_string().into(), Kind::of(detector))).collect(),
            suppressed: suppressed
                .map(|verdict| Place { suppression: Some(verdict.disposition.clone()), ..Place::alone(verdict, page) })
                .collect(),
            coverage: Coverage::of(&outcome.coverage),
            notices: outcome.notices.clone(),
        }
    }
}

impl Kind {
    pub(in crate::report) fn of(detector: &Detector) -> Self {
        Kind {
            title: detector.title.to_string().into(),
            provider: detector.provider.to_string().into(),
            category: Some(detector.category),
            severity: detector.severity,
            self_identifying: detector.is_self_identifying(),
            cwe: cwe(detector),
            guidance: detector.guidance.clone().into_owned(),
        }
    }
}

/// Hard-coded credentials are CWE-798; passwords and cryptographic keys have entries of their own below it.
fn cwe(detector: &Detector) -> Vec<u32> {
    match &detector.find {
        Find::Structure {
            structure: Structure::PemPrivateKey | Structure::PuttyPrivateKey | Structure::Mnemonic | Structure::PrivateJwk,
            ..
        } => vec![321, 798],
        Find::Structure {
            structure:
                Structure::UserPassword
                | Structure::UrlPassword
                | Structure::ConnectionString
                | Structure::SqlPassword
                | Structure::CommandPassword
                | Structure::CallPassword,
            ..
        }
        | Find::Structure { profile: Profile::Password, .. }
        | Find::Slot { profile: Profile::Password, .. } => vec![259, 798],
        Find::Structure { structure: Structure::Assignment | Structure::AuthorizationHeader | Structure::SecretManifest, .. }
        | Find::Slot { .. }
        | Find::Token { .. }
        | Find::Value { .. } => vec![798],
    }
}

impl Credential {
    /// Writes credentials down.
    fn of_all(found: &[credential::Credential<'_>], page: &Page) -> Vec<Self> {
        let mut texts = Texts::new();
        let tidied = found.iter().map(|found| {
            let mut credential = Credential::of(found, page);
            texts.tidy(&mut credential);
            credential
        });
        tidied.collect()
    }

    /// Writes a credential down.
    pub(in crate::report) fn of(credential: &credential::Credential<'_>, page: &Page) -> Self {
        let lead = credential.lead();
        let finding = &lead.finding;
        let mut own = Credential {
            fingerprint: finding.fingerprint.to_string().into(),
            detector: finding.detector.id.to_string().into(),
            title: finding.detector.title.to_string().into(),
            provider: finding.detector.provider.to_string().into(),
            severity: credential.severity(),
            score: Some(f64::from(credential.score.tenths()) / 10.0),
            arithmetic: credential.score.summands.iter().map(Summand::of).collect(),
            confidence: finding.confidence,
            secret: text::secret(&finding.secret, page.show_secrets).into(),
            length: Some(finding.secret.expose().len()),
            identity: identity(&credential.identity),
            expiry: Expiry::of(credential.expiry),
            exposure: Exposure::of(&credential.exposure),
            owners: credential.owners().into_iter().map(Into::into).collect(),
            reuse: Reuse::of(&credential.reuse),
            standards: credential.standards.iter().map(Standard::of).collect(),
            evidence: finding.evidence.clues().iter().map(|clue| Clue { what: clue.what.into(), weight: clue.weight }).collect(),
            public: finding.detector.public.as_ref().map(|why| why.to_string().into()),
            state: None,
            parts: credential.parts.iter().map(|verdict| Part::of(verdict, page)).collect(),
            places: Vec::new(),
        };
        own.places = credential
            .places
            .iter()
            .map(|verdict| own.below(Place { severity: Some(own.severity), ..Place::alone(verdict, page) }))
            .collect();
        own
    }

    /// Takes from a place what its credential says already; where there are several parts, each place names its own.
    pub(in crate::report) fn below(&self, place: Place) -> Place {
        if !self.parts.is_empty() {
            return place;
        }
        Place {
            detector: place.detector.filter(|own| *own != self.detector),
            title: place.title.filter(|own| *own != self.title),
            severity: place.severity.filter(|own| *own != self.severity),
            confidence: place.confidence.filter(|own| *own != self.confidence),
            fingerprint: place.fingerprint.filter(|own| *own != self.fingerprint),
            secret: place.secret.filter(|own| *own != self.secret),
            ..place
        }
    }
}

/// One text for each kind of fact; several are separated by commas.
fn identity(identity: &Identity) -> BTreeMap<String, String> {
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for fact in identity.facts() {
        let text = told.entry(fact.about.word().to_owned()).or_default();
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&fact.value);
    }
    told
}

impl Part {
    fn of(verdict: &Verdict, page: &Page) -> Self {
        let finding = &verdict.finding;
        Part {
            fingerprint: finding.fingerprint.to_string().into(),
            detector: finding.detector.id.to_string().into(),
            title: finding.detector.title.to_string().into(),
            secret: text::secret(&finding.secret, page.show_secrets).into(),
        }
    }
}

impl Expiry {
    fn of(expiry: verdict::Expiry) -> Option<Self> {
        match expiry {
            verdict::Expiry::Unstated => None,
            verdict::Expiry::Expired(at) => Some(Expiry { expired: true, at: Some(at), never: false }),
            verdict::Expiry::Expires(at) => Some(Expiry { expired: false, at: Some(at), never: false }),
            verdict::Expiry::Never => Some(Expiry { expired: false, at: None, never: true }),
        }
    }
}

impl Place {
    /// Writes a place down with all that identifies its credential.
    fn alone(verdict: &Verdict, page: &Page) -> Self {
        let finding = &verdict.finding;
        Place {
            detector: Some(finding.detector.id.to_string().into()),
            title: Some(finding.detector.title.to_string().into()),
            severity: Some(verdict.severity()),
            confidence: Some(finding.confidence),
            fingerprint: Some(finding.fingerprint.to_string().into()),
            secret: Some(text::secret(&finding.secret, page.show_secrets).into()),
            ..Place::of(verdict, page)
        }
    }

    /// Writes a place down, without what it has of its credential.
    pub(in crate::report) fn of(verdict: &Verdict, page: &Page) -> Self {
        let finding = &verdict.finding;
        let context = &verdict.context;
        let path = page.here.from_here(&finding.origin).to_string();
        let from_top = finding.origin.path().map(|_| page.here.from_top(&finding.origin).to_string()).filter(|top| *top != path);
        let head = context.at_head.as_ref();
        let span = context.stored.map_or(Some(finding.span), |stored| stored.span);
        Place {
            path: path.into(),
            from_top: from_top.map(Into::into),
            offset: span.map(|span| span.start),
            byte_count: span.map(Span::len),
            encoding: context.stored.and_then(|stored| stored.order),
            layer: finding.layer,
            archive: InArchive::of(verdict).map(Box::new),
            line: finding.start.line,
            end_line: finding.end.line,
            column: finding.start.column,
            end_column: finding.end.column,
            origin: OriginKind::of(&finding.origin),
            removed: context.removed.as_ref().map(Commit::of).map(Box::new),
            head_line: head.map(|head| head.start.line),
            head_end_line: head.map(|head| head.end.line),
            head_column: head.map(|head| head.start.column),
            head_end_column: head.map(|head| head.end.column),
            touched: context.touched.as_ref().map(Commit::of).map(Box::new),
            author_silent_since: context.silent_since,
            owners: context.owners.iter().map(|owner| owner.as_str().into()).collect(),
            repository: context.repository.as_deref().map(Into::into),
            held_by: context.holder,
            refs: context.refs.iter().take(MAX_REFS).map(Ref::of).collect(),
            ref_count: Some(context.refs.len()).filter(|&count| count > 0),
            ..Place::brought(&context.provenance)
        }
    }

    /// Writes down who brought it, and nothing else.
    fn brought(provenance: &Provenance) -> Self {
        let nowhere = Place::nowhere();
        match provenance {
            Provenance::Known(commit) => Place {
                commit: Some(commit.id.to_string().into()),
                author: Some(commit.author.as_str().into()),
                email: Some(commit.email.as_str().into()),
                date: Some(commit.date),
                summary: Some(commit.summary.as_str().into()),
                ..nowhere
            },
            Provenance::Tagged(tag) => Place {
                tag: Some(tag.name.as_str().into()),
                author: tag.tagger.as_ref().map(|who| who.name.as_str().into()),
                email: tag.tagger.as_ref().map(|who| who.email.as_str().into()),
                date: tag.tagger.as_ref().map(|who| who.date),
                summary: Some(tag.summary.as_str().into()),
                ..nowhere
            },
            Provenance::Uncommitted => nowhere,
            Provenance::Unknown { why } => Place { unknown_because: Some(Shared::from(*why)), ..nowhere },
        }
    }
}

impl InArchive {
    fn of(verdict: &Verdict) -> Option<Self> {
        let written = |member: &BString| Shared::from(member.to_string());
        let at_head = verdict.context.at_head.as_ref().and_then(|head| head.member.as_ref());
        let archive = InArchive { member: verdict.finding.member.as_ref().map(written), head_member: at_head.map(written) };
        (archive.member.is_some() || archive.head_member.is_some()).then_some(archive)
    }
}

impl OriginKind {
    fn of(origin: &Origin) -> Self {
        match origin {
            Origin::File { .. } => OriginKind::File,
            Origin::Staged { .. } => OriginKind::Staged,
            Origin::Committed { .. } => OriginKind::Committed,
            Origin::Blob { .. } => OriginKind::Blob,
            Origin::Commit { .. } => OriginKind::CommitMessage,
            Origin::Tag { .. } => OriginKind::TagMessage,
        }
    }
}

impl Commit {
    fn of(commit: &verdict::Commit) -> Self {
        Commit {
            id: commit.id.to_string().into(),
            author: commit.author.as_str().into(),
            email: commit.email.as_str().into(),
            date: commit.date,
            summary: commit.summary.as_str().into(),
        }
    }
}

impl Ref {
    fn of(held: &verdict::Ref) -> Self {
        let (present, removed) = match held.state {
            RefState::Present => (true, None),
            RefState::Removed(commit) => (false, Some(Shared::from(commit.to_string()))),
            RefState::Absent => (false, None),
        };
        Ref { name: held.name.as_str().into(), present, removed }
    }
}

impl Coverage {
    fn of(coverage: &coverage::Coverage) -> Self {
        let skipped =
            |skip: &coverage::Skip| Skipped { what: skip.what.clone(), incomplete: skip.why.is_incomplete(), why: skip.why.clone() };
        Coverage {
            scope: coverage.scope.clone(),
            commits: coverage.commits,
            blobs: coverage.blobs,
            bytes: coverage.bytes,
            known: coverage.known,
            skipped: coverage.skips.iter().map(skipped).collect(),
        }
    }
}
