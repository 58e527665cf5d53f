//! Marvin32: the checksum that Microsoft builds into the keys of its cloud.

/// Returns the 32-bit checksum of bytes; a seed is eight letters, such as `Default0`.
pub(super) fn sum(seed: &[u8; 8], bytes: &[u8]) -> u32 {
    let whole = sum64(u64::from_be_bytes(*seed), bytes);
    (whole >> 32) as u32 ^ whole as u32
}

fn sum64(seed: u64, bytes: &[u8]) -> u64 {
    let mut state = (seed as u32, (seed >> 32) as u32);
    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        state = mixed((state.0.wrapping_add(u32::from_le_bytes(*word)), state.1));
    }
    // The last word is what is left, closed by one bit.
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x80;
    state = mixed((state.0.wrapping_add(u32::from_le_bytes(last)), state.1));
    state = mixed(state);
    u64::from(state.1) << 32 | u64::from(state.0)
}

fn mixed((low, high): (u32, u32)) -> (u32, u32) {
    let high = high ^ low;
    let low = low.rotate_left(20).wrapping_add(high);
    let high = high.rotate_left(9) ^ low;
    let low = low.rotate_left(27).wrapping_add(high);
    (low, high.rotate_left(19))
}

#[cfg(test)]
mod tests {
    use super::sum64;

    #[test]
    fn the_published_vectors_of_symcrypt_hold() {
        assert_eq!(sum64(0xd53c_d9ce_cd08_93b7, b"abc"), 0x22c7_4339_4927_69bf);
        assert_eq!(sum64(0x0ddd_deee_efff_f000, b"abcdefghijklmnopqrstuvwxyz"), 0xa128_eb7e_7260_aca2);
    }
}
