//! Private keys: kind, size, protection, and the certificate or public key that belongs to them.

use ed25519_compact::{KeyPair, Seed};

use super::certificate::{self, Certificate};
use super::der::{self, Element, INTEGER, OBJECT, OCTET_STRING, SEQUENCE};
use super::{Seen, base64, day, ssh};
use crate::detector::{Decode, Find, Structure};
use crate::finding::Finding;
use crate::identity::{About, Identity, Life};

/// What the bytes of a private key say.
#[derive(Default)]
struct Key {
    algorithm: &'static str,
    bits: usize,
    /// What no other key's public half has.
    public: Vec<u8>,
    is_encrypted: bool,
    comment: String,
}

/// The public half of a private key, to recognise its certificate by.
pub(crate) struct Halves(Vec<u8>);

/// Reads a private key and looks for its certificate in the same file.
pub(super) fn read(seen: Seen<'_>) -> Identity {
    let mut identity = Identity::default();
    let Some(key) = key(text(seen), seen.value) else { return identity };
    identity.add(About::Algorithm, key.algorithm);
    if key.bits > 0 {
        identity.add(About::Bits, key.bits.to_string());
    }
    identity.add(About::Protection, if key.is_encrypted { "passphrase" } else { "none" });
    identity.add(About::Name, &key.comment);
    if let Some((said, life)) = is_counterpart(&Halves(key.public), seen.chunk, "the same file") {
        identity.add(About::Counterpart, said);
        identity.life = life;
    }
    identity
}

/// Returns the public half of a finding that is a private key and has it in its bytes.
pub(crate) fn halves(finding: &Finding) -> Option<Halves> {
    let is_key = matches!(finding.detector.decode, Some(Decode::PrivateKey | Decode::GcpServiceAccount));
    let bytes = base64(finding.secret.expose()).filter(|_| is_key)?;
    let readers = [openssh, pkcs8, |bytes: &[u8]| sec1(Element::of(bytes)?, None), pkcs1];
    let key = readers.iter().find_map(|read| read(&bytes))?;
    Some(Halves(key.public)).filter(|halves| halves.0.len() >= 32)
}

/// Returns the whole block: of PuTTY's files the secret is only the private lines.
fn text(seen: Seen<'_>) -> &[u8] {
    let before = &seen.around[..seen.start];
    let is_putty = matches!(seen.detector.find, Find::Structure { structure: Structure::PuttyPrivateKey, .. });
    let start = memchr::memmem::rfind(before, PUTTY).filter(|_| is_putty).unwrap_or(seen.start);
    &seen.around[start..seen.end]
}

const PUTTY: &[u8] = b"PuTTY-User-Key-File-";

fn key(text: &[u8], body: &[u8]) -> Option<Key> {
    if text.starts_with(PUTTY) {
        return Some(putty(text));
    }
    let label = label(text)?;
    let is_encrypted = memchr::memmem::find(text, b"4,ENCRYPTED").is_some();
    let bytes = base64(body).unwrap_or_default();
    let found = match label {
        _ if is_encrypted => None,
        b"RSA " => pkcs1(&bytes),
        b"EC " => sec1(Element::of(&bytes)?, None),
        b"DSA " => Element::of(&bytes).and_then(|all| all.child(1)).map(|p| Key { bits: der::bit_length(p.digits()), ..named("DSA") }),
        b"OPENSSH " => openssh(&bytes),
        b"" => pkcs8(&bytes),
        b"PGP " => openpgp(&bytes),
        _ => None,
    };
    let unread = Key { algorithm: algorithm(label), is_encrypted: is_encrypted || label == b"ENCRYPTED ", ..Key::default() };
    Some(found.unwrap_or(unread))
}

fn named(algorithm: &'static str) -> Key {
    Key { algorithm, ..Key::default() }
}

fn algorithm(label: &[u8]) -> &'static str {
    match label {
        b"RSA " => "RSA",
        b"EC " => "EC",
        b"DSA " => "DSA",
        b"PGP " => "OpenPGP",
        _ => "",
    }
}

/// Returns what stands between `BEGIN ` and `PRIVATE KEY`.
fn label(text: &[u8]) -> Option<&[u8]> {
    let start = memchr::memmem::find(text.get(..80.min(text.len()))?, b"BEGIN ")? + 6;
    let end = start + memchr::memmem::find(text.get(start..text.len().min(start + 60))?, b"PRIVATE KEY")?;
    text.get(start..end)
}

