# Every target has a line in `make help`; MAKEFILE-GUIDE.md says more. A start (`run`, `dev`) never writes into the source tree.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
PYTHON_BIN := $(VENV)/bin
NPM := npm --prefix frontend --loglevel=error
PIP := $(PYTHON_BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps
SOURCES := $(shell find backend/src/trading_api -name '*.py')
VENDOR := backend/src/trading_api/static/vendor
TERMINAL := backend/src/trading_api/static/terminal
TERMINAL_SOURCES := $(shell find frontend/src -type f) frontend/index.html frontend/vite.config.ts frontend/package-lock.json
UV_VERSION := 0.13.8
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock' pyproject.toml
WORKERS ?= 2
# Long tests wait for servers more than they work.
LONG_WORKERS ?= 3
MINUTES ?= 20
NAME ?= trading-api
ARGS ?=

# The install is remembered by these files; touching a lock, or deleting one of them, installs again.
RUN_READY := $(VENV)/.ready-to-run
DEV_READY := $(VENV)/.ready-to-develop
COMPILED := $(VENV)/.compiled
PAGES_READY := $(VENDOR)/.placed
TERMINAL_READY := $(TERMINAL)/.built
BROWSER_READY := frontend/node_modules/.ready-to-develop

.PHONY: help run test test-long mutants bench soak image screenshot dev dev-no-debug check format generate demo clean lock install install-dev \
	ensure-python ensure-poetry lint lint-check lint-response-models export-openapi generate-openapi-client generate-asyncapi-types

help: ## List every target
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  %-24s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## Use it

run: install ## Install what is missing, start the server on 127.0.0.1:8000 and print its addresses
	@PYTHONDONTWRITEBYTECODE=1 exec $(PYTHON_BIN)/trading-api serve $(ARGS)

demo: install ## Import a pair of files, replay and trade it, print cascade and account: make demo DATA=folder
	@PYTHONDONTWRITEBYTECODE=1 exec $(PYTHON_BIN)/python backend/scripts/demo.py "$(DATA)"

## Work on it

dev: install-dev ## Start the server with debug log and warnings, and again after each change of the source
	@PYTHONDEVMODE=1 exec $(PYTHON_BIN)/trading-api serve --reload --log-level debug $(ARGS)

dev-no-debug: install-dev ## The same without debugging
	@exec $(PYTHON_BIN)/trading-api serve --reload $(ARGS)

test: install-dev ## Install what is missing and run all tests except the long ones
	@$(NPM) run --silent test
	@cd backend && ../$(PYTHON_BIN)/python -m pytest -q -n $(WORKERS) -m "not long" $(ARGS)

test-long: install-dev ## Run the long tests: kill loops and long properties
	@$(NPM) run --silent test:long
	@cd backend && ../$(PYTHON_BIN)/python -m pytest -q -n $(LONG_WORKERS) --dist worksteal -m long $(ARGS)

mutants: install-dev ## Plant wrong engines one at a time and show how each is caught
	@cd backend && exec ../$(PYTHON_BIN)/python scripts/mutants.py $(ARGS)

bench: install-dev ## Measure it side by side with baselines and print the table: make bench ROW="orders fill"
	@cd backend && exec ../$(PYTHON_BIN)/python -m bench $(ROW) $(ARGS)

soak: install-dev ## Load a server for MINUTES and see that it does not grow
	@cd backend && exec ../$(PYTHON_BIN)/python -m bench.soak --minutes $(MINUTES) $(ARGS)

image: install ## Build a container image with docker, podman or buildah: make image NAME=trading-api
	@scripts/image "$(NAME)" $(ARGS)

screenshot: install-dev ## Trade in a browser and write README's picture, docs/terminal.png
	@$(NPM) run --silent screenshot

check: install-dev lint lint-response-models ## Format, lint, strict types, import floors, generated files current
	@cd backend && ../$(PYTHON_BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: make format"; exit 1; }
	@cd backend && ../$(PYTHON_BIN)/mypy
	@cd backend && ../$(PYTHON_BIN)/lint-imports --no-logo
	@$(PYTHON_BIN)/python backend/scripts/generate.py --check
	@$(PYTHON_BIN)/python backend/scripts/life_of_an_order.py --check
	@$(NPM) run --silent generate -- --check
	@$(NPM) run --silent types
	@$(NPM) run --silent lint

format: install-dev ## Format the Python and TypeScript code and sort its imports
	@cd backend && ../$(PYTHON_BIN)/ruff check --quiet --fix --select I,F401 . ; ../$(PYTHON_BIN)/ruff format --quiet .
	@$(NPM) run --silent format

generate: install-dev ## Write the generated socket routers, both API documents and the TypeScript clients' types
	@$(PYTHON_BIN)/python backend/scripts/generate.py
	@$(PYTHON_BIN)/python backend/scripts/life_of_an_order.py
	@$(NPM) run --silent generate

clean: ## Remove everything that was installed or built; state in var/ stays
	@rm -rf $(VENV) frontend/node_modules $(VENDOR) $(TERMINAL) backend/build backend/src/*.egg-info
	@find . \( -name __pycache__ -o -name .pytest_cache -o -name .mypy_cache -o -name .ruff_cache -o -name .hypothesis \
		-o -name .import_linter_cache \) -prune -exec rm -rf {} +

## Install

install: $(RUN_READY) $(COMPILED) $(PAGES_READY) $(TERMINAL_READY) ## What `run` needs: environment from the hashed lock, explorer pages, terminal

install-dev: $(DEV_READY) $(BROWSER_READY) $(COMPILED) $(PAGES_READY) $(TERMINAL_READY) ## What `test` and `check` need as well

lock: ## Write the lock files again from pyproject.toml and package.json
	@python=$$(scripts/prerequisites) || exit 1; tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	$$python -m venv "$$tools" && "$$tools/bin/pip" --disable-pip-version-check install --quiet uv==$(UV_VERSION) && \
	cd backend && PATH="$$tools/bin:$$PATH" && \
	$(LOCK) --group build $(ARGS) -o requirements.lock && \
	$(LOCK) --group build --group dev -c requirements.lock $(ARGS) -o requirements-dev.lock
	@$(NPM) install --package-lock-only && node frontend/plain-lock.js

$(RUN_READY): backend/requirements.lock backend/pyproject.toml
	@python=$$(scripts/prerequisites) || exit 1; \
	$(PYTHON_BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { rm -rf $(VENV); $$python -m venv $(VENV); }
	@echo "Installing the server"
	@$(PIP) --require-hashes -r backend/requirements.lock
	@$(PIP) --no-build-isolation --editable backend
	@touch $@

$(DEV_READY): $(RUN_READY) backend/requirements-dev.lock
	@echo "Installing what the tests need"
	@$(PIP) --require-hashes -r backend/requirements-dev.lock
	@touch $@

# Compiled beforehand, so that a start is quick and has nothing to write.
$(COMPILED): $(RUN_READY) $(SOURCES)
	@$(PYTHON_BIN)/python -m compileall -q backend/src/trading_api
	@touch $@

$(PAGES_READY): frontend/package-lock.json frontend/place-bundles.js
	@scripts/prerequisites >/dev/null
	@echo "Installing the API pages"
	@test -f $(BROWSER_READY) && test ! frontend/package-lock.json -nt $(BROWSER_READY) || $(NPM) ci --omit=dev >/dev/null
	@node frontend/place-bundles.js
	@touch $@

$(TERMINAL_READY): $(TERMINAL_SOURCES) | $(PAGES_READY)
	@echo "Building the terminal"
	@$(NPM) run --silent build -- --logLevel error
	@touch $@

$(BROWSER_READY): frontend/package-lock.json
	@scripts/prerequisites >/dev/null
	@echo "Installing what the browser tests need"
	@$(NPM) ci >/dev/null
	@touch $@

## Names from before

ensure-python: ## Say which Python is used, or what is missing
	@python=$$(scripts/prerequisites) && $$python --version

ensure-poetry: ## Replaced by install: pip installs the hashed lock, Poetry is not used
	@echo "Poetry is not used: make install"

lint: install-dev ## Lint the Python code
	@cd backend && ../$(PYTHON_BIN)/ruff check --quiet .

lint-check: check ## Replaced by check, which it runs

lint-response-models: install-dev ## Every endpoint declares what it answers
	@$(PYTHON_BIN)/python backend/scripts/lint_response_models.py

export-openapi: install ## Write backend/openapi.json without a running server
	@$(PYTHON_BIN)/trading-api export-openapi backend/openapi.json

generate-openapi-client: ## Replaced by generate: it writes backend/openapi.json and frontend/src/generated/rest.ts
	@echo "Replaced by: make generate (writes backend/openapi.json and frontend/src/generated/rest.ts)"

generate-asyncapi-types: ## Replaced by generate: it writes asyncapi/asyncapi.json and frontend/src/generated/topics.ts
	@echo "Replaced by: make generate (writes asyncapi/asyncapi.json and frontend/src/generated/topics.ts)"
