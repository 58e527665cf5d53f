//! What a hook says when it stops somebody: one screen, with the ways out in their order.
//!
//! It stands apart from `pretty` because who reads it wanted to do something else: what is wrong, why we think so, and
//! what to do now, in this moment, with commands that can be copied. Passing the check by is not among them.

use crate::count::counted;
use std::io::{self, Write};

use super::pretty::{self, Paint};
use super::{Page, text};
use crate::chunk::Origin;
use crate::credential::Credential;
use crate::verdict::{Outcome, Provenance, Verdict};

/// In what moment somebody is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// A commit is about to be made.
    Commit {
        /// Whether there is one before it.
        is_first: bool,
    },
    /// A merge is about to be committed.
    Merge,
    /// The message of a commit was written.
    Message {
        /// The file where git keeps it.
        file: String,
    },
    /// Commits are about to be pushed.
    Push {
        /// Where to.
        remote: String,
    },
    /// A server was given commits.
    Receive,
    /// Commits were rewritten: nothing can be stopped, but it can be said before they are pushed.
    Rewrite,
}

/// What becomes of what somebody is about to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is stopped.
    Stopped,
    /// It goes on: who runs the check wants to be told, and no more.
    GoesOn,
}

/// A terminal has 24 lines; so many are for the findings, the others for the ways out.
const LINES_FOR_FINDINGS: usize = 15;
/// Reasons that are shown.
const SHOWN_CLUES: usize = 3;

/// Writes the screen.
///
/// # Errors
/// When it cannot be written.
pub fn write(outcome: &Outcome, moment: &Moment, ending: Ending, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(page.is_colored);
    let credentials = outcome.credentials();
    let count = credentials.len();
    let gaps = outcome.coverage.skips.iter().filter(|skip| skip.why.is_incomplete());
    let gaps: Vec<_> = gaps.collect();
    writeln!(out, "{}", paint.bold(headline(moment, ending, count, !gaps.is_empty())))?;
    findings(&credentials, page, paint, out)?;
    for skip in gaps.iter().take(3) {
        writeln!(out, "{} {}: {}", paint.yellow("not checked:"), text::safe(&skip.what), text::safe(&skip.why.to_string()))?;
    }
    if gaps.len() > 3 {
        writeln!(out, "{} and {} more", paint.yellow("not checked:"), gaps.len() - 3)?;
    }
    let closed: Vec<_> = outcome.coverage.skips.iter().filter(|skip| skip.why.is_closed()).collect();
    for skip in closed.iter().take(3) {
        writeln!(out, "{}", paint.dim(format!("left out: {}: {}", text::safe(&skip.what), text::safe(&skip.why.to_string()))))?;
    }
    if closed.len() > 3 {
        writeln!(out, "{}", paint.dim(format!("left out: and {} more", closed.len() - 3)))?;
    }
    for notice in outcome.notices.iter().take(2) {
        writeln!(out, "{} {}: {}", paint.yellow("note:"), text::safe(&notice.place), text::safe(&notice.what))?;
    }
    match credentials.first() {
        Some(first) => ways_out(first, count, moment, page, paint, out),
        None => Ok(()),
    }
}

/// Writes one credential as it is on the screen.
///
/// # Errors
/// When it cannot be written.
pub fn write_one(credential: &Credential<'_>, page: &Page, out: &mut dyn Write) -> io::Result<()> {
    finding(credential, page, Paint(page.is_colored), true, out)
}

