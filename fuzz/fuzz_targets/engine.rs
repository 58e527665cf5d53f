//! A chunk that was looked at as a delta of another one holds what it holds when looked at alone.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| staunch::detect::fuzz::engine(data));
