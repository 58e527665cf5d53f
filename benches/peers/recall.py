#!/usr/bin/env python3
"""Scores what share of documented shapes each scanner finds, by category.

    python3 benches/peers/recall.py SHAPES.csv           recall on values generated from the shapes
    python3 benches/peers/recall.py SHAPES.csv --kinds testdata/kinds/required.txt
    python3 benches/peers/recall.py --clean FOLDER...    findings in a megabyte of text that should have none

The shapes file has the columns id, category, self_identifying, example_shape, checksum and context_keywords; a shape is
written as `literal` + 36×base62. Each row becomes values in three surroundings, in one file a row; a row counts as found
when any finding of a scanner lies in its file on the line of its value. Rows whose shape or checksum this cannot make
are left out for everybody, and counted.
"""
import argparse
import base64
import collections
import csv
import pathlib
import random
import re
import sys
import tempfile
import zlib

import run

DIGITS = "0123456789"
UPPER, LOWER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
BASE62 = DIGITS + UPPER + LOWER
ALPHABETS = {
    "base62": BASE62,
    "base64": BASE62 + "+/",
    "base64 (+/)": BASE62 + "+/",
    "base64url": BASE62 + "-_",
    "base64url (-_)": BASE62 + "-_",
    "base58": "".join(c for c in BASE62 if c not in "0OIl"),
    "base32": UPPER + "234567",
    "hex-lower": "0123456789abcdef",
    "hex-upper": "0123456789ABCDEF",
    "hex": "0123456789abcdef",
    "digits": DIGITS,
    "letters": UPPER + LOWER,
    "lowercase letters": LOWER,
    "uppercase letters": UPPER,
    "lowercase letters and digits": LOWER + DIGITS,
    "uppercase letters and digits": UPPER + DIGITS,
    "letters and digits": BASE62,
}
INSTANCES = 3


def base62(number, width):
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    return digits.rjust(width, "0")


def little_endian(text):
    return zlib.crc32(text.encode()).to_bytes(4, "little")


def crc_of_all(value):
    return value[:-8] + format(zlib.crc32(value[:-8].encode()), "08X")


# How a value ends that follows from what is before, by the beginning of its id.
CHECKS = {
    "github-pat-classic": lambda v: v[:-6] + base62(zlib.crc32(v[4:-6].encode()), 6),
    "github-oauth": lambda v: v[:-6] + base62(zlib.crc32(v[4:-6].encode()), 6),
    "github-app-user": lambda v: v[:-6] + base62(zlib.crc32(v[4:-6].encode()), 6),
    "github-app-installation": lambda v: v[:-6] + base62(zlib.crc32(v[4:-6].encode()), 6),
    "github-refresh": lambda v: v[:-6] + base62(zlib.crc32(v[4:-6].encode()), 6),
    "npm-token": lambda v: v[:-6] + base62(zlib.crc32(v[4:-6].encode()), 6),
    "grafana-sa-token": lambda v: v[:-8] + little_endian(v[:-9]).hex(),
    "cloudflare": lambda v: v[:-8] + format(zlib.crc32(v[-48:-8].encode()), "08x"),
    "bitbucket-access-token": crc_of_all,
    "confluent-secret": lambda v: v[:-6] + base64.b64encode(little_endian(v[4:-6])).decode()[:6],
    "zuplo": lambda v: v[:-8] + format(zlib.crc32(v[5:-9].encode()), "08x"),
}


# Values that have more in them than their shape says: what stands at which place, as the column "structure" has it.
MARKS = {
    "aws-bedrock-api-key-long": (4, base64.b64encode(b"BedrockAPIKey").decode()[:18]),
    "aws-bedrock-api-key-short": (16, base64.b64encode(b"bedrock.amazonaws.com").decode()),
    "aws-session-token": (0, "IQoJb3JpZ2lu"),
    "azure-apim-git-password": (4, "20"),
    "grafana-api-key": (52, "LCJuIjoi"),
    "imagekit-private": (35, "="),
    "pubnub-secret": (6, "M"),
    "sentry-org-token": (7, base64.b64encode(b'{"iat":').decode()[:9]),
    "slack-app-token": (7, "A"),
}


def marked(kind, value):
    at, mark = MARKS.get(kind, (0, ""))
    if kind == "azure-entra-refresh-token":
        value = re.sub(r"\.Ag.", ".AgA", value)
    if kind == "grafana-api-key":
        # Base64 of letters and digits has no `+` and no `/`.
        value = value[:at].replace("+", "x").replace("/", "y") + value[at:]
    if kind == "pubnub-secret":
        # Base64 of the text of a UUID has no `+` and no `/`.
        value = value[:6] + value[6:].replace("+", "x").replace("/", "y")
    return value[:at] + mark + value[at + len(mark) :]


