"""Running the program."""

import dataclasses
import json
import os
import re
import signal
import subprocess

from .samples import SAMPLE_CLOCK

# The exit statuses of the contract, without those that mean success or a bug.
FAILURES = {64, 65, 66, 73, 74, 75, 77, 78}

# Under nohup, or as a job in the background, these are ignored, and so would the program's be.
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


@dataclasses.dataclass
class Outcome:
    """How a process ended. A death by signal N has the status -N."""
    status: int
    output: bytes
    errors: bytes

    @property
    def text(self):
        return self.output.decode("utf-8", "replace")

    @property
    def error_text(self):
        return self.errors.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.output)

    def __str__(self):
        return f"exit {self.status}\n    {self.text.strip()}\n    {self.error_text.strip()}"


class Program:
    """The program on one store, with a fixed clock and nothing else from our surroundings."""

    def __init__(self, path, store=None):
        self.path = path
        self.store = store
        self.environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "CANIFLY_STORE_NOW": SAMPLE_CLOCK,
        }
        if store is not None:
            self.environment["CANIFLY_STORE"] = str(store)

    def on(self, store):
        return Program(self.path, store)

    def run(self, *arguments, input=b"", before=(), timeout=60, environment=None, **options):
        """Runs one command to its end. `before`: a program that runs it, such as strace."""
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        finished = subprocess.run(
            [*before, self.path, *map(str, arguments)], input=input, timeout=timeout,
            env={**self.environment, **(environment or {})}, **options)
        return Outcome(finished.returncode, finished.stdout or b"", finished.stderr or b"")

    def start(self, *arguments, **options):
        """Starts one command and returns its Popen."""
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen(
            [self.path, *map(str, arguments)], env=self.environment, **options)


ERROR_FORM = re.compile(
    rb"(canifly-store: (warning|note): [^\n]+\n)*"
    rb"canifly-store: error: [^\n]+\n(canifly-store: hint: [^\n]+\n)?")


def is_clean_failure(outcome):
    """Whether the program ended with one of its own statuses and one line of error (and one
    hint)."""
    return outcome.status in FAILURES and ERROR_FORM.fullmatch(outcome.errors) is not None
