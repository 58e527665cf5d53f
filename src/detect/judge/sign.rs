//! What can be seen of a candidate, each with its words: the features of the model, and the reasons in a report.
//!
//! A sign is either there or not. Quantities are cut into ranges, of which exactly one is there; so the weights tell by
//! themselves how a length or a share counts, and each is a sentence.

/// What a sign is seen in; a family can be left out, to see what it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// The words on the left.
    Name,
    /// The candidate itself.
    Value,
    /// What joins the two, and what stands around the value.
    Form,
    /// The rest of the line.
    Line,
    /// Where the file is and what it is.
    Path,
}

impl Family {
    /// All families, in the order of a report.
    pub const ALL: [Family; 5] = [Family::Name, Family::Value, Family::Form, Family::Line, Family::Path];

    /// Returns the word used in the table of weights.
    pub fn word(self) -> &'static str {
        match self {
            Family::Name => "name",
            Family::Value => "value",
            Family::Form => "form",
            Family::Line => "line",
            Family::Path => "path",
        }
    }
}

macro_rules! signs {
    ($($family:ident { $($sign:ident $text:literal)* })*) => {
        /// One thing that can be seen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Sign { $($($sign,)*)* }

        /// Every sign with its family and its words.
        pub(crate) const SIGNS: &[(Sign, Family, &str)] = &[$($((Sign::$sign, Family::$family, $text),)*)*];
    };
}

