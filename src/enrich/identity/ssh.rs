//! Keys as OpenSSH and PuTTY write them: strings with their length in front.

/// Splits off a string that has its length in front.
pub(super) fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// What the file of a private key says in clear.
pub(super) struct PrivateKey<'k> {
    pub(super) cipher: &'k [u8],
    /// The public key as it stands in `authorized_keys`, decoded.
    pub(super) public: &'k [u8],
    /// What is behind it: encrypted, or the private half and a comment.
    rest: &'k [u8],
}

/// Reads `openssh-key-v1`.
pub(super) fn private_key(bytes: &[u8]) -> Option<PrivateKey<'_>> {
    let rest = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let (cipher, rest) = string(rest)?;
    let (_kdf, rest) = string(rest)?;
    let (_options, rest) = string(rest)?;
    let (_count, rest) = rest.split_first_chunk::<4>()?;
    let (public, rest) = string(rest)?;
    Some(PrivateKey { cipher, public, rest })
}

impl<'k> PrivateKey<'k> {
    /// Returns the comment of a key that is not encrypted: the last string before the padding.
    pub(super) fn comment(&self) -> Option<&'k [u8]> {
        let (private, _) = string(self.rest)?;
        let fields = match self.kind()? {
            b"ssh-ed25519" => 2,
            b"ssh-rsa" => 6,
            kind if kind.starts_with(b"ecdsa-sha2-") => 3,
            _ => return None,
        };
        // Two equal check numbers, the kind, the fields, the comment.
        let mut rest = private.get(8..)?;
        for _ in 0..=fields {
            rest = string(rest)?.1;
        }
        string(rest).map(|(comment, _)| comment)
    }

    /// Returns the name of the algorithm.
    pub(super) fn kind(&self) -> Option<&'k [u8]> {
        string(self.public).map(|(kind, _)| kind)
    }
}

/// Returns the part of a public key that no other key has: the modulus, the point.
pub(super) fn distinctive(public: &[u8]) -> Option<&[u8]> {
    let mut rest = public;
    let mut longest: &[u8] = &[];
    while let Some((field, after)) = string(rest) {
        if field.len() > longest.len() {
            longest = field;
        }
        rest = after;
    }
    let zeros = longest.iter().take_while(|&&b| b == 0).count();
    Some(&longest[zeros..]).filter(|field| field.len() >= 32)
}
