//! Who brought and who removed a credential, compared with what git's own objects say when every commit is compared with all of
//! its parents; and what writes the repositories for that and for `oracle`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::ByteSlice as _;
use serde_json::{Value, json};

use crate::oracle::objects;
use crate::soup::Random;
use crate::support::{DETECTOR, Place, credentials, token};

/// What `git fast-import` reads: hundreds of commits in one process.
#[derive(Default)]
pub(crate) struct Import {
    stream: Vec<u8>,
    marks: usize,
}

impl Import {
    fn line(&mut self, line: &str) {
        self.stream.extend_from_slice(line.as_bytes());
        self.stream.push(b'\n');
    }

    fn data(&mut self, bytes: &[u8]) {
        self.line(&format!("data {}", bytes.len()));
        self.stream.extend_from_slice(bytes);
        self.stream.push(b'\n');
    }

    pub(crate) fn blob(&mut self, bytes: &[u8]) -> usize {
        self.marks += 1;
        self.line("blob");
        self.line(&format!("mark :{}", self.marks));
        self.data(bytes);
        self.marks
    }

    /// Adds a commit whose tree is exactly `files`: what to call each, and its mark or id.
    pub(crate) fn commit(&mut self, name: &str, seconds: u64, text: &[u8], parents: &[usize], files: &[(String, String)]) -> usize {
        self.marks += 1;
        self.line(&format!("reset {name}\n\ncommit {name}\nmark :{}", self.marks));
        self.line(&format!("committer C <c@example.com> {seconds} +0000"));
        self.data(text);
        for (number, parent) in parents.iter().enumerate() {
            self.line(&format!("{} :{parent}", if number == 0 { "from" } else { "merge" }));
        }
        self.line("deleteall");
        files.iter().for_each(|(path, id)| self.line(&format!("M 100644 {id} {path}")));
        self.marks
    }

    /// Makes a ref of a commit.
    fn set(&mut self, name: &str, commit: usize) {
        self.line(&format!("reset {name}\nfrom :{commit}\n"));
    }

    pub(crate) fn tag(&mut self, name: &str, commit: usize, text: &[u8]) {
        self.line(&format!("tag {name}\nfrom :{commit}\ntagger T <t@example.com> 1700000000 +0000"));
        self.data(text);
    }

    #[track_caller]
    pub(crate) fn run(self, place: &Place) {
        let args = ["-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--force", "--depth=50"];
        let ran = place.try_git_in(&place.path(""), &args, &self.stream);
        assert_eq!(ran.code, 0, "{}", ran.err);
    }
}

/// What a delta is made of: bytes of its base, from and to, or new ones.
pub(crate) enum Part {
    Copy(usize, usize),
    Insert(Vec<u8>),
}

/// A pack written by hand: its deltas copy any parts of their bases in any order, as git's never would.
#[derive(Default)]
pub(crate) struct Pack {
    bytes: Vec<u8>,
    /// By number: where each begins, and its content.
    blobs: Vec<(usize, Vec<u8>)>,
    numbers: HashMap<Vec<u8>, usize>,
}

impl Part {
    pub(crate) fn len(&self) -> usize {
        match self {
            Part::Copy(from, to) => to - from,
            Part::Insert(bytes) => bytes.len(),
        }
    }
}