fn headline(moment: &Moment, ending: Ending, count: usize, has_gaps: bool) -> String {
    let what = match moment {
        Moment::Commit { .. } => "this commit",
        Moment::Merge => "this merge",
        Moment::Message { .. } => "the message of this commit",
        Moment::Push { .. } | Moment::Receive => "this push",
        Moment::Rewrite => "the rewritten commits",
    };
    let secrets = counted(count, "credential");
    match (moment, count) {
        // Whether that stops it is the caller's to say: it may accept what it had no time for.
        (_, 0) if has_gaps => format!("staunch could not check all of {what}"),
        (_, 0) => "staunch found nothing".to_owned(),
        (_, _) if ending == Ending::GoesOn && *moment != Moment::Rewrite => format!("staunch found {secrets} in {what}, which goes on"),
        (Moment::Rewrite, _) => format!("staunch: the rewritten commits hold {secrets}; a push of them would be stopped"),
        (Moment::Push { remote }, _) => {
            format!("staunch stopped {what}: {secrets} would go to {}", text::safe(remote))
        }
        (Moment::Message { .. }, _) => format!("staunch stopped this commit: its message holds {secrets}"),
        (Moment::Commit { .. } | Moment::Merge | Moment::Receive, _) => {
            format!("staunch stopped {what}: it brings {secrets}")
        }
    }
}

