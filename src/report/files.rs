//! The files that a code host shows, read again where a format needs more of them than a report keeps.

use std::fmt;
use std::rc::Rc;

/// Returns the bytes of a file by its path from the top of the repository.
type Read = dyn Fn(&str) -> Option<Vec<u8>>;

/// Where files can be read again; by default nowhere.
#[derive(Clone, Default)]
pub struct Files(Option<Rc<Read>>);

impl Files {
    /// Reads files by a function of the caller's.
    pub fn by(read: impl Fn(&str) -> Option<Vec<u8>> + 'static) -> Self {
        Files(Some(Rc::new(read)))
    }

    /// Returns the bytes of a file, if it is there.
    pub fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.as_ref().and_then(|read| read(path))
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_some() { "Files(readable)" } else { "Files(nowhere)" })
    }
}
