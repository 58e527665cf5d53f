//! What the name on the left of a value says.

use super::sign::{Sign, Signs};
use super::vocabulary::{ABOUT, COUNTED, PASSWORDS, PUBLIC, SECRET};
use super::words::{is_word, letter_runs, letter_spans};
use crate::detector::Profile;

/// What kind of secret a name is of: the model has a weight for all kinds and a correction for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(crate) enum Class {
    /// Chosen by a person: may be short and made of letters.
    Password,
    /// Made by a machine: long, mixed, without words.
    Token,
    /// Named only key or the like: most are not secret.
    Key,
    /// No name: the place says that it is one, as in an address or a header.
    Place,
}

impl Class {
    /// All classes, in the order of the table of weights.
    pub(crate) const ALL: [Class; 4] = [Class::Password, Class::Token, Class::Key, Class::Place];

    /// Returns the word used in the table of weights.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Class::Password => "password",
            Class::Token => "token",
            Class::Key => "key",
            Class::Place => "place",
        }
    }
}

fn is(list: &[&str], word: &[u8]) -> bool {
    list.iter().any(|entry| entry.as_bytes() == word)
}

/// A name in small letters, on the stack: names have 64 bytes at most.
struct Folded {
    bytes: [u8; 64],
    len: usize,
}

impl Folded {
    fn of(name: &[u8]) -> Self {
        let mut bytes = [0; 64];
        let len = name.len().min(64);
        bytes[..len].copy_from_slice(&name[..len]);
        bytes[..len].make_ascii_lowercase();
        Folded { bytes, len }
    }

