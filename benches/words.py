#!/usr/bin/env python3
"""Makes the list of common words of the judge from trees of source code.

    python3 benches/words.py FOLDER > src/detect/judge/words.txt

Each folder below FOLDER is one package. A word counts once for a package, so that no package decides what is common; it
stands by itself in small letters, so that pieces of random text do not count. Short runs of letters are met by chance, so
a short word must be in more packages than a long one.
"""
import collections
import multiprocessing
import os
import re
import sys

ENDINGS = (".c", ".go", ".h", ".java", ".js", ".md", ".php", ".py", ".rb", ".rs", ".rst", ".sh", ".tf", ".ts", ".txt", ".yml")
WORD = re.compile(rb"(?<![A-Za-z0-9+/=\\%&_-])[a-z]{3,20}(?![A-Za-z0-9+/=])")
# Of a package, and of a line: minified code has longer ones.
PACKAGE_BYTES, LINE_BYTES = 6 << 20, 240
# By length: the least share of the packages that have the word.
SHARES = {3: 0.1, 4: 0.025, 5: 0.014, 6: 0.011}
LONG_SHARE = 0.008


def words(package):
    """Returns the words of a package."""
    found, left = set(), PACKAGE_BYTES
    for folder, folders, files in os.walk(package):
        folders.sort()
        for name in sorted(files):
            if not name.endswith(ENDINGS) or ".min." in name or left <= 0:
                continue
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    text = file.read(left)
            except OSError:
                continue
            left -= len(text)
            for line in text.splitlines():
                if len(line) <= LINE_BYTES:
                    found.update(WORD.findall(line))
    return found


def main():
    top = sys.argv[1]
    packages = [os.path.join(top, name) for name in sorted(os.listdir(top))]
    counts, used = collections.Counter(), 0
    with multiprocessing.Pool() as pool:
        for found in pool.imap(words, packages):
            used += bool(found)
            counts.update(found)
    for word, count in sorted(counts.items()):
        if count >= used * SHARES.get(len(word), LONG_SHARE):
            print(word.decode())


if __name__ == "__main__":
    main()
