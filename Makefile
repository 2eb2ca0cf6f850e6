# mailsim: set up, run, test. "make help" lists the targets.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SCENARIO ?= experiments/bulk_send.yaml
PYTEST_ARGS ?= -n auto --dist worksteal
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

.PHONY: setup
setup: $(READY) ## Make .venv with the locked packages and mailsim in it

# The stamp is newer than the lock once everything is installed, so a changed lock sets up again.
$(READY): requirements.lock pyproject.toml
	@python=; bare=; \
	for candidate in python3.11 python3 python3.12 python3.13 python3.14; do \
	    "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    if "$$candidate" -c 'import ensurepip, venv' 2>/dev/null; then python=$$candidate; break; fi; \
	    bare=$${bare:-$$candidate}; \
	done; \
	if [ -z "$$python" ] && [ -n "$$bare" ]; then \
	    echo "$$bare cannot make virtual environments here. On Debian and Ubuntu:" >&2; \
	    echo "    sudo apt-get install python3-venv" >&2; exit 1; \
	elif [ -z "$$python" ]; then \
	    echo "mailsim needs Python 3.11 or newer. On Debian 12 and Ubuntu 24.04:" >&2; \
	    echo "    sudo apt-get install python3 python3-venv" >&2; exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$("$$python" --version)"; \
	rm -rf $(VENV) && "$$python" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@echo "Compiling the busiest modules (about a minute; MAILSIM_COMPILE=0 leaves it out)"
	@$(INSTALL)
	@touch $@

.PHONY: compiled
compiled: $(READY) ## Compile the busiest modules anew, after a change to the sources
	@$(INSTALL)

.PHONY: run
run: $(READY) ## Run SCENARIO (default: the bulk send) and draw its two pictures
	$(BIN)/mailsim run $(SCENARIO)

.PHONY: test
test: $(READY) ## Run all tests; PYTEST_ARGS="-m 'not slow'" for the quick ones
	$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: coverage
coverage: $(READY) ## Check that the core rooms are tested in every branch
	MAILSIM_PURE=1 $(BIN)/python -m pytest -q -n auto tests/message tests/smtp tests/dns tests/mta \
	    -m 'not slow' --hypothesis-profile=few \
	    --cov=mailsim.message --cov=mailsim.smtp --cov=mailsim.dns --cov=mailsim.mta \
	    --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

.PHONY: theory
theory: $(READY) ## Judge all cases of queueing theory, or CASES, in JOBS processes; write docs/validation.md
	PYTHONPATH=tests $(BIN)/python -m theory $(if $(JOBS),-j $(JOBS)) $(CASES)

.PHONY: docs
docs: $(READY) ## Make docs/conformance.md and the transcripts of the docs anew
	$(BIN)/python docs/make_conformance.py
	$(BIN)/python tests/golden/insert.py

.PHONY: lint
lint: $(READY) ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: $(READY) ## Check types
	$(BIN)/mypy

.PHONY: bench
bench: compiled ## Measure speed against SimPy, smtpproto and aiosmtpd
	$(BIN)/python -m pytest bench/bench_*.py -q -s -p no:xdist

.PHONY: lock
lock: ## Pin all packages again (needs uv)
	uv pip compile --no-strip-extras --generate-hashes --no-header --no-annotate --python-version 3.11 \
	    pyproject.toml --extra test --extra notebook -o requirements.lock

.PHONY: clean
clean: ## Remove all that make and the tools have made; results stay
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
