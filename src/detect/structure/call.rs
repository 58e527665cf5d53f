//! Calls that are given a secret as a text: the password behind a user in `login("user", "…")`, `auth=("user", "…")` and
//! `getConnection(url, "user", "…")`, and the key of one that signs or encrypts, as `jwt.sign(claims, "…")`.
//!
//! The secret has no name here; that of the function says which argument it is.

use super::{Read, Said};
use crate::detect::judge::sign::{Sign, Signs};
use crate::span::Span;

/// How much of the arguments is looked at.
const LINE_BYTES: usize = 240;
const MAX_BYTES: usize = 96;

/// How many arguments stand before the key of a call, by how the call ends.
const KEYS: [(&[u8], usize); 21] = [
    (b"jwt.sign(", 1),
    (b"jwt.verify(", 1),
    (b"jwt.encode(", 1),
    (b"jwt.encode ", 1),
    (b"jwt.decode(", 1),
    (b"jwt.decode ", 1),
    (b"signwith(", 1),
    (b"setsigningkey(", 0),
    (b"signedstring(", 0),
    (b"symmetricsecuritykey(", 0),
    (b"secretkeyspec(", 0),
    (b"hmac256(", 0),
    (b"hmac384(", 0),
    (b"hmac512(", 0),
    (b"createhmac(", 1),
    (b"hmac.hexdigest(", 1),
    (b"hash_hmac(", 2),
    (b"aes.encrypt(", 1),
    (b"aes.decrypt(", 1),
    (b"fernet(", 0),
    (b"cookiestore(", 0),
];

/// What stands around a text that is given as bytes, or as what may be absent.
const AROUND: [&[u8]; 8] = [b"b", b"u", b"r", b"@", b"some(", b"[]byte(", b"getbytes(", b"buffer.from("];
const AROUND_BYTES: usize = 40;

/// Reads the key, or the second of two texts, behind the keyword, which ends where the arguments begin.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    let rest = &chunk[keyword.end..chunk.len().min(keyword.end + LINE_BYTES)];
    let word = keyword.of(chunk).to_ascii_lowercase();
    let mut signs = Signs::default();
    signs.add(Sign::PlaceCall);
    let secret = match KEYS.iter().find(|(call, _)| word.ends_with(call)) {
        Some(&(_, before)) => text(rest, behind(rest, before)?)?,
        None => {
            let (user, password) = user_and_password(rest, &word)?;
            signs.add_if(user.of(rest).eq_ignore_ascii_case(password.of(rest)), Sign::SameAsUser);
            password
        }
    };
    let after = rest.get(secret.end + 1 + blanks(&rest[secret.end + 1..]));
    let is_whole = after.is_none_or(|b| matches!(b, b')' | b',' | b'\n' | b'\r' | b';' | b']' | b'.'));
    if !is_whole || secret.is_empty() || secret.len() > MAX_BYTES {
        return None;
    }
    let secret = Span::new(keyword.end + secret.start, keyword.end + secret.end);
    Some(Read { secret, normal: None, said: Said::Place { signs, password: None } })
}

/// Reads two texts, one behind the other.
fn user_and_password(rest: &[u8], word: &[u8]) -> Option<(Span, Span)> {
    // `getConnection(url, user, password)`: what is connected to comes first.
    let is_connected = [&b"connection("[..], b"connect(", b"pdo("].iter().any(|end| word.ends_with(end));
    let user = text(rest, behind(rest, usize::from(is_connected))?)?;
    let comma = user.end + 1 + blanks(&rest[user.end + 1..]);
    if rest.get(comma) != Some(&b',') {
        return None;
    }
    let password = text(rest, comma + 1)?;
    // `WiFi.begin("Home network", "…")`: a network has a name of words.
    let is_name = word.starts_with(b"wifi") || !user.of(rest).contains(&b' ');
    (is_name && !user.is_empty() && user.len() <= MAX_BYTES).then_some((user, password))
}

/// Returns where the text behind so many arguments begins.
fn behind(rest: &[u8], arguments: usize) -> Option<usize> {
    (0..arguments).try_fold(0, |at, _| argument_end(rest, at).filter(|&end| rest[end] == b',').map(|end| end + 1))
}

fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_whitespace()).count()
}

