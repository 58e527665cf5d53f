//! Carrying outcomes over from a delta's base changes nothing: generated repositories, stored in many ways, are audited both
//! ways at several numbers of threads, and read plainly, object by object, with `git cat-file`.

use std::collections::BTreeMap;
use std::path::Path;

use bstr::{BString, ByteSlice as _};
use staunch::chunk::{Content, Origin};
use staunch::detector::Find;
use staunch::finding::Confidence;
use staunch::git::ObjectId;
use staunch::secret::{FingerprintKey, Fingerprints};

use crate::lineage::{Import, Pack, Part};
use crate::soup::{Leak, Random, Soup, is_block};
use crate::support::{Place, Ran, catalog, password};

/// Git's own storage: what is done to the repository before it is audited again.
const STORED: [&str; 9] = [
    "true",
    "git repack -adfq --depth=1 --window=10",
    "git -c repack.useDeltaBaseOffset=false repack -adfq --depth=50 --window=50",
    "git repack -adfq --depth=4095 --window=50 && git pack-refs --all && git multi-pack-index write",
    // The same objects in two packs, as deltas of others.
    "git repack -afq --depth=3 --window=5",
    // Half of them in a pack of their own besides.
    "git repack -adq && git cat-file --batch-all-objects --batch-check='%(objectname)' | sed -n 1~2p >../half &&
     git pack-objects -q --no-reuse-delta --window=40 .git/objects/pack/pack <../half",
    // Some packed, some loose, and the packed ones in two packs.
    "git repack -adq && mv .git/objects/pack ../old && mkdir .git/objects/pack && cat ../old/*.pack | git unpack-objects -q &&
     for part in 1~3p 2~3p; do git cat-file --batch-all-objects --batch-check='%(objectname)' | sed -n $part |
     git pack-objects -q --window=40 .git/objects/pack/pack; done && git prune-packed -q && git multi-pack-index write",
    "git repack -q && git -c gc.auto=0 gc -q && git commit-graph write --reachable",
    // A borrower that holds some of what it borrows.
    "git clone -q --bare --shared . ../borrower && cd ../borrower &&
     git fetch -q ../site '+refs/*:refs/*' && git pack-objects -q --no-reuse-delta objects/pack/pack <../half",
];

#[track_caller]
fn shell(place: &Place, folder: &Path, script: &str) -> Ran {
    let ran = place.run("sh".as_ref(), folder, &["-c", script], b"");
    assert_eq!(ran.code, 0, "{script}: {ran:?}");
    ran
}

#[track_caller]
fn same(left: &str, right: &str, what: &str) {
    if left != right {
        let at = left.lines().zip(right.lines()).position(|(left, right)| left != right).unwrap_or(0);
        let part = |text: &str| text.lines().skip(at.saturating_sub(12)).take(30).collect::<Vec<_>>().join("\n");
        panic!("{what}: they differ from line {at} on:\n{}\n--- and ---\n{}", part(left), part(right));
    }
}

#[track_caller]
fn audit(place: &Place, folder: &Path, args: &[&str]) -> String {
    let ran = place.staunch_in(folder, &[&["audit", "--min-confidence", "low"], args].concat()).ends(1);
    assert_eq!(ran.err, "");
    ran.out
}

/// Audits in full and piece by piece at each number of threads; all must say the same.
#[track_caller]
fn agreed(place: &Place) -> String {
    let folder = place.path("");
    let full = audit(place, &folder, &["--format", "json", "--in-full", "--threads", "2"]);
    for threads in ["1", "2", "8"] {
        let derived = audit(place, &folder, &["--format", "json", "--threads", threads]);
        same(&derived, &full, &format!("from deltas at {threads} threads, and in full"));
    }
    full
}

