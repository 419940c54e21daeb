# Two commands for everyone: `make demo` and `make test`. Each sets up what it needs, and needs only python3 (with venv) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CLIENT_STAMP := node_modules/.installed
CODE := server tests rankings examples/run_demo.py benchmarks
# The editor's part is built and tested where node is; elsewhere that is said, and everything else still runs.
CLIENT := $(if $(shell command -v npm),client,no-client)

.PHONY: demo check test workbench client no-client bench bench-aa soak package clean

demo: $(STAMP)
	@$(BIN)/python examples/run_demo.py

check: $(STAMP) $(CLIENT)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q -n auto -m "not slow and not data"

test: check package
	$(BIN)/python -m pytest -q -m "slow or data" --durations=15

# Only the extension in a real VS Code (code-server from npm, Debian's chromium and ripgrep): minutes, and a large download at first.
workbench: package
	$(BIN)/python -m pytest -q -m workbench tests/e2e/vscode

client: $(CLIENT_STAMP)
	npm run --silent check
	npm run --silent lint
	npm run --silent test

no-client:
	@echo "skipped: npm is not installed, so the editor's part is neither checked nor built"
	@test -z "$(PERFORCH_CI)"

bench: $(STAMP)
	$(BIN)/python benchmarks/candidates_per_second.py
	$(BIN)/python benchmarks/demo_overhead.py
	$(BIN)/python benchmarks/attempt_cost.py
	$(BIN)/python benchmarks/long_suite.py
	$(BIN)/python benchmarks/lsp_start.py
	$(BIN)/python benchmarks/lsp_latency.py

bench-aa: $(STAMP)
	$(BIN)/python benchmarks/aa.py

soak: $(STAMP)
	$(BIN)/python tests/e2e/soak.py

# The wheel, and with npm the extension that carries it.
package: $(STAMP) $(if $(shell command -v npm),$(CLIENT_STAMP))
	@rm -rf dist && mkdir dist
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	$(if $(shell command -v npm),npm run --silent package,@echo "skipped: npm is not installed, so no extension is packaged")

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "PerfOrch needs Python 3.11 or newer; name it with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { echo "python3 has no venv module; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "installing pinned dependencies into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

$(CLIENT_STAMP): package.json package-lock.json
	@echo "installing the editor's pinned tools into node_modules ..."
	@npm ci --silent --no-audit --no-fund
	@touch $(CLIENT_STAMP)

clean:
	rm -rf $(VENV) node_modules dist client-vscode/out .mypy_cache .ruff_cache
