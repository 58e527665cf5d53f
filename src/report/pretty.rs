//! For people at a terminal: what, where, why, and the way out.

use crate::count::counted;
use std::fmt::Display;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;

use super::listing::Listing;
use super::{Page, Render, Report, document, text};
use crate::coverage::Coverage;
use crate::credential::Credential;
use crate::detector::{Detector, Severity};
use crate::finding::ExcerptLine;
use crate::git::refs::Holder;
use crate::identity::Identity;
use crate::verdict::{Commit, Disposition, Expiry, Outcome, Provenance, Ref, RefState, Tag, Verdict};

pub(super) struct Pretty;

/// Places of one credential that are shown; the rest is counted.
const SHOWN_PLACES: usize = 4;
/// Things that were not scanned that are shown; the rest is counted.
const SHOWN_SKIPS: usize = 8;
/// Steps of the guidance that are shown.
const SHOWN_STEPS: usize = 2;

impl Report for Pretty {
    fn write(&self, outcome: &Outcome, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        let paint = Paint(page.is_colored);
        let credentials = outcome.credentials();
        for credential in &credentials {
            block(credential, outcome.now, page, paint, out)?;
        }
        skips(&outcome.coverage, paint, out)?;
        for notice in &outcome.notices {
            writeln!(out, "{} {}: {}", paint.yellow("note:"), text::safe(&notice.place), text::safe(&notice.what))?;
        }
        summary(outcome, &credentials, page, paint, out)
    }

    fn of_documents(&self) -> &dyn Render {
        &Listing
    }
}

/// Colours, or none.
#[derive(Clone, Copy)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    fn with(self, style: Style, text: impl Display) -> String {
        if self.0 { format!("{style}{text}{style:#}") } else { text.to_string() }
    }

    pub(super) fn bold(self, text: impl Display) -> String {
        self.with(Style::new().bold(), text)
    }

    pub(super) fn dim(self, text: impl Display) -> String {
        self.with(Style::new().dimmed(), text)
    }

    pub(super) fn yellow(self, text: impl Display) -> String {
        self.with(Style::new().fg_color(Some(AnsiColor::Yellow.into())), text)
    }

    pub(super) fn green(self, text: impl Display) -> String {
        self.with(Style::new().bold().fg_color(Some(AnsiColor::Green.into())), text)
    }

    pub(super) fn cyan(self, text: impl Display) -> String {
        self.with(Style::new().fg_color(Some(AnsiColor::Cyan.into())), text)
    }

    pub(super) fn severity(self, severity: Severity, text: impl Display) -> String {
        let color = match severity {
            Severity::Critical | Severity::High => AnsiColor::Red,
            Severity::Medium => AnsiColor::Yellow,
            Severity::Low => AnsiColor::Blue,
        };
        self.with(Style::new().bold().fg_color(Some(color.into())), text)
    }
}

/// One credential: headline, places, frame, way out.
fn block(credential: &Credential<'_>, now: Timestamp, page: &Page, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let lead = credential.lead();
    let finding = &lead.finding;
    let severity = credential.severity();
    writeln!(
        out,
        "{} {}  {}  {}",
        paint.severity(severity, format!("{} {}", severity.word(), credential.score.text())),
        paint.bold(&finding.detector.title),
        text::safe(&text::secret(&finding.secret, page.show_secrets)),
        paint.dim(format!("{} confidence, {}", finding.confidence.word(), finding.detector.id)),
    )?;
    for part in &credential.parts {
        let finding = &part.finding;
        writeln!(
            out,
            "  with {}  {}  {}",
            finding.detector.title,
            text::safe(&text::secret(&finding.secret, page.show_secrets)),
            paint.dim(&finding.detector.id)
        )?;
    }
    if let Some(why) = &finding.detector.public {
        writeln!(out, "  {}", paint.dim(format!("may be public: {why}")))?;
    }
    if let Some(said) = expiry(credential.expiry, now) {
        writeln!(out, "  {}", paint.yellow(said))?;
    }
    identity(&credential.identity, paint, out)?;
    situation(credential, paint, out)?;
    for (rank, verdict) in credential.places.iter().take(SHOWN_PLACES).enumerate() {
        place_line(verdict, page, paint, out)?;
        if rank == 0 {
            frame(verdict, page, paint, out)?;
        }
    }
    if credential.places.len() > SHOWN_PLACES {
        writeln!(out, "  {}", paint.dim(format!("and {}", counted(credential.places.len() - SHOWN_PLACES, "more place"))))?;
    }
    way_out(credential, paint, out)?;
    writeln!(out)
}