/// Returns every object with its kind, as `git cat-file` shows it.
pub(crate) fn objects(place: &Place) -> BTreeMap<String, (String, Vec<u8>)> {
    let folder = place.path("");
    shell(place, &folder, "git cat-file --batch-all-objects --batch --buffer >../dump");
    let dump = std::fs::read(place.beside("dump")).expect("git wrote it");
    let (mut objects, mut rest) = (BTreeMap::new(), &dump[..]);
    while let Some(end) = rest.find_byte(b'\n') {
        let head = rest[..end].to_str_lossy().into_owned();
        let [id, kind, size] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{head:?}") };
        let size: usize = size.parse().expect("a number");
        objects.insert(id.to_owned(), (kind.to_owned(), rest[end + 1..end + 1 + size].to_vec()));
        rest = &rest[end + 2 + size..];
    }
    objects
}

/// Reads each object plainly and lists what the library finds in it: texts, and blobs at the paths below `all`.
fn plain(place: &Place) -> Vec<String> {
    let objects = objects(place);
    let identities = Fingerprints::new(FingerprintKey::default());
    let mut found = Vec::new();
    let mut read = |origin: Origin, bytes: &[u8]| {
        let matches = catalog().matches(bytes, Content::of(bytes));
        for finding in catalog().findings(bytes, &origin, &matches, &identities).iter().filter(|f| f.confidence >= Confidence::Low) {
            let (start, end) = (finding.start, finding.end);
            let span = format!("{}:{} {}:{}", start.line, start.column, end.line, end.column);
            let (id, confidence) = (&finding.detector.id, finding.confidence.word());
            found.push(format!("{} {span} {id} {confidence} {}", origin.label(), finding.fingerprint));
        }
    };
    for line in place.git(&["ls-tree", "-r", "--format=%(objectname) %(path)", "all"]).lines() {
        let (id, path) = line.split_once(' ').expect("two words");
        read(Origin::File { path: BString::from(path) }, &objects[id].1);
    }
    for (name, (kind, bytes)) in objects.iter().filter(|object| ["commit", "tag"].contains(&object.1.0.as_str())) {
        let id = ObjectId::from_hex(name.as_bytes()).expect("git's");
        let split = bytes.find("\n\n").expect("a head and a message");
        for part in [&bytes[..=split], &bytes[split + 2..]] {
            read(if kind == "tag" { Origin::Tag { id } } else { Origin::Commit { id } }, part);
        }
    }
    found.sort();
    found
}

/// Lists what an audit reports of texts and of blobs below `all`, in the same form.
#[track_caller]
fn reported(place: &Place) -> Vec<String> {
    let ran = Ran { code: 1, out: audit(place, &place.path(""), &["--format", "jsonl"]), err: String::new() };
    let lines = ran.lines();
    let mut found: Vec<String> = lines
        .iter()
        .filter(|at| at["origin"] != "committed" || at["path"].as_str().is_some_and(|path| path.starts_with("all/")))
        .map(|at| {
            let span = format!("{}:{} {}:{}", at["line"], at["column"], at["end_line"], at["end_column"]);
            let text = |key: &str| at[key].as_str().expect("it is text").to_owned();
            format!("{} {span} {} {} {}", text("path"), text("detector"), text("confidence"), text("fingerprint"))
        })
        .collect();
    found.sort();
    found
}

#[track_caller]
fn read_plainly(place: &Place, least: usize) {
    let (plain, reported) = (plain(place), reported(place));
    assert!(plain.len() >= least, "only {} findings", plain.len());
    same(&reported.join("\n"), &plain.join("\n"), "the audit and the plain reading");
}