/// A sequence of the version, the modulus and what is secret.
fn pkcs1(bytes: &[u8]) -> Option<Key> {
    let modulus = Element::of(bytes)?.tagged(SEQUENCE)?.child(1)?.tagged(INTEGER)?.digits();
    Some(Key { bits: der::bit_length(modulus), public: modulus.to_vec(), ..named("RSA") })
}

/// A sequence of the version, the secret, in brackets the curve, and in others the point.
fn sec1(all: Element<'_>, curve: Option<&[u8]>) -> Option<Key> {
    let in_brackets = |number: u8| all.children().find(move |child| child.tag == 0xa0 | number).and_then(|found| found.child(0));
    let named_curve = in_brackets(0).and_then(|curve| curve.tagged(OBJECT)).map(|curve| curve.content);
    let (algorithm, bits) = of_curve(named_curve.or(curve)?);
    let public = in_brackets(1).and_then(Element::bits).unwrap_or_default().to_vec();
    Some(Key { algorithm, bits, public, ..Key::default() })
}

fn of_curve(curve: &[u8]) -> (&'static str, usize) {
    match curve {
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] => ("EC P-256", 256),
        [0x2b, 0x81, 4, 0, 34] => ("EC P-384", 384),
        [0x2b, 0x81, 4, 0, 35] => ("EC P-521", 521),
        [0x2b, 0x81, 4, 0, 10] => ("EC secp256k1", 256),
        _ => ("EC", 0),
    }
}

/// A sequence of the version, the algorithm and, in an octet string, the key in the algorithm's own form.
fn pkcs8(bytes: &[u8]) -> Option<Key> {
    let all = Element::of(bytes)?.tagged(SEQUENCE)?;
    let kind = all.child(1)?.tagged(SEQUENCE)?;
    let inner = all.child(2)?.tagged(OCTET_STRING)?.content;
    let parameters = kind.child(1).map(|parameters| parameters.content);
    match kind.child(0)?.tagged(OBJECT)?.content {
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1 | 10] => pkcs1(inner),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1] => sec1(Element::of(inner)?, parameters),
        [0x2b, 0x65, 112] => {
            // The public half follows from the private one, and most files do not have it.
            let seed: [u8; 32] = Element::of(inner)?.tagged(OCTET_STRING)?.content.try_into().ok()?;
            let public = KeyPair::from_seed(Seed::new(seed)).pk;
            Some(Key { bits: 256, public: public.to_vec(), ..named("Ed25519") })
        }
        [0x2b, 0x65, 110] => Some(Key { bits: 256, ..named("X25519") }),
        [0x2b, 0x65, 113] => Some(Key { bits: 456, ..named("Ed448") }),
        _ => None,
    }
}

fn openssh(bytes: &[u8]) -> Option<Key> {
    let key = ssh::private_key(bytes)?;
    let is_encrypted = key.cipher != b"none";
    let public = ssh::distinctive(key.public).unwrap_or_default().to_vec();
    let comment = key.comment().filter(|_| !is_encrypted).unwrap_or_default();
    Some(Key { is_encrypted, comment: String::from_utf8_lossy(comment).into_owned(), ..of_ssh(key.kind()?, public) })
}

fn of_ssh(kind: &[u8], public: Vec<u8>) -> Key {
    let (algorithm, bits) = match kind {
        b"ssh-rsa" => ("RSA", der::bit_length(&public)),
        b"ssh-ed25519" | b"sk-ssh-ed25519@openssh.com" => ("Ed25519", 256),
        b"ecdsa-sha2-nistp256" | b"sk-ecdsa-sha2-nistp256@openssh.com" => ("EC P-256", 256),
        b"ecdsa-sha2-nistp384" => ("EC P-384", 384),
        b"ecdsa-sha2-nistp521" => ("EC P-521", 521),
        b"ssh-dss" => ("DSA", 0),
        _ => ("", 0),
    };
    Key { bits, public, ..named(algorithm) }
}