/// Reads the text in quotes that begins at `from`, behind what may stand around it: `Some("…")`, `b"…"`, `Encoding.UTF8.GetBytes("…")`.
fn text(rest: &[u8], from: usize) -> Option<Span> {
    let start = from + blanks(rest.get(from..)?);
    let open = start + rest[start..].iter().take(AROUND_BYTES).position(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let before = rest[start..open].to_ascii_lowercase();
    let is_plain = before.is_empty() || AROUND.iter().any(|around| before == *around || (around.len() > 6 && before.ends_with(around)));
    let quote = rest[open];
    let len = memchr::memchr2(quote, b'\n', &rest[open + 1..]).filter(|&len| rest[open + 1 + len] == quote)?;
    is_plain.then_some(Span::new(open + 1, open + 1 + len))
}

/// Returns where an argument ends: at a comma or a parenthesis that is not within quotes or brackets.
fn argument_end(rest: &[u8], from: usize) -> Option<usize> {
    let (mut quote, mut depth) = (None, 0usize);
    for (at, &byte) in rest.iter().enumerate().skip(from) {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'(' | b'[' | b'{') => depth += 1,
            (None, b',' | b')') if depth == 0 => return Some(at),
            (None, b')' | b']' | b'}') => depth = depth.checked_sub(1)?,
            (None, b';') => return None,
            (None, b'\n') if depth == 0 => return None,
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::span::Span;

    #[track_caller]
    fn reads(rows: &[(&str, &str, Option<&str>)]) {
        for &(word, text, secret) in rows {
            let at = text.to_ascii_lowercase().find(word).expect("it has the keyword");
            let read = super::read(text.as_bytes(), Span::new(at, at + word.len()));
            let found = read.map(|read| String::from_utf8_lossy(read.secret.of(text.as_bytes())).into_owned());
            assert_eq!(found.as_deref(), secret, "{text}");
        }
    }

    #[test]
    fn reads_the_second_of_two_texts() {
        reads(&[
            ("login(", "server.login(\"ann@corp.net\", \"abc\")", Some("abc")),
            ("login(", "login('ann', 'abc', { remember: true })", Some("abc")),
            ("auth=(", "auth=(\"ann\", \"abc\")", Some("abc")),
            ("auth = (", "auth = ('ann',\n  'abc')", Some("abc")),
            ("basic_auth ", "http.basic_auth 'ann', 'abc'", Some("abc")),
            ("auth(", "req.SetBasicAuth(\"ann\", \"abc\")", Some("abc")),
            ("auth(", ".basic_auth(\"ann\", Some(\"abc\"))", Some("abc")),
            ("credential(", "new NetworkCredential(\"ann\", \"abc\");", Some("abc")),
            ("getconnection(", "DriverManager.getConnection(url, \"ann\", \"abc\")", Some("abc")),
            ("getconnection(", "getConnection(\"jdbc:x(1,2)\", \"ann\", \"abc\")", Some("abc")),
            ("mysqli_connect(", "mysqli_connect('db', 'ann', 'abc', 'app')", Some("abc")),
            ("login(", "login(\"ann\", password)", None),
            ("login(", "login(user, \"abc\")", None),
            ("login(", "login(\"ann\" + x, \"abc\")", None),
            ("login(", "login(\"ann\", \"abc\" + x)", None),
            ("getconnection(", "getConnection(\"ann\", \"abc\")", None),
            ("login(", "login(\"a whole sentence\", \"abc\")", None),
            ("wifi.begin(", "WiFi.begin(\"Home network\", \"abc\");", Some("abc")),
            ("wifi.begin(", "WiFi.begin(ssid, \"abc\");", None),
        ]);
    }

    #[test]
    fn reads_the_key_of_a_call() {
        reads(&[
            ("jwt.sign(", "jwt.sign({ id: user.id, role: 'a' }, 'abc', { expiresIn: 60 })", Some("abc")),
            ("jwt.sign(", "jwt.sign({\n  id: user.id\n}, \"abc\")", Some("abc")),
            ("jwt.sign(", "jwt.sign(claims, process.env.KEY)", None),
            ("jwt.sign(", "jwt.sign(claims, key, 'RS256')", None),
            ("jwt.sign(", "jwt.sign(claims, 'abc' + suffix)", None),
            ("jwt.encode(", "jwt.encode({\"sub\": 1}, \"abc\", algorithm=\"HS256\")", Some("abc")),
            ("jwt.encode ", "JWT.encode payload, 'abc', 'HS256'", Some("abc")),
            ("signwith(", ".signWith(SignatureAlgorithm.HS512, \"abc\".getBytes())", Some("abc")),
            ("setsigningkey(", "Jwts.parser().setSigningKey(\"abc\").parse(t)", Some("abc")),
            ("signedstring(", "token.SignedString([]byte(\"abc\"))", Some("abc")),
            ("symmetricsecuritykey(", "new SymmetricSecurityKey(Encoding.UTF8.GetBytes(\"abc\"))", Some("abc")),
            ("symmetricsecuritykey(", "new SymmetricSecurityKey(Encoding.UTF8.GetBytes(config[\"Jwt\"]))", None),
            ("secretkeyspec(", "new SecretKeySpec(\"abc\".getBytes(UTF_8), \"AES\")", Some("abc")),
            ("hmac256(", "Algorithm.HMAC256(\"abc\")", Some("abc")),
            ("createhmac(", "crypto.createHmac('sha256', 'abc').update(body)", Some("abc")),
            ("hash_hmac(", "hash_hmac('sha256', $header . '.' . $body, 'abc', true)", Some("abc")),
            ("aes.encrypt(", "CryptoJS.AES.encrypt(JSON.stringify(data), 'abc').toString()", Some("abc")),
            ("fernet(", "Fernet(b'abc')", Some("abc")),
            ("cookiestore(", "sessions.NewCookieStore([]byte(\"abc\"))", Some("abc")),
        ]);
    }
}
