# Two commands for everyone: `make demo` and `make test`. Each sets up what it needs, and needs only python3 (with venv) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo check test fast bench bench-aa soak package clean

demo: $(STAMP)
	@$(BIN)/python examples/run_demo.py

check: $(STAMP)
	$(BIN)/ruff format --check server tests rankings examples/run_demo.py benchmarks
	$(BIN)/ruff check server tests rankings examples/run_demo.py benchmarks
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -m "not slow and not data"

test: check
	$(BIN)/python -m pytest -q -m "slow or data"

bench: $(STAMP)
	$(BIN)/python benchmarks/candidates_per_second.py
	$(BIN)/python benchmarks/demo_overhead.py

package: $(STAMP)
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "PerfOrch needs Python 3.11 or newer; name it with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { echo "python3 has no venv module; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "installing pinned dependencies into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache
