//! What is known about a finding beyond its bytes.

pub(crate) mod activity;
pub(crate) mod holding;
pub(crate) mod identity;
pub(crate) mod owners;
pub(crate) mod person;
pub(crate) mod presence;
pub(crate) mod provenance;
pub(crate) mod pushed;
pub(crate) mod touch;
