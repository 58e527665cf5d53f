//! `staunch audit`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use staunch::git::Repo;
use staunch::here::Here;
use staunch::report::document::SubjectKind;
use staunch::scan::Options;
use staunch::verdict::Outcome;

use super::args::AuditArgs;
use super::exit::{Exit, Failure, tell};
use super::output::{self, Form};
use super::{check, progress, setup, subject};

pub(super) fn run(args: AuditArgs) -> Result<Exit, Failure> {
    let start = Instant::now();
    let targets = output::targets(&args.common)?;
    let repo = Repo::around(&args.repo)?;
    // Paths of a repository elsewhere are told from its top: nobody types them from here.
    let here = if args.repo == Path::new(".") { check::here(&repo) } else { Here::default() };
    let mut setup = setup::setup_with(&args.common, &setup::top_of(&repo), &here, Options { in_full: args.in_full, ..Options::default() })?;
    let shown = progress::watch(setup.scanner.watch(), args.common.reading.quiet);
    let examined = args.state.as_deref().map(|path| setup.scanner.examined(path)).transpose()?;
    let outcome = setup.scanner.audit(&repo, examined.as_ref(), setup.baseline.as_mut())?;
    drop(shown);
    let others = others(&repo, &args)?;
    let outcome = if others.is_empty() { outcome } else { together(outcome, &others, &args)? };
    if let (Some(path), Some(examined)) = (&args.state, &examined) {
        let bytes = examined.to_bytes();
        output::write_file(path, |out| out.write_all(&bytes))?;
    }
    let form = Form { here, subject: subject::subject(SubjectKind::History, Some(&repo)), files: subject::at_head(&repo) };
    output::finish(&outcome, &targets, &args.common, &form, start.elapsed())
}

/// Another repository, and where the user says that it is.
struct Other {
    path: PathBuf,
    repo: Repo,
}

/// Opens the other repositories; what is the same as one before, by another path or as a worktree of it, is read once.
fn others(first: &Repo, args: &AuditArgs) -> Result<Vec<Other>, Failure> {
    let real = |repo: &Repo| repo.common_dir().canonicalize().unwrap_or_else(|_| repo.common_dir().to_owned());
    let mut known = vec![(real(first), args.repo.clone())];
    let mut others = Vec::new();
    for path in &args.with {
        let repo = Repo::around(path)?;
        let own = real(&repo);
        if let Some((_, same)) = known.iter().find(|(other, _)| *other == own) {
            if !args.common.reading.quiet {
                tell("note", &format!("{} is the same repository as {}, so it is read once", path.display(), same.display()));
            }
            continue;
        }
        known.push((own, path.clone()));
        others.push(Other { path: path.clone(), repo });
    }
    Ok(others)
}

/// Audits the other repositories, each by its own configuration, and puts all into one outcome.
fn together(first: Outcome, others: &[Other], args: &AuditArgs) -> Result<Outcome, Failure> {
    let paths: Vec<&Path> = std::iter::once(args.repo.as_path()).chain(others.iter().map(|other| other.path.as_path())).collect();
    let labels = labels(&paths);
    let mut all = first.of_repository(&labels[0]);
    for (Other { repo, .. }, label) in others.iter().zip(&labels[1..]) {
        let options = Options { in_full: args.in_full, ..Options::default() };
        let mut setup = setup::setup_with(&args.common, &setup::top_of(repo), &Here::default(), options)?;
        let shown = progress::watch(setup.scanner.watch(), args.common.reading.quiet);
        let outcome = setup.scanner.audit(repo, None, setup.baseline.as_mut())?;
        drop(shown);
        all.join(outcome.of_repository(label));
    }
    Ok(all)
}

/// Returns what repositories are called: each by its folder, or that of its work where it is `.git`, with as many folders above as
/// tell them apart.
fn labels(paths: &[&Path]) -> Vec<String> {
    let parts = |path: &Path| {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let parts: Vec<String> = real.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        parts.split_last().map(|(last, above)| if last == ".git" { above.to_vec() } else { parts.clone() }).unwrap_or_default()
    };
    let parts: Vec<Vec<String>> = paths.iter().map(|path| parts(path)).collect();
    let of = |count: usize| parts.iter().map(move |parts| parts[parts.len().saturating_sub(count)..].join("/"));
    let most = parts.iter().map(Vec::len).max().unwrap_or(1);
    let apart = (1..most).find(|&count| of(count).collect::<BTreeSet<String>>().len() == paths.len());
    of(apart.unwrap_or(most)).collect()
}
