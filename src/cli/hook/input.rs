//! What git writes to a hook: one line for each ref.

use std::io::{IsTerminal as _, Read as _};

use staunch::git::ObjectId;

use super::super::exit::Failure;

/// 16 MiB: a push of a hundred thousand refs with long names.
const MAX_BYTES: u64 = 16 << 20;

/// Reads all lines.
pub(super) fn lines() -> Result<Vec<String>, Failure> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Failure::with_hint("git writes the refs to standard input, and this is a terminal", "git runs this hook by itself"));
    }
    let mut bytes = Vec::new();
    stdin.lock().take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Failure::with_hint("more refs than can be checked at once", "push fewer of them at a time"));
    }
    Ok(String::from_utf8_lossy(&bytes).lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect())
}

/// Reads an object's name; nothing for the zeros that stand for none.
///
/// # Errors
/// When it is no name: what is not understood is not passed over.
pub(super) fn object(word: Option<&str>, line: &str) -> Result<Option<ObjectId>, Failure> {
    let id = word.and_then(|word| ObjectId::from_hex(word.as_bytes()).ok());
    let id = id.ok_or_else(|| Failure::with_hint(format!("git wrote {line:?}, which is not understood"), "nothing was checked"))?;
    Ok((!id.is_null()).then_some(id))
}
