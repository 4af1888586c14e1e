#!/usr/bin/env python3
"""Reads what `llvm-cov show` prints; prints lines covered by module, and those that are not."""

import collections
import re
import sys

PROGRAM_ALONE = {"canifly-store"}

modules = collections.defaultdict(lambda: [0, 0])
missing = collections.defaultdict(list)
file = module = None
for line in sys.stdin:
    line = line.rstrip("\n")
    if line.endswith(":") and "/Sources/" in line:
        file = line[:-1].split("/Sources/", 1)[1]
        module = file.split("/", 1)[0]
        continue
    found = re.match(r" *(\d+)\| *([0-9.]+[kMGTPE]?)\|", line)
    if not found or file is None or not file.endswith(".swift") or module in PROGRAM_ALONE:
        continue
    count = modules[module]
    count[1] += 1
    if found[2] == "0":
        missing[file].append(int(found[1]))
    else:
        count[0] += 1


def runs(numbers):
    start = last = None
    for number in numbers:
        if last is not None and number == last + 1:
            last = number
            continue
        if start is not None:
            yield start, last
        start = last = number
    if start is not None:
        yield start, last


for file, numbers in sorted(missing.items()):
    places = ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs(numbers))
    print(f"{file}: {places}")
print()
reached = every = 0
for name, (covered, lines) in sorted(modules.items()):
    print(f"{name:22} {covered:6} of {lines:6} lines {100 * covered / lines:6.2f} %")
    reached += covered
    every += lines
if every == 0:
    sys.exit("coverage: no lines at all")
print(f"{'all':22} {reached:6} of {every:6} lines {100 * reached / every:6.2f} %")
