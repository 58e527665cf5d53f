//! Fly.io's macaroons: MessagePack in base64, some of them joined by commas, of which the first grants and the others confirm it.
//!
//! They name no secret of anybody: location, organisation, applications and times are there to be read by whoever holds the token.

use jiff::Timestamp;

use super::base64;
use crate::identity::{About, Identity, Life};

/// Deeper nesting is none of theirs: a limit within a limit is three arrays deep.
const MAX_DEPTH: u8 = 12;
/// So many applications are named; who has more is told their number.
const MAX_NAMED: usize = 8;

/// Reads all macaroons of a token; of several ends the earliest counts.
pub(super) fn read(token: &[u8]) -> Identity {
    let mut identity = Identity::default();
    for part in token.split(|&byte| byte == b',') {
        let body = part.splitn(2, |&byte| byte == b'_').nth(1).unwrap_or(part);
        let _ = base64(body).and_then(|bytes| macaroon(&bytes, &mut identity));
    }
    identity
}

/// Four values: the nonce, the location, the limits as a flat list of kinds and bodies, and the signature.
fn macaroon(bytes: &[u8], identity: &mut Identity) -> Option<()> {
    let mut reader = Reader(bytes);
    (reader.list()? == 4).then_some(())?;
    reader.skip(MAX_DEPTH)?;
    let is_first = identity.get(About::Issuer).is_none();
    let location = reader.text()?;
    if is_first {
        identity.add_bytes(About::Issuer, location);
    }
    for _ in 0..reader.list()? / 2 {
        let kind = reader.number()?;
        let mut body = reader.clone();
        reader.skip(MAX_DEPTH)?;
        let _ = limit(kind, &mut body, identity);
    }
    Some(())
}

/// One limit; what is not known limits the token all the same and says nothing of it.
fn limit(kind: i64, body: &mut Reader<'_>, identity: &mut Identity) -> Option<()> {
    match kind {
        0 => {
            body.list()?;
            identity.add(About::Organization, body.number()?.to_string());
        }
        3 => {
            body.list()?;
            let count = body.map()?;
            for _ in 0..count.min(MAX_NAMED) {
                identity.add(About::App, body.number()?.to_string());
                body.skip(MAX_DEPTH)?;
            }
            if count > MAX_NAMED {
                identity.add(About::Scope, format!("{count} applications"));
            }
        }
        4 => {
            body.list()?;
            let _begin = body.number()?;
            let end = Life::Until(Timestamp::from_second(body.number()?).ok()?);
            identity.life = if identity.life == Life::Unstated { end } else { identity.life.min(end) };
        }
        2 => identity.add(About::Scope, "named volumes"),
        7 => identity.add(About::Scope, "named machines"),
        10 => {
            body.list()?;
            identity.add(About::User, body.number()?.to_string());
        }
        16 => identity.add(About::Scope, "named clusters"),
        22 => identity.add(About::Scope, "no administration"),
        _ => {}
    }
    Some(())
}