/// Writes a history of edits to a few files, and every version at a path of its own below `all`.
fn history(seed: u64, place: &Place, commits: usize) {
    const NAMES: [&str; 6] = ["a.conf", "b.py", "c.env", "d/e.yml", "f", "g.txt"];
    let mut soup = Soup::new(seed);
    let (mut import, mut all, mut parent) = (Import::default(), Vec::new(), None);
    let mut versions: Vec<Vec<Vec<u8>>> = (0..NAMES.len()).map(|at| vec![soup.text(8 + 8 * at)]).collect();
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for number in 0..commits {
        for _ in 0..=soup.random.below(3) {
            let at = soup.random.below(NAMES.len());
            let other = soup.random.pick(&versions[(at + 1) % NAMES.len()]).clone();
            // An older version with an edit elsewhere: what was broken is whole again.
            let back = soup.random.below(versions[at].len().min(4));
            let old = versions[at][versions[at].len() - 1 - back].clone();
            let mut new = soup.edited(&old, &other);
            if new.len() > 12_000 {
                new.drain(soup.random.below(3_000)..9_000);
            }
            if new.len() < 300 {
                new.extend(soup.text(20));
            }
            let mark = format!(":{}", import.blob(&new));
            versions[at].push(new);
            all.push((format!("all/{}/{}", all.len(), NAMES[at]), mark.clone()));
            let moved = if soup.random.below(9) == 0 { format!("moved/{at}") } else { NAMES[at].to_owned() };
            files.insert(moved, mark);
        }
        let text = if soup.random.below(3) == 0 { soup.text(3).replace("\0", "") } else { format!("change {number}\n").into_bytes() };
        let tree: Vec<(String, String)> = files.clone().into_iter().collect();
        let commit = import.commit("refs/heads/main", 1_700_000_000 + number as u64, &text, parent.as_slice(), &tree);
        parent = Some(commit);
        if number % 20 == 3 {
            import.tag(&format!("v{number}"), commit, &soup.text(2).replace("\0", ""));
        }
    }
    import.commit("refs/heads/all", 1_800_000_000, b"all versions\n", &[], &all);
    import.run(place);
}

/// Stores a generated history in each way and audits it after each: as it was imported, and in full, it says the same.
#[track_caller]
fn however_stored(seed: u64, commits: usize, args: &[&str]) {
    let place = Place::repo_with(args);
    history(seed, &place, commits);
    let first = agreed(&place);
    read_plainly(&place, 150);
    for (script, threads) in STORED.into_iter().zip(["1", "2", "8"].into_iter().cycle()) {
        shell(&place, &place.path(""), script);
        let folder = if script.contains("borrower") { place.beside("borrower") } else { place.path("") };
        let report = audit(&place, &folder, &["--format", "json", "--threads", threads]);
        same(&report, &first, &format!("after {script:?} at {threads} threads, and as it was imported"));
    }
    agreed(&place);
}

#[test]
fn a_history_reads_the_same_however_it_is_stored() {
    however_stored(1, 70, &[]);
}

#[test]
fn a_history_of_another_seed_reads_the_same_however_it_is_stored() {
    however_stored(2, 45, &["--object-format=sha256"]);
}

#[test]
fn every_detector_says_the_same_of_an_edit_anywhere_around_it() {
    let (mut soup, mut pack) = (Soup::new(3), Pack::default());
    for (number, detector) in catalog().detectors().enumerate() {
        let plain = Leak::of(detector, soup.random.below(9), number as u64);
        let is_plain = detector.encoded.is_empty() || number % 2 == 0;
        let leak = if is_plain { plain } else { plain.encoded(detector, &mut soup.random) };
        let (before, after) = (leak.before + 9, leak.after + 9);
        let before = if soup.random.below(4) == 0 { Vec::new() } else { soup.around(before) };
        let after = if soup.random.below(4) == 0 { Vec::new() } else { soup.around(after) };
        let base = pack.whole([&before[..], &leak.text, &after].concat());
        for _ in 0..6 {
            let old = pack.content(base).to_vec();
            let at = leak.edge(&mut soup.random, before.len()).min(old.len() - 1);
            let byte = vec![*soup.random.pick(b"aZ7_-=\"' \n\\.;@/+\x00")];
            let skip = soup.random.below(4).min(1);
            let new = if soup.random.below(4) == 0 { Vec::new() } else { byte };
            let next = at + new.len();
            let edited = pack.derived(base, &[Part::Copy(0, at), Part::Insert(new), Part::Copy(at + skip, old.len())]);
            let end = pack.content(edited).len();
            let back = Part::Insert(old[at..at + skip].to_vec());
            pack.derived(edited, &[Part::Copy(0, at), back, Part::Copy(next, end), Part::Insert(b"\n".to_vec())]);
        }
    }
    let place = pack.install();
    agreed(&place);
    read_plainly(&place, 1_500);
}

