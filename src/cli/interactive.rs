//! `--interactive`: goes through what was found, one by one, with whoever sits at the terminal.
//!
//! Nothing asks without having been told to, and nothing waits where nobody can answer: commits must not hang.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal as _, Write};
use std::path::Path;

use staunch::config::Allow;
use staunch::here::Here;
use staunch::report::{Page, moment};
use staunch::secret::Fingerprint;
use staunch::verdict::{Disposition, Outcome};

use super::allow;
use super::exit::{Failure, tell};

#[cfg(unix)]
const TERMINAL: (&str, &str) = ("/dev/tty", "/dev/tty");
#[cfg(not(unix))]
const TERMINAL: (&str, &str) = ("CONIN$", "CONOUT$");

/// Asks about each credential; those that are allowed are in the configuration afterwards, and no longer reported.
pub(super) fn walk(outcome: &mut Outcome, here: &Here, config: &Path) -> Result<(), Failure> {
    if outcome.reported().next().is_none() {
        return Ok(());
    }
    // Git gives a hook no terminal to read from; where errors go to one, somebody sits there.
    let opened = File::open(TERMINAL.0).and_then(|input| Ok((input, File::options().write(true).open(TERMINAL.1)?)));
    let Some((input, mut output)) = opened.ok().filter(|_| io::stderr().is_terminal()) else {
        tell("note", "nobody was asked, since there is no terminal");
        return Ok(());
    };
    let page = Page { is_colored: true, here: here.clone(), ..Page::default() };
    let allowed = ask(outcome, &page, &mut BufReader::new(input), &mut output)?;
    for (fingerprint, reason) in allowed {
        allow::add(config, &Allow::credential(fingerprint, reason.clone()))?;
        let silenced = outcome.verdicts.iter_mut().filter(|verdict| verdict.finding.fingerprint == fingerprint);
        silenced.for_each(|verdict| verdict.disposition = Disposition::Allowed { reason: reason.clone() });
    }
    Ok(())
}

/// Returns what was allowed, and why.
fn ask(outcome: &Outcome, page: &Page, input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<Vec<(Fingerprint, String)>> {
    let credentials = outcome.credentials();
    let mut allowed = Vec::new();
    for (number, credential) in (1..).zip(&credentials) {
        moment::write_one(credential, page, out)?;
        let question = format!("{number} of {}: [Enter] leave it, [a] a false alarm, allow it, [q] ask no more? ", credentials.len());
        match answer(&question, input, out)?.as_deref() {
            None | Some("q") => break,
            Some("a") => {
                let Some(reason) = answer("why? ", input, out)? else { break };
                if reason.is_empty() {
                    writeln!(out, "no reason was given, so it is left as it is")?;
                    continue;
                }
                let mut parts: Vec<Fingerprint> = credential.places.iter().map(|place| place.finding.fingerprint).collect();
                parts.sort();
                parts.dedup();
                allowed.extend(parts.into_iter().map(|part| (part, reason.clone())));
            }
            Some(_) => {}
        }
    }
    Ok(allowed)
}

/// Asks and returns the answer; nothing when there is nobody any more.
fn answer(question: &str, input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<Option<String>> {
    write!(out, "{question}")?;
    out.flush()?;
    let mut line = String::new();
    let is_end = input.read_line(&mut line)? == 0;
    Ok((!is_end).then(|| line.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use staunch::config::Config;
    use staunch::detect::{Catalog, sample};
    use staunch::report::Page;
    use staunch::scan::{Options, Scanner};
    use staunch::secret::FingerprintKey;

    /// Answers questions about two credentials, and returns the reasons of what was allowed, and what was shown.
    fn answered(answers: &str) -> (Vec<String>, String) {
        let catalog = Catalog::shipped();
        let detector = catalog.detectors().find(|d| d.id == "github-pat-classic").expect("it ships").clone();
        let token = |seed| sample::expand("«ghp_{base62:30}{check}»", &detector, seed).text;
        let text = [token(1), token(2)].join(&b'\n');
        let scanner = Scanner::new(catalog, Config::default(), Options::default(), FingerprintKey::default());
        let outcome = scanner.scan_bytes("a.txt", text.as_slice(), None).expect("it is scanned");
        let mut shown = Vec::new();
        let allowed = super::ask(&outcome, &Page::default(), &mut answers.as_bytes(), &mut shown).expect("all is in memory");
        (allowed.into_iter().map(|(_, reason)| reason).collect(), String::from_utf8(shown).expect("it is text"))
    }

    #[test]
    fn what_is_allowed_needs_a_reason_and_what_is_not_answered_stays() {
        for (answers, reasons) in [
            ("\n\n", &[][..]),
            ("a\na test\n\n", &["a test"]),
            ("a\none\na\ntwo\n", &["one", "two"]),
            ("a\n\na\ntwo\n", &["two"]),
            ("q\na\ntwo\n", &[]),
            ("a\n", &[]),
            ("", &[]),
        ] {
            assert_eq!(answered(answers).0, reasons, "{answers:?}");
        }
        let shown = answered("\n\n").1;
        assert!(shown.contains("1 of 2") && shown.contains("2 of 2") && shown.contains("ghp_…"), "{shown}");
    }
}
