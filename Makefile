# What one can do here, a sentence each: `make` alone prints this list.
# Every target first brings the system packages and the .venv it needs, and does nothing where they are there.

.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTEST_OPTIONS ?=

.PHONY: help run demo test check format coverage bench lock reference clean

help: ## Print this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start the gateway, its worker, a sandbox bank and an example portal, and print where to click.
	@scripts/prepare run
	@.venv/bin/thuphi serve --demo

demo: ## Play the whole journey without a browser, over real HTTP, and print each step with its time.
	@scripts/prepare run
	@.venv/bin/thuphi demo

test: ## Run the checks, then every test on SQLite and on a PostgreSQL that the tests start.
	@scripts/prepare test
	@scripts/test $(PYTEST_OPTIONS)

check: ## Check style, types and the directions of imports, without running a test.
	@scripts/prepare check
	@scripts/check

format: ## Put the Python files into the form that the checks expect.
	@scripts/prepare check
	@.venv/bin/ruff check --fix-only --quiet
	@.venv/bin/ruff format

coverage: ## Run the tests and show which lines and branches of the pure packages none of them reaches.
	@scripts/prepare test
	@.venv/bin/python -m pytest -n auto --maxprocesses 4 --dist worksteal $(PYTEST_OPTIONS) --cov --cov-report=
	@.venv/bin/coverage report --include='payments/core/*,providers/*,receipts/*' --fail-under=95

bench: ## Measure again every figure that the documents quote.
	@scripts/prepare bench
	@.venv/bin/python -m benchmarks

lock: ## Pin the newest versions that pyproject.toml allows into requirements.txt.
	@scripts/prepare check
	@scripts/lock

reference: ## Write the JSON Schemas of fee files and their reference anew.
	@scripts/prepare check
	@scripts/reference

clean: ## Remove the .venv and what tools have cached; data in var/ stays.
	@rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
