//! Whatever a pack holds, every object of its index is shown or named as skipped.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| staunch::git::fuzz::pack(data));
