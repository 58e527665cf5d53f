#!/usr/bin/env python3
"""Time and memory of an audit as the history grows: python3 benches/scale.py [--commits N] [--repo PATH...]

Makes repositories of N, 2N, 4N and 8N commits (code-like files that are edited, moved and grow; the same seed gives the
same repository), packs each with `git repack -adf`, and audits them in turn with one thread and with two. With --repo it
measures repositories that are there, beside `git cat-file --batch-all-objects --batch --unordered`.

Prints medians of wall and processor time, and the peak of memory: in total (resident), and anonymous, which is what is not
a page of a mapped file. Anonymous memory is RssAnon of /proc/PID/status, read every two milliseconds, so a shorter peak may
be missed. Needs Linux, git, and `cargo build --release`.
"""

import argparse
import os
import random
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

STAUNCH = Path(__file__).resolve().parent.parent / "target" / "release" / "staunch"


def history(folder: Path, commits: int) -> Path:
    """Writes a repository of so many commits."""
    repo = folder / f"{commits}.git"
    subprocess.run(["git", "init", "-q", "--bare", repo], check=True)
    rng = random.Random(7)
    files = {f"src/{a}/{b}.py": code(rng, 80) for a in range(20) for b in range(10)}
    fast = subprocess.Popen(["git", "-C", repo, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    out = fast.stdin
    for number in range(commits):
        text = f"change {number}".encode()
        out.write(b"commit refs/heads/main\ncommitter A <a@example.com> %d +0000\ndata %d\n%s\n" % (10**9 + number * 60, len(text), text))
        if number == 0:
            changed = list(files)
        else:
            changed = rng.sample(list(files), 3)
            for name in changed:
                lines = files[name]
                at = rng.randrange(len(lines))
                lines[at:at + rng.randrange(3)] = code(rng, rng.randrange(1, 4))
        if number % 50 == 49:
            old = rng.choice(list(files))
            new = f"src/{rng.randrange(20)}/moved{number}.py"
            files[new] = files.pop(old)
            out.write(f"R {old} {new}\n".encode())
            changed = [name for name in changed if name in files] + [new]
        for name in changed:
            data = "\n".join(files[name]).encode()
            out.write(b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(data), data))
    out.close()
    if fast.wait() != 0:
        raise SystemExit("git fast-import failed")
    subprocess.run(["git", "-C", repo, "repack", "-adfq"], check=True)
    return repo


def code(rng: random.Random, lines: int) -> list[str]:
    """Returns lines that look like code."""
    words = ["value", "token", "count", "name", "key", "result", "config", "user", "path", "item"]
    return [f"    {rng.choice(words)}_{rng.randrange(1000)} = {rng.choice(words)}({rng.choice(words)}, {rng.randrange(10**6)})" for _ in range(lines)]


def measure(command: list[str]) -> tuple[float, float, float, float]:
    """Runs a command; returns seconds of wall and processor, and megabytes resident and anonymous at their peaks."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    anonymous = 0
    while True:
        pid, _, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            continue
        anonymous = max([anonymous] + [int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon:")])
        time.sleep(0.002)
    wall = time.monotonic() - start
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000, anonymous / 1000


def row(label: str, command: list[str], runs: int, before: float | None = None) -> float:
    """Prints the medians of some runs, and returns the processor time."""
    figures = [statistics.median(values) for values in zip(*(measure(command) for _ in range(runs)))]
    ratio = f"{figures[1] / before:.2f}" if before else ""
    print(f"| {label} | {figures[0]:.2f} | {figures[1]:.2f} | {figures[2]:.0f} | {figures[3]:.0f} | {ratio} |", flush=True)
    return figures[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=5_000, help="of the smallest repository")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--repo", action="append", help="measure this one instead; may be repeated")
    options = parser.parse_args()
    if not STAUNCH.exists():
        raise SystemExit("cargo build --release --locked comes first")

    def audit(repo: str, threads: int) -> list[str]:
        return [str(STAUNCH), "audit", repo, "--format", "json", "--threads", str(threads)]

    print("| what | wall s | CPU s | resident MB | anonymous MB | CPU ÷ the one before |\n|---|---|---|---|---|---|")
    if options.repo:
        for repo in options.repo:
            for threads in (1, 2):
                row(f"{repo}, {threads} threads", audit(repo, threads), options.runs)
            row(f"{repo}, git cat-file", ["git", "-C", repo, "cat-file", "--batch-all-objects", "--batch", "--unordered"], options.runs)
        return
    with tempfile.TemporaryDirectory() as folder:
        repos = [(factor * options.commits, history(Path(folder), factor * options.commits)) for factor in (1, 2, 4, 8)]
        for threads in (1, 2):
            before = None
            for commits, repo in repos:
                before = row(f"{commits} commits, {threads} threads", audit(str(repo), threads), options.runs, before)


if __name__ == "__main__":
    main()