/// PuTTY's file says in lines what OpenSSH's says in bytes.
fn putty(text: &[u8]) -> Key {
    let text = String::from_utf8_lossy(text);
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map_or("", str::trim);
    let head = text.lines().next().and_then(|line| line.split_once(':')).map_or("", |(_, kind)| kind.trim());
    let count: usize = field("Public-Lines").parse().unwrap_or(0);
    let lines = text.lines().skip_while(|line| !line.starts_with("Public-Lines")).skip(1).take(count.min(64));
    let public = base64(lines.collect::<String>().as_bytes()).unwrap_or_default();
    let public = ssh::distinctive(&public).unwrap_or_default().to_vec();
    Key { is_encrypted: field("Encryption") != "none", comment: field("Comment").to_owned(), ..of_ssh(head.as_bytes(), public) }
}

/// The first packet of an OpenPGP key: version, date, algorithm.
fn openpgp(bytes: &[u8]) -> Option<Key> {
    let header = match bytes.first()? {
        tag if tag & 0xc0 == 0xc0 => 1 + if bytes.get(1)? < &192 { 1 } else { 2 },
        tag => 1 + (1usize << (tag & 3).min(2)),
    };
    let packet = bytes.get(header..)?;
    let algorithm = match packet.get(5)? {
        1..=3 => "OpenPGP RSA",
        17 => "OpenPGP DSA",
        18 | 19 => "OpenPGP EC",
        22 | 27 => "OpenPGP Ed25519",
        _ => "OpenPGP",
    };
    let has_bits = algorithm.ends_with("SA");
    let bits = packet.get(6..8).filter(|_| has_bits).map_or(0, |bits| usize::from(bits[0]) << 8 | usize::from(bits[1]));
    Some(Key { bits, ..named(algorithm) })
}

/// Larger files hold no certificate that somebody put beside a key.
pub(crate) const MAX_COUNTERPART_BYTES: usize = 256 << 10;

/// Says which certificate or public key in a file belongs to a private key, and until when that is good.
pub(crate) fn is_counterpart(halves: &Halves, file: &[u8], place: &str) -> Option<(String, Life)> {
    let Halves(public) = halves;
    if public.len() < 32 || file.len() > MAX_COUNTERPART_BYTES {
        return None;
    }
    let holds = |bytes: &[u8]| memchr::memmem::find(bytes, public).is_some();
    for body in blocks(file, b"CERTIFICATE-----") {
        if let Some(found) = certificate::read(&body).filter(|found| holds(found.public_key)) {
            return Some(described(&found, place));
        }
    }
    if let Some(found) = certificate::read(file).filter(|found| holds(found.public_key)) {
        return Some(described(&found, place));
    }
    let is_pem = blocks(file, b"PUBLIC KEY-----").iter().any(|body| holds(body));
    let mut words = file.split(|b| b.is_ascii_whitespace() || *b == b'"');
    let is_ssh = words.any(|word| word.starts_with(b"AAAA") && word.len() < 20_000 && base64(word).is_some_and(|key| holds(&key)));
    (is_pem || is_ssh).then(|| (format!("its public key is in {place}"), Life::Unstated))
}

fn described(found: &Certificate<'_>, place: &str) -> (String, Life) {
    let until = found.end.map(|end| format!(", good until {}", day(end))).unwrap_or_default();
    let issuer = if found.issuer == found.subject { "itself" } else { &found.issuer };
    let said = format!("certificate of {} by {issuer}{until}, in {place}", found.subject);
    (said, found.end.map_or(Life::Unstated, Life::Until))
}

/// Returns the decoded bodies of the first blocks whose label ends in something.
fn blocks(file: &[u8], label: &[u8]) -> Vec<Vec<u8>> {
    let starts = memchr::memmem::find_iter(file, label).map(|at| at + label.len());
    let body = |start: usize| {
        let rest = &file[start..];
        let end = memchr::memmem::find(rest, b"-----END").unwrap_or(0);
        let text: Vec<u8> = rest[..end].replace_escapes();
        base64(&text)
    };
    // A bundle of authorities has some hundred; the one that belongs to a key stands among the first.
    starts.filter_map(body).take(32).collect()
}

/// Drops line ends, also escaped ones as in JSON.
trait ReplaceEscapes {
    fn replace_escapes(&self) -> Vec<u8>;
}

impl ReplaceEscapes for [u8] {
    fn replace_escapes(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.len());
        let mut bytes = self.iter().copied();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' => drop(bytes.next()),
                b if b.is_ascii_whitespace() => {}
                b => text.push(b),
            }
        }
        text
    }
}
