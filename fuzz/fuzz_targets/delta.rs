//! A delta gives what it says, copies only what its base has, or is refused.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| staunch::git::fuzz::delta(data));