fn place_line(verdict: &Verdict, page: &Page, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let finding = &verdict.finding;
    let context = &verdict.context;
    let path = text::safe(&page.here.shown(verdict));
    let path = context.repository.as_ref().map_or(path.clone(), |repository| format!("{}: {path}", text::safe(repository)));
    let start = context.at_head.as_ref().map_or(finding.start, |head| head.start);
    write!(out, "  {} {}", paint.cyan("-->"), paint.bold(format!("{path}:{}:{}", start.line, start.column)))?;
    let mut said: Vec<String> = finding.layer.map(|layer| format!("in {}", layer.word())).into_iter().collect();
    if context.at_head.is_some() {
        said.push("in HEAD".to_owned());
    }
    match &context.provenance {
        Provenance::Known(commit) => said.push(format!("since {}", who(commit))),
        Provenance::Tagged(tag) => said.push(tagged(tag)),
        Provenance::Uncommitted => {}
        Provenance::Unknown { why } => said.push((*why).to_owned()),
    }
    if let Some(touched) = context.touched.as_ref().filter(|touched| verdict.brought_by().is_none_or(|brought| brought.id != touched.id)) {
        said.push(format!("line last changed {}", who(touched)));
    }
    if let Some(removed) = &context.removed {
        said.push(format!("removed {}", who(removed)));
    }
    let still: Vec<&Ref> = context.refs.iter().filter(|held| held.state == RefState::Present).collect();
    if let (None, [first, others @ ..]) = (&context.at_head, &still[..]) {
        let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
        said.push(format!("still in {}{more}", text::safe(short_name(&first.name))));
    }
    if let Some(word) = context.holder.and_then(held) {
        said.push(word.to_owned());
    }
    if !said.is_empty() {
        write!(out, "  {}", paint.dim(said.join("; ")))?;
    }
    writeln!(out)
}

