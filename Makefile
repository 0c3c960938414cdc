# Needs Python 3.11 or later and make; everything else goes into .venv.
# PYTHON=... names the interpreter; without it the first suitable one of these is taken.
CANDIDATES := $(or $(PYTHON),python3 python3.13 python3.12 python3.11)
SUITABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-input

.PHONY: run test check format wheel setup clean help
.DEFAULT_GOAL := help

run: .venv/.installed ## train and watch: make run ARGS="--lr 0.01"
	@$(BIN)/tui-nn $(ARGS)

test: .venv/.installed-test ## run the tests: make test ARGS="-k idx"
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

check: .venv/.installed-test ## format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(MAKE) --no-print-directory test

format: .venv/.installed-test ## format the code and sort the imports
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

wheel: .venv/.installed-test ## build the source archive and, from it, the wheel into dist/
	rm -rf dist
	$(BIN)/python -m build --outdir dist

setup: .venv/.installed-test ## set up .venv for development, run nothing

clean: ## remove .venv, dist and caches
	rm -rf .venv dist .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## show this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
	  while IFS='|' read -r target text; do printf '%-14s %s\n' "$$target" "$$text"; done

# Set-up happens once, and again when pyproject.toml changes.
$(BIN)/pip:
	@for python in $(CANDIDATES); do \
	  if $$python -c '$(SUITABLE)' >/dev/null 2>&1; then $$python -m venv .venv; exit $$?; fi; \
	done; \
	echo "tui-nn needs Python 3.11 or later with its venv module (tried: $(CANDIDATES)); name one with make PYTHON=..." >&2; exit 1

.venv/.installed: pyproject.toml | $(BIN)/pip
	@echo "Setting up .venv (once; about a minute) ..."
	@$(INSTALL) --editable .
	@touch $@

.venv/.installed-test: pyproject.toml | $(BIN)/pip
	@echo "Setting up .venv with the test tools (once; about a minute) ..."
	@$(INSTALL) --editable '.[test]'
	@touch .venv/.installed $@