def check_of(row):
    """Returns what completes a value; `None` where there is a checksum that is not known here."""
    for beginning, complete in CHECKS.items():
        if row["id"].startswith(beginning) and row["checksum"].lower().startswith(("yes", "reported")):
            return complete
    return None if row["checksum"].lower().startswith("yes") else lambda value: value


def value(shape, rng):
    """Returns a random value of a shape, or nothing where it is written in another way."""
    out = ""
    for part in shape.split(" + "):
        part = part.strip()
        literal = re.fullmatch(r"`([^`]*)`", part)
        run_of = re.fullmatch(r"(\d+)(?:-(\d+))?×(.+)", part)
        if literal:
            out += literal[1]
        elif part == "uuid":
            digits = "".join(rng.choice("0123456789abcdef") for _ in range(32))
            out += "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])
        elif run_of and run_of[3] in ALPHABETS:
            count = rng.randint(int(run_of[1]), int(run_of[2] or run_of[1]))
            out += "".join(rng.choice(ALPHABETS[run_of[3]]) for _ in range(count))
        else:
            return None
    return out


def name_of(row):
    """Returns the variable that people put such a value in."""
    words = [word.strip() for word in re.split(r"[,;]", row["context_keywords"])]
    variables = [word for word in words if re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", word)]
    if variables:
        return variables[0]
    plain = [word for word in words if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]{2,}", word)]
    return (re.sub(r"[^A-Za-z0-9]", "_", plain[0]).upper() if plain else row["id"].split("-")[0].upper()) + "_KEY"


def corpus(shapes, wanted, folder):
    """Writes a file for each row that is wanted; returns the rows with their lines, and the number left out."""
    rng = random.Random(7)
    rows, left_out = [], 0
    with open(shapes, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if wanted and row["id"] not in wanted:
                continue
            complete = check_of(row)
            values = [value(row["example_shape"], rng) for _ in range(INSTANCES)]
            if complete is None or None in values:
                left_out += 1
                continue
            name, lines = name_of(row), ["# settings of the service", "region = eu-west-1"]
            forms = [f'{name}="{{}}"', f"export {name}={{}}", f'  "{name.lower()}": "{{}}",']
            numbers = []
            for form, made in zip(forms, values):
                lines += [form.format(complete(marked(row["id"], made))), "timeout = 30"]
                numbers.append(len(lines) - 1)
            (folder / f"{row['id']}.conf").write_text("\n".join(lines) + "\n")
            rows.append((row["id"], row["category"], row["self_identifying"] == "yes", numbers))
    return rows, left_out


def recall(shapes, wanted, programs, scratch):
    folder = scratch / "corpus"
    folder.mkdir()
    rows, left_out = corpus(shapes, wanted, folder)
    places = run.scan(programs, str(folder), scratch)
    total = collections.Counter()
    found = {name: collections.Counter() for name in places}
    missed = {name: [] for name in places}
    for kind, category, is_shaped, numbers in rows:
        groups = [category, "(prefix of its own)" if is_shaped else "(by its name)", "(all)"]
        total.update(groups)
        for name, own in places.items():
            lines = {line for path, line, _ in own if pathlib.Path(path).name == f"{kind}.conf"}
            if set(numbers) <= lines:
                found[name].update(groups)
            else:
                missed[name].append(kind)
    print(f"{len(rows)} kinds, {INSTANCES} values each; {left_out} left out: no shape or checksum that can be made here\n")
    print(f"{'category':<22}{'kinds':>6}" + "".join(f"{name:>13}" for name in places))
    for category in sorted(total):
        shares = "".join(f"{found[name][category] / total[category]:>12.0%} " for name in places)
        print(f"{category:<22}{total[category]:>6}{shares}")
    print("\nnot found by staunch:", ", ".join(missed.get("staunch", [])) or "none")


def clean(folders, programs, scratch):
    for folder in folders:
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink()) / 1e6
        places = run.scan(programs, str(folder.resolve()), scratch)
        print(f"{folder}: {size:.0f} MB; " + ", ".join(f"{name} {len(own)} ({len(own) / size:.2f} in a MB)" for name, own in places.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="?", type=pathlib.Path)
    parser.add_argument("--kinds", type=pathlib.Path, help="only the rows whose ids are in this file")
    parser.add_argument("--clean", nargs="+", type=pathlib.Path, default=[])
    parser.add_argument("--staunch", type=pathlib.Path, help="a program that is built already")
    args = parser.parse_args()
    if not args.shapes and not args.clean:
        parser.error("name a shapes file, or folders after --clean")
    wanted = set(args.kinds.read_text().split()) if args.kinds else set()
    programs = run.install(args.staunch) if args.staunch else run.install()
    programs.pop("git", None)
    with tempfile.TemporaryDirectory() as scratch:
        if args.shapes:
            recall(args.shapes, wanted, programs, pathlib.Path(scratch))
        if args.clean:
            clean(args.clean, programs, pathlib.Path(scratch))


if __name__ == "__main__":
    sys.exit(main())
