"""The sample data directories, laid out with the modes that the application gives."""

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from .locations import PACKAGE

FIXTURES = PACKAGE / "Tests/Fixtures/canifly"
SAMPLES = ["0.0.42", "0.0.58", "0.1.5", "0.5.0"]
SAMPLE_CLOCK = "2026-11-01T12:00:00Z"
# Folders without a file, which git does not keep.
EMPTY_FOLDERS = {"0.1.5": ["eve"], "0.5.0": ["eve"]}


def private_modes():
    """What MODES.txt says: a path and four octal digits a line."""
    modes = {}
    for line in (FIXTURES / "MODES.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            path, mode = line.rsplit(" ", 1)
            modes[path] = int(mode, 8)
    return modes


def lay_out(sample, target):
    """Copies a sample to `target`, which must not exist, and returns it as a Path."""
    target = Path(target)
    modes = private_modes()
    shutil.copytree(FIXTURES / sample, target)
    for name in EMPTY_FOLDERS.get(sample, []):
        (target / name).mkdir()
    for folder, _, names in os.walk(target):
        os.chmod(folder, 0o755)
        for name in names:
            path = Path(folder) / name
            os.chmod(path, modes.get(f"{sample}/{path.relative_to(target)}", 0o644))
    return target


def tree_of(folder):
    """Every file and folder below one: kind, mode, size, times, inode, bytes. Equal trees mean that
    nothing at all was touched (but for access times)."""
    tree = {}
    folder = Path(folder)
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        contents = path.read_bytes() if stat.S_ISREG(status.st_mode) else None
        tree[str(path.relative_to(folder))] = (
            status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns,
            status.st_ino, contents)
    return tree


@contextlib.contextmanager
def scratch_folder():
    """A directory that is gone afterwards, whatever modes were set in it."""
    folder = Path(tempfile.mkdtemp(prefix="canifly-store-test-"))
    # Some tests run the program as another user.
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for path, _, _ in os.walk(folder):
            os.chmod(path, 0o700)
        shutil.rmtree(folder)