signs! {
    Name {
        NamePassword "named a password"
        NamePassphrase "named a passphrase or code"
        NamePwd "named a password in short"
        NameSecret "named a secret"
        NameToken "named a token"
        NameApiKey "named a key of an interface"
        NameAccessKey "named an access key"
        NamePrivateKey "named a private or secret key"
        NameKey "named a key"
        NameAuth "named after authorization"
        NameCredential "named a credential"
        NameSalt "named a salt or nonce"
        NameOtp "named the seed of one-time codes"
        NameSignature "named a signature"
        NameSession "named after a session or cookie"
        NameCrypto "named after encryption"
        NameOauth "named after OAuth"
        NameBare "the name says only that"
        NameGoesOn "the name goes on behind it"
        NameId "the name ends as an identifier's"
        NameNamed "the name ends as a name's"
        NameConfirmation "the name ends in confirmation"
        NameShown "the name ends as something shown"
        NameDigest "named a digest"
        NamePublic "named public"
        NameIndex "named after an index or a cache"
        NamePaging "named after pages of a list"
        NameEncrypted "named encrypted"
        NameCsrf "named after forgery of requests"
        NameTest "named a test or an example"
        NameExpected "named as expected"
        NameWrong "named wrong or old"
        NameNew "named new"
        NameDefault "named a default"
        NamePerson "named after a user or administrator"
        NameDatabase "named after a database"
        NameService "named after a service"
        NameMail "named after mail or a host"
        NameClient "named after a client or application"
        NameJoined "the name is joined to other letters"
        NameShouting "the name is in capitals"
        NameCamel "the name changes case"
        NameKebab "the name has hyphens"
        NameDotted "the name has dots"
        NameNumbered "the name has a digit"
        NameLong "the name is long"
        NameOneWord "the name is one word"
        NameManyWords "the name has four words and more"
        NameNegated "the name begins with no"
        NameVerb "the name begins with a verb"
    }
    Value {
        Len3 "up to 3 bytes"
        Len5 "4 or 5 bytes"
        Len7 "6 or 7 bytes"
        Len9 "8 or 9 bytes"
        Len12 "10 to 12 bytes"
        Len15 "13 to 15 bytes"
        Len19 "16 to 19 bytes"
        Len23 "20 to 23 bytes"
        Len31 "24 to 31 bytes"
        Len32 "32 bytes"
        Len39 "33 to 39 bytes"
        Len40 "40 bytes"
        Len63 "41 to 63 bytes"
        Len64 "64 bytes"
        Len127 "65 to 127 bytes"
        Len128 "128 bytes and more"
        Digits "digits only"
        Lower "small letters only"
        Upper "capitals only"
        Letters "letters only"
        LowerDigits "small letters and digits"
        UpperDigits "capitals and digits"
        Alnum "letters and digits"
        HexLower "hexadecimal in small letters"
        HexUpper "hexadecimal in capitals"
        Base64 "the alphabet of base64"
        Url64 "the alphabet of addresses"
        Marks "letters and marks"
        Spaces "holds spaces"
        Foreign "holds letters beyond ASCII"
        Words0 "no letters in common words"
        Words25 "up to a quarter in common words"
        Words50 "up to half in common words"
        Words75 "up to three quarters in common words"
        Words99 "most in common words"
        Words100 "all in common words"
        WordsNone "hardly any letters"
        OneWord "one common word"
        WordAndDigits "a common word and digits"
        LongWord "a common word of six letters and more"
        Spell0 "letters that nobody could pronounce"
        Spell1 "letters that are hard to pronounce"
        Spell2 "letters that could be a word"
        Spell3 "letters as in words"
        Spell4 "letters as in common words"
        Bits70 "characters very uneven"
        Bits80 "characters uneven"
        Bits87 "characters rather even"
        Bits94 "characters even"
        Bits100 "characters as even as can be"
        Turns0 "no change between letters and digits"
        Turns10 "few changes between letters and digits"
        Turns25 "some changes between letters and digits"
        Turns40 "many changes between letters and digits"
        Turns100 "changes between letters and digits nearly everywhere"
        Digits0 "no digit"
        Digits15 "few digits"
        Digits35 "some digits"
        Digits60 "many digits"
        Digits99 "mostly digits"
        Capitalised "begins with its only capital"
        EndsInDigits "letters, then digits"
        SnakeWords "words joined by underscores"
        KebabWords "words joined by hyphens"
        DottedWords "words joined by dots"
        CamelWords "words joined by capitals"
        HoldsName "holds a word of its name"
        HoldsSecretWord "holds a word for secrets"
        HoldsTestWord "holds a word for tests"
        HoldsOwner "holds your or my"
        HoldsRole "holds the word for a role"
        HoldsFiller "holds a word for something to fill in"
        Keyboard "a row of the keyboard"
        Steps "runs of the alphabet or of digits"
        Repeats "few distinct characters"
        Twice "the same half twice"
        PathLike "looks like a path"
        UrlLike "looks like an address"
        HostLike "looks like a host"
        MailLike "looks like a mail address"
        CodeLike "looks like code"
        Uuid "a UUID"
        HashSized "has the size of a hash"
        DateLike "looks like a date"
        Leet "a word with digits for letters"
        CommonPassword "holds one of the most common passwords"
        Backslash "holds a backslash"
        Percent "holds a percent sign"
        Braces "holds braces"
        Padded "ends in an equals sign"
        Leading "begins with a mark"
        Trailing "ends in a mark"
        Colon "holds a colon"
        Slash "holds a slash"
        Dot "holds a dot"
        Dash "holds a hyphen"
        Underscore "holds an underscore"
        Comma "holds a comma"
        Parenthesis "holds a parenthesis"
        Symbol "holds a mark of passwords"
        Object "an object in JSON"
        DecodesToText "text in base64"
        Bytes "a list of bytes"
        Dashes "groups joined by hyphens"
    }
    Form {
        JoinEquals "assigned"
        JoinColon "mapped"
        JoinCompares "compared"
        JoinDefault "taken where nothing is set"
        JoinCall "passed to a call"
        JoinComma "second of a pair"
        JoinFlag "behind a flag"
        JoinSpace "behind a space"
        JoinMarkup "in markup"
        JoinNextLine "named, and given as a value"
        JoinCell "in a table"
        JoinSays "said in a sentence"
        PlaceUrl "the password of an address"
        PlaceConnection "in a connection string"
        PlaceBasic "user and password in a header"
        PlaceBearer "a bearer's header"
        PlaceSql "set in SQL"
        PlaceCommand "given to a command"
        PlaceCall "given to a call"
        PlaceSlot "stands where this kind of file has a secret"
        HostExample "the host is an example"
        HostLocal "the host is this machine"
        SameAsUser "equal to the user"
        UserExample "the user is an example"
        QuoteDouble "in double quotes"
        QuoteSingle "in single quotes"
        QuoteTick "in backticks"
        Bare "without quotes"
        Spaced "blanks around what joins them"
        NameQuoted "the name is quoted"
        NameBracketed "the name is in brackets"
        Split "in parts"
        WrapDecode "decoded by a call"
        WrapString "made a text or bytes by a call"
        WrapOther "in some call"
        EndLine "ends the line"
        EndComma "before a comma"
        EndSemicolon "before a semicolon"
        EndParenthesis "before a parenthesis"
        EndBrace "before a brace"
        EndString "ends the text it is in"
        EndComment "before a comment"
        EndMarkup "before a tag"
        EndAmpersand "before another parameter"
        EndText "before other text"
        EndProse "before a sentence"
        EndBackslash "before a backslash"
    }
    Line {
        Comment "in a comment"
        Declares "in a declaration"
        Exports "set in an environment"
        Asserts "in an assertion"
        Prints "printed or logged"
        Conditional "in a condition"
        SaysExample "the line says example"
        SaysDefault "the line says default"
        SaysTest "the line says test"
        SaysUser "a user stands beside it"
        SaysHost "a host stands beside it"
        SaysUserAbove "a user stands above it"
        SaysSecretAbove "a secret's name stands above it"
        Argument "an argument"
        InObject "in an object"
        InString "in a text"
        StartsLine "begins the line"
        ListItem "an item of a list"
        Prose "words stand before it"
        InCell "the line is of a table"
        LongLine "the line is long"
        QueryString "a parameter of an address"
        CommandLine "on a command line"
    }
    Path {
        LangGo "Go"
        LangPython "Python"
        LangJvm "a language of the JVM"
        LangScript "JavaScript or TypeScript"
        LangRuby "Ruby"
        LangPhp "PHP"
        LangDotnet "a language of .NET"
        LangNative "C, C++, Rust, Swift"
        LangOther "another programming language"
        LangShell "a shell's script"
        LangYaml "YAML"
        LangJson "JSON"
        LangConfig "a file of settings"
        LangXml "XML or HTML"
        LangProse "text for people"
        LangSql "SQL"
        LangLog "a recording"
        LangNone "a file of some other kind"
        InTests "in tests or examples"
        InTemplate "in a template of settings"
        InDocs "in documentation"
        InTranslation "a translation"
        InVendored "in code of others"
        BareInCode "without quotes in code, where it is an expression"
        BareInSettings "a plain value in settings"
        BareInProse "without quotes in prose"
        Base "to begin with"
    }
}

