//! Seconds and peak memory of writing a report of many findings, format by format.
//!
//! `cargo bench --bench reports -- [FINDINGS]`; each format runs in a process of its own, so that peaks can be told apart.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, reason = "a measurement, not the product")]

use std::io::Write as _;
use std::process::Command;
use std::time::Instant;

use staunch::report::read::{self, Taking};
use staunch::report::{self, Page};
use staunch::secret::{FingerprintKey, Fingerprints};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let [format, file] = &args[..] {
        return one(format, file);
    }
    let findings: usize = args.first().and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    std::fs::write(&file, document(findings)).unwrap();
    println!("{findings} findings, {} MB of JSON", std::fs::metadata(&file).unwrap().len() / 1_000_000);
    for (format, _) in report::FORMATS {
        let status = Command::new(std::env::current_exe().unwrap()).args([*format, &file.display().to_string()]).status();
        assert!(status.unwrap().success());
    }
}

/// Reads a report, writes it in one format, and says what that took.
fn one(format: &str, file: &str) {
    let identities = Fingerprints::new(FingerprintKey::default());
    let taking = Taking { identities: &identities, recognise: &|_| None };
    let start = Instant::now();
    let bytes = std::fs::read(file).unwrap();
    let document = read::read(file, &bytes, &taking).unwrap();
    drop(bytes);
    let read = start.elapsed();
    let start = Instant::now();
    let mut counted = Counted(0);
    let render = report::named(format).unwrap().of_documents();
    render.render(&document, &Page::default(), &mut counted).unwrap();
    counted.flush().unwrap();
    let (read, written, size) = (read.as_secs_f32(), start.elapsed().as_secs_f32(), counted.0 / 1_000_000);
    println!("{format:<20} read {read:.2} s, written {written:.2} s, {size} MB; peak {} MB", peak_kb() / 1_000);
}

/// Writes to nowhere and counts.
struct Counted(u64);

impl std::io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// A report with so many findings of as many credentials, and ten thousand places more of the first one.
fn document(findings: usize) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(br#"{"version":1,"tool":{"name":"staunch","version":"0"},"complete":true,"detectors":{},"credentials":["#);
    for number in 0..findings {
        if number > 0 {
            out.push(b',');
        }
        write!(
            out,
            r#"{{"fingerprint":"{number:020x}","detector":"acme-{}","title":"Acme token","provider":"Acme","severity":"high","confidence":"high","secret":"acme…(40)","length":40,"identity":{{}},"expiry":null,"evidence":[{{"what":"its shape","weight":4.0}}],"places":["#,
            number % 300
        )
        .unwrap();
        let places = if number == 0 { 10_000 } else { 1 };
        for place in 0..places {
            let comma = if place > 0 { "," } else { "" };
            write!(
                out,
                r#"{comma}{{"path":"src/folder{}/file{number}-{place}.txt","line":7,"end_line":7,"column":5,"end_column":45,"origin":"committed","commit":"{number:040x}","author":"Ann Author","email":"ann@example.com","date":"2026-01-02T03:04:05Z","summary":"add the deployment","held_by":"branch"}}"#,
                number % 1_000
            )
            .unwrap();
        }
        out.extend_from_slice(b"]}");
    }
    out.extend_from_slice(br#"],"suppressed":[],"coverage":{},"notices":[]}"#);
    out
}
