//! Whatever an index says of a pack, nothing panics and nothing hangs.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| staunch::git::fuzz::index(data));
