//! Stops secrets leaking into git, and tells you how to kill the ones that did.
//!
//! The steps are folders, the nouns they share are files, and `scan` is the one sentence that uses them all:
//!
//! ```text
//! source ──▶ Chunk ──▶ detect ──▶ Finding ──▶ enrich ──▶ Context ──▶ suppress ──▶ Disposition ──▶ report
//! ```
//!
//! # Examples
//!
//! Finding secrets in bytes:
//!
//! ```
//! use staunch::chunk::Content;
//! use staunch::detect::Catalog;
//!
//! let catalog = Catalog::shipped();
//! let text = format!("db_password = {:?}", ["zK4v9", "Qw7tRb2"].join("-"));
//! assert_eq!(catalog.matches(text.as_bytes(), Content::Text).len(), 1);
//! assert_eq!(catalog.matches(b"db_password = \"${DB_PASSWORD}\"", Content::Text).len(), 0);
//! ```

pub mod bounded;
pub mod chunk;
pub mod config;
pub mod count;
pub mod coverage;
pub mod credential;
pub mod detect;
pub mod detector;
mod enrich;
pub mod finding;
pub mod git;
pub mod here;
pub mod identity;
pub mod ledger;
pub mod policy;
pub mod report;
pub mod scan;
pub mod secret;
mod source;
pub mod span;
pub mod suppress;
pub mod upload;
pub mod verdict;
pub mod watch;
