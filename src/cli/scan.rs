//! `staunch scan`.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use staunch::git::{MAX_OBJECT_BYTES, Repo};
use staunch::here::Here;
use staunch::report::document::SubjectKind;
use staunch::scan::FileOptions;

use super::args::ScanArgs;
use super::exit::{Exit, Failure};
use super::output::{self, Form};
use super::{check, progress, setup, subject};

pub(super) fn run(mut args: ScanArgs) -> Result<Exit, Failure> {
    if args.paths.is_empty() {
        // Who names what is piped means the pipe.
        args.paths.push(if args.stdin_name.is_some() { "-".into() } else { ".".into() });
    }
    let start = Instant::now();
    let targets = output::targets(&args.common)?;
    let repo = Repo::around(Path::new(".")).ok();
    let top = repo.as_ref().map_or_else(|| PathBuf::from("."), setup::top_of);
    let here = repo.as_ref().map_or_else(Here::default, check::here);
    let mut setup = setup::setup(&args.common, &top, &here)?;
    let form = Form { here, subject: subject::subject(SubjectKind::Files, repo.as_ref()), files: subject::on_disk(top.clone()) };
    let is_stdin = args.paths.iter().any(|path| path == Path::new("-"));
    let outcome = if is_stdin {
        if args.paths.len() > 1 {
            return Err(Failure::with_hint("`-` cannot be mixed with paths", "scan standard input by itself"));
        }
        setup.scanner.scan_bytes(args.stdin_name.as_deref().unwrap_or("stdin"), standard_input()?, None)?
    } else if args.stdin_name.is_some() {
        return Err(Failure::with_hint("--stdin-name names standard input, which is not read beside paths", "leave the paths out"));
    } else {
        let shown = progress::watch(setup.scanner.watch(), args.common.reading.quiet);
        let options =
            FileOptions { no_ignore: args.no_ignore, no_hidden: args.no_hidden && !args.hidden, threads: args.common.reading.threads };
        let outcome = setup.scanner.scan(&args.paths, &options, setup.baseline.as_mut())?;
        drop(shown);
        outcome
    };
    output::finish(&outcome, &targets, &args.common, &form, start.elapsed())
}

fn standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_OBJECT_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_OBJECT_BYTES {
        return Err(Failure::with_hint(
            format!("standard input is longer than {MAX_OBJECT_BYTES} bytes"),
            "write it to files and scan these",
        ));
    }
    Ok(bytes)
}