fn short_name(name: &str) -> &str {
    ["refs/heads/", "refs/remotes/", "refs/tags/"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

fn who(commit: &Commit) -> String {
    format!("{} by {} ({})", commit.date.strftime("%Y-%m-%d"), text::safe(&commit.author), commit.id.to_hex_with_len(10))
}

fn tagged(tag: &Tag) -> String {
    let name = text::safe(&tag.name);
    match &tag.tagger {
        Some(who) => format!("in tag {name}, since {} by {}", who.date.strftime("%Y-%m-%d"), text::safe(&who.name)),
        None => format!("in tag {name}, which does not say who made it"),
    }
}

fn held(holder: Holder) -> Option<&'static str> {
    match holder {
        Holder::Remote => Some("on a remote"),
        Holder::Tag => Some("in a tag"),
        Holder::Branch => None,
        Holder::Other => Some("in another ref"),
        Holder::Notes => Some("in notes"),
        Holder::Stash => Some("in a stash"),
        Holder::Reflog => Some("only in a reflog"),
        Holder::Nothing => Some("unreachable, but still stored"),
    }
}

pub(super) fn frame(verdict: &Verdict, page: &Page, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let finding = &verdict.finding;
    let (start, end, excerpt) = match &verdict.context.at_head {
        Some(head) => (head.start, head.end, &head.excerpt),
        None => (finding.start, finding.end, &finding.excerpt),
    };
    let width = excerpt.last().map_or(1, |line| line.number.to_string().len());
    let hidden = |line: &ExcerptLine| !page.show_secrets && text::line(line, false) == "…";
    for line in excerpt {
        let is_own = (start.line..=end.line).contains(&line.number);
        // Of a key over many lines the first one says how long it is.
        if line.number != start.line && hidden(line) {
            continue;
        }
        let mark = if is_own { paint.severity(verdict.severity(), ">") } else { " ".to_owned() };
        let shown = text::line(line, page.show_secrets);
        let shown = if is_own { shown } else { paint.dim(shown) };
        writeln!(out, "   {mark} {} {shown}", paint.cyan(format!("{:>width$} |", line.number)))?;
    }
    Ok(())
}

/// What to do: the first steps, and where the rest is.
fn way_out(credential: &Credential<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let finding = &credential.lead().finding;
    let guidance = &finding.detector.guidance;
    if !guidance.revoke.console.is_empty() {
        writeln!(out, "  {} {}", paint.green("revoke:"), guidance.revoke.console)?;
    }
    for (number, step) in (1..).zip(guidance.rotate.iter().take(SHOWN_STEPS)) {
        writeln!(out, "  {} {step}", paint.green(format!("{number}.")))?;
    }
    writeln!(out, "  {}", paint.dim(format!("all steps, filled in: staunch rotate {0}   fingerprint {0}", finding.fingerprint)))
}

/// How long, to whom, whose, and where else: what there is to say, on one line each.
fn situation(credential: &Credential<'_>, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let exposed = document::Exposure::of(&credential.exposure).words();
    if !exposed.is_empty() {
        writeln!(out, "  {}", paint.dim(format!("exposed: {}", exposed.join("; "))))?;
    }
    let reuse = &credential.reuse;
    if reuse.files.len() > 1 || reuse.is_shared() {
        let mut shared = vec![counted(reuse.files.len(), "file")];
        let environments: Vec<&str> = reuse.environments.iter().map(|environment| environment.word()).collect();
        if reuse.repositories.len() > 1 {
            shared.push(format!("used by {} repositories", reuse.repositories.len()));
        }
        if reuse.services.len() > 1 {
            shared.push(format!("{} services", reuse.services.len()));
        }
        if !environments.is_empty() {
            shared.push(environments.join(" and "));
        }
        writeln!(out, "  {}", paint.dim(format!("used in: {}", shared.join(", "))))?;
    }
    let mut whose: Vec<String> = credential.owners().into_iter().map(text::safe).collect();
    if let Some(since) = credential.lead().context.silent_since {
        whose.push(format!("whoever brought it has not committed since {}", since.strftime("%Y-%m-%d")));
    }
    if !whose.is_empty() {
        writeln!(out, "  {}", paint.dim(format!("owner: {}", whose.join(", "))))?;
    }
    Ok(())
}

/// What it says of itself, on one line.
fn identity(identity: &Identity, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let facts: Vec<String> =
        identity.facts().iter().map(|fact| format!("{} {}", fact.about.word().replace('_', " "), text::safe(&fact.value))).collect();
    if facts.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {}", paint.dim(format!("says: {}", facts.join(", "))))
}

fn expiry(expiry: Expiry, now: Timestamp) -> Option<String> {
    let days = |from: Timestamp, to: Timestamp| {
        let days = to.duration_since(from).as_hours() / 24;
        counted(days, "day")
    };
    match expiry {
        Expiry::Unstated => None,
        Expiry::Expired(at) => Some(format!("expired on {}", at.strftime("%Y-%m-%d"))),
        Expiry::Expires(at) => Some(format!("expires on {}, in {}", at.strftime("%Y-%m-%d"), days(now, at))),
        Expiry::Never => Some("never expires by itself".into()),
    }
}

fn skips(coverage: &Coverage, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    for skip in coverage.skips.iter().take(SHOWN_SKIPS) {
        let word = if skip.why.is_incomplete() { paint.yellow("not scanned:") } else { paint.dim("left out:") };
        writeln!(out, "{word} {}: {}", text::safe(&skip.what), text::safe(&skip.why.to_string()))?;
    }
    if coverage.skips.len() > SHOWN_SKIPS {
        writeln!(out, "{}", paint.dim(format!("and {} more; `--format json` lists all", coverage.skips.len() - SHOWN_SKIPS)))?;
    }
    Ok(())
}

fn summary(outcome: &Outcome, credentials: &[Credential<'_>], page: &Page, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let coverage = &outcome.coverage;
    let count = |severity| credentials.iter().filter(|credential| credential.severity() == severity).count();
    let counts: Vec<String> = Severity::WORST_FIRST
        .into_iter()
        .filter(|&severity| count(severity) > 0)
        .map(|severity| format!("{} {}", count(severity), severity.word()))
        .collect();
    let places: usize = credentials.iter().map(|credential| credential.places.len()).sum();
    let headline = match credentials.len() {
        0 if coverage.is_complete() => paint.green("no secrets found"),
        0 => paint.yellow("no secrets found in what was read, but not all of it was read"),
        n => paint.bold(format!("{} in {} ({})", counted(n, "credential"), counted(places, "place"), counts.join(", "))),
    };
    writeln!(out, "{headline}")?;
    let hidden = outcome.verdicts.iter().filter(|verdict| verdict.disposition != Disposition::Reported).count();
    let mut read = Vec::new();
    if coverage.commits > 0 {
        read.push(counted(coverage.commits, "commit"));
    }
    read.push(counted(coverage.blobs, "file version"));
    read.push(size(coverage.bytes));
    if coverage.known > 0 {
        read.push(format!("{} known to be clean", coverage.known));
    }
    if hidden > 0 {
        read.push(format!("{hidden} suppressed"));
    }
    let gaps = coverage.skips.iter().filter(|skip| skip.why.is_incomplete()).count();
    for (count, word) in [(gaps, "not scanned"), (coverage.skips.len() - gaps, "left out")].into_iter().filter(|(count, _)| *count > 0) {
        read.push(format!("{count} {word}"));
    }
    read.push(format!("{:.2} s", page.elapsed.as_secs_f64()));
    writeln!(out, "{}", paint.dim(format!("read {}: {}", text::safe(&coverage.scope), read.join(", "))))
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => counted(bytes, "byte"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// Writes everything that is to be known of one detector.
pub(super) fn describe(detector: &Detector, out: &mut dyn Write) -> io::Result<()> {
    let guidance = &detector.guidance;
    writeln!(out, "{}  {}\n", detector.id, detector.title)?;
    let mut say = |what: &str, said: &str| if said.is_empty() { Ok(()) } else { writeln!(out, "{what:<16} {said}") };
    say("provider", &detector.provider)?;
    say("severity", detector.severity.word())?;
    say("keywords", &detector.keywords.join(", "))?;
    say("who can revoke", &guidance.who_can_revoke)?;
    say("revoke at", &guidance.revoke.console)?;
    for command in guidance.revoke.cli.iter() {
        say("revoke by", command)?;
    }
    for call in guidance.revoke.api.iter() {
        say("revoke by", &format!("{} {}", call.method, call.url))?;
        say("  authorised by", &call.auth)?;
        say("  body", &call.body)?;
        say("  success", &call.success)?;
        say("  by the token", &call.revokes_itself)?;
    }
    say("reversible", &guidance.revoke.reversible)?;
    for (number, step) in (1..).zip(guidance.rotate.iter()) {
        say(&format!("step {number}"), step)?;
    }
    say("use is logged in", &guidance.investigate.logs)?;
    for query in guidance.investigate.queries.iter() {
        say("  query", query)?;
    }
    say("reaches", &guidance.reaches)?;
    say("list access", &guidance.enumerate)?;
    say("issuer reacts", &guidance.automatic)?;
    say("instead", &guidance.prevent)?;
    for reference in guidance.references.iter() {
        say("see", reference)?;
    }
    Ok(())
}
