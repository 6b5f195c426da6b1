# Two commands from a fresh clone: `make demo` and `make test`. Each does its own set-up; `make help` lists the rest.
PYTHON ?= python3
T ?= tests
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest
# Two workers are worth it for the whole suite only; a file stays with one worker, so that its fixtures are made once.
WORKERS = $(if $(filter tests,$(T)),-n 2 --dist loadfile)
PACKAGES := exam_protocol question_bank scoring kiosk_client exam_server
LOCK = $(VENV)/lock/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate \
	--custom-compile-command "make lock" $(ARGS) pyproject.toml requirements/build.in

.DEFAULT_GOAL := help
# Forty processes of a demo must not compile every module anew.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help setup demo test check fix ci docs faults databases browser fresh-clone lock clean

help: ## List what make can do
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup: $(VENV)/.ready-dev ## Prepare .venv with the locked dependencies

demo: $(VENV)/.ready-server ## Run a whole exam day on this machine (ARGS="--headless --json")
	$(BIN)/kaoping demo $(ARGS)

test: setup browser ## Run the tests (T=tests/scoring for a part)
	$(PYTEST) $(WORKERS) $(T)

check: setup browser ## Everything a change must pass, quickest first
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy $(addprefix -p ,$(PACKAGES))
	$(BIN)/python docs/generate.py --check
	$(PYTEST) $(WORKERS) $(T)

fix: setup ## Format, mend what can be mended, renew the generated docs
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python docs/generate.py

ci: check faults databases ## What .ci/run runs: check, faults, databases, the headless demo, a fresh clone's tests
	$(BIN)/kaoping demo --headless --json
	$(MAKE) fresh-clone

docs: setup ## Renew the generated parts of docs/
	$(BIN)/python docs/generate.py

faults: setup ## Run the tests that kill processes and let disks fail
	$(PYTEST) -m faults tests/faults

databases: setup ## Run the tests marked postgres against a PostgreSQL of their own
	sh .ci/with-postgres $(PYTEST) -m postgres tests

browser: setup
	@sh .ci/find-browser $(BIN)/python

fresh-clone: ## Clone this commit into an empty folder and run its make test
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
		git clone --quiet . "$$folder/kaoping" && \
		env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS $(MAKE) -C "$$folder/kaoping" test T=tests

lock: ## Renew requirements/*.txt after a change of pyproject.toml (ARGS=--upgrade for newer versions)
	@test -x $(VENV)/lock/bin/uv || { $(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/python -m pip install --quiet uv; }
	$(LOCK) --all-extras --output-file requirements/dev.txt
	$(LOCK) --extra server --constraints requirements/dev.txt --output-file requirements/server.txt
	$(LOCK) --constraints requirements/dev.txt --output-file requirements/kiosk.txt

clean: ## Remove .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "kaoping needs Python 3.11 or newer: make PYTHON=python3.11 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready-%: requirements/%.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r $<
	$(PIP) install --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q $(PACKAGES)
	@touch $@
