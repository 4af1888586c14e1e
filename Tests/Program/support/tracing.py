"""Finding the system calls of a run, and making one of them fail or be the last."""

import collections
import dataclasses
import os
import re
import shutil

# Calls that do not touch a file, and getrandom, which the kernel never fails with these errors.
HARMLESS = {
    "arch_prctl", "brk", "clock_gettime", "clock_nanosleep", "clone", "clone3", "execve", "exit",
    "exit_group", "futex", "getcwd", "geteuid", "getpid", "getppid", "getrandom", "gettid",
    "getuid", "ioctl", "kill", "madvise", "mmap", "mprotect", "mremap", "munmap", "nanosleep",
    "poll", "prctl", "prlimit64", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "sched_getaffinity", "sched_yield", "set_robust_list", "set_tid_address", "sigaltstack",
    "sysinfo", "uname",
}

# What threads and their memory need depends on which of them comes first.
OF_THREADS = {"futex", "madvise", "mprotect", "munmap", "sched_yield"}

# A line of `strace -f`: process, call, and what follows.
LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")


@dataclasses.dataclass(frozen=True)
class Call:
    """The `ordinal`-th use of a system call, counted from 1 and for each thread, as strace does."""
    name: str
    ordinal: int
    text: str
    # Whether it will be made again: which of the other threads takes which sync, and who waits for
    # whom, is chance.
    is_certain: bool = True

    @property
    def can_fail(self):
        """Whether an error at this call is the program's business: the language's runtime looks for
        its own executable before the program begins, and has its own opinion."""
        return self.name not in HARMLESS and "/proc/self/exe" not in self.text

    def __str__(self):
        return f"{self.name} {self.ordinal} ({self.text[:90]})"


def is_available():
    return shutil.which("strace") is not None


def record(file):
    """To run a program under: every system call goes to `file`."""
    return ["strace", "-f", "-qq", "-o", os.fspath(file)]


def calls(file):
    """What `record` has written. Where two threads make the same call as their `ordinal`-th, it is
    there once: a disturbance meets both."""
    seen = collections.Counter()
    found = {}
    main_thread = None
    for line in open(file, encoding="utf-8", errors="replace"):
        match = LINE.match(line)
        if match and match[2] != "execve":
            thread, name = match[1], match[2]
            main_thread = main_thread or thread
            seen[thread, name] += 1
            ordinal = seen[thread, name]
            is_certain = thread == main_thread and name not in OF_THREADS
            if is_certain or (name, ordinal) not in found:
                found[name, ordinal] = Call(name, ordinal, match[3].rstrip(), is_certain)
    return list(found.values())


def killing_at(call):
    """To run a program under: SIGKILL comes as it enters the call, which is not carried out."""
    return _injecting(call, "signal=KILL")


def signalling_at(call, number):
    """To run a program under: the signal comes as it enters the call."""
    return _injecting(call, f"signal={number.value}")


def failing_at(call, error, for_good=False):
    """To run a program under: the call is not carried out and returns the error; `for_good`, and so
    are all later ones of its name."""
    return _injecting(call, f"error={error}", "+" if for_good else "")


def _injecting(call, what, repetition=""):
    return [
        "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call.name}",
        "-e", f"inject={call.name}:{what}:when={call.ordinal}{repetition}"]
