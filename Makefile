# `make lab` and `make test` set up everything they need in .venv; nothing else is touched.

PYTHON ?= python3
COURSE ?= tenfold-course
LAB_FLAGS ?=
PYTEST_FLAGS ?=
BENCH_FLAGS ?=

BIN := .venv/bin
RUN := $(BIN)/python -m

# Test data that a checkout may have beside it. A variable that is set already wins.
SHARED := $(abspath ../shared)
TENFOLD_DATA ?= $(wildcard $(SHARED)/data)
TORCH_HOME ?= $(wildcard $(SHARED)/torch_home)
DATA_ENV := $(if $(TENFOLD_DATA),TENFOLD_DATA="$(TENFOLD_DATA)") $(if $(TORCH_HOME),TORCH_HOME="$(TORCH_HOME)")

.DEFAULT_GOAL := help
.PHONY: help lab test check bench clean

help:  ## show this list
	@echo "make TARGET [VARIABLE=value …]"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  %-8s%s\n", $$1, $$2 }'
	@echo
	@echo 'Variables: PYTHON (python3), COURSE (folder of your copy), LAB_FLAGS, PYTEST_FLAGS, BENCH_FLAGS'
	@echo 'For example: make lab LAB_FLAGS="--no-browser --port 8899"'

lab: .venv/lab.stamp  ## install, copy the course to COURSE and open it in JupyterLab
	$(BIN)/tenfold lab "$(COURSE)" $(LAB_FLAGS)

# One thread: the tests compare bit for bit, and two threads gain nothing on models this small.
# Warnings of the notebook runner's own libraries are theirs, so that pass does not fail on them.
test: check  ## install, then run every check, test and notebook
	$(DATA_ENV) OMP_NUM_THREADS=1 $(RUN) pytest $(PYTEST_FLAGS)
	$(DATA_ENV) $(RUN) pytest -W default --nbval-lax --nbval-current-env --nbval-cell-timeout=300 \
		--nbval-sanitize-with tests/nbval_sanitize.cfg notebooks

check: .venv/test.stamp  ## format, lint, types, layers and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(RUN) pytest -q tests/test_layers.py tests/test_style.py

bench: .venv/bench.stamp  ## install the other libraries and measure against them
	$(DATA_ENV) $(RUN) tests.benchmarks $(BENCH_FLAGS)

clean:  ## remove the environment and everything that was built
	rm -rf .venv dist build .pytest_cache .ruff_cache .mypy_cache
	find package tests notebooks -name __pycache__ -prune -exec rm -rf {} +

# Each stamp is one set of extras, installed again only when pyproject.toml changes.
.venv/lab.stamp: EXTRAS := lab
.venv/test.stamp: EXTRAS := lab,test
.venv/bench.stamp: EXTRAS := lab,test,bench
.venv/%.stamp: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is older than Python 3.11, or absent. Tenfold needs 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(RUN) pip install --editable ".[$(EXTRAS)]"
	touch $@