/// MessagePack, as far as it is needed: every length is one that somebody else wrote.
#[derive(Clone)]
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    /// Reads a number of so many bytes, the greatest first.
    fn wide(&mut self, count: usize) -> Option<u64> {
        Some(self.bytes(count)?.iter().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    fn length(&mut self, count: usize) -> Option<usize> {
        usize::try_from(self.wide(count)?).ok()
    }

    fn list(&mut self) -> Option<usize> {
        match self.byte()? {
            tag @ 0x90..=0x9f => Some(usize::from(tag & 15)),
            0xdc => self.length(2),
            0xdd => self.length(4),
            _ => None,
        }
    }

    fn map(&mut self) -> Option<usize> {
        match self.byte()? {
            tag @ 0x80..=0x8f => Some(usize::from(tag & 15)),
            0xde => self.length(2),
            0xdf => self.length(4),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<i64> {
        match self.byte()? {
            tag @ 0..=0x7f => Some(i64::from(tag)),
            tag @ 0xe0..=0xff => Some(i64::from(tag) - 256),
            tag @ 0xcc..=0xcf => i64::try_from(self.wide(1 << (tag - 0xcc))?).ok(),
            tag @ 0xd0..=0xd3 => {
                let count = 1 << (tag - 0xd0);
                let shift = 64 - 8 * count;
                Some((self.wide(count)? << shift).cast_signed() >> shift)
            }
            _ => None,
        }
    }

    fn text(&mut self) -> Option<&'b [u8]> {
        let length = match self.byte()? {
            tag @ 0xa0..=0xbf => usize::from(tag & 31),
            0xd9 => self.length(1)?,
            0xda => self.length(2)?,
            0xdb => self.length(4)?,
            _ => return None,
        };
        self.bytes(length)
    }

    /// Passes over one value.
    fn skip(&mut self, depth: u8) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let tag = *self.0.first()?;
        let inner = match tag {
            0x80..=0x8f | 0xde | 0xdf => self.map()?.checked_mul(2)?,
            0x90..=0x9f | 0xdc | 0xdd => self.list()?,
            0xa0..=0xbf | 0xd9..=0xdb => return self.text().map(drop),
            0..=0x7f | 0xcc..=0xd3 | 0xe0..=0xff => return self.number_of_any_size(),
            0xc4..=0xc6 => {
                self.byte()?;
                let length = self.length(1 << (tag - 0xc4))?;
                return self.bytes(length).map(drop);
            }
            // Nothing, no and yes.
            0xc0 | 0xc2 | 0xc3 => return self.byte().map(drop),
            // Numbers with a point, and extensions, are in none of theirs.
            0xc1 | 0xc7..=0xcb | 0xd4..=0xd8 => return None,
        };
        // Every value takes a byte at least, so a length that lies ends here.
        (inner <= self.0.len()).then_some(())?;
        (0..inner).try_for_each(|_| self.skip(depth))
    }

    /// Passes over a number that need not fit.
    fn number_of_any_size(&mut self) -> Option<()> {
        match self.byte()? {
            tag @ 0xcc..=0xcf => self.bytes(1 << (tag - 0xcc)).map(drop),
            tag @ 0xd0..=0xd3 => self.bytes(1 << (tag - 0xd0)).map(drop),
            _ => Some(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::read;
    use crate::identity::{About, Life};

    fn until(second: i64) -> Life {
        Life::Until(jiff::Timestamp::from_second(second).expect("in range"))
    }

    /// A macaroon with these limits, each a kind and its body.
    fn macaroon(location: &str, limits: &[(u8, &[u8])]) -> Vec<u8> {
        let text = |text: &str| [&[0xd9, u8::try_from(text.len()).expect("short")][..], text.as_bytes()].concat();
        let mut bytes = vec![0x94, 0x93, 0xc4, 2, 7, 7, 0xc4, 1, 9, 0xc2];
        bytes.extend(text(location));
        bytes.push(0x90 | u8::try_from(2 * limits.len()).expect("few"));
        limits.iter().for_each(|(kind, body)| bytes.extend([&[*kind][..], body].concat()));
        bytes.extend([0xc4, 2, 1, 2]);
        bytes
    }

    fn token(macaroons: &[Vec<u8>]) -> Vec<u8> {
        macaroons.iter().map(|bytes| ["fm", "2_", &STANDARD.encode(bytes)].concat()).collect::<Vec<_>>().join(",").into_bytes()
    }

    #[test]
    fn location_organisation_applications_and_the_earliest_end_are_read() {
        let grant = macaroon(
            "https://api.fly.example/v1",
            &[
                (0, &[0x92, 0xcd, 0x12, 0x34, 31]),
                (11, &[0x91, 0xa1, b'x']),
                (4, &[0x92, 0, 0xce, 0x65, 0x53, 0xf1, 0]),
                (3, &[0x91, 0x82, 7, 31, 0xcc, 200, 1]),
            ],
        );
        let discharge = macaroon("https://auth.fly.example", &[(4, &[0x92, 0, 0xd2, 0x65, 0x53, 0xf0, 0])]);
        let identity = read(&token(&[grant, discharge]));
        let said: Vec<&str> = identity.facts().iter().map(|fact| fact.value.as_str()).collect();
        assert_eq!(said, ["https://api.fly.example/v1", "4660", "7", "200"]);
        assert_eq!(identity.get(About::Organization), Some("4660"));
        assert_eq!(identity.life, until(0x6553_f000));
    }

    #[test]
    fn lengths_that_lie_and_nesting_without_end_say_nothing() {
        let deep = [&[0x94][..], &[0x91; 200]].concat();
        for bytes in [&[0x94, 0xdd, 0xff, 0xff, 0xff, 0xff][..], &deep, &[0x94], b"", &[0x94, 0xc4, 200, 1], &[0x93, 0, 0, 0]] {
            assert!(read(&token(&[bytes.to_vec()])).facts().is_empty(), "{bytes:?}");
        }
        let odd = macaroon("x", &[(4, &[0x92, 0, 0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])]);
        assert_eq!(read(&token(&[odd])).life, Life::Unstated, "an end past all calendars is none");
    }
}
