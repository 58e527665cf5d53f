//! `commit-msg`: the message itself, which is pushed like everything else.

use std::io::Read as _;
use std::path::Path;

use staunch::config::InlineAllow;
use staunch::report::moment::Moment;

use super::super::exit::Failure;
use super::{Call, Installed, Kind, Seen};

pub(super) const KIND: Kind = Kind {
    name: "commit-msg",
    guards: "the message of a commit",
    installed: Installed::WithWorkTree,
    has_input: false,
    heeds: InlineAllow::All,
    look,
};

fn look(call: &mut Call<'_>) -> Result<Seen, Failure> {
    let [file, ..] = call.args else {
        return Err(Failure::with_hint("git names the file of the message, and none was named", "`staunch hook run commit-msg FILE`"));
    };
    let bytes = read(Path::new(file))?;
    let name = file.to_string_lossy().into_owned();
    let outcome = call.setup.scanner.scan_bytes(&name, written(&bytes), call.setup.baseline.as_mut())?;
    Ok(Seen { outcome, moment: Moment::Message { file: name } })
}

/// 64 MiB: a message, and below it the change that `git commit --verbose` shows.
const MAX_BYTES: u64 = 64 << 20;

/// Reads the message; half of one could be clean where the whole is not.
fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let fail = |cause: std::io::Error| Failure::new(format!("{}: {cause}", file.display()));
    let mut bytes = Vec::new();
    std::fs::File::open(file).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(fail)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::with_hint(format!("{}: larger than {MAX_BYTES} bytes", file.display()), "commit without --verbose"));
    }
    Ok(bytes)
}

/// Returns what the author wrote: `git commit --verbose` puts the whole change below a line of scissors.
fn written(message: &[u8]) -> &[u8] {
    const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";
    let mut start = 0;
    for line in message.split_inclusive(|&byte| byte == b'\n') {
        let next = start + line.len();
        // Git puts a remark below it; somebody's own line of scissors has none, and git may keep what follows.
        let is_git_s =
            line.trim_ascii_end().strip_suffix(SCISSORS).is_some_and(|mark| mark.len() == 1 && message[next..].starts_with(mark));
        if is_git_s {
            return &message[..start];
        }
        start = next;
    }
    message
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_the_scissors_of_git_end_the_message() {
        let scissors = "# ------------------------ >8 ------------------------\n";
        let verbose = format!("title\n\n# On branch main\n{scissors}# Do not modify\ndiff --git a b\n");
        assert_eq!(super::written(verbose.as_bytes()), b"title\n\n# On branch main\n");
        let own = format!("title\n{scissors}more\n");
        assert_eq!(super::written(own.as_bytes()), own.as_bytes());
        assert_eq!(super::written(b"title"), b"title");
    }
}
