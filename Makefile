# Two commands matter: `make run` and `make test`. Everything they need is made on the way.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# The demo, unless the environment says otherwise, or a .env file of one's own is there to say it.
ifeq ($(wildcard .env),)
export FF_DEMO ?= 1
endif

.PHONY: run test check bench ranking privacy faults lighthouse screens words demo lock clean

run: $(VENV)/base.stamp
	@$(BIN)/python manage.py serve

demo: $(VENV)/base.stamp
	@$(BIN)/python manage.py seed_demo --again

test: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.legs

check: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.check

bench: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks.run

# What the ranking withstands, simulated: the tables and the picture of docs/ranking.md. FAST=1 takes a minute.
ranking: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks.ranking $(if $(FAST),--fast,--picture docs/ranking.svg)

# What someone can know of secret votes who reads everything that is public: none, or it fails. About ten minutes.
privacy: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks.privacy

# The fault table, at length: at least 10,000 runs. RUNS and SEED may be given.
faults: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.faults --processes $$(nproc) --runs $(or $(RUNS),10000) $(if $(SEED),--seed $(SEED))

# What Lighthouse says of the first pages. Wants Chromium, and the npm registry the first time.
lighthouse: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.lighthouse

# A picture of every page, narrow and wide, light and dark, and of every mail, in var/screens.
screens: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.screens

# Gathers what is said to people into locale/, and compiles it: docs/languages.md.
words: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.words

# Needs the package index; writes hashed requirements that name no index.
lock: $(VENV)/uv.stamp
	@$(BIN)/uv pip compile -q --system-certs --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 requirements/base.in -o requirements/base.txt
	@$(BIN)/uv pip compile -q --system-certs --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 requirements/dev.in -c requirements/base.txt -o requirements/dev.txt

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

# One environment: the tools for testing are laid over what running needs.
$(VENV)/uv.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Follow Friday needs Python 3.11 or newer; $(PYTHON) is %d.%d. Name another: make run PYTHON=python3.11" % sys.version_info[:2])'
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. On Debian: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --root-user-action=ignore uv
	@touch $@

$(VENV)/base.stamp: $(VENV)/uv.stamp requirements/base.txt
	@$(BIN)/uv pip sync -q --system-certs --python $(BIN)/python requirements/$(if $(wildcard $(VENV)/dev.stamp),dev,base).txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/uv.stamp requirements/dev.txt
	@$(BIN)/uv pip sync -q --system-certs --python $(BIN)/python requirements/dev.txt
	@touch $@ $(VENV)/base.stamp
