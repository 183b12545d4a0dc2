# `make` alone prints this menu. Every command makes what it needs: .venv, packages, Chromium.
SHELL := /bin/bash
.DEFAULT_GOAL := menu
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
PORT ?= 8000
SANDBOX_PORT ?= 9100
DATA ?= $(CURDIR)/data
BIN := .venv/bin
export PYTHONPATH := $(CURDIR)/src
TESTS ?= tests

.PHONY: menu demo test lint types imports unit contract browser prove bench paper-figures sync-figures lock wheel format clean

menu: ## this menu
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

demo: .venv/app ## see it alive: http://localhost:8000 (PORT=, SANDBOX_PORT=, DATA= change the defaults)
	@exec $(BIN)/python -m crossdock.cli demo --port $(PORT) --sandbox-port $(SANDBOX_PORT) --data "$(DATA)"

test: lint types imports unit browser ## everything that CI runs

lint: .venv/dev ## ruff
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench

types: .venv/dev ## mypy, strict
	CROSSDOCK_DATA=$$(mktemp -d) $(BIN)/mypy

imports: .venv/dev ## who may import whom
	$(BIN)/lint-imports

unit: .venv/dev ## every test but the browser's
	$(BIN)/python -m pytest $(TESTS) --ignore=tests/journeys -n 2 -q

contract: .venv/dev ## what every channel owes, and how far one is (CHANNEL=lazada)
	$(BIN)/python -m pytest tests/contract -q -rs $(if $(CHANNEL),-k $(CHANNEL))

browser: .venv/dev chromium ## the journeys, in Chromium
	$(BIN)/python -m pytest tests/journeys -q

prove: .venv/dev ## kills, drops, freezes, random histories, rate limits: nothing twice, nothing undone
	$(BIN)/python -m bench.prove $(PROVE)
	$(BIN)/python -m bench.rates
	$(BIN)/python -m bench.news
	$(BIN)/python -m bench.scans
	$(BIN)/python -m bench.batches
	$(BIN)/python -m bench.completeness
	$(BIN)/python -m bench.postings
	$(BIN)/python -m bench.postings --speed --orders 500
	$(BIN)/python -m bench.masters
	$(BIN)/python -m bench.histories
	$(BIN)/python -m bench.odd_input

bench: .venv/dev ## every page of the orders desk at 10k, 100k and 1M orders, kept in bench/results
	$(BIN)/python -m bench.pages

paper-figures: .venv/dev ## pages a second and memory of papers, beside the bare PDF libraries
	$(BIN)/python -m bench.papers

sync-figures: .venv/dev ## how fast 10,000 orders come in, beside a bare bulk_create
	$(BIN)/python -m bench.sync

lock: .venv/dev ## pin the requirements again
	for name in app dev; do $(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --allow-unsafe --strip-extras -o requirements/$$name.txt requirements/$$name.in; done

wheel: .venv/dev ## dist/*.whl
	$(BIN)/python -m build --wheel

format: .venv/dev ## let ruff format and mend
	$(BIN)/ruff format src tests bench
	$(BIN)/ruff check --fix src tests bench

clean: ## forget builds and caches (not the data)
	rm -rf dist build .mypy_cache .ruff_cache .pytest_cache src/*.egg-info

.PHONY: chromium
chromium:
	@[ -x /usr/bin/chromium ] || { echo "Installing Chromium …"; s=; [ "$$(id -u)" = 0 ] || s=sudo; $$s apt-get update -qq && $$s apt-get install -y -qq chromium; }

.venv/app: requirements/app.txt
	@[ -x $(BIN)/python ] || { echo "Making .venv with $(PYTHON) …"; $(PYTHON) -m venv .venv; }
	@echo "Installing what Crossdock needs (a minute or two the first time) …"
	@$(BIN)/pip install --disable-pip-version-check --require-hashes -r requirements/app.txt | grep -E '^(Collecting|Installing)' | sed 's/ (from.*//' || true
	@$(BIN)/python -c 'import django, procrastinate, pikepdf'
	@touch $@

.venv/dev: .venv/app requirements/dev.txt
	@echo "Installing what the tests need …"
	@$(BIN)/pip install --disable-pip-version-check -q --require-hashes -r requirements/dev.txt
	@touch $@
