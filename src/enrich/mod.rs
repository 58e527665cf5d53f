//! What is known about a finding beyond its bytes.

pub(crate) mod holding;
pub(crate) mod identity;
pub(crate) mod person;
pub(crate) mod provenance;
