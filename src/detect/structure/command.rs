//! Passwords given to well-known commands by their short flags: `curl -u user:password`, `sshpass -p …`, `mysql -p…`.
//!
//! Long flags such as `--password` are assignments, and read as such.

use super::{Read, Said};
use crate::detect::judge::sign::{Sign, Signs};
use crate::span::Span;

/// How far behind the command the flag may stand.
const LINE_BYTES: usize = 320;
const MAX_BYTES: usize = 128;

/// A user shorter than this is one, and no key that is given in its place.
const KEY_BYTES: usize = 12;

/// How a command takes a password.
#[derive(Clone, Copy)]
enum Takes {
    /// `-u user:password`, or `-u key:`.
    AfterColon,
    /// `-p password`.
    Apart,
    /// `-ppassword`.
    Attached,
    /// `-U user%password`.
    AfterPercent,
    /// `add_user user password`: the second one behind the word.
    Second,
    /// `\\host\share password`: the one behind a share.
    AfterShare,
    /// `-b file user password`: the last one of all.
    Last,
    /// `-pass pass:password`, which may be `env:NAME` or a file as well.
    AfterPass,
    /// `echo password | …`: on its input, where the flag says so.
    Input,
}

/// A command, the flags before its password, and how it follows them.
type Command = (&'static [u8], &'static [&'static [u8]], Takes);

const COMMANDS: [Command; 30] = [
    (b"curl", &[b"-u", b"--user", b"--proxy-user"], Takes::AfterColon),
    (b"sshpass", &[b"-p"], Takes::Apart),
    (b"psexec", &[b"-p", b"-P", b"/p"], Takes::Apart),
    (b"docker login", &[b"-p"], Takes::Apart),
    (b"docker login", &[b"--password-stdin"], Takes::Input),
    (b"sudo -s", &[b"-S"], Takes::Input),
    (b"passwd --stdin", &[b"--stdin"], Takes::Input),
    (b"az login", &[b"-p"], Takes::Apart),
    (b"mongo", &[b"-p"], Takes::Apart),
    (b"htpasswd", &[b"-b", b"-bc", b"-cb", b"-bB", b"-Bb", b"-cbB", b"-bcB", b"-nb", b"-bn", b"-nbB", b"-bnB", b"-Bbn"], Takes::Last),
    (b"zip ", &[b"-P"], Takes::Apart),
    (b"7z a", &[b"-p"], Takes::Attached),
    (b"openssl", &[b"-pass", b"-passin", b"-passout"], Takes::AfterPass),
    (b"openssl", &[b"-k"], Takes::Apart),
    (b"ssh-keygen", &[b"-N", b"-P"], Takes::Apart),
    (b"keytool", &KEY_STORE_FLAGS, Takes::Apart),
    (b"jarsigner", &KEY_STORE_FLAGS, Takes::Apart),
    (b"xfreerdp", &[b"/p:"], Takes::Attached),
    (b"rdesktop", &[b"-p"], Takes::Apart),
    (b"snmpwalk", &[b"-A", b"-X"], Takes::Apart),
    (b"mosquitto_", &[b"-P"], Takes::Apart),
    (b"smbclient", &[b"-U"], Takes::AfterPercent),
    (b"rabbitmqctl", &[b"add_user", b"change_password"], Takes::Second),
    (b"cmdkey", &[b"/pass:", b"/PASS:"], Takes::Attached),
    (b"sqlcmd", &[b"-P"], Takes::Apart),
    (b"net use", &[], Takes::AfterShare),
    (b"redis-cli", &[b"-a"], Takes::Apart),
    (b"ldapsearch", &[b"-w"], Takes::Apart),
    (b"mysqldump", &[b"-p"], Takes::Attached),
    (b"mysql", &[b"-p"], Takes::Attached),
];

/// How the tools of Java take the passwords of key stores and of keys in them.
const KEY_STORE_FLAGS: [&[u8]; 6] = [b"-storepass", b"-keypass", b"-srcstorepass", b"-deststorepass", b"-srckeypass", b"-destkeypass"];

/// `echo user:password | chpasswd`: how far before the command its input stands.
const INPUT_BYTES: usize = 120;

/// Reads the password behind a flag of the command at the keyword, or given to it on its input.
pub(super) fn read(chunk: &[u8], keyword: Span) -> Option<Read> {
    if keyword.of(chunk) == b"<<<" {
        return here(chunk, keyword).filter(|input| input.len() <= MAX_BYTES).map(given);
    }
    let is_joined = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    if chunk[..keyword.start].last().is_some_and(is_joined) {
        return None;
    }
    let word = keyword.of(chunk).to_ascii_lowercase();
    if word == b"chpasswd" {
        return on_input(chunk, keyword.start).map(given);
    }
    let rest = &chunk[keyword.end..chunk.len().min(keyword.end + LINE_BYTES)];
    let line = command_line(rest);
    COMMANDS.iter().filter(|(command, ..)| word.starts_with(command)).find_map(|&(_, flags, takes)| match takes {
        Takes::Input => {
            let is_told = chunk[keyword.start..keyword.end].ends_with(flags[0])
                || arguments(line).any(|(_, argument)| is_flag(flags, argument.of(line)));
            let input = if is_told { echoed(chunk, keyword.start) } else { None };
            input.filter(|input| input.len() <= MAX_BYTES).map(given)
        }
        _ => {
            let secret = unquoted(line, argument_of(line, flags, takes)?);
            let is_one = !secret.is_empty() && secret.len() <= MAX_BYTES;
            is_one.then(|| given(Span::new(keyword.end + secret.start, keyword.end + secret.end)))
        }
    })
}

/// Returns what stands for a password among the arguments.
fn argument_of(line: &[u8], flags: &[&[u8]], takes: Takes) -> Option<Span> {
    let mut flag_before = false;
    arguments(line).find_map(|(before, argument)| match takes {
        Takes::Input => None,
        Takes::Attached => {
            let password = flags.iter().find_map(|flag| argument.of(line).strip_prefix(*flag))?;
            (!password.is_empty()).then(|| Span::new(argument.end - password.len(), argument.end))
        }
        Takes::Apart => is_flag(flags, before.of(line)).then_some(argument),
        Takes::AfterPass => {
            let password = argument.of(line).strip_prefix(b"pass:").filter(|_| is_flag(flags, before.of(line)))?;
            Some(Span::new(argument.end - password.len(), argument.end))
        }
        Takes::AfterShare => {
            let is_share = line[..argument.start].ends_with(b"\\\\");
            let is_one = flag_before && !is_share && !matches!(argument.of(line)[0], b'/' | b'-' | b'*');
            flag_before |= is_share;
            is_one.then_some(argument)
        }
        Takes::Last => {
            flag_before |= is_flag(flags, before.of(line));
            (flag_before && !argument.of(line).starts_with(b"-") && line[argument.end..].trim_ascii().is_empty()).then_some(argument)
        }
        Takes::Second => {
            let is_second = flag_before && !argument.of(line).starts_with(b"-");
            flag_before = is_flag(flags, before.of(line));
            is_second.then_some(argument)
        }
        Takes::AfterColon | Takes::AfterPercent => {
            let argument = is_flag(flags, before.of(line)).then_some(argument)?;
            let mark = if matches!(takes, Takes::AfterColon) { b':' } else { b'%' };
            let at = memchr::memchr(mark, argument.of(line))?;
            // A field such as `{width:8}` may hold the colon.
            let is_field = argument.of(line)[..at].contains(&b'{') && argument.of(line)[at..].contains(&b'}');
            let password = unquoted(line, Span::new(argument.start + at + 1, argument.end));
            let key = unquoted(line, Span::new(argument.start, argument.start + at));
            (!is_field).then_some(if password.is_empty() && key.len() >= KEY_BYTES { key } else { password })
        }
    })
}

fn given(secret: Span) -> Read {
    let mut signs = Signs::default();
    signs.add(Sign::PlaceCommand);
    Read { secret, normal: None, said: Said::Place { signs, password: None } }
}

/// Reads what stands behind `<<<` where it is the password that the command before it asks for.
fn here(chunk: &[u8], mark: Span) -> Option<Span> {
    let start = mark.start.saturating_sub(INPUT_BYTES);
    let before = &chunk[start..mark.start];
    let line = before.rsplit(|b| matches!(b, b'\n' | b';' | b'|' | b'&' | b'(' | b'`')).next()?;
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let has = |flag: &[u8]| line.split(u8::is_ascii_whitespace).any(|word| word == flag);
    let command = words.find(|word| *word != b"sudo" || has(b"-S"))?;
    let name = command.rsplit(|&b| b == b'/').next()?;
    let is_asked = matches!(name, b"passwd" | b"chpasswd" | b"kinit" | b"cryptsetup" | b"sudo") || has(b"--password-stdin");
    let input = is_asked.then(|| text_at(chunk, mark.end)).flatten()?;
    if name == b"chpasswd" { after_colon(chunk, input) } else { Some(input) }
}

/// Reads what stands behind the colon in `echo "user:password" |`, which ends before `end`.
fn on_input(chunk: &[u8], end: usize) -> Option<Span> {
    after_colon(chunk, echoed(chunk, end)?)
}

fn after_colon(chunk: &[u8], input: Span) -> Option<Span> {
    let colon = memchr::memchr(b':', input.of(chunk))?;
    (colon + 1 < input.len()).then(|| Span::new(input.start + colon + 1, input.end))
}

/// Reads the text of `echo "text" |`, which ends before `end`.
fn echoed(chunk: &[u8], end: usize) -> Option<Span> {
    let start = end.saturating_sub(INPUT_BYTES);
    let before = &chunk[start..end];
    let line = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
    let from = end - line.len();
    let input = &line[..memchr::memrchr(b'|', line)?];
    let mut text = memchr::memmem::rfind(input, b"echo ")? + 5;
    while input[text..].starts_with(b"-") {
        text += input[text..].iter().position(|&b| b == b' ')? + 1;
    }
    text_at(&chunk[..from + input.len()], from + text)
}

/// Reads one word of a shell, in quotes or not.
fn text_at(chunk: &[u8], at: usize) -> Option<Span> {
    let start = at + chunk[at..].iter().take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b'\\')).count();
    let is_end = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'\\' | b'`');
    let rest = &chunk[start..chunk.len().min(start + MAX_BYTES + 1)];
    let len = rest.iter().position(is_end).unwrap_or(rest.len());
    (len > 0).then(|| Span::new(start, start + len))
}

