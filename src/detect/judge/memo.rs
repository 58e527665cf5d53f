//! What was made of names and values before: the versions of a file have the same ones, again and again.
//!
//! What it remembers depends on nothing but the texts it is asked for, so it may save time and never changes a verdict.

use std::cell::RefCell;
use std::thread::LocalKey;

use rustc_hash::FxHashMap;

use super::Class;
use super::sign::Signs;
use crate::detector::Profile;

/// What a name says: nothing where it is not a secret's.
type Name = Option<(Class, Signs)>;
/// What a value says, or what else it is.
type Value = Result<Signs, &'static str>;

/// So many texts are remembered in each thread, half a megabyte at most; then it begins anew.
const TEXTS: usize = 4_096;
/// Longer texts are rare, and cost more to keep than to read again.
const TEXT_BYTES: usize = 128;

struct Memo<R> {
    known: FxHashMap<Box<[u8]>, R>,
    /// The text that is asked for.
    text: Vec<u8>,
}

thread_local! {
    static NAMES: RefCell<Memo<Name>> = const { RefCell::new(Memo::EMPTY) };
    static VALUES: RefCell<Memo<Value>> = const { RefCell::new(Memo::EMPTY) };
}

impl<R> Memo<R> {
    const EMPTY: Memo<R> = Memo { known: FxHashMap::with_hasher(rustc_hash::FxBuildHasher), text: Vec::new() };
}

/// Returns what `read` makes of a name, from memory where it was read before.
pub(super) fn name(profile: Profile, name: &[u8], keyword: &str, read: impl FnOnce() -> Name) -> Name {
    recall(&NAMES, &[&[profile as u8], keyword.as_bytes(), b"\0", name], read)
}

/// Returns what `look` makes of a value, from memory where it was looked at before.
pub(super) fn value(class: Class, value: &[u8], is_quoted: bool, name: &[u8], look: impl FnOnce() -> Value) -> Value {
    recall(&VALUES, &[&[class as u8, is_quoted.into()], name, b"\0", value], look)
}

/// Parts that are told from each other by a zero byte, which no name and no keyword holds.
fn recall<R: Copy>(memo: &'static LocalKey<RefCell<Memo<R>>>, parts: &[&[u8]], compute: impl FnOnce() -> R) -> R {
    if parts.iter().map(|part| part.len()).sum::<usize>() > TEXT_BYTES {
        return compute();
    }
    memo.with_borrow_mut(|Memo { known, text }| {
        text.clear();
        parts.iter().for_each(|part| text.extend_from_slice(part));
        if let Some(result) = known.get(text.as_slice()) {
            return *result;
        }
        let result = compute();
        if known.len() >= TEXTS {
            known.clear();
        }
        known.insert(text.as_slice().into(), result);
        result
    })
}

#[cfg(test)]
mod tests {
    use super::{TEXT_BYTES, TEXTS, name};
    use crate::detect::judge::Class;
    use crate::detect::judge::sign::Signs;
    use crate::detector::Profile;

    #[test]
    fn a_text_is_read_once_and_told_from_others() {
        let read = |profile, text: &str, class| name(profile, text.as_bytes(), "key", || Some((class, Signs::default())));
        assert_eq!(read(Profile::Key, "db_key", Class::Key).map(|name| name.0), Some(Class::Key));
        assert_eq!(read(Profile::Key, "db_key", Class::Token).map(|name| name.0), Some(Class::Key), "from memory");
        assert_eq!(read(Profile::Token, "db_key", Class::Token).map(|name| name.0), Some(Class::Token), "another profile");
        let long = "k".repeat(TEXT_BYTES);
        assert_eq!(read(Profile::Key, &long, Class::Key).map(|name| name.0), Some(Class::Key));
        assert_eq!(read(Profile::Key, &long, Class::Token).map(|name| name.0), Some(Class::Token), "too long to be kept");
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let read = |number: usize| name(Profile::Password, format!("pass{number}").as_bytes(), "pass", || None);
        (0..TEXTS * 2).for_each(|number| assert_eq!(read(number), None));
        super::NAMES.with_borrow(|memo| assert!(memo.known.len() <= TEXTS && !memo.known.is_empty()));
    }
}
