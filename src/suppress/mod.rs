//! Why a finding stays silent: a comment beside it, an entry of the configuration, or the baseline.

pub mod allow;
pub mod baseline;
pub mod inline;