fn is_flag(flags: &[&[u8]], argument: &[u8]) -> bool {
    flags.contains(&argument)
}

/// Cuts at the end of the command: the line's end where nothing escapes it, a pipe, a semicolon.
fn command_line(rest: &[u8]) -> &[u8] {
    let ends = |at: usize| match rest[at] {
        b'\n' => !rest[..at].ends_with(b"\\"),
        b'|' | b';' | b'`' | b'<' | b'>' => true,
        _ => false,
    };
    &rest[..(0..rest.len()).find(|&at| ends(at)).unwrap_or(rest.len())]
}

/// Returns each argument with the one before it.
fn arguments(line: &[u8]) -> impl Iterator<Item = (Span, Span)> {
    let is_gap = |b: u8| b.is_ascii_whitespace() || matches!(b, b'\\' | b'=');
    let mut at = 0;
    let spans = std::iter::from_fn(move || {
        let start = at + line[at..].iter().position(|&b| !is_gap(b))?;
        let is_long = line[start..].starts_with(b"--");
        let bare = start + quoted_len(&line[start..]);
        let len = line[bare..].iter().position(|&b| b.is_ascii_whitespace() || (is_long && b == b'=')).unwrap_or(line.len() - bare);
        at = bare + len;
        Some(Span::new(start, at))
    });
    let mut before = Span::new(0, 0);
    spans.map(move |span| (std::mem::replace(&mut before, span), span))
}

