//! The integration tests: the program as a user runs it, beside a real git.
//!
//! One binary, because linking is slow; a file that is not listed here fails `tidy`.

mod agent;
mod allow;
mod ci;
mod convert;
mod damage;
mod detectors;
mod dossier;
mod explain;
mod files;
mod formats;
mod history;
mod hook;
mod hostile;
mod html;
mod identity;
mod index;
mod judge;
mod kinds;
mod ledger;
mod lineage;
mod managers;
mod migrate;
mod mutations;
mod oracle;
mod pairs;
mod provenance;
mod purge;
mod push;
mod range;
mod real;
mod report;
mod rotate;
mod sarif;
mod scale;
mod scan;
mod sessions;
mod staged;
mod state;
mod support;
mod suppress;
mod tidy;
mod traps;
mod upload;
mod weak;
