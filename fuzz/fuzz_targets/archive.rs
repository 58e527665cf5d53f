//! Bytes that are an archive, or seem to be one, are unpacked within time and memory, whatever they say of themselves.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // Every member is read to learn that it is not that one.
    let _ = staunch::scan::member(data, "a.zip", "no such member");
});
