# scimproof: `make demo` to see it work, `make test` before a commit.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
# Two more than there are cores: a third of what the tests take is waiting, for a load run or a patient client.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 2)')

# What is made here is the same on every machine: no scimproof.toml and no variable of somebody's has a say.
export SCIMPROOF_CONFIG := /dev/null
unexport SCIMPROOF_TARGET SCIMPROOF_PROFILE SCIMPROOF_PLAN
# Where somebody wants no bytecode, each worker and each command that a test starts would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

# A stamp per thing that can change: a second `make` costs nothing.
LOCKED    := $(VENV)/.locked
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo demo-bitwarden demo-load test test-all lint format test-real real-server publish matrix docs docs-pages samples bench bench-load bench-load-short bench-machines bench-learn fresh lock clean
.DELETE_ON_ERROR:

help: ## what there is to make
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## set up, replay every Okta sequence against the embedded target, write ./report
	@echo "== Replaying Okta's sequences against the embedded target"
	@$(BIN)/scimproof run --out report

demo-bitwarden: $(INSTALLED) ## Okta into the embedded Bitwarden: profile, observer, deviations, features, write ./report
	@$(BIN)/python -m tests.bitwarden.demo

demo-load: $(INSTALLED) ## put the same sequences under load against the embedded target for 20 s, write ./report
	@echo "== Loading the embedded target for 20 s, then auditing that nothing was lost"
	@echo "   (this is \`scimproof load smoke --duration 18 --dashboard\`: open the dashboard's address in a browser to watch)"
	@$(BIN)/scimproof load smoke --duration 18 --out report --dashboard

test: $(INSTALLED) ## the project's tests (a few minutes)
	@echo "== Running the tests on all cores (a few minutes); make test-all adds what is for the night"
	@$(PYTEST) -n $(WORKERS) --dist loadgroup -rs $(ARGS)

test-all: $(INSTALLED) ## all there is to test: the long forms too, and the real servers (about half an hour)
	@echo "== Running all tests, the long forms too"
	@$(PYTEST) -n $(WORKERS) --dist loadgroup -rs -m "not real" $(ARGS)
	@$(MAKE) test-real

lint: $(INSTALLED) ## ruff and mypy (strict)
	@echo "== ruff check"
	@$(BIN)/ruff check .
	@echo "== ruff format --check (make format mends it)"
	@$(BIN)/ruff format --check --quiet .
	@echo "== mypy --strict"
	@$(BIN)/mypy

format: $(INSTALLED) ## mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

test-real: $(INSTALLED) ## replay Okta and Entra against real third-party servers, compare with what is known of them
	@echo "== Installing and starting real servers (the first time: about two minutes), needs node and npm"
	@$(PYTEST) -m real tests/real $(ARGS)

real-server: $(INSTALLED) ## run one real server until Ctrl-C: make real-server NAME=scim2-server PORT=23101
	@$(BIN)/python -m tests.real.fleet $(NAME) $(PORT)

publish: $(INSTALLED) ## write reports/published anew from runs against the real servers, and docs/matrix
	@$(BIN)/python -m tests.real.publish
	@$(MAKE) matrix

matrix: $(INSTALLED) ## write docs/matrix.md and .html anew from reports/published
	@$(BIN)/scimproof matrix reports/published --out docs/matrix.md --out docs/matrix.html

docs: docs-pages ## build docs/ into a site at build/site (no network); fails at a link that leads nowhere
	@echo "== Building build/site"
	@$(BIN)/properdocs build --strict -f properdocs.yml
	@echo "build/site/index.html; with search: $(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site"

docs-pages: $(INSTALLED) ## write the generated pages of docs/ anew from the code, suites/, load/plans and the faults
	@$(BIN)/python -m tests.docs.pages

samples: $(INSTALLED) ## write reports/samples anew: what every writer makes of small reports; then read the diff
	@$(BIN)/python -m tests.report.make_samples

bench: $(INSTALLED) ## side by side with other testers: requests per finding, findings per second, memory, faults noticed (minutes)
	@$(BIN)/python -m bench

bench-load: $(INSTALLED) ## CPU per request of the load generator beside Locust's own users, wrk and k6 (minutes)
	@$(BIN)/python -m bench.load $(ARGS)

bench-load-short: $(INSTALLED) ## the counts of that benchmark, held to what its target answered; no times (seconds)
	@$(BIN)/python -m bench.load --short

bench-machines: $(INSTALLED) ## CPU per request of four workers on machines of their own beside one; as root, on Linux (minutes)
	@$(BIN)/python -m bench.load.machines

bench-learn: $(INSTALLED) ## seconds and memory in which a capture of 100,000 exchanges is learnt (a minute)
	@$(BIN)/python -m bench.learn

bench-record: $(INSTALLED) ## what the recording proxy adds to an answer, beside a direct connection (half a minute)
	@$(BIN)/python -m bench.record

fresh: $(INSTALLED) ## README's commands on fresh Debian 12 and 13 systems, as root (needs debootstrap; minutes)
	@echo "== What README.md shows, typed by a newcomer on minimal Debian systems"
	@$(BIN)/python -m tests.fresh $(ARGS)

lock: ## resolve the locks anew from pyproject.toml and the *.in files
	@echo "== Resolving the locks"
	@PYTHON=$(PYTHON) bash requirements/lock $(ARGS)

clean: ## remove what make made: environments, caches, reports of runs
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache report dist build

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "scimproof needs Python 3.11 or newer: make PYTHON=/path/to/python3.12"; exit 1; }
	@echo "== Creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(LOCKED): requirements/dev.lock | $(BIN)/python
	@echo "== Installing what requirements/dev.lock names (the first time: about half a minute)"
	@# The lock is complete. With --no-deps pip asks for nothing else: before 23.3 it looked for the newest release of
	@# whatever is wanted with extras (pydantic[email]), and then refused it, since the lock has another.
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock
	@touch $@

$(INSTALLED): pyproject.toml $(LOCKED)
	@echo "== Installing scimproof itself, editable"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m pip --disable-pip-version-check check >$(VENV)/.check || \
		{ cat $(VENV)/.check; echo "$(VENV) has something that is not of this project: make clean, then once more"; exit 1; }
	@touch $@