    fn text(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn holds(&self, part: &str) -> bool {
        memchr::memmem::find(self.text(), part.as_bytes()).is_some()
    }
}

/// Reads a name that holds `keyword`; nothing when the name is not a secret's.
///
/// `profile` is what the detector takes it for, where the name holds no word that is known.
pub(super) fn read(profile: Profile, name: &[u8], keyword: &str) -> Option<(Class, Signs)> {
    let folded = Folded::of(name);
    let words = || letter_spans(name).filter_map(|span| folded.text().get(span.start..span.end));
    let joined = position(name, folded.text(), keyword)?;
    // `smtp_password_v4`: a version is no word of the name.
    // A name of other letters than ours has no words that are known.
    let last = words().filter(|word| *word != b"v").last().unwrap_or_default();
    if is(&ABOUT, last) || words().any(|word| is(&PUBLIC, word)) || is_public_key(&folded) {
        return None;
    }
    if folded.holds("credentialsid") || folded.holds("credentials_id") || folded.holds("credentialid") || folded.holds("secretsid") {
        // What tells Jenkins and .NET which credential is meant.
        return None;
    }
    if last == b"tokens" && words().any(|word| is(&COUNTED, word)) {
        // What a language model may read and write.
        return None;
    }
    if words().next().is_some_and(|first| matches!(first, b"disable" | b"disabled")) || folded.holds("clientrequesttoken") {
        // `adduser --disabled-password NAME`; what tells a request from the same one sent again.
        return None;
    }
    let mut signs = Signs::default();
    signs.add_if(joined, Sign::NameJoined);
    let class = kind(profile, &folded, last, &mut signs);
    words().for_each(|word| modifier(word, &mut signs));
    ending(last, &folded, &mut signs);
    let count = words().count();
    signs.add_if(count == 1, Sign::NameOneWord);
    signs.add_if(count >= 4, Sign::NameManyWords);
    signs.add_if(folded.len == keyword.len(), Sign::NameBare);
    let ends_in_secret = SECRET.iter().any(|word| last == word.as_bytes() || (word.len() > 3 && last.ends_with(word.as_bytes())));
    signs.add_if(!ends_in_secret && !folded.text().ends_with(keyword.as_bytes()), Sign::NameGoesOn);
    if let Some(first) = words().next().filter(|_| count > 1) {
        signs.add_if(is(&["no", "has", "is", "use", "with"], first), Sign::NameNegated);
        signs.add_if(
            is(&["set", "get", "create", "make", "new", "check", "verify", "update", "change", "reset", "generate"], first),
            Sign::NameVerb,
        );
    }
    style(name, &mut signs);
    Some((class, signs))
}

/// `pubkey`, and the part of a project's address at Sentry that every browser is told.
fn is_public_key(folded: &Folded) -> bool {
    folded.holds("pubkey") || folded.holds("publickey") || folded.text() == b"sentry_key"
}

/// Tells what the name is of, by the strongest word in it.
fn kind(profile: Profile, folded: &Folded, last: &[u8], signs: &mut Signs) -> Class {
    let holds = |part: &str| folded.holds(part);
    let any = |parts: &[&str]| parts.iter().any(|part| folded.holds(part));
    signs.add_if(any(&["passphrase", "passcode", "pin"]), Sign::NamePassphrase);
    let is_long = any(&PASSWORDS);
    signs.add_if(is_long, Sign::NamePassword);
    let is_pass = is_long || any(&["passphrase", "passcode", "pwd", "pass", "pswd"]) || is(&["mdp", "pw", "bindpw", "rootpw"], last);
    signs.add_if(is_pass && !is_long, Sign::NamePwd);
    signs.add_if(holds("secret"), Sign::NameSecret);
    signs.add_if(holds("token"), Sign::NameToken);
    signs.add_if(any(&["apikey", "api_key", "api-key", "api.key", "appkey", "app_key"]), Sign::NameApiKey);
    signs.add_if(any(&["accesskey", "access_key", "access-key"]), Sign::NameAccessKey);
    let is_private = any(&["private", "secretkey", "secret_key", "secret-key", "master", "encryption", "signing", "shared"]);
    signs.add_if(is_private, Sign::NamePrivateKey);
    signs.add_if(holds("auth"), Sign::NameAuth);
    signs.add_if(any(&["credential", "cred"]), Sign::NameCredential);
    signs.add_if(any(&["salt", "nonce"]), Sign::NameSalt);
    signs.add_if(any(&["otp", "seed"]), Sign::NameOtp);
    signs.add_if(any(&["signature", "hmac", "sign"]), Sign::NameSignature);
    signs.add_if(any(&["session", "cookie"]), Sign::NameSession);
    signs.add_if(any(&["crypt", "aes", "cipher", "rsa"]), Sign::NameCrypto);
    signs.add_if(any(&["oauth", "consumer", "refresh", "bearer"]), Sign::NameOauth);
    signs.add_if(any(&["csrf", "xsrf", "authenticity"]), Sign::NameCsrf);
    signs.add_if(any(&["encrypted", "cipher"]), Sign::NameEncrypted);
    let is_token =
        any(&["secret", "token", "apikey", "api_key", "api-key", "api.key", "accesskey", "access_key", "access-key", "auth", "cred"])
            || any(&["otp", "seed"])
            || is_private;
    signs.add_if(holds("key"), Sign::NameKey);
    match (is_pass, is_token, holds("key"), profile) {
        (true, ..) | (false, false, false, Profile::Password) => Class::Password,
        (false, true, ..) | (false, false, false, Profile::Token) => Class::Token,
        (false, false, true, _) | (false, false, false, Profile::Key) => Class::Key,
    }
}

/// What a word of the name adds.
fn modifier(word: &[u8], signs: &mut Signs) {
    let sign = match word {
        b"pk" | b"open" => Sign::NamePublic,
        b"primary" | b"sort" | b"cache" | b"cached" | b"lookup" | b"row" | b"group" | b"object" | b"index" | b"map" | b"dict"
        | b"range" | b"config" | b"setting" | b"property" | b"env" => Sign::NameIndex,
        b"next" | b"page" | b"cursor" | b"continuation" | b"prev" | b"previous" | b"start" | b"end" | b"last" => Sign::NamePaging,
        b"hash" | b"hashed" | b"checksum" | b"digest" | b"sha" | b"md5" | b"thumbprint" => Sign::NameDigest,
        b"example" | b"sample" | b"dummy" | b"fake" | b"mock" | b"test" | b"tests" | b"testing" | b"demo" | b"foo" | b"stub" => {
            Sign::NameTest
        }
        b"expected" | b"expect" | b"actual" | b"want" | b"got" => Sign::NameExpected,
        b"wrong" | b"invalid" | b"bad" | b"old" | b"incorrect" | b"unknown" | b"other" | b"another" => Sign::NameWrong,
        b"new" | b"current" => Sign::NameNew,
        b"default" => Sign::NameDefault,
        b"user" | b"admin" | b"root" | b"login" | b"username" | b"account" | b"my" | b"owner" | b"member" => Sign::NamePerson,
        b"db" | b"database" | b"mysql" | b"postgres" | b"postgresql" | b"sql" | b"redis" | b"mongo" | b"mongodb" | b"pg" | b"jdbc"
        | b"datasource" | b"rabbitmq" | b"ldap" | b"keystore" | b"truststore" | b"store" => Sign::NameDatabase,
        b"aws" | b"azure" | b"gcp" | b"github" | b"gitlab" | b"slack" | b"stripe" | b"twitter" | b"facebook" | b"google" | b"docker"
        | b"npm" | b"prod" | b"production" | b"live" | b"vault" | b"twilio" | b"heroku" | b"sentry" | b"jwt" => Sign::NameService,
        b"smtp" | b"mail" | b"email" | b"host" | b"server" | b"ftp" | b"ssh" | b"proxy" | b"wifi" | b"remote" => Sign::NameMail,
        b"client" | b"app" | b"application" | b"access" | b"api" | b"service" | b"web" => Sign::NameClient,
        _ => return,
    };
    signs.add(sign);
}

/// What the last word says where it is not the secret's.
fn ending(last: &[u8], folded: &Folded, signs: &mut Signs) {
    let is_id = is(&["id", "ids", "uuid", "guid", "ref", "reference", "arn"], last) || folded.text().ends_with(b"id");
    signs.add_if(is_id, Sign::NameId);
    signs.add_if(
        is(&["name", "user", "username", "alias", "key", "role", "group"], last) && !folded.text().ends_with(b"key"),
        Sign::NameNamed,
    );
    signs.add_if(is(&["confirmation", "confirm", "repeat", "again", "verify"], last), Sign::NameConfirmation);
    let shown = [
        "text", "input", "form", "by", "at", "info", "reset", "code", "string", "data", "box", "value", "values", "param", "params",
        "method",
    ];
    signs.add_if(is(&shown, last), Sign::NameShown);
}

/// How the name is written.
fn style(name: &[u8], signs: &mut Signs) {
    let has_lower = name.iter().any(u8::is_ascii_lowercase);
    let has_upper = name.iter().any(u8::is_ascii_uppercase);
    signs.add_if(has_upper && !has_lower, Sign::NameShouting);
    signs.add_if(has_upper && has_lower, Sign::NameCamel);
    signs.add_if(name.contains(&b'-'), Sign::NameKebab);
    signs.add_if(name.contains(&b'.'), Sign::NameDotted);
    signs.add_if(name.iter().any(u8::is_ascii_digit), Sign::NameNumbered);
    signs.add_if(name.len() > 28, Sign::NameLong);
}

/// Returns whether the keyword is joined to other letters where it stands as a word; nothing where it is part of another word:
/// not `key` in `keyboard`, nor `pass` in `passenger`.
fn position(name: &[u8], folded: &[u8], keyword: &str) -> Option<bool> {
    let turns = |left: u8, right: u8| left.is_ascii_lowercase() && right.is_ascii_uppercase();
    memchr::memmem::find_iter(folded, keyword.as_bytes()).find_map(|start| {
        let end = start + keyword.len();
        let end = if folded.get(end) == Some(&b's') { end + 1 } else { end };
        let ends = name.get(end).is_none_or(|&next| !next.is_ascii_alphabetic() || turns(name[end - 1], next));
        let is_marked = !keyword.as_bytes()[0].is_ascii_alphabetic();
        let begins = is_marked || start == 0 || !name[start - 1].is_ascii_alphabetic() || turns(name[start - 1], name[start]);
        // The padding of base64 looks like the rest: `…pw==`.
        let begins = begins && (keyword != "pw" || start == 0 || !name[start - 1].is_ascii_alphanumeric());
        let may_be_joined = (keyword.len() >= 5 || keyword == "pwd" || (!matches!(keyword, "pass" | "mdp" | "pw") && end == name.len()))
            && !is_another_word(&folded[..end]);
        (ends && (begins || may_be_joined)).then_some(!begins)
    })
}

/// Words that end in `key` or another short keyword and mean something else.
fn is_another_word(name: &[u8]) -> bool {
    let words = [
        "monkey",
        "turkey",
        "donkey",
        "hockey",
        "jockey",
        "whiskey",
        "hotkey",
        "softkey",
        "passkey",
        "onkey",
        "anykey",
        "basalt",
        "asphalt",
        "enclave",
        "conclave",
        "autoclave",
    ];
    words.iter().any(|word| name.ends_with(word.as_bytes()))
}

/// Returns whether a text, such as what stands between a provider's name and a value, names something secret.
pub(super) fn names_a_secret(text: &[u8]) -> bool {
    let also = ["id", "ids", "name", "names", "checksum", "digest", "fingerprint", "input", "form", "text", "reset", "info", "by", "at"];
    let mut last = Vec::new();
    for run in letter_runs(text) {
        let word = run.to_ascii_lowercase();
        let is_secret = SECRET.iter().any(|entry| entry.as_bytes() == word || (entry.len() > 4 && word.ends_with(entry.as_bytes())))
            || is(&["access", "private"], &word)
            || (word.ends_with(b"key") && !is_word(&word));
        if is_secret {
            last = word;
        } else if (is(&ABOUT, &word) || is(&also, &word)) && !last.is_empty() {
            last.clear();
        }
    }
    !last.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{Class, names_a_secret, read};
    use crate::detect::judge::sign::Sign;
    use crate::detector::Profile;

    #[test]
    fn names_of_secrets_are_told_from_names_about_them() {
        for (name, keyword, class) in [
            ("password", "password", Some(Class::Password)),
            ("DB_PASSWORD", "password", Some(Class::Password)),
            ("dbPassword", "password", Some(Class::Password)),
            ("mypassword", "password", Some(Class::Password)),
            ("passwords", "password", Some(Class::Password)),
            ("password_hint", "password", None),
            ("passwordField", "password", None),
            ("keyboard", "key", None),
            ("monkey", "key", None),
            ("public_key", "key", None),
            ("KEYBOARD", "key", None),
            ("noncekey", "key", Some(Class::Key)),
            ("encryption_key", "key", Some(Class::Token)),
            ("tokenizer", "token", None),
            ("access_token", "token", Some(Class::Token)),
            ("token_type", "token", None),
            ("dbpwd", "pwd", Some(Class::Password)),
            ("bindpw", "bindpw", Some(Class::Password)),
            ("compass", "pass", None),
            ("smtp_pass", "pass", Some(Class::Password)),
            ("storage_key", "key", Some(Class::Key)),
        ] {
            assert_eq!(read(Profile::Key, name.as_bytes(), keyword).map(|(class, _)| class), class, "{name}");
        }
    }

    #[test]
    fn a_name_says_more_than_what_it_is_of() {
        for (name, keyword, sign) in [
            ("secretId", "secret", Sign::NameId),
            ("test_password", "password", Sign::NameTest),
            ("password_confirmation", "password", Sign::NameConfirmation),
            ("next_token", "token", Sign::NamePaging),
            ("DB_PASSWORD", "password", Sign::NameShouting),
            ("password", "password", Sign::NameBare),
            ("password2x", "password", Sign::NameGoesOn),
        ] {
            assert!(read(Profile::Key, name.as_bytes(), keyword).is_some_and(|(_, signs)| signs.has(sign)), "{name}: {sign:?}");
        }
    }

    #[test]
    fn text_before_a_bare_value_names_a_secret_or_something_else() {
        for (text, is_secret) in [
            ("heroku_api_key=", true),
            ("heroku.com/apps/", false),
            ("githubClientSecret: \"", true),
            ("github_token_id = ", false),
            ("acmesecretkey=", true),
            ("acmePRIVATE ", true),
            ("the monkey of acme ", false),
        ] {
            assert_eq!(names_a_secret(text.as_bytes()), is_secret, "{text}");
        }
    }
}
