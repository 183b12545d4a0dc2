# `make` alone prints this menu. Every command makes what it needs: .venv, packages, Chromium.
# A path reaches a command through the environment ("$$DATA"), never as text of the recipe: it may hold
# spaces, quotes, dollars.
SHELL := /bin/bash
.DEFAULT_GOAL := menu
PORT ?= 8000
SANDBOX_PORT ?= 9100
ifndef DATA
DATA := $(CURDIR)/data
endif
PY := .venv/bin/python
export PYTHON
export PYTHONPATH := $(CURDIR)/src
# Tests start hundreds of processes: each would compile all of the source anew.
export PYTHONDONTWRITEBYTECODE :=
TESTS ?= tests

.PHONY: menu app dev demo down leftovers test lint types imports unit contract browser prove months bench paper-figures sync-figures lock wheel format clean chromium

menu: ## this menu
	@grep -hE '^[a-z-]+:.*##' Makefile | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

demo down: export CROSSDOCK_DATA := $(value DATA)
demo: export PORT := $(value PORT)
demo: export SANDBOX_PORT := $(value SANDBOX_PORT)
demo: app ## see it alive: http://localhost:8000 (PORT=, SANDBOX_PORT=, DATA= change the defaults)
	@exec $(PY) -m crossdock.cli demo --port "$$PORT" --sandbox-port "$$SANDBOX_PORT" --data "$$CROSSDOCK_DATA"

down: app ## stop the demo that runs on DATA, from another terminal
	@exec $(PY) -m crossdock.cli down

leftovers: app ## what lies outside the checkout, and what of it nobody needs (REMOVE=1 removes that)
	@exec $(PY) -m crossdock.cli leftovers $(if $(REMOVE),--remove)

test: lint types imports unit browser ## everything that CI runs

lint: dev ## ruff
	$(PY) -m ruff format --check src tests bench
	$(PY) -m ruff check src tests bench

types: dev ## mypy, strict
	set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; CROSSDOCK_DATA="$$folder" $(PY) -m mypy

imports: dev ## who may import whom
	$(PY) -c 'from importlinter.cli import lint_imports_command as lint; lint()'

unit: dev ## every test but the browser's
	$(PY) -m pytest $(TESTS) --ignore=tests/journeys -m "not long" -n 2 -q

contract: dev ## what every channel owes, and how far one is (CHANNEL=lazada)
	$(PY) -m pytest tests/contract -q -rs $(if $(CHANNEL),-k $(CHANNEL))

browser: dev chromium ## the journeys, in Chromium
	$(PY) -m pytest tests/journeys -m "not long" -n 2 --dist loadfile -q

prove: dev chromium ## kills, drops, freezes, random histories, rate limits: nothing twice, nothing undone
	$(PY) -m pytest tests -m long -q
	$(PY) -m bench.prove $(PROVE)
	$(PY) -m bench.rates
	$(PY) -m bench.news
	$(PY) -m bench.scans
	$(PY) -m bench.batches
	$(PY) -m bench.workers
	$(PY) -m bench.day --minutes 10 --clicking 30 --scanning 12
	$(PY) -m bench.completeness
	$(PY) -m bench.postings
	$(PY) -m bench.postings --speed --orders 500
	$(PY) -m bench.masters
	$(PY) -m bench.histories
	$(PY) -m bench.odd_input
	$(PY) -m bench.deployed
	$(PY) -m bench.upgrade

months: dev ## a soak with faults and a hundred days: nothing lost, nothing twice, nothing grows (MINUTES=30)
	$(PY) -m bench.months --minutes $(or $(MINUTES),30)

bench: dev ## every page of the orders desk at 10k, 100k and 1M orders, kept in bench/results
	$(PY) -m bench.pages

paper-figures: dev ## pages a second and memory of papers, beside the bare PDF libraries
	$(PY) -m bench.papers

sync-figures: dev ## how fast 10,000 orders come in, beside a bare bulk_create
	$(PY) -m bench.sync

lock: dev ## pin the requirements again
	set -e; for name in app demo dev build; do $(PY) -m piptools compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --allow-unsafe --strip-extras -o requirements/$$name.txt requirements/$$name.in $$([ $$name = app ] || echo -c requirements/app.txt); done

wheel: dev ## dist/*.whl
	$(PY) -m build --wheel --no-isolation

format: dev ## let ruff format and mend
	$(PY) -m ruff format src tests bench
	$(PY) -m ruff check --fix src tests bench

clean: ## forget builds and caches (not the data)
	rm -rf dist build .venv.new .mypy_cache .ruff_cache .pytest_cache src/*.egg-info

chromium:
	@[ -x /usr/bin/chromium ] || { echo "Installing Chromium …"; s=; [ "$$(id -u)" = 0 ] || s=sudo; $$s apt-get update -qq && $$s apt-get install -y -qq chromium; }

app: ## what Crossdock and its demo need, in .venv
	@bash requirements/install.sh app demo

dev: ## what the tests need besides
	@bash requirements/install.sh app demo dev
