"""What the tests of the real program share: counting, samples, running, tracing."""

from .counting import Counting
from .locations import PACKAGE, conformance_folder, program_under_test
from .processes import Outcome, Program, is_clean_failure
from .samples import SAMPLE_CLOCK, SAMPLES, lay_out, scratch_folder, tree_of

__all__ = [
    "Counting", "Outcome", "PACKAGE", "Program", "SAMPLES", "SAMPLE_CLOCK",
    "conformance_folder", "is_clean_failure", "lay_out", "program_under_test",
    "scratch_folder", "tree_of",
]
