#!/usr/bin/env python3
"""Counts what is reported in source trees that should hold no secret, and shows it to be judged by eye.

    python3 benches/peers/clean.py fetch DEST            a corpus: packages of npm and PyPI, and sources that cargo has unpacked
    python3 benches/peers/clean.py FOLDER                findings by detector, and how many in a megabyte
    python3 benches/peers/clean.py FOLDER --show 50      and 50 of the generic ones, drawn by chance, and all of the others

Findings in folders of tests and of documentation are counted apart: fixtures hold made-up secrets, and are meant to.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys

NPM = """typescript webpack react-dom @angular/core vue next express lodash axios aws-sdk firebase eslint prettier moment rxjs three
plotly.js monaco-editor socket.io mongoose sequelize typeorm pg mysql2 passport jsonwebtoken node-forge openpgp nodemailer stripe twilio
@slack/web-api core-js tailwindcss svelte vite rollup npm swagger-ui-dist @azure/identity ethers web3 serverless antd echarts codemirror
pdfjs-dist keycloak-js next-auth n8n-nodes-base @strapi/strapi parse-server knex graphql newman gatsby hexo ssh2 ldapjs kafkajs""".split()
PYPI = """django flask requests sqlalchemy ansible-core boto3 botocore cryptography paramiko celery apache-airflow notebook tornado aiohttp
scrapy pytest sphinx awscli azure-cli-core google-api-python-client kubernetes docker twisted keystone sentry-sdk pyjwt authlib
django-allauth mitmproxy pandas numpy scipy matplotlib sympy langchain openai litellm mlflow prefect redash jupyterhub certbot
pycryptodome ldap3 pymongo redis stripe twilio slack-sdk PyGithub python-gitlab moto checkov semgrep platformio""".split()
TESTS = {"test", "tests", "testing", "testdata", "test_data", "spec", "specs", "__tests__", "fixtures", "fixture", "mocks", "mock", "__mocks__"}
TESTS |= {"examples", "example", "samples", "sample", "demo", "demos", "e2e", "snapshots", "cassettes", "testsuite", "benchmarks", "bench"}
DOCS = {"doc", "docs", "documentation", "guide", "guides", "cookbook", "tutorial", "tutorials", "changelog", "news"}
TEST_NAME = re.compile(r"(^|[._-])(test|tests|spec)[._-]|^test|_test\.|\.test\.|conftest")
DOC_NAME = re.compile(r"\.(md|rst|adoc|txt|ipynb)$|^(readme|changelog|changes|history|news)|\.d\.ts$", re.IGNORECASE)


def fetch(destination):
    """Downloads and unpacks the packages, and copies what cargo has unpacked; says what could not be had."""
    missing = [tool for tool in ("npm", "tar", "unzip") if not shutil.which(tool)]
    if missing:
        sys.exit(f"fetch needs {', '.join(missing)}")
    destination.mkdir(parents=True, exist_ok=True)
    archives = destination / ".archives"
    archives.mkdir(exist_ok=True)
    commands = [(name, ["npm", "pack", "--silent", name]) for name in NPM]
    commands += [(name, [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", ".", name]) for name in PYPI]
    for name, command in commands:
        if subprocess.run(command, cwd=archives, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
            print(f"left out: {name}", file=sys.stderr)
    for archive in sorted(archives.iterdir()):
        folder = destination / archive.name
        folder.mkdir(exist_ok=True)
        is_zip = archive.suffix in (".whl", ".zip")
        subprocess.run(["unzip", "-qo", archive, "-d", folder] if is_zip else ["tar", "xf", archive, "-C", folder], check=False)
    for unpacked in pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo")).glob("registry/src/*/*"):
        link = destination / unpacked.name
        link.exists() or subprocess.run(["cp", "-r", unpacked, link], check=True)


def place(path):
    """Tells where a finding is: in tests, in documentation, or elsewhere."""
    *folders, name = path.lower().split("/")
    if TESTS & set(folders) or TEST_NAME.search(name):
        return "tests"
    return "docs" if DOCS & set(folders) or DOC_NAME.search(name) else "code"


def sizes(folder):
    """Returns the bytes of each kind of place."""
    total = collections.Counter()
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in (".git", ".archives")]
        for name in files:
            path = os.path.join(root, name)
            if not os.path.islink(path):
                total[place(os.path.relpath(path, folder))] += os.path.getsize(path)
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="+", help="`fetch DEST`, or the folder to scan")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="show N generic findings and all others")
    parser.add_argument("--staunch", default="staunch", help="the program")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if args.folder[0] == "fetch":
        return fetch(pathlib.Path(args.folder[1]))
    folder = args.folder[0]
    command = [os.path.abspath(args.staunch) if os.sep in args.staunch else args.staunch]
    command += ["scan", ".", "--no-ignore", "--show-secrets", "--format", "jsonl"]
    report = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    found = [json.loads(line) for line in report.splitlines() if line.startswith(b"{")]
    size = sizes(folder)
    counts = collections.defaultdict(collections.Counter)
    # The same value in one package is one finding to whoever reads them.
    seen, distinct = set(), []
    for finding in found:
        key = (finding["path"].split("/")[0], finding["fingerprint"])
        if key not in seen:
            seen.add(key)
            distinct.append(finding)
            counts[finding["detector"]][place(finding["path"])] += 1
    print(f"{'detector':<34}{'code':>7}{'docs':>7}{'tests':>7}")
    for detector, count in sorted(counts.items(), key=lambda item: -item[1]["code"]):
        print(f"{detector:<34}{count['code']:>7}{count['docs']:>7}{count['tests']:>7}")
    for where in ("code", "docs", "tests"):
        number, megabytes = sum(count[where] for count in counts.values()), size[where] / 1e6
        print(f"{where}: {number} in {megabytes:.0f} MB, one in {megabytes / max(number, 1):.1f} MB")
    shown = [finding for finding in distinct if place(finding["path"]) == "code"]
    generic = [finding for finding in shown if finding["detector"].startswith("generic-")]
    others = [finding for finding in shown if not finding["detector"].startswith("generic-")]
    if args.show:
        random.Random(args.seed).shuffle(generic)
        for finding in others + generic[: args.show]:
            secret = finding["secret"] if len(finding["secret"]) <= 60 else finding["secret"][:57] + "..."
            print(f"{finding['detector']} {finding['confidence']} {finding['path']}:{finding['line']} {secret!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
