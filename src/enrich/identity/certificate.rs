//! X.509 certificates: whose they are, who signed them, until when, and their public key.

use jiff::Timestamp;

use super::der::{Element, OBJECT, SEQUENCE, SET};

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Certificate<'c> {
    pub(super) subject: String,
    pub(super) issuer: String,
    pub(super) end: Option<Timestamp>,
    /// The whole structure of the public key.
    pub(super) public_key: &'c [u8],
}

/// Reads the body of a certificate.
pub(super) fn read(bytes: &[u8]) -> Option<Certificate<'_>> {
    let signed = Element::of(bytes)?.tagged(SEQUENCE)?.child(0)?.tagged(SEQUENCE)?;
    // The version comes first, in brackets of its own, where it is not the oldest.
    let skipped = usize::from(signed.child(0)?.tag == 0xa0);
    let end = signed.child(skipped + 3)?.child(1)?;
    Some(Certificate {
        issuer: name(signed.child(skipped + 2)?),
        end: moment(end),
        subject: name(signed.child(skipped + 4)?),
        public_key: signed.child(skipped + 5)?.tagged(SEQUENCE)?.content,
    })
}

/// Writes a distinguished name with the parts that people know.
fn name(name: Element<'_>) -> String {
    let parts = name.children().filter_map(|set| set.tagged(SET)?.child(0)).filter_map(|pair| {
        let label = match pair.child(0)?.tagged(OBJECT)?.content {
            [0x55, 0x04, 3] => "CN",
            [0x55, 0x04, 6] => "C",
            [0x55, 0x04, 10] => "O",
            [0x55, 0x04, 11] => "OU",
            _ => return None,
        };
        Some(format!("{label}={}", String::from_utf8_lossy(pair.child(1)?.content)))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// Reads a time with two digits of the year, or with four.
fn moment(time: Element<'_>) -> Option<Timestamp> {
    let text = std::str::from_utf8(time.content).ok()?;
    let text = match time.tag {
        // Two digits mean 1950 to 2049 (RFC 5280).
        0x17 => format!("{}{text}", if text.get(..2)?.parse::<u8>().ok()? < 50 { "20" } else { "19" }),
        0x18 => text.to_owned(),
        _ => return None,
    };
    let at = jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    at.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|at| at.timestamp())
}
