//! Histories of extreme shapes: deep chains of deltas, and families of a hundred thousand.

use crate::lineage::{Pack, Part};
use crate::support::{Place, credentials, leak};

/// Audits at several numbers of threads; returns how many credentials each found, which must be the same.
#[track_caller]
fn counted(place: &Place) -> usize {
    let count = |threads| credentials(&place.staunch(&["audit", "-f", "json", "--threads", threads]).ends(1).json()).len();
    let alone = count("1");
    assert_eq!((count("2"), count("8")), (alone, alone));
    alone
}

#[test]
fn a_chain_of_4095_deltas_is_read_to_its_end() {
    let mut pack = Pack::default();
    let mut tip = pack.whole(b"the first line of a long chain\n".to_vec());
    for number in 1..=4_095 {
        let len = pack.content(tip).len();
        let line = match number {
            1 | 2_048 | 4_095 => leak(number),
            _ => format!("{number}\n"),
        };
        // The middle goes again, so that the objects stay small.
        let parts = [Part::Copy(0, 31), Part::Insert(line.into_bytes()), Part::Copy(31, len.min(90))];
        tip = pack.derived(tip, &parts);
    }
    let place = pack.install();
    let deepest = place.git(&["cat-file", "--batch-all-objects", "--batch-check=%(deltabase) %(objecttype)"]);
    let deltas = deepest.lines().filter(|line| line.ends_with("blob") && !line.starts_with("0000")).count();
    assert!(deltas >= 4_000, "git stores {deltas} of them as deltas");
    assert_eq!(counted(&place), 3);
}

#[test]
fn a_base_with_100_000_deltas_is_shared_between_threads() {
    let mut pack = Pack::default();
    let text = "a line that all of them share\n".repeat(8).into_bytes();
    let len = text.len();
    let root = pack.whole(text);
    for number in 0..100_000 {
        let line = if number % 10_000 == 5_000 { leak(number) } else { format!("{number}\n") };
        pack.derived(root, &[Part::Copy(0, 30), Part::Insert(line.into_bytes()), Part::Copy(30, len)]);
    }
    assert_eq!(counted(&pack.install()), 10);
}
