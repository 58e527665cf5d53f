#!/usr/bin/env python3
"""Measures what the size of the catalog costs: start-up of a hook, and an audit.

    python3 benches/catalog.py REPO...                        builds both programs first, with --release
    python3 benches/catalog.py --few P --whole P REPO...      programs that are there

`few` has 100 detectors (`STAUNCH_DETECTORS=100`, read by build.rs), `whole` all of them. They take turns, so a machine that
gets slower slows both; medians are printed.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peers"))
import run

DETECTORS = 100


def build(name, environment):
    """Builds a program in a folder of its own, so that neither makes the other's build stale."""
    target = run.ROOT / "target" / "catalog" / name
    command = ["cargo", "build", "--release", "--locked", "--quiet", "--target-dir", target]
    subprocess.run(command, cwd=run.ROOT, check=True, env={**os.environ, **environment})
    return target / "release" / "staunch"


def compare(label, programs, args, folder, runs):
    figures = {name: [] for name in programs}
    for _ in range(runs):
        for name, program in programs.items():
            figure = run.measure([str(program), *args], folder, 600)
            if figure is None:
                sys.exit(f"{name} took more than 600 seconds: {label}")
            figures[name].append(figure)
    wall = {name: statistics.median(figure[0] for figure in own) * 1000 for name, own in figures.items()}
    cpu = {name: statistics.median(figure[1] for figure in own) * 1000 for name, own in figures.items()}
    print(f"{label}: {wall['few']:.1f} ms with {DETECTORS} detectors, {wall['whole']:.1f} ms with all: "
          f"{wall['whole'] - wall['few']:+.1f} ms, {wall['whole'] / wall['few'] - 1:+.0%} (processor {cpu['whole'] / cpu['few'] - 1:+.0%}), medians of {runs}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repos", nargs="*", type=pathlib.Path)
    parser.add_argument("--few", type=pathlib.Path)
    parser.add_argument("--whole", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5, help="of an audit; a hook is run ten times as often")
    args = parser.parse_args()
    programs = {
        "few": args.few or build("few", {"STAUNCH_DETECTORS": str(DETECTORS)}),
        "whole": args.whole or build("whole", {}),
    }
    programs = {name: program.resolve() for name, program in programs.items()}
    with tempfile.TemporaryDirectory() as folder:
        run.small_commit(folder)
        compare("check of one staged file", programs, ["check", "--quiet"], folder, args.runs * 10)
    for repo in args.repos:
        compare(f"audit of {repo.name}", programs, ["audit", str(repo.resolve()), "--quiet"], ".", args.runs)


if __name__ == "__main__":
    sys.exit(main())
