PYTHON ?= python3
BIN = .venv/bin
# Containers often forbid byte code; then every process compiles every module again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: up test check chaos bench clean

up:
	@$(PYTHON) tools/bootstrap.py && exec $(BIN)/python manage.py up

test: dev
	$(BIN)/python -m pytest -n 3

check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	git ls-files -z '*.html' | xargs -0 --no-run-if-empty $(BIN)/djade --check
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run --settings tests.settings
	$(BIN)/python tools/messages.py --check

chaos: dev
	CHAOS=full $(BIN)/python -m pytest -m chaos

bench: dev
	$(BIN)/python -m benchmarks

clean:
	@$(PYTHON) tools/clean.py

.PHONY: dev
dev:
	@$(PYTHON) tools/bootstrap.py --dev
