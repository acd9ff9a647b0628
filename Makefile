# The fixed commands. `make` needs a Python of 3.11 or newer and nothing else: Node, PostgreSQL, NATS and Chromium for
# build and tests come from packages. Nothing is done twice: stamps say what is up to date.

SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
STAMP := $(VENV)/.installed
PYTEST := $(PY) -m pytest
WORKERS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1

.PHONY: help run test check lint ui ui-tests bench soak format clean

help:
	@echo "make run     build what is needed, start on SQLite with demo data, print addresses and sign-ins"
	@echo "make test    everything: UI, SQLite, PostgreSQL, NATS, a real Chromium"
	@echo "make check   format, lint, types, layers, then make test"
	@echo "make bench   measure, each beside its limit; writes bench.json"
	@echo "make soak    the long harnesses"

$(STAMP): pyproject.toml constraints.txt
	@set -e; found=; \
	for candidate in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do \
	  if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "No Python of 3.11 or newer with venv was found. Install one, or name it: make PYTHON=/path/to/python3.11"; exit 1; \
	fi; \
	if [ ! -x $(PY) ]; then echo "Making a Python environment in $(VENV) with $$($$found --version) …"; $$found -m venv $(VENV); fi
	@echo "Installing the Python packages (one to three minutes the first time) …"
	@rm -f $(VENV)/failed; { PIP_CONSTRAINT=constraints.txt $(PY) -m pip install --no-compile --progress-bar off -e ".[dev]" 2>&1 \
	  || touch $(VENV)/failed; } | tee $(VENV)/pip.log | awk '\
	  /^Collecting/ { n++; if (n % 20 == 0) { print "      " n " packages fetched"; fflush() } } \
	  /^Installing collected/ { print "      unpacking them …"; fflush() }'
	@if [ -e $(VENV)/failed ]; then tail -n 20 $(VENV)/pip.log; \
	  echo "The Python packages could not be installed: see the lines above."; exit 1; fi
	@touch $@

ui: $(STAMP)
	@$(PY) hatch_build.py

ui-tests: $(STAMP)
	@$(PY) hatch_build.py --all
	@echo "UI: types, tests, budgets …"
	@$(PY) hatch_build.py --node node_modules/typescript/bin/tsc --noEmit
	@$(PY) hatch_build.py --node node_modules/vitest/vitest.mjs run
	@$(PY) hatch_build.py --node scripts/budgets.mjs

run: ui
	@$(BIN)/contact-center demo

test: ui-tests
	@echo "Python: every ring …"
	@$(PYTEST) -n $(WORKERS) --dist worksteal -m "not soak and not bench and not browser" $(ARGS)
	@echo "Python: a real browser …"
	@$(PYTEST) -n $(WORKERS) --dist loadfile -m "browser and not soak" $(ARGS)

lint: $(STAMP)
	@echo "Format, lint, types, layers …"
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --check .; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

check: lint test

format: $(STAMP)
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: ui
	@$(BIN)/contact-center bench $(ARGS)

soak: ui-tests
	@$(PYTEST) -m soak -o faulthandler_timeout=0 $(ARGS)

clean:
	rm -rf agents_ui/static agents_ui/.static-* agents_ui/node_modules .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
