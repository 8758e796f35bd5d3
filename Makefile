# Every verb of this repository. Only Python 3.11 (or newer) and make have to be there.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PROFILE := ci
SECONDS := 600
SOURCES := benchmarks examples facade generator runtime scripts tests

.DEFAULT_GOAL := help
.PHONY: help demo test lint types pytest pythons docs contract mutants bench soak fuzz audit regenerate provider spec-lint \
	wheel format requirements clean

help: ## Show the verbs.
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.run ## Start the mock, read all three providers through the library, print what they hold.
	@$(BIN)/python -m scripts.demo

test: lint types check-generated pytest ## Lint, types, regeneration check and every test.

lint: $(VENV)/.dev ## Lint, format check and the licences of what is installed.
	$(BIN)/ruff check $(SOURCES) generated
	$(BIN)/ruff format --check $(SOURCES) generated
	$(BIN)/python -m scripts.audit --licences

types: $(VENV)/.dev ## mypy --strict and pyright.
	$(BIN)/mypy
	$(BIN)/pyright

pytest: $(VENV)/.dev ## The tests alone; choose with ARGS="-k word".
	$(BIN)/pytest -n auto $(ARGS)

PYENV = $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/3.*/bin)
EMPTY :=
pythons: $(VENV)/.dev ## The tests with every supported Python that is here; choose with ONLY="3.12" and ARGS="tests/folio".
	PATH="$$PATH:$(subst $(EMPTY) ,:,$(PYENV))" $(BIN)/nox --session tests $(if $(ONLY),--python $(ONLY)) -- $(ARGS)

docs: $(VENV)/.dev ## Build the docs site into site/, check every link of it and run every code block.
	@$(BIN)/python -m scripts.docs
	$(BIN)/pytest -q -n auto tests/docs/test_blocks.py

contract: $(VENV)/.dev ## Hold the mock and the clients against the specs; PROFILE=nightly tries much more.
	for provider in $$($(BIN)/python -c 'from onefolio.providers import known; print(*known())'); do \
		$(BIN)/onefolio contract $$provider --profile $(PROFILE) || exit 1; done
	HYPOTHESIS_PROFILE=$(PROFILE) $(BIN)/pytest -n auto tests/contract/test_clients_against_specs.py

mutants: $(VENV)/.dev ## Put deliberate faults between mock and tests, and print what finds each.
	$(BIN)/python -m tests.contract.mutants

bench: $(VENV)/.dev ## Measure against every peer; QUICK=1 in under a minute, ONLY=word a part, COMMIT=1 renews the docs.
	$(BIN)/python -m benchmarks $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY)) $(if $(COMMIT),--commit)

soak: $(VENV)/.dev ## Read through random faults for SECONDS=600 and print what came of it.
	$(BIN)/python -m tests.faults.soak --seconds $(SECONDS)

fuzz: $(VENV)/.dev ## Feed the decoders whatever comes to mind, much longer than the tests do.
	HYPOTHESIS_PROFILE=nightly $(BIN)/pytest -n auto tests/contract/test_clients_against_specs.py tests/faults/test_decoders.py

audit: $(VENV)/.dev ## Known vulnerabilities and licences of everything that is installed with the package.
	$(BIN)/python -m scripts.audit

regenerate: $(VENV)/.dev ## Write the clients from the specs; CHECK=1 only compares and fails with a diff.
	$(BIN)/python -m onefolio_generator $(if $(CHECK),--check)

provider: $(VENV)/.dev ## Write a provider NAME=my_bank from its document SPEC=FILE; ARGS="--positions none" and the like.
	$(BIN)/python -m scripts.provider $(NAME) --spec $(SPEC) $(ARGS)

.PHONY: check-generated
check-generated: $(VENV)/.dev
	$(BIN)/python -m onefolio_generator --check

spec-lint: ## Lint the specs with Redocly's linter (needs Node.js).
	npx --yes @redocly/cli@2.77.0 lint --config specs/redocly.yaml specs/*/openapi.yaml

wheel: $(VENV)/.dev ## Build and check sdist and wheel, install it into an empty environment elsewhere and read the mock.
	PYTHON="$(PYTHON)" $(BIN)/python -m scripts.try_wheel

format: $(VENV)/.dev ## Format the code and fix what the linter can.
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

requirements: $(VENV)/.dev ## Pin the newest versions that pyproject.toml and requirements/*.in allow.
	for name in run dev; do $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean: ## Remove the environment and everything that was built.
	rm -rf $(VENV) dist site .mypy_cache .nox .pytest_cache .ruff_cache .hypothesis

$(VENV)/.run: requirements/run.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) is older than Python 3.11: make PYTHON=/path/to/python3.11"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
