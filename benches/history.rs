//! What reading a history costs at least, and what an audit costs: `cargo bench --bench history -- REPO…`.
//!
//! The floor inflates every object of the packs and applies every delta, looks at nothing and keeps nothing. Both run on
//! one thread and on two; the best of the rounds counts, as noise only slows. Times are of the processor, of all threads.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its figures")]

use std::env;
use std::path::Path;
use std::time::{Duration, Instant};

use gix::objs::Kind;
use gix::oid;
use staunch::config::Config;
use staunch::coverage::Why;
use staunch::detect::Catalog;
use staunch::git::Repo;
use staunch::git::pack::{Derived, Object, Store, Visitor};
use staunch::scan::{Options, Scanner};
use staunch::secret::FingerprintKey;
use staunch::watch::Watch;

/// How often each is run.
const ROUNDS: usize = 5;

struct Floor;

impl Visitor for Floor {
    type Kept = ();

    fn wants(&self, _: Kind) -> bool {
        true
    }

    fn visit(&self, object: Object<'_>, _: Option<Derived<'_, ()>>) {
        std::hint::black_box(object.bytes);
    }

    fn skip(&self, _: &oid, _: Why) {}
}

fn main() {
    let repos: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if repos.is_empty() {
        eprintln!("name a repository: cargo bench --bench history -- REPO");
    }
    for repo in repos {
        println!("{repo}");
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads");
            let (wall, cpu) = best(|| pool.install(|| floor(Path::new(&repo))));
            let floor_cpu = cpu.as_secs_f64();
            println!("  floor, {threads} threads: {:.2} s wall, {floor_cpu:.2} s processor", wall.as_secs_f64());
            let (wall, cpu) = best(|| audit(Path::new(&repo), threads));
            let (wall, cpu) = (wall.as_secs_f64(), cpu.as_secs_f64());
            println!("  audit, {threads} threads: {wall:.2} s wall, {cpu:.2} s processor, {:.1} times the floor", cpu / floor_cpu);
        }
    }
}

fn floor(path: &Path) {
    let repo = Repo::around(path).expect("a repository");
    let store = Store::open(&repo).expect("its objects");
    store.walk(&repo, &Floor, &Watch::default());
}

/// The whole product: every detector, and the provenance of what they find.
fn audit(path: &Path, threads: usize) {
    let options = Options { threads, ..Options::default() };
    let scanner = Scanner::new(Catalog::shipped(), Config::default(), options, FingerprintKey::new(b"bench"));
    let outcome = scanner.audit(&Repo::around(path).expect("a repository"), None, None).expect("an audit");
    std::hint::black_box(outcome);
}

/// Returns the shortest wall time and the shortest time of the processor.
fn best(mut run: impl FnMut()) -> (Duration, Duration) {
    let mut times = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        let (wall, cpu) = (Instant::now(), processor());
        run();
        times = (times.0.min(wall.elapsed()), times.1.min(processor() - cpu));
    }
    times
}

/// Returns the time that the threads of this process have used, as Linux counts it in hundredths of a second.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: u64 = stat.rsplit(')').next().unwrap_or_default().split(' ').skip(12).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
