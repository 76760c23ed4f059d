# The commands of this project; `make help` lists them.

PYTHON ?= python3
TYPESCRIPT := 5.9.3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test lint soak bench clean

help: ## Lists these commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-6s %s\n' "$$name" "$$text"; \
	done

demo: $(VENV)/.for-use ## Shows the wall with simulated cameras at http://127.0.0.1:8080
	$(BIN)/heatwall demo

test: $(VENV)/.for-work ## Runs all tests
	.ci/system-packages test
	$(BIN)/python -m pytest

lint: $(VENV)/.for-work ## Checks style and types of the server, the tests, the page and the scripts
	.ci/system-packages lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	npx --yes -p typescript@$(TYPESCRIPT) tsc -p web --noEmit
	shellcheck .ci/run .ci/system-packages

soak: $(VENV)/.for-work ## Runs the tests of faults, crowds and fuzzing for an hour, and prints their figures
	.ci/system-packages test
	HEATWALL_SOAK=1 $(BIN)/python -m pytest -s tests/integration/test_chaos.py tests/integration/test_camera_faults.py tests/integration/test_crowds.py tests/integration/test_fuzz.py

bench: $(VENV)/.for-work ## Measures speed and prints tables
	$(BIN)/python tests/bench/run.py

clean: ## Removes what the other commands made, the environment too
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

# One environment. The stamps say for what it is complete, and are made anew when the wanted
# versions change.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Heatwall needs Python 3.11 or newer as '$(PYTHON)'; name another: make PYTHON=python3.12 …" >&2; \
		exit 1; \
	}
	@$(PYTHON) -m venv $(VENV) || { \
		rm -rf $(VENV); \
		echo "No virtual environment could be made. On Debian and Ubuntu: sudo apt-get install -y python3-venv" >&2; \
		exit 1; \
	}

$(VENV)/.for-use: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt -e .
	@touch $@

$(VENV)/.for-work: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.for-use
