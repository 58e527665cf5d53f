//! Shows how far a scan is, on a terminal, and lets Ctrl-C end it with what was found so far.

use staunch::count::counted;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use staunch::watch::Watch;

/// A bar that lives as long as the scan; dropping it takes it off the screen.
pub(super) struct Progress {
    is_done: Arc<AtomicBool>,
    painter: Option<JoinHandle<()>>,
}

/// Often enough to look alive, seldom enough to cost nothing.
const REDRAW: Duration = Duration::from_millis(100);

/// Watches a scan: Ctrl-C stops it, and progress is shown unless `is_quiet`.
pub(super) fn watch(watch: &Arc<Watch>, is_quiet: bool) -> Progress {
    let stopped = Arc::clone(watch);
    // A second handler cannot be set; then Ctrl-C ends the process as it always does.
    let _ = ctrlc::set_handler(move || {
        if stopped.is_stopped() {
            crate::leave();
        }
        stopped.stop();
    });
    let is_done = Arc::new(AtomicBool::new(false));
    let is_wanted = !is_quiet && std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
    let painter = is_wanted.then(|| {
        let (watch, is_done) = (Arc::clone(watch), Arc::clone(&is_done));
        std::thread::spawn(move || paint(&watch, &is_done))
    });
    Progress { is_done, painter }
}

fn paint(watch: &Watch, is_done: &AtomicBool) {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let counting = ProgressStyle::with_template("{spinner} {bytes} ({bytes_per_sec}) {msg}");
    let measured = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} ({bytes_per_sec}, {eta} left) {msg}");
    if let Ok(style) = counting {
        bar.set_style(style);
    }
    let mut measured = measured.ok();
    while !is_done.load(Ordering::Relaxed) {
        let reading = watch.read();
        if reading.total_bytes > 0 {
            bar.set_length(reading.total_bytes);
            if let Some(style) = measured.take() {
                bar.set_style(style);
            }
        }
        bar.set_position(reading.done_bytes);
        bar.set_message(format!("{}, {}", counted(reading.objects, "object"), counted(reading.candidates, "candidate")));
        std::thread::park_timeout(REDRAW);
    }
    bar.finish_and_clear();
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.is_done.store(true, Ordering::Relaxed);
        if let Some(painter) = self.painter.take() {
            painter.thread().unpark();
            // A painter that panicked has nothing left to clean up.
            let _ = painter.join();
        }
    }
}
