# The developer commands of this repository. They need Python 3.11 or newer and make; `.venv` is created on first use.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
WITH_INDEX := $(BIN)/python scripts/with_pip_index.py
UV_INSTALL := $(WITH_INDEX) $(BIN)/uv pip install --quiet --python $(BIN)/python
PROFILE := ci
SECONDS := 600
# More test workers than cores, because many tests wait for servers.
WORKERS := $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 2)')
SOURCES := benchmarks examples facade generator runtime scripts tests
# Folders of quick tests; `make check` runs those that are not marked slow.
UNIT := $(addprefix tests/,analysis core folio mock reading reconciliation requests runtime sdk settings snapshots specs tables vectors)

.DEFAULT_GOAL := help
.PHONY: help demo check test lint types mypy pyright unit pytest pythons docs contract mutants bench soak fuzz audit \
	regenerate check-generated provider spec-lint wheel format requirements clean

help: ## List the commands.
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## Start the mock, read all three providers through the library and print their holdings.
	@$(BIN)/python -m scripts.demo

check: $(VENV)/.dev ## Lint, mypy and the unit tests: run this before every commit; takes under a minute.
	@$(MAKE) --no-print-directory --jobs=3 --output-sync=target lint mypy unit

test: $(VENV)/.dev ## Lint, mypy, pyright, regeneration check and all tests.
	@$(MAKE) --no-print-directory --jobs=2 lint types check-generated
	@$(MAKE) --no-print-directory pytest

lint: $(VENV)/.dev ## Check style, format, imports between packages and licences of dependencies.
	$(BIN)/ruff check $(SOURCES) generated
	$(BIN)/ruff format --check $(SOURCES) generated
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.audit --licences

types: mypy pyright ## Run mypy and pyright.

mypy: $(VENV)/.dev ## Run mypy --strict; after the first run, only on changed modules and their dependents.
	$(BIN)/mypy

pyright: $(VENV)/.dev ## Run pyright.
	$(BIN)/pyright

unit: $(VENV)/.dev ## Run the unit tests; select with ARGS="-k word".
	$(BIN)/pytest -q -n $(WORKERS) -m "not slow" $(UNIT) $(ARGS)

pytest: $(VENV)/.dev ## Run all tests; select with ARGS="-k word".
	$(BIN)/pytest -n $(WORKERS) $(ARGS)

PYENV = $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.*/bin)
EMPTY :=
pythons: $(VENV)/.dev ## Run the tests with every installed Python; select with ONLY="3.12" and ARGS="tests/folio".
	PATH="$$PATH:$(subst $(EMPTY) ,:,$(PYENV))" $(WITH_INDEX) $(BIN)/nox --session tests \
		$(if $(ONLY),--python $(ONLY)) -- $(ARGS)

docs: $(VENV)/.dev ## Build the docs site into site/, check its links and run its code blocks.
	@$(BIN)/python -m scripts.docs
	$(BIN)/pytest -q -n $(WORKERS) tests/docs/test_blocks.py

contract: $(VENV)/.dev ## Check the mock of every provider against its spec; PROFILE=nightly for more requests.
	for provider in $$($(BIN)/python -c 'from onefolio.providers import known; print(*known())'); do \
		$(BIN)/onefolio contract $$provider --profile $(PROFILE) || exit 1; done

mutants: $(VENV)/.dev ## Inject faults between the mock and its tests; print which check detects each.
	$(BIN)/python -m tests.contract.mutants

bench: $(VENV)/.dev ## Compare speed with every peer; QUICK=1: in under a minute, ONLY=word: one part, COMMIT=1: update the docs.
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY)) $(if $(COMMIT),--commit)

soak: $(VENV)/.dev ## Read through random faults for SECONDS=600 and print the results.
	$(BIN)/python -m tests.faults.soak --seconds $(SECONDS)

fuzz: $(VENV)/.dev ## Run the property tests of clients, adapters and decoders with many more examples.
	HYPOTHESIS_PROFILE=nightly $(BIN)/pytest -n $(WORKERS) tests/contract/test_clients_against_specs.py tests/faults/test_decoders.py

audit: $(VENV)/.dev ## Check dependencies for known vulnerabilities and for licences that are not allowed.
	$(BIN)/python -m scripts.audit

regenerate: $(VENV)/.dev ## Generate the clients and the tables of departures; CHECK=1 compares them and prints a diff.
	$(BIN)/python -m onefolio_generator $(if $(CHECK),--check)
	$(BIN)/python -m scripts.departures $(if $(CHECK),--check)

check-generated: $(VENV)/.dev
	$(BIN)/python -m onefolio_generator --check
	$(BIN)/python -m scripts.departures --check

provider: $(VENV)/.dev ## Add the provider NAME=my_bank from its OpenAPI document SPEC=FILE; options in ARGS="--positions none".
	$(BIN)/python -m scripts.provider $(NAME) --spec $(SPEC) $(ARGS)

spec-lint: ## Lint the specs with Redocly's linter (needs Node.js).
	npx --yes @redocly/cli@2.77.0 lint --config specs/redocly.yaml specs/*/openapi.yaml

wheel: $(VENV)/.dev ## Build sdist and wheel, install the wheel into an empty environment and read the mock with it.
	$(WITH_INDEX) $(BIN)/python -m scripts.try_wheel "$(PYTHON)"

format: $(VENV)/.dev ## Format the code and apply the linter's fixes.
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

requirements: $(VENV)/.uv ## Pin the requirements/*.in and keep existing pins; UPGRADE=1 takes the newest versions.
	for name in uv run dev; do $(WITH_INDEX) $(BIN)/uv pip compile --quiet $(if $(UPGRADE),--upgrade) --universal \
		--python-version 3.11 --generate-hashes --no-annotate --no-header \
		requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean: ## Remove the environment and all build and cache folders.
	rm -rf $(VENV) dist site .import_linter_cache .mypy_cache .nox .pytest_cache .ruff_cache .hypothesis

$(VENV)/.uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "Python was not found. Install Python 3.11 or newer, or set PYTHON=/path/to/python3."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than Python 3.11. Set PYTHON=/path/to/python3.11."; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml $(VENV)/.uv
	$(UV_INSTALL) --require-hashes -r requirements/run.txt
	$(UV_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(UV_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@
