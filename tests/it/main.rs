//! The integration tests: the program as a user runs it, beside a real git.
//!
//! One binary, because linking is slow; a file that is not listed here fails `tidy`.

mod allow;
mod damage;
mod detectors;
mod files;
mod history;
mod hook;
mod identity;
mod index;
mod lineage;
mod managers;
mod oracle;
mod pairs;
mod provenance;
mod push;
mod range;
mod real;
mod report;
mod sarif;
mod scale;
mod scan;
mod staged;
mod state;
mod support;
mod suppress;
mod tidy;
