"""Counts what held and what did not; the last line it prints is what a script's reader looks
for."""

import sys
import threading


class Counting:
    """`check` may be called from several threads."""

    def __init__(self):
        self.passed = 0
        self.failed = 0
        self._guard = threading.Lock()

    def check(self, holds, what, *details):
        """Counts one expectation; what was expected is said only where it does not hold."""
        with self._guard:
            if holds:
                self.passed += 1
            else:
                self.failed += 1
                print("FAILED:", what, *(f"\n    {detail}" for detail in details), flush=True)
        return bool(holds)

    def equal(self, found, expected, what):
        return self.check(found == expected, what, f"found {found!r}", f"expected {expected!r}")

    def skip(self, what, why):
        print(f"skipped: {what}: {why}", flush=True)

    def finish(self):
        """Prints the summary and ends the script. No expectation at all is a failure, too."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(1 if self.failed or not self.passed else 0)
