# `make lab` and `make test` set up everything they need in .venv; nothing else is touched.

PYTHON ?= python3
COURSE ?= tenfold-course
LAB_FLAGS ?=
PYTEST_FLAGS ?=
BENCH_FLAGS ?=
SOAK_FLAGS ?=
LESSON ?=

BIN := .venv/bin
RUN := $(BIN)/python -m

# The ipykernel releases besides the newest that Tenfold has to work on, and the tests that ask.
KERNELS := 6.30 7.3
KERNEL_TESTS := $(wildcard tests/test_*_kernel.py) tests/test_comm.py tests/test_runners.py

PAGE := $(wildcard extension/*.*) $(shell find extension/src extension/style extension/schema -type f)
# Where JupyterLab looks for extensions: an editable install puts nothing there.
LABEXTENSION := .venv/share/jupyter/labextensions/tenfold

# Test data that a checkout may have beside it. A variable that is set already wins.
SHARED := $(abspath ../shared)
TENFOLD_DATA ?= $(wildcard $(SHARED)/data)
TORCH_HOME ?= $(wildcard $(SHARED)/torch_home)
DATA_ENV := $(if $(TENFOLD_DATA),TENFOLD_DATA="$(TENFOLD_DATA)") $(if $(TORCH_HOME),TORCH_HOME="$(TORCH_HOME)")

.DEFAULT_GOAL := help
.PHONY: help lab test course check extension chromium kernels bench soak clean

help:  ## show this list
	@echo "make TARGET [VARIABLE=value …]"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  %-11s%s\n", $$1, $$2 }'
	@echo
	@echo 'Variables: PYTHON (python3), COURSE (folder of your copy), LAB_FLAGS, PYTEST_FLAGS, BENCH_FLAGS, LESSON (03)'
	@echo 'For example: make lab LAB_FLAGS="--no-browser --port 8899"'

lab: .venv/lab.stamp  ## install, copy the course to COURSE and open it in JupyterLab
	$(BIN)/tenfold lab "$(COURSE)" $(LAB_FLAGS)

# One thread: the tests compare bit for bit, and two threads gain nothing on models this small.
# Warnings of the notebook runner's own libraries are theirs, so that pass does not fail on them.
test: check chromium  ## install, then run every check, test and notebook
	$(DATA_ENV) OMP_NUM_THREADS=1 $(RUN) pytest $(PYTEST_FLAGS)
	$(DATA_ENV) $(RUN) pytest -W default --nbval-lax --nbval-current-env --nbval-cell-timeout=300 \
		--nbval-sanitize-with tests/nbval_sanitize.cfg notebooks
	$(DATA_ENV) $(RUN) tests.run_all

# The sources are formatted first: the notebooks are held to the same rules as the package.
course: .venv/test.stamp  ## format the lessons, build and run their notebooks, check the exercises
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/jupytext --pipe 'ruff format --stdin-filename lesson.ipynb -' \
		--pipe-fmt ipynb lessons/[0-9]*.md
	$(RUN) tenfold.course.build lessons notebooks $(LESSON) --execute
	$(BIN)/ruff check notebooks
	$(BIN)/tenfold course check lessons $(LESSON)

check: .venv/test.stamp extension  ## format, lint, types, layers and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 $(RUN) pytest -q tests/test_layers.py tests/test_style.py

# Node.js from .venv where it is there, else the one on the PATH.
extension: PATH := $(abspath $(BIN)):$(PATH)
extension: extension/node_modules/.yarn-state.yml  ## check and test the TypeScript
	cd extension && jlpm check

extension/node_modules/.yarn-state.yml: extension/yarn.lock extension/package.json .venv/test.stamp
	cd extension && jlpm install --immutable
	touch $@

# A browser is the one thing that pip does not bring. Where this may not install it either, the
# tests that need it say so: skipped on your machine, failed where CI is set.
chromium: .venv/test.stamp
	@$(RUN) tests.browser.chromium || { [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null && \
		apt-get update -q && apt-get install -qy --no-install-recommends chromium; } || true

kernels: $(KERNELS:%=.venv/kernels/%/stamp)  ## run the tests of a real kernel on older ipykernels
	for version in $(KERNELS); do \
		$(DATA_ENV) OMP_NUM_THREADS=1 .venv/kernels/$$version/bin/python -m pytest -p no:cacheprovider \
			$(PYTEST_FLAGS) $(KERNEL_TESTS) || exit 1; \
	done

# The other packages are those of .venv: only ipykernel lies over them.
.venv/kernels/%/stamp: .venv/test.stamp
	$(BIN)/python -m venv .venv/kernels/$*
	.venv/kernels/$*/bin/python -m pip install --no-deps "ipykernel==$*.*"
	$(BIN)/python -c 'import sysconfig; print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"))' \
		> "$$(.venv/kernels/$*/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/others.pth"
	touch $@

bench: .venv/bench.stamp  ## install the other libraries and measure against them
	$(DATA_ENV) $(RUN) tests.benchmarks $(BENCH_FLAGS)

soak: .venv/test.stamp  ## kill trainings at random, and damage files, for an hour (SOAK_FLAGS="kills --count 50")
	OMP_NUM_THREADS=1 $(RUN) tests.soak $(SOAK_FLAGS)

clean:  ## remove the environment and everything that was built
	rm -rf .venv dist build .pytest_cache .ruff_cache .mypy_cache
	rm -rf extension/node_modules extension/lib extension/labextension package/tenfold/live/widgets/static
	find package tests notebooks -name __pycache__ -prune -exec rm -rf {} +

# Each stamp is one set of extras, installed again only when pyproject.toml changes, or what the
# panel's page is built from.
.venv/lab.stamp: EXTRAS := lab
.venv/test.stamp: EXTRAS := lab,test
.venv/bench.stamp: EXTRAS := lab,test,bench
.venv/%.stamp: pyproject.toml hatch_build.py $(PAGE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is older than Python 3.11, or absent. Tenfold needs 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(RUN) pip install --editable ".[$(EXTRAS)]"
	mkdir -p $(LABEXTENSION)
	ln -sfn $(abspath extension/labextension)/* $(abspath extension/install.json) $(LABEXTENSION)
	ln -sfn $(abspath notebooks) $(LABEXTENSION)/course
	touch $@
