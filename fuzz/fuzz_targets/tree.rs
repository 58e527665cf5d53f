//! A tree that was read as a delta of another one is what it is when read alone.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| staunch::git::fuzz::tree(data));
