"""Where things are."""

import os
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[3]


def program_under_test():
    """The first argument, $CANIFLY_STORE_PROGRAM, or what `make build` makes."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("CANIFLY_STORE_PROGRAM")
    program = Path(given) if given else PACKAGE / ".build/release/canifly-store"
    if not program.is_file():
        sys.exit(f"{sys.argv[0]}: there is no program at {program}; run make build")
    return str(program.resolve())


def conformance_folder(name):
    """A folder of the public conformance suites; None where they are not to be had."""
    given = os.environ.get("CANIFLY_STORE_CONFORMANCE")
    folder = Path(given) if given else PACKAGE.parent / "shared/conformance"
    return folder / name if (folder / name).is_dir() else None
