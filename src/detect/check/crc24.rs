//! CRC-24 of OpenPGP armour (RFC 4880, section 6.1).

/// Returns the checksum of the bytes inside an armour.
pub(crate) fn of(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |sum, &byte| {
        (0..8).fold(sum ^ (u32::from(byte) << 16), |sum, _| if sum & 0x0080_0000 == 0 { sum << 1 } else { (sum << 1) ^ 0x0186_4cfb })
    }) & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_is_the_published_one() {
        // The check value of CRC-24/OPENPGP.
        assert_eq!(super::of(b"123456789"), 0x0021_cf02);
        assert_eq!(super::of(b""), 0x00b7_04ce);
    }
}
