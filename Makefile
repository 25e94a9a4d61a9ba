# The course's commands. CI calls only these; on Windows, `make help` says what stands behind each.
PYTHON  ?= python3
CLUSTER ?= practice
VENV    := .venv/bin
RUN     := PATH="$(CURDIR)/$(VENV):$$PATH" $(VENV)/python

.PHONY: help labs setup setup-tests test test-labs book check bench kind clean

help:            ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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

clean:           ## remove what was built; .venv stays
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .benchmarks
