"""Runs a program on a pseudo terminal as somebody would who sits there: waits for what it shows, and types.

usage: terminal.py FOLDER SHOWN TYPED SHOWN TYPED … -- PROGRAM ARGS…
Each TYPED is sent, with Enter, once SHOWN has appeared after what was shown for the one before. Prints all that was shown; ends as the program ends,
or with 99 where what was waited for did not come.
"""

import os
import pty
import select
import sys
import time

SECONDS = 60


def main():
    at = sys.argv.index("--")
    folder, words, program = sys.argv[1], sys.argv[2:at], sys.argv[at + 1 :]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvp(program[0], program)
    shown, seen, end = b"", 0, time.monotonic() + SECONDS
    steps = list(zip(words[::2], words[1::2]))
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
        try:
            more = os.read(terminal, 65536) if ready else b""
        except OSError:  # The other end is closed.
            more = b""
        if not more:
            break
        shown += more
        while steps and (found := shown.find(steps[0][0].encode(), seen)) >= 0:
            seen = found + len(steps[0][0])
            os.write(terminal, steps.pop(0)[1].encode() + b"\n")
    sys.stdout.buffer.write(shown)
    if steps or time.monotonic() > end:
        os.kill(child, 9)
        sys.exit(99)
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


main()