#[test]
fn a_run_that_stretches_a_secret_beyond_the_reach_changes_nothing() {
    let (mut random, mut pack) = (Random(6), Pack::default());
    let structures = catalog().detectors().filter(|detector| matches!(detector.find, Find::Structure { .. }) && !is_block(detector));
    for (detector, number) in structures.flat_map(|detector| (0..detector.leaks.len().min(4)).map(move |number| (detector, number))) {
        let leak = Leak::of(detector, number, 7);
        let start = leak.keyword.saturating_sub(3);
        for at in start..leak.text.len().min(leak.keyword + 24) {
            let run = vec![*random.pick(b"\\\\\r \"=a"); leak.after - 4 + random.below(90)];
            let base = pack.whole([b"lorem\n", &leak.text[..at], &run, &leak.text[at..], b"\nlorem\n"].concat());
            let (len, tail) = (pack.content(base).len(), leak.text.len() - at + 7);
            for _ in 0..2 {
                let touched = len - 7 - random.below(tail.min(24));
                let byte = vec![*random.pick(b"aZ7\"")];
                pack.derived(base, &[Part::Copy(0, touched), Part::Insert(byte), Part::Copy(touched + 1, len)]);
            }
        }
    }
    let next_line = |secret| [b"- name: db_passwd", &[b'\r'; 1_400][..], b"\n  value: '", password(secret).as_bytes(), b"'\n"].concat();
    let base = pack.whole(next_line(1));
    pack.derived(base, &[Part::Copy(0, 1_400), Part::Insert(next_line(2)[1_400..].to_vec())]);
    let place = pack.install();
    agreed(&place);
    read_plainly(&place, 50);
}

#[test]
fn deltas_that_copy_anything_in_any_order_say_the_same() {
    let (mut soup, mut pack) = (Soup::new(4), Pack::default());
    let mut numbers: Vec<usize> = (0..12).map(|_| pack.whole(soup.text(16))).collect();
    for _ in 0..700 {
        let base = numbers[numbers.len() - 1 - soup.random.below(12)];
        let len = pack.content(base).len();
        let parts: Vec<Part> = (0..1 + soup.random.below(6)).map(|_| soup.part(len)).collect();
        if (1..6_000).contains(&parts.iter().map(Part::len).sum::<usize>()) {
            numbers.push(pack.derived(base, &parts));
        }
    }
    let place = pack.install();
    agreed(&place);
    read_plainly(&place, 400);
}

#[test]
fn families_that_are_shared_between_threads_say_the_same() {
    let (mut soup, mut pack) = (Soup::new(5), Pack::default());
    let text: Vec<u8> = (0..3).flat_map(|_| soup.leaks.swap_remove(0).text).collect();
    let root = pack.whole(text.clone());
    for number in 0..4 {
        let bulk = format!("{number:>126}\n").repeat((8 << 20) / 127 + 900).into_bytes();
        let middle = soup.random.below(text.len());
        let heavy = pack.derived(root, &[Part::Copy(0, middle), Part::Insert(bulk), Part::Copy(middle, text.len())]);
        let end = pack.content(heavy).len();
        for cut in 1..12 {
            let piece = Part::Insert(soup.piece());
            pack.derived(heavy, &[Part::Copy(0, middle), piece, Part::Copy(end - (text.len() - middle) - cut, end)]);
        }
    }
    let place = pack.install();
    agreed(&place);
    read_plainly(&place, 20);
}
