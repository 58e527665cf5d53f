//! What is known about a finding beyond its bytes.

pub(crate) mod expiry;
pub(crate) mod holding;
pub(crate) mod person;
pub(crate) mod provenance;
