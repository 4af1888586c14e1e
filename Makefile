# Everything a person or a machine does with this project, by name. `make help` lists it.

SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=

# The released program (static), the tests (testable) and the crash tester are built with different
# flags, so each has its own folder: sharing one would rebuild everything at each change of hands.
# The folder in which the program was built does not show in it.
BUILD_FLAGS = -c release -Xswiftc -file-prefix-map -Xswiftc "$(CURDIR)=."
TEST_FOLDER = .build-tests
CRASH_FOLDER = .build-crash
EXAMPLE_FOLDER = .build-example
PACKAGES = .build-packages
PROGRAM = .build/release/canifly-store
LINK_MAP = .build/canifly-store.map
ifeq ($(shell uname -s),Linux)
# The link map tells the bill of materials what was linked.
BUILD_FLAGS += -Xswiftc -static-executable -Xlinker "-Map=$(LINK_MAP)"
endif

.DEFAULT_GOAL := help
.PHONY: help setup packages build test lint format demo check crash-test fuzz fuzz-guided contend \
	coverage sanitize bench bench-check bench-record example man picture \
	install uninstall dist deb reproducible clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the Debian packages that are missing
	@Scripts/set-up tests

# What is only used by tests must not be in the way of a build.
packages:
	@Scripts/set-up

build: packages ## the program: one static executable, .build/release/canifly-store
	@Scripts/build $(BUILD_FLAGS)

demo: build ## the main job on sample data, in a scratch directory
	@Scripts/demo $(PROGRAM)

test: build setup ## all tests, those with the real program included
	@Scripts/test $(PROGRAM) $(TEST_FOLDER)

lint: ## tell where the style is not kept
	@Scripts/lint

format: ## bring the style about
	@$(SWIFT) format --in-place --recursive Package.swift Sources Tests

check: lint demo test ## what .ci/run runs

# How many distinct states of the disk are recovered from; some thousand a second.
STATES ?= 1000000

crash-test: packages ## cut power in every command and every pair of them, STATES times
	@$(SWIFT) build -c release --scratch-path $(CRASH_FOLDER) --product crash-test
	@$(CRASH_FOLDER)/release/crash-test --sweep --states $(STATES)

# How long each reader is fed with mutations, or how many; how many bits of each file of a larger
# store are turned over; the seed makes them again.
SECONDS_EACH ?= 10
SEED ?= 1
FLIPS ?= 1000
ROUNDS ?= 100000

fuzz: packages ## feed every reader of bytes with mutations, and turn over every bit of a store
	@$(SWIFT) build -c release --scratch-path $(CRASH_FOLDER) --product fuzz
	@$(CRASH_FOLDER)/release/fuzz --seconds $(SECONDS_EACH) --seed $(SEED)
	@$(CRASH_FOLDER)/release/fuzz --bits
	@$(CRASH_FOLDER)/release/fuzz --flips $(FLIPS) --seed $(SEED)

fuzz-guided: packages ## let libFuzzer feed every reader of bytes, SECONDS_EACH each
	@Scripts/fuzz-guided $(SECONDS_EACH)

contend: packages ## writers stepped through each other, and processes that want one lock
	@$(SWIFT) build -c release --scratch-path $(CRASH_FOLDER) --product contend
	@$(SWIFT) build -c release --scratch-path $(CRASH_FOLDER) --product crash-test
	@$(CRASH_FOLDER)/release/crash-test --interleavings
	@$(CRASH_FOLDER)/release/contend --rounds $(ROUNDS) --groups 80

coverage: setup ## which lines of the library the tests reach
	@Scripts/coverage

sanitize: setup ## the readers under the address sanitizer, the program under the thread sanitizer
	@Scripts/sanitize

bench: build ## measure against other programs, into docs/performance.md
	@Scripts/set-up bench
	@Scripts/bench $(PROGRAM) --write

bench-check: build ## fail where a main job needs over 5 % more instructions than recorded
	@Scripts/set-up bench
	@Scripts/bench-check $(PROGRAM)

bench-record: build ## record the instructions that the main jobs need
	@Scripts/set-up bench
	@Scripts/bench-check $(PROGRAM) --write

example: packages ## build and run docs/examples as a package of its own, elsewhere
	@Scripts/example $(EXAMPLE_FOLDER)

man: build ## write the man page and docs/commands.md from the table of commands
	@$(PROGRAM) help --man > docs/canifly-store.1
	@$(PROGRAM) help --markdown > docs/commands.md

picture: build ## draw docs/terminal.svg anew
	@Scripts/picture $(PROGRAM) > docs/terminal.svg

install: ## put program, man page, completions and systemd units under $(DESTDIR)$(PREFIX)
	@DESTDIR="$(DESTDIR)" Scripts/install "$(PREFIX)" $(PROGRAM)

uninstall: ## remove what install has put there
	@DESTDIR="$(DESTDIR)" Scripts/install --remove "$(PREFIX)"

dist: build ## a tarball for any Linux of this machine's kind, in $(PACKAGES)
	@Scripts/dist tarball $(PROGRAM) $(LINK_MAP) $(PACKAGES)

# make hands MAINTAINER on to the script.
deb: build ## a Debian package, in $(PACKAGES); MAINTAINER="Name <address>" says whose
	@Scripts/dist deb $(PROGRAM) $(LINK_MAP) $(PACKAGES)

reproducible: packages ## build and pack twice, in two folders: the same bytes must come out
	@Scripts/reproduce

clean: ## remove what was built
	@rm -rf .build $(TEST_FOLDER) $(CRASH_FOLDER) $(EXAMPLE_FOLDER) $(PACKAGES)
	@rm -rf .build-coverage .build-sanitize-* .build-fuzz-guided
