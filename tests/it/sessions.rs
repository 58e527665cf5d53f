//! Random sessions of work with git, each commit asked of our hook and of an oracle that materialises the index.
//!
//! No secret that is newly staged passes, and none that was not staged stops a commit. The oracle asks git what is staged
//! and counts known tokens in it; it knows nothing of detectors, trees or the index file.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::hook::hooked;
use crate::support::{Place, token};

const FILES: [&str; 6] = ["a.txt", "b.txt", "dir/c.txt", "dir/d.txt", "e f.txt", "ü.txt"];
const TOKENS: u64 = 4;
/// Sessions in one repository, one after the other, and repositories.
const SESSIONS: usize = 25;
const REPOSITORIES: u64 = 8;
const STEPS: usize = 6;

/// How many commits were stopped, and how many passed.
static STOPPED: AtomicUsize = AtomicUsize::new(0);
static PASSED: AtomicUsize = AtomicUsize::new(0);

/// A generator with a seed: xorshift, of which no more is asked than to be the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }

    fn file(&mut self) -> &'static str {
        FILES[self.roll(FILES.len())]
    }

    /// Some lines, one in three of which leaks.
    fn content(&mut self) -> String {
        let mut text = String::new();
        for _ in 0..=self.roll(4) {
            let line = self.roll(1_000);
            match self.roll(3) {
                0 => text.push_str(&format!("x{line} = {}\n", token(self.roll(TOKENS as usize) as u64))),
                _ => text.push_str(&format!("line {line}\n")),
            }
        }
        text
    }
}

/// How often each token is in a content.
fn counts(text: &str) -> Vec<usize> {
    (0..TOKENS).map(|seed| text.matches(&token(seed)).count()).collect()
}

/// Returns whether what is staged holds a token more often than what it replaces: the version in HEAD, or for a new path
/// all that goes away.
fn brings_a_secret(place: &Place) -> bool {
    let staged = place.git(&["diff", "--cached", "--raw", "-z", "--no-renames", "--abbrev=40"]);
    let mut parts = staged.split('\0');
    let (mut changes, mut gone) = (Vec::new(), vec![0; TOKENS as usize]);
    while let (Some(head), Some(_)) = (parts.next().filter(|head| !head.is_empty()), parts.next()) {
        let fields: Vec<&str> = head.split(' ').collect();
        let blob = |id: &str| if id.bytes().all(|b| b == b'0') { None } else { Some(counts(&place.git(&["cat-file", "blob", id]))) };
        let (old, new) = (blob(fields[2]), blob(fields[3]));
        if let (Some(old), None) = (&old, &new) {
            gone.iter_mut().zip(old).for_each(|(gone, old)| *gone += old);
        }
        changes.push((old, new));
    }
    changes.iter().any(|(old, new)| {
        let before = old.as_ref().unwrap_or(&gone);
        new.as_ref().is_some_and(|new| new.iter().zip(before).any(|(new, before)| new > before))
    })
}

/// Does one step; what fails, as a stash that does not apply, leaves things as git leaves them.
fn step(place: &Place, dice: &mut Dice) {
    let file = dice.file();
    match dice.roll(10) {
        0..=3 => place.write(file, dice.content()),
        4 => drop(place.try_git(&["add", "-A"])),
        5 => {
            // Staged in part: the index and the file on disk differ.
            place.write(file, dice.content());
            place.try_git(&["add", file]);
            place.write(file, dice.content());
        }
        6 => drop(place.try_git(&["mv", file, dice.file()])),
        7 if dice.roll(2) == 0 => drop(place.try_git(&["rm", "-q", "--cached", file])),
        7 => drop(place.try_git(&["rm", "-q", "-f", file])),
        8 => drop(place.try_git(&["stash", if dice.roll(2) == 0 { "push" } else { "pop" }])),
        _ => drop(place.try_git(&["restore", "--staged", file])),
    }
}

/// Commits, and checks that it was stopped if and only if the oracle says so.
fn commit(place: &Place, dice: &mut Dice, seed: u64) {
    if !place.git(&["ls-files", "--unmerged"]).is_empty() {
        place.git(&["reset", "-q", "--hard"]);
        return;
    }
    let args: &[&str] = if dice.roll(3) == 0 { &["commit", "-q", "-a", "-m", "x"] } else { &["commit", "-q", "-m", "x"] };
    if args.contains(&"-a") {
        place.git(&["add", "-u"]);
    }
    if place.try_git(&["diff", "--cached", "--quiet"]).code == 0 && !place.path(".git/MERGE_HEAD").exists() {
        return;
    }
    let expected = brings_a_secret(place);
    let ran = place.try_git(args);
    let stopped = ran.code != 0;
    assert_eq!(stopped, expected, "repository {seed}: {ran:?}\n{}", place.git(&["diff", "--cached"]));
    if stopped { &STOPPED } else { &PASSED }.fetch_add(1, Ordering::Relaxed);
    if stopped {
        // Half of the time it gets in all the same, so that HEAD has old secrets; the other half is unstaged.
        if dice.roll(2) == 0 {
            place.git(&["commit", "-q", "--no-verify", "-m", "unasked"]);
        } else {
            place.git(&["reset", "-q"]);
        }
    }
}

/// Merges a branch of its own, without a commit, so that the oracle can look at what is staged.
fn merge(place: &Place, dice: &mut Dice, seed: u64) {
    place.git(&["reset", "-q", "--hard"]);
    place.git(&["clean", "-q", "-f", "-d"]);
    place.git(&["switch", "-q", "-C", "side", if dice.roll(2) == 0 { "HEAD" } else { "HEAD~1" }]);
    place.write(dice.file(), dice.content());
    place.git(&["add", "-A"]);
    place.try_git(&["commit", "-q", "--no-verify", "-m", "side"]);
    place.git(&["switch", "-q", "main"]);
    if place.try_git(&["merge", "-q", "--no-ff", "--no-commit", "side"]).code == 0 {
        commit(place, dice, seed);
    }
    place.git(&["reset", "-q", "--hard"]);
}

#[test]
fn commits_of_random_sessions_are_stopped_if_and_only_if_they_bring_a_secret() {
    std::thread::scope(|threads| {
        for seed in 1..=REPOSITORIES {
            threads.spawn(move || {
                let place = hooked();
                place.commit("second.txt", "so that HEAD has a parent\n");
                let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                for _ in 0..SESSIONS {
                    for _ in 0..STEPS {
                        step(&place, &mut dice);
                    }
                    commit(&place, &mut dice, seed);
                    if dice.roll(4) == 0 {
                        merge(&place, &mut dice, seed);
                    }
                }
            });
        }
    });
    let counts = [&STOPPED, &PASSED].map(|count| count.load(Ordering::Relaxed));
    assert!(counts.iter().all(|&count| count >= SESSIONS), "both happen often enough to mean something: {counts:?}");
}
