# The verbs of this project. Set-up happens by itself, once; 'make VENV=somewhere test' uses another environment.
VENV ?= .venv
PYTHON ?= python3
WORKERS ?= 2
BIN := $(VENV)/bin
BESIDE := .venv-bench
READERS := tests/readers/node_modules/.package-lock.json
PIP := $(BIN)/python -m pip install --quiet
# followsync itself is built by what the lock names, so nothing is fetched that has no hash
OURSELVES := --no-deps --no-build-isolation --editable .
UV := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	--override requirements.override.txt

# The interpreter of the machines that the package is for: Debian's own, of the release that this is built on
DEB_PYTHON ?= /usr/bin/python3

.PHONY: help setup demo test test-postgresql check format bench soak lock pages deb clean

help:
	@echo 'make demo    the whole job on this machine, with a CalDAV server of its own'
	@echo 'make test    all tests (the first time, it sets everything up)'
	@echo 'make test-postgresql   all tests, with every store on PostgreSQL'
	@echo 'make check   what must be green: format, lint, types, floors, tests'
	@echo 'make bench   requests, bytes and seconds beside a bare HTTP loop and vdirsyncer (BENCH=--full: everything)'
	@echo 'make soak    the random tests, for long'
	@echo 'make pages   the reference pages and the manual, anew'
	@echo 'make deb     a Debian package with all libraries in it, in dist/'
	@echo 'make lock    the versions of all dependencies, anew'

# --- setting up: a stamp for what runs, and one for what developers need beside it

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runs: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) --no-deps --require-hashes -r requirements.lock
	$(PIP) $(OURSELVES)
	@touch $@

$(VENV)/.develops: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(PIP) --no-deps --require-hashes -r requirements-dev.lock
	$(PIP) $(OURSELVES)
	@touch $@ $(VENV)/.runs

# readers of other families, which read a feed as ours do; where there is no npm those tests are left out
$(READERS): tests/readers/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix tests/readers --ignore-scripts --no-audit --no-fund --silent && touch $@; \
	else echo 'There is no npm, so two readers of feeds are not tried.'; fi

setup: $(VENV)/.develops $(READERS)

# what the bench measures FollowSync beside, where it cannot get in its way
$(BESIDE)/.runs: requirements-bench.lock | $(BIN)/python
	$(PYTHON) -m venv $(BESIDE)
	$(BESIDE)/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements-bench.lock
	@touch $@

# --- using

demo: $(VENV)/.runs
	$(BIN)/followsync demo

test: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

# the same tests, with every store on a PostgreSQL that they start themselves
test-postgresql: setup
	FOLLOWSYNC_TEST_STORE=postgresql $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: setup
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory test

format: setup
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: setup
	@$(MAKE) --no-print-directory $(BESIDE)/.runs || echo 'vdirsyncer could not be installed; the bench goes on without it.'
	$(BIN)/python -m tests.bench $(BENCH)

# The lives that were lived are noted, so that a soak that was broken off goes on: SOAK='--schedules 100 --minutes 5' makes it short
SOAK ?= --schedules 10000 --minutes 1200 --resume .hypothesis/soak.json
soak: setup
	FOLLOWSYNC_SOAK=20 $(BIN)/python -m pytest -n $(WORKERS) -m 'soak or not soak' --hypothesis-profile=soak
	@mkdir -p .hypothesis
	$(BIN)/python -m tests.dav.soak $(SOAK)

# The override leaves out niquests: see docs/decisions/0005-no-niquests.md
lock: setup
	$(PIP) uv
	$(UV) --extra build --extra demo --extra postgresql --extra dev pyproject.toml -o requirements-dev.lock
	$(UV) --extra build --extra demo --extra postgresql -c requirements-dev.lock pyproject.toml -o requirements.lock
	echo 'vdirsyncer==0.21.0' | $(UV) - -o requirements-bench.lock

pages: setup
	$(BIN)/python -m tests.pages
	$(BIN)/python -m tests.sources

deb: $(VENV)/.runs
	@packaging/deb/build $(BIN)/python $(DEB_PYTHON) dist

clean:
	rm -rf $(VENV) $(BESIDE) dist tests/readers/node_modules .mypy_cache .ruff_cache .hypothesis .import_linter_cache