/// Returns how far an argument is quoted: from its start on, or from behind a flag of one letter. A quote that nothing closes is none.
fn quoted_len(argument: &[u8]) -> usize {
    let before = if argument.first() == Some(&b'-') { 2 } else { 0 };
    let quote = argument.get(before).copied().filter(|b| matches!(b, b'"' | b'\''));
    let close = quote.and_then(|quote| memchr::memchr(quote, &argument[before + 1..]));
    close.map_or(0, |close| before + 1 + close)
}

fn unquoted(line: &[u8], argument: Span) -> Span {
    let is_quote = |b: &u8| matches!(b, b'"' | b'\'');
    let start = argument.start + argument.of(line).iter().take_while(|b| is_quote(b)).count();
    let end = argument.end - argument.of(line).iter().rev().take_while(|b| is_quote(b) || **b == b',').count();
    Span::new(start, end.max(start))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::COMMANDS;
    use crate::span::Span;

    #[test]
    fn reads_the_password_of_a_command() {
        let words =
            || ["<<<"].into_iter().chain(COMMANDS.iter().map(|(word, ..)| str::from_utf8(word).expect("it is ASCII"))).chain(["chpasswd"]);
        let mut reads = BTreeSet::new();
        for (text, password) in [
            ("curl -u admin\u{3a}abc https://host", Some("abc")),
            ("curl -s --user 'admin\u{3a}abc' https://host", Some("abc")),
            ("curl --user=admin\u{3a}abc https://host", Some("abc")),
            ("curl -X POST \\\n  -u admin:abc", Some("abc")),
            ("curl https://host\n-u admin:abc", None),
            ("curl -u admin https://host", None),
            ("curl -u \"c4ed6c219dd5:\" https://host", Some("c4ed6c219dd5")),
            ("curl -u admin: https://host", None),
            (r"psexec \\10.0.0.7 -u corp\me -p abc cmd", Some("abc")),
            (r"PsExec64.exe -accepteula \\db -u me -p abc cmd", Some("abc")),
            (r"psexec \\db cmd", None),
            ("mysql -uroot -pabc db", Some("abc")),
            ("mysql -u root -p db", None),
            ("mysqldump -h db -pabc", Some("abc")),
            ("sshpass -p abc ssh host", Some("abc")),
            ("docker login -u me -p abc", Some("abc")),
            ("my-curl -u admin:abc", None),
            ("curl -u key_{hex:24} https://host", None),
            ("echo 'root:abc' | chpasswd", Some("abc")),
            ("echo root:abc|chpasswd -e", Some("abc")),
            ("cat users | chpasswd", None),
            ("mongo -u admin -p abc --authenticationDatabase admin", Some("abc")),
            ("htpasswd -bc .htpasswd bob abc", Some("abc")),
            ("htpasswd -c .htpasswd bob", None),
            ("zip -r -P abc out.zip in", Some("abc")),
            ("zip -r out.zip in", None),
            ("7z a -pabc out.7z in", Some("abc")),
            ("openssl enc -aes-256-cbc -pass pass:abc -in a", Some("abc")),
            ("openssl enc -aes-256-cbc -pass env:NAME -in a", None),
            ("openssl enc -aes-256-cbc -k abc -in a", Some("abc")),
            ("ssh-keygen -t ed25519 -N 'abc' -f id", Some("abc")),
            ("ssh-keygen -t ed25519 -N '' -f id", None),
            ("keytool -genkey -alias a -storepass abc", Some("abc")),
            ("xfreerdp /v:host /u:bob /p:abc", Some("abc")),
            ("echo -n 'abc' | docker login -u ci --password-stdin", Some("abc")),
            ("echo abc | docker login -u ci", None),
            ("echo abc | sudo -S apt update", Some("abc")),
            ("echo abc | sudo -s", None),
            ("echo abc | passwd --stdin bob", Some("abc")),
            ("passwd bob <<< 'abc'", Some("abc")),
            ("sudo chpasswd <<< bob:abc", Some("abc")),
            ("/sbin/cryptsetup open /dev/sdb x <<< abc", Some("abc")),
            ("x=1; sudo -S true <<<abc", Some("abc")),
            ("docker login -u bob --password-stdin <<< abc", Some("abc")),
            ("sudo tee /etc/x <<< abc", None),
            ("$text = <<<abc", None),
            ("mosquitto_pub -h mq -u ci -P abc -t x", Some("abc")),
            ("mosquitto_pub -h mq -p 1883 -t x", None),
            ("smbclient //files/share -U ci%abc", Some("abc")),
            ("rabbitmqctl add_user ci abc", Some("abc")),
            ("rabbitmqctl list_users ci abc", None),
            ("az login --service-principal -u ci -p abc --tenant t", Some("abc")),
            ("jarsigner -keystore ks -storepass abc app.jar a", Some("abc")),
            ("rdesktop -u bob -p abc host", Some("abc")),
            ("rdesktop -u bob host", None),
            ("snmpwalk -v3 -u bob -a SHA -A abc host", Some("abc")),
            ("snmpwalk -v2c -c public host", None),
            ("redis-cli -h cache -a abc ping", Some("abc")),
            ("ldapsearch -x -D cn=admin -w abc -b dc=x", Some("abc")),
            ("ldapsearch -x -D cn=admin -W -b dc=x", None),
            (r"net use Z: \\files\share /user:corp\me abc /persistent:yes", Some("abc")),
            (r"net use \\files\share abc /user:me", Some("abc")),
            (r"net use \\files\share * /user:me", None),
            (r"net use Z: \\files\share", None),
            ("cmdkey /add:files /user:me /pass:abc", Some("abc")),
            ("sqlcmd -S db -U sa -P abc -Q x", Some("abc")),
            ("sshpass -p 'abc abc' ssh host", Some("abc abc")),
            ("mysql -u root -p'abc abc' db", Some("abc abc")),
            ("mysql -u root -p\"abc\" db", Some("abc")),
            ("sh -c 'sshpass -p abc ssh host' 'x'", Some("abc")),
            ("sshpass -p abc's ssh host", Some("abc's")),
        ] {
            let lower = text.to_ascii_lowercase();
            let word = words().find(|word| lower.contains(word)).expect("each has a command");
            if password.is_some() {
                reads.insert(word);
            }
            let at = lower.find(word).expect("it was found");
            let read = super::read(text.as_bytes(), Span::new(at, at + word.len()));
            let found = read.map(|read| String::from_utf8_lossy(read.secret.of(text.as_bytes())).into_owned());
            assert_eq!(found.as_deref(), password, "{text}");
        }
        assert_eq!(words().find(|word| !reads.contains(word)), None, "each command is read once at least");
    }
}