fn varint(mut number: usize, into: &mut Vec<u8>) {
    while number > 0x7f {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

fn delta(base: &[u8], parts: &[Part]) -> (Vec<u8>, Vec<u8>) {
    let (mut content, mut steps) = (Vec::new(), Vec::new());
    for part in parts {
        match part {
            Part::Copy(from, to) => {
                for at in (*from..*to).step_by(0xff_ffff) {
                    let len = (to - at).min(0xff_ffff);
                    steps.push(0xff);
                    steps.extend_from_slice(&(at as u32).to_le_bytes());
                    steps.extend_from_slice(&(len as u32).to_le_bytes()[..3]);
                }
                content.extend_from_slice(&base[*from..*to]);
            }
            Part::Insert(bytes) => {
                for chunk in bytes.chunks(127) {
                    steps.push(chunk.len() as u8);
                    steps.extend_from_slice(chunk);
                }
                content.extend_from_slice(bytes);
            }
        }
    }
    let mut delta = Vec::new();
    varint(base.len(), &mut delta);
    varint(content.len(), &mut delta);
    delta.extend_from_slice(&steps);
    (content, delta)
}

impl Pack {
    pub(crate) fn content(&self, number: usize) -> &[u8] {
        &self.blobs[number].1
    }

    /// Adds a blob that is stored whole.
    pub(crate) fn whole(&mut self, content: Vec<u8>) -> usize {
        self.add(3, content.len(), &[], &content.clone(), content)
    }

    /// Adds a blob that is stored as a delta.
    pub(crate) fn derived(&mut self, base: usize, parts: &[Part]) -> usize {
        let (content, delta) = delta(self.content(base), parts);
        let mut distance = self.bytes.len() - self.blobs[base].0;
        let mut back = vec![(distance & 0x7f) as u8];
        while distance > 0x7f {
            distance = (distance >> 7) - 1;
            back.insert(0, 0x80 | (distance & 0x7f) as u8);
        }
        self.add(6, delta.len(), &back, &delta, content)
    }

    fn add(&mut self, kind: u8, size: usize, back: &[u8], stored: &[u8], content: Vec<u8>) -> usize {
        if let Some(number) = self.numbers.get(&content) {
            return *number;
        }
        let number = self.blobs.len();
        self.numbers.insert(content.clone(), number);
        self.blobs.push((self.bytes.len(), content));
        let low = kind << 4 | (size & 15) as u8;
        if size > 15 {
            self.bytes.push(low | 0x80);
            varint(size >> 4, &mut self.bytes);
        } else {
            self.bytes.push(low);
        }
        self.bytes.extend_from_slice(back);
        let mut deflater = libdeflater::Compressor::new(libdeflater::CompressionLvl::fastest());
        let mut deflated = vec![0; deflater.zlib_compress_bound(stored.len())];
        let len = deflater.zlib_compress(stored, &mut deflated).expect("it fits");
        self.bytes.extend_from_slice(&deflated[..len]);
        number
    }

    /// Gives the pack to git, which checks it, and commits each blob at a path of its own.
    pub(crate) fn install(self) -> Place {
        let place = Place::repo();
        let count = u32::try_from(self.blobs.len()).expect("few");
        let mut pack = [b"PACK\0\0\0\x02", &count.to_be_bytes()[..], &self.bytes].concat();
        let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
        hasher.update(&pack);
        pack.extend_from_slice(hasher.try_finalize().expect("no collision").as_bytes());
        let ran = place.try_git_in(&place.path(""), &["index-pack", "--stdin"], &pack);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let ids = place.git(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
        let endings = ["conf", "py", "env", "md", "yml"].iter().cycle();
        let files: Vec<_> = ids.lines().zip(endings).zip(0..).map(|((id, end), n)| (format!("all/{n}.{end}"), id.to_owned())).collect();
        let mut import = Import::default();
        import.commit("refs/heads/all", 1_700_000_000, b"all\n", &[], &files);
        import.run(&place);
        place
    }
}

/// What lies where in a commit: paths, and by path the numbers of secrets and a number that makes the content different.
type Tree = BTreeMap<&'static str, (BTreeSet<u64>, u64)>;

const PATHS: [&str; 8] = ["a", "b.conf", "d/c.env", "d/e/f.py", "d/e/g", "x", "x/y", "x/z/a"];
const SECRETS: u64 = 7;

fn content(file: &(BTreeSet<u64>, u64)) -> String {
    let noise = |n: u64| format!("line {n}\n").repeat((n % 5) as usize);
    let secrets: String = file.0.iter().map(|&secret| format!("x = {}\n{}", token(secret), noise(file.1 + secret))).collect();
    format!("{}{secrets}end\n", noise(file.1))
}

/// Puts a file somewhere; what is in the way goes.
fn put(tree: &mut Tree, path: &'static str, file: (BTreeSet<u64>, u64)) {
    tree.retain(|other, _| !other.starts_with(&format!("{path}/")) && !path.starts_with(&format!("{other}/")));
    tree.insert(path, file);
}

/// Commits that do to each other what people do.
pub(crate) struct Story {
    random: Random,
    /// When the commit of a number is made.
    clock: fn(usize, &mut Random) -> u64,
    import: Import,
    commits: Vec<(usize, Tree)>,
}

impl Story {
    fn parents(&mut self) -> Vec<usize> {
        let count = match self.random.below(16) {
            0 => 0,
            1..=3 => 2,
            4 => 3 + self.random.below(2),
            _ => 1,
        };
        let from = self.commits.len().saturating_sub(14);
        let mut parents: Vec<usize> = (0..count).map(|_| from + self.random.below(self.commits.len() - from)).collect();
        parents.dedup();
        if self.commits.is_empty() { Vec::new() } else { parents }
    }

    /// Changes a tree: edits, removals, renames, what another commit has, what was there before.
    fn change(&mut self, tree: &mut Tree) {
        let path = *self.random.pick(&PATHS);
        let to = *self.random.pick(&PATHS);
        let secret = self.random.next() % SECRETS;
        let other = if self.commits.is_empty() { Tree::new() } else { self.random.pick(&self.commits).1.clone() };
        let noise = self.random.next() % 1_000;
        match self.random.below(8) {
            0 => drop(tree.remove(path)),
            1 => {
                if let Some(file) = tree.remove(path) {
                    put(tree, to, file);
                }
            }
            2 | 3 => {
                if let Some(file) = other.get(path) {
                    put(tree, path, file.clone());
                }
            }
            4 => {
                if let Some(file) = tree.get(path).cloned() {
                    put(tree, to, file);
                }
            }
            _ => {
                let mut file = tree.get(path).cloned().unwrap_or_default();
                if !file.0.remove(&secret) {
                    file.0.insert(secret);
                }
                put(tree, path, (file.0, noise));
            }
        }
    }

    fn commit(&mut self) {
        let parents = self.parents();
        let mut tree = parents.first().map(|&parent| self.commits[parent].1.clone()).unwrap_or_default();
        for parent in parents.iter().skip(1) {
            for (path, file) in self.commits[*parent].1.clone() {
                if self.random.below(2) == 0 {
                    put(&mut tree, path, file);
                }
            }
        }
        // A merge that changes something of its own is the rarer one.
        let changes = if parents.len() > 1 { self.random.below(5).saturating_sub(3) } else { 1 + self.random.below(2) };
        (0..changes).for_each(|_| self.change(&mut tree));
        let files: Vec<(String, String)> =
            tree.iter().map(|(path, file)| ((*path).to_owned(), format!(":{}", self.import.blob(content(file).as_bytes())))).collect();
        let marks: Vec<usize> = parents.iter().map(|&parent| self.commits[parent].0).collect();
        let seconds = (self.clock)(self.commits.len(), &mut self.random);
        let text = format!("commit {}\n", self.commits.len());
        let mark = self.import.commit("refs/build", seconds, text.as_bytes(), &marks, &files);
        self.commits.push((mark, tree));
    }

    /// Names some commits, and leaves others to nothing.
    fn name(&mut self) {
        let last = self.commits.len() - 1;
        for (number, name) in
            ["heads/main", "heads/side", "heads/a/b", "remotes/origin/main", "pull/1/head", "tags/light", "notes/x"].iter().enumerate()
        {
            let commit = self.commits[last - self.random.below(6 * (number + 1))].0;
            self.import.set(&format!("refs/{name}"), commit);
        }
        let tagged = self.commits[last / 2].0;
        self.import.tag("noted", tagged, b"a tag\n");
    }

    pub(crate) fn told(seed: u64, commits: usize, clock: fn(usize, &mut Random) -> u64) -> Place {
        let mut story = Story { random: Random(seed), clock, import: Import::default(), commits: Vec::new() };
        (0..commits).for_each(|_| story.commit());
        story.name();
        let place = Place::repo_with(&["--bare"]);
        story.import.run(&place);
        place.git(&["update-ref", "-d", "refs/build"]);
        place.git(&["repack", "-adfkq", "--depth=50", "--window=30"]);
        place
    }
}

/// A commit as git's objects tell it: when, after which, and which secrets stand at which line of which path.
pub(crate) struct Told {
    pub(crate) seconds: u64,
    pub(crate) parents: Vec<String>,
    pub(crate) secrets: BTreeMap<(String, String), usize>,
}

type Objects = BTreeMap<String, (String, Vec<u8>)>;

/// Finds the secrets below a tree by their text.
fn secrets(objects: &Objects, tree: &str, prefix: &str, into: &mut BTreeMap<(String, String), usize>) {
    let mut rest = &objects[tree].1[..];
    while let Some(end) = rest.find_byte(0) {
        let (mode, name) = rest[..end].to_str().expect("ours").split_once(' ').expect("two words");
        let id: String = rest[end + 1..end + 21].iter().map(|byte| format!("{byte:02x}")).collect();
        if mode == "40000" {
            secrets(objects, &id, &format!("{prefix}{name}/"), into);
        } else {
            let text = objects[&id].1.to_str_lossy();
            for (number, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with("x = ")) {
                into.insert((format!("{prefix}{name}"), line[4..].to_owned()), number + 1);
            }
        }
        rest = &rest[end + 21..];
    }
}

pub(crate) fn told(objects: &Objects) -> BTreeMap<String, Told> {
    let commits = objects.iter().filter(|object| object.1.0 == "commit");
    commits
        .map(|(id, (_, bytes))| {
            let text = bytes.to_str_lossy();
            let named = |key: &str| text.lines().filter_map(|line| line.strip_prefix(key)).map(str::to_owned).collect::<Vec<_>>();
            let seconds = named("committer ")[0].rsplit(' ').nth(1).and_then(|seconds| seconds.parse().ok()).expect("a time");
            let mut found = BTreeMap::new();
            secrets(objects, &named("tree ")[0], "", &mut found);
            (id.clone(), Told { seconds, parents: named("parent "), secrets: found })
        })
        .collect()
}

/// The most public class of name that holds a commit, as git tells it.
fn holder(place: &Place, commit: &str) -> &'static str {
    let refs = place.git(&["for-each-ref", "--format=%(refname)", "--contains", commit]);
    let classes =
        [("refs/remotes/", "remote"), ("refs/tags/", "tag"), ("refs/heads/", "branch"), ("refs/pull/", "other"), ("refs/notes/", "notes")];
    let held = classes.iter().find(|class| refs.lines().any(|name| name.starts_with(class.0)));
    held.map_or("nothing", |class| class.1)
}

/// Who brought and took a secret at a path, in the order of their clocks; reachable ones, or all where there are none.
struct Life {
    brought: Vec<String>,
    removed: Vec<String>,
}

fn life(commits: &BTreeMap<String, Told>, reachable: &BTreeSet<String>, key: &(String, String)) -> Life {
    let has = |id: &String| commits[id].secrets.contains_key(key);
    let choose = |does: &dyn Fn(&String, &Told) -> bool| {
        let mut chosen: Vec<&String> = commits.iter().filter(|(id, commit)| does(id, commit)).map(|commit| commit.0).collect();
        if chosen.iter().any(|id| reachable.contains(*id)) {
            chosen.retain(|id| reachable.contains(*id));
        }
        chosen.sort_by_key(|id| (commits[*id].seconds, *id));
        chosen.into_iter().cloned().collect()
    };
    let brought: Vec<String> = choose(&|id, commit| has(id) && !commit.parents.iter().any(has));
    let mut removed: Vec<String> = choose(&|id, commit| !has(id) && commit.parents.iter().any(has));
    // What no name holds took nothing away from what names hold.
    if brought.first().is_some_and(|id| reachable.contains(id)) {
        removed.retain(|id| reachable.contains(id));
    }
    Life { brought, removed }
}

fn reached(place: &Place, name: &str) -> BTreeSet<String> {
    place.git(&["rev-list", name]).lines().map(str::to_owned).collect()
}

/// What removed a secret last among some commits, if one of them brought it.
fn held(commits: &BTreeMap<String, Told>, reached: &BTreeSet<String>, key: &(String, String)) -> Option<Option<String>> {
    let has = |id: &String| commits[id].secrets.contains_key(key);
    let had = |id: &&String| commits[*id].parents.iter().any(has);
    if !reached.iter().any(|id| has(id) && !had(&id)) {
        return None;
    }
    let removed = reached.iter().filter(|id| !has(id) && had(id)).max_by_key(|id| (commits[*id].seconds, *id));
    Some(removed.cloned())
}

/// What a ref has of a secret, as a report says it.
fn held_by(place: &Place, commits: &BTreeMap<String, Told>, name: &str, key: &(String, String)) -> Option<Value> {
    let removed = held(commits, &reached(place, name), key)?;
    let tip = place.git(&["rev-parse", &format!("{name}^{{commit}}")]);
    Some(match removed {
        _ if commits[&tip].secrets.contains_key(key) => json!({ "name": name, "present": true }),
        Some(removed) => json!({ "name": name, "present": false, "removed": removed }),
        None => json!({ "name": name, "present": false }),
    })
}

/// Compares each place that an audit names with what happened.
#[track_caller]
fn retold(seed: u64, commits: usize) -> Place {
    // Clocks are wrong and agree by chance.
    let place = Story::told(seed, commits, |number, random| 1_700_000_000 + (number + random.below(24)) as u64);
    let ran = place.staunch(&["audit", "--format", "json", "--show-secrets"]).ends(1);
    let commits = told(&objects(&place));
    let reachable: BTreeSet<String> = place.git(&["rev-list", "--all", "--topo-order"]).lines().map(str::to_owned).collect();
    assert!(reachable.len() < commits.len(), "some commits are lost");
    let head = place.git(&["rev-parse", "HEAD"]);
    let classes = ["refs/remotes", "refs/tags", "refs/heads", "refs/notes", "refs/stash"];
    let refs: Vec<String> = classes
        .iter()
        .flat_map(|class| place.git(&["for-each-ref", "--format=%(refname)", class]).lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(refs.len() > 3, "{refs:?}");
    let mut missing: BTreeSet<(String, String)> = commits.values().flat_map(|commit| commit.secrets.keys().cloned()).collect();
    for credential in credentials(&ran.json()) {
        assert_eq!(credential["detector"], DETECTOR);
        for at in credential["places"].as_array().expect("places") {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let key = (text(&at["path"]).expect("a path"), text(&credential["secret"]).expect("shown"));
            assert!(missing.remove(&key), "{key:?} is named twice, or was never there");
            let life = life(&commits, &reachable, &key);
            let brought = text(&at["commit"]);
            assert_eq!(brought.as_ref(), life.brought.first(), "seed {seed}: {key:?} came with {:?}", life.brought);
            let brought = brought.expect("it is the first of some");
            assert_eq!(at["line"].as_u64(), commits[&brought].secrets.get(&key).map(|line| *line as u64), "seed {seed}: {key:?}");
            assert_eq!(at["held_by"], holder(&place, &brought), "seed {seed}: {key:?} came with {brought}");
            let in_head = commits[&head].secrets.get(&key).map(|line| *line as u64);
            assert_eq!(at["head_line"].as_u64(), in_head, "seed {seed}: {key:?} in HEAD");
            let on_the_way = held(&commits, &reached(&place, "HEAD"), &key);
            let removed = on_the_way.flatten().or(life.removed.last().cloned()).filter(|_| in_head.is_none());
            assert_eq!(text(&at["removed"]["id"]), removed, "seed {seed}: {key:?} went with {:?}", life.removed);
            let told: Vec<&Value> = at["refs"].as_array().into_iter().flatten().collect();
            let expected: Vec<Value> = refs.iter().filter_map(|name| held_by(&place, &commits, name, &key)).collect();
            assert_eq!(told, expected.iter().collect::<Vec<_>>(), "seed {seed}: {key:?}");
        }
    }
    assert!(missing.is_empty(), "seed {seed}: {missing:?} are not reported");
    place
}

#[test]
fn who_brought_and_who_removed_is_what_all_commits_say() {
    for seed in 1..=4 {
        retold(seed, 70);
    }
}

#[test]
fn who_brought_it_is_what_git_log_says() {
    let place = retold(5, 60);
    for credential in credentials(&place.staunch(&["audit", "--format", "json", "--show-secrets"]).ends(1).json()) {
        let search = format!("-S{}", credential["secret"].as_str().expect("shown"));
        for at in credential["places"].as_array().expect("places").iter().filter(|at| at["held_by"] != "nothing") {
            let path = at["path"].as_str().expect("a path");
            let log = place.git(&["log", "--all", "--full-history", "-m", "--format=%H", &search, "--", path]);
            let is_said = |id: &Value| id.as_str().is_some_and(|id| log.lines().any(|line| line == id));
            assert!(is_said(&at["commit"]), "{at}\n{log}");
            assert!(at["removed"].is_null() || is_said(&at["removed"]["id"]), "{at}\n{log}");
        }
    }
}
