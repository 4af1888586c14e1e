"""A process that does with `.lock` what the application does."""

import os
import signal
import subprocess
import sys

# Creates `.lock` exclusively and fills it, as the application does; removes what it takes for
# stale; refuses (exit 3) where the holder lives or no number can be read. Holds it until its
# standard input ends, then unlinks without looking whose it is.
CODE = r"""
import os, sys, time
lock = os.path.join(sys.argv[1], ".lock")
while True:
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        break
    except FileExistsError:
        pass
    try:
        process = int(open(lock).readline())
    except FileNotFoundError:
        continue
    except ValueError:
        sys.exit(3)
    try:
        os.kill(process, 0)
        sys.exit(3)
    except OSError:
        pass
    try:
        os.unlink(lock)
    except FileNotFoundError:
        pass
now = time.strftime("%Y-%m-%dT%H:%M:%S%z")
os.write(descriptor, f"{os.getpid()}\nlinux\n{now[:-2]}:{now[-2:]}\n".encode())
os.fsync(descriptor)
os.close(descriptor)
print("held", flush=True)
sys.stdin.read()
os.unlink(lock)
"""


class Application:
    """Starts the application on a store. `holds` says whether it got the lock."""

    def __init__(self, store):
        self._process = subprocess.Popen(
            [sys.executable, "-c", CODE, os.fspath(store)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        self.pid = self._process.pid
        self.holds = self._process.stdout.readline() == b"held\n"
        if not self.holds:
            self._process.wait()

    def quit(self):
        """As its user ends it."""
        self._process.stdin.close()
        self._process.wait()

    def kill(self):
        """As the kernel ends it: `.lock` stays."""
        os.kill(self.pid, signal.SIGKILL)
        self._process.wait()