/// Shows as many findings as a screen holds, the worst in full.
fn findings(credentials: &[Credential<'_>], page: &Page, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let mut left = LINES_FOR_FINDINGS;
    let mut shown = 0;
    for credential in credentials {
        let mut block = Vec::new();
        finding(credential, page, paint, shown == 0, &mut block)?;
        let lines = block.iter().filter(|&&byte| byte == b'\n').count();
        if shown > 0 && lines > left {
            break;
        }
        out.write_all(&block)?;
        left = left.saturating_sub(lines);
        shown += 1;
    }
    if shown < credentials.len() {
        writeln!(out, "{}", paint.dim(format!("and {} more", credentials.len() - shown)))?;
    }
    Ok(())
}

fn finding(credential: &Credential<'_>, page: &Page, paint: Paint, is_worst: bool, out: &mut dyn Write) -> io::Result<()> {
    let lead = credential.lead();
    let finding = &lead.finding;
    let severity = credential.severity();
    writeln!(
        out,
        "\n{} {}  {}",
        paint.severity(severity, severity.word()),
        paint.bold(&finding.detector.title),
        text::safe(&text::secret(&finding.secret, page.show_secrets)),
    )?;
    let path = text::safe(&page.here.shown(lead));
    let start = lead.context.at_head.as_ref().map_or(finding.start, |head| head.start);
    write!(out, "  {} {}", paint.cyan("-->"), paint.bold(format!("{path}:{}:{}", start.line, start.column)))?;
    match &lead.context.provenance {
        Provenance::Known(commit) => {
            write!(out, "  {}", paint.dim(format!("in {} {}", commit.id.to_hex_with_len(10), text::safe(&short(&commit.summary)))))?;
        }
        Provenance::Tagged(tag) => write!(out, "  {}", paint.dim(format!("in tag {}", text::safe(&short(&tag.name)))))?,
        Provenance::Uncommitted | Provenance::Unknown { .. } => {}
    }
    if credential.places.len() > 1 {
        write!(out, "  {}", paint.dim(format!("and {}", counted(credential.places.len() - 1, "more place"))))?;
    }
    writeln!(out)?;
    if is_worst {
        pretty::frame(lead, page, paint, out)?;
    }
    writeln!(out, "  {}", paint.dim(format!("why: {} ({} confidence, {})", why(lead), finding.confidence.word(), finding.detector.id)))?;
    // Of the first, the ways out name it.
    if is_worst { Ok(()) } else { writeln!(out, "  {}", paint.dim(format!("fingerprint: {}", finding.fingerprint))) }
}

/// The strongest reasons for it.
fn why(verdict: &Verdict) -> String {
    let mut clues: Vec<_> = verdict.finding.evidence.clues().iter().filter(|clue| clue.weight > 0.0).collect();
    clues.sort_by(|one, other| other.weight.total_cmp(&one.weight));
    let said: Vec<&str> = clues.iter().take(SHOWN_CLUES).map(|clue| clue.what).collect();
    if said.is_empty() { "its shape".to_owned() } else { said.join("; ") }
}

fn short(summary: &str) -> String {
    let mut short: String = summary.chars().take(40).collect();
    if short.len() < summary.len() {
        short.push('…');
    }
    short
}

fn ways_out(first: &Credential<'_>, count: usize, moment: &Moment, page: &Page, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    let finding = &first.lead().finding;
    let which = if count > 1 { " (here for the first)" } else { "" };
    writeln!(out, "\n{}{}", paint.bold("What now, in this order"), paint.dim(which))?;
    let mut number = 0;
    let mut way = |out: &mut dyn Write, what: &str, how: &str| {
        number += 1;
        writeln!(out, "  {} {what} {how}", paint.green(format!("{number}.")))
    };
    way(out, "Move it out:", "read it from the environment or a secret manager, not from here.")?;
    let (what, how) = undo(first.lead(), moment, page);
    way(out, what, &how)?;
    if *moment != Moment::Receive {
        way(out, "A false alarm?", &format!("staunch allow {} --reason 'WHY'", finding.fingerprint))?;
    } else {
        way(out, "A false alarm?", &format!("ask who runs this server to allow {}", finding.fingerprint))?;
    }
    let console = &finding.detector.guidance.revoke.console;
    let at = if console.is_empty() { String::new() } else { format!("at {console}; ") };
    way(out, "Was it ever real? Revoke it:", &format!("{at}staunch detectors show {}", finding.detector.id))
}

/// How the moment is undone: what was staged, written or committed.
fn undo(verdict: &Verdict, moment: &Moment, page: &Page) -> (&'static str, String) {
    let path = verdict.finding.origin.path().map(|_| page.here.from_here(&verdict.finding.origin).to_string());
    let file = path.as_deref().and_then(quoted).unwrap_or_else(|| "THE-FILE".to_owned());
    match moment {
        Moment::Commit { is_first: true } => ("Take it out of the commit:", format!("git rm --cached {file}")),
        Moment::Commit { is_first: false } => ("Take it out of the commit:", format!("git restore --staged {file}")),
        // Taken out of the merge alone, its commit would come along all the same.
        Moment::Merge => ("Take it out of the branch that has it:", "git merge --abort, mend that branch, merge again".to_owned()),
        Moment::Message { file } => {
            let file = quoted(file).unwrap_or_else(|| ".git/COMMIT_EDITMSG".to_owned());
            ("Take it out of the message (with --amend, if you amend or reword):", format!("git commit -e -F {file}"))
        }
        Moment::Push { .. } | Moment::Receive | Moment::Rewrite => match (&verdict.finding.origin, &verdict.context.provenance) {
            (Origin::Tag { .. }, _) => ("Take it out of the tag:", "delete the tag and write it again without the secret".to_owned()),
            (_, Provenance::Known(commit)) => {
                let id = commit.id.to_hex_with_len(10);
                let how = match verdict.finding.origin {
                    Origin::Commit { .. } => "`reword` and mend its message",
                    _ => "`edit`, mend it, git commit --amend",
                };
                // With `-r`, or the merges since then would be flattened.
                ("Take it out of the commit:", format!("git rebase -i -r {id}~1 (or --root), mark it {how}"))
            }
            (_, Provenance::Tagged(_) | Provenance::Uncommitted | Provenance::Unknown { .. }) => {
                ("Take it out:", "make the objects again without the secret".to_owned())
            }
        },
    }
}

/// Returns a path as a shell takes it; nothing where it cannot be shown as it is.
fn quoted(path: &str) -> Option<String> {
    if path.is_empty() || path.contains('\u{fffd}') || text::safe(path) != path {
        return None;
    }
    // Git would take it for magic.
    let path = if path.starts_with([':', '-']) { format!("./{path}") } else { path.to_owned() };
    let is_plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "_./-+@,".contains(c));
    Some(if is_plain { path } else { format!("'{}'", path.replace('\'', r"'\''")) })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_path_can_be_copied_into_a_shell_or_is_not_shown() {
        for (path, shown) in [
            ("src/a-b.rs", Some("src/a-b.rs")),
            ("a b", Some("'a b'")),
            ("it's; rm -rf ~", Some(r"'it'\''s; rm -rf ~'")),
            ("-n", Some("./-n")),
            (":/", Some("'./:/'")),
            ("a\nb", None),
            ("a\u{202e}b", None),
            ("", None),
        ] {
            assert_eq!(super::quoted(path).as_deref(), shown, "{path:?}");
        }
    }
}
