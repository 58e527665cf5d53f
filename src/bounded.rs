//! Files that are read whole, and so have a size beyond which they are refused: configuration, ledger, baseline, templates, logs of refs.
//!
//! Whoever reads one states its bound; here it is kept, once for all, and a file that breaks it is named.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{path:?} cannot be read")]
pub struct Unreadable {
    /// The file.
    pub path: PathBuf,
    /// What the system says, or what is wrong with the file.
    #[source]
    pub cause: io::Error,
}

/// Reads a regular file of so many bytes at most; nothing where there is none.
///
/// # Errors
/// When it is no regular file, larger, or cannot be read.
pub fn read(path: &Path, max_bytes: u64) -> Result<Option<Vec<u8>>, Unreadable> {
    let fail = |cause| Unreadable { path: path.to_owned(), cause };
    match std::fs::metadata(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(fail(cause)),
        Ok(meta) if !meta.is_file() => return Err(fail(io::Error::other("not a regular file"))),
        Ok(_) => {}
    }
    // It may grow between a look and a read.
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(max_bytes + 1).read_to_end(&mut bytes)).map_err(fail)?;
    if bytes.len() as u64 > max_bytes {
        return Err(fail(io::Error::other(format!("larger than {}", size(max_bytes)))));
    }
    Ok(Some(bytes))
}

/// The same for a text.
///
/// # Errors
/// As for `read`, and when it is no UTF-8.
pub fn read_text(path: &Path, max_bytes: u64) -> Result<Option<String>, Unreadable> {
    let Some(bytes) = read(path, max_bytes)? else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|_| Unreadable { path: path.to_owned(), cause: io::Error::other("it is no UTF-8") })?;
    Ok(Some(text))
}

fn size(bytes: u64) -> String {
    if bytes.is_multiple_of(1 << 20) { format!("{} MiB", bytes >> 20) } else { format!("{} KiB", bytes.div_ceil(1 << 10)) }
}

#[cfg(test)]
mod tests {
    use super::{read, read_text};

    #[test]
    fn a_file_is_read_whole_or_not_at_all() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("a");
        assert!(matches!(read(&file, 4), Ok(None)), "what is not there is no error");
        std::fs::write(&file, "four").expect("it can be written");
        assert_eq!(read_text(&file, 4).expect("it fits").as_deref(), Some("four"));
        let refused = read(&file, 3).expect_err("it is too large");
        assert_eq!((refused.path, refused.cause.to_string().as_str()), (file.clone(), "larger than 1 KiB"));
        assert!(read(folder.path(), 4).is_err(), "a folder is none");
        std::fs::write(&file, b"\xff").expect("it can be written");
        assert!(read(&file, 4).is_ok() && read_text(&file, 4).is_err());
    }
}