/// What was seen of one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Signs([u64; 4]);

const _: () = assert!(SIGNS.len() <= 256, "a sign is one of 256 bits");

impl Signs {
    /// Notes a sign.
    pub(crate) fn add(&mut self, sign: Sign) {
        self.0[sign as usize / 64] |= 1 << (sign as usize % 64);
    }

    /// Notes a sign where it holds.
    pub(crate) fn add_if(&mut self, holds: bool, sign: Sign) {
        self.0[sign as usize / 64] |= u64::from(holds) << (sign as usize % 64);
    }

    /// Notes that of a row of ranges into which a number falls: the first whose bound is not less.
    pub(crate) fn add_range(&mut self, number: f32, ranges: &[(f32, Sign)]) {
        if let Some((_, sign)) = ranges.iter().find(|(most, _)| number <= *most) {
            self.add(*sign);
        }
    }

    /// Returns whether a sign is there.
    pub(crate) fn has(self, sign: Sign) -> bool {
        self.0[sign as usize / 64] >> (sign as usize % 64) & 1 == 1
    }

    /// Returns what is in either.
    #[must_use]
    pub(crate) fn and(self, others: Signs) -> Signs {
        Signs(std::array::from_fn(|word| self.0[word] | others.0[word]))
    }

    /// Returns the signs of all other families; how all begin belongs to none.
    #[must_use]
    pub(crate) fn without(self, left_out: Family) -> Signs {
        let mut kept = Signs::default();
        for number in self.numbers() {
            let (sign, family, _) = SIGNS[number];
            kept.add_if(family != left_out || sign == Sign::Base, sign);
        }
        kept
    }

    /// Returns the numbers of the signs that are there, in order.
    pub(crate) fn numbers(self) -> impl Iterator<Item = usize> {
        (0..4).flat_map(move |word| {
            let mut bits = self.0[word];
            std::iter::from_fn(move || {
                let next = (bits != 0).then(|| word * 64 + bits.trailing_zeros() as usize);
                bits &= bits.wrapping_sub(1);
                next
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{SIGNS, Sign, Signs};

    #[test]
    fn each_sign_has_its_own_words_and_its_place_in_the_list() {
        let mut seen = std::collections::BTreeSet::new();
        for (number, (sign, _, words)) in SIGNS.iter().enumerate() {
            assert_eq!(*sign as usize, number);
            assert!(seen.insert(words), "{words:?} is said twice");
        }
    }

    #[test]
    fn signs_are_read_back_in_order() {
        let mut signs = Signs::default();
        for sign in [Sign::Base, Sign::NamePassword, Sign::Uuid] {
            signs.add(sign);
        }
        signs.add_if(false, Sign::NameKey);
        signs.add_range(0.3, &[(0.2, Sign::Words25), (0.5, Sign::Words50), (1.0, Sign::Words75)]);
        let read: Vec<usize> = signs.numbers().collect();
        assert_eq!(read, [Sign::NamePassword, Sign::Words50, Sign::Uuid, Sign::Base].map(|sign| sign as usize));
        assert!(signs.has(Sign::Uuid) && !signs.has(Sign::NameKey) && !signs.has(Sign::Words75));
    }
}
