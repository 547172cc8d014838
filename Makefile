# The tool chain: every target works on a clean checkout, given Python >= 3.11 with venv, and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.PHONY: demo test check lint types unit browser bench bench-delivery bench-newsroom soak-delivery peers lock clean

demo: $(VENV)/run.stamp            ## the main job on sample input: assemble, check, approve, send, look
	$(BIN)/digest demo --dir demo

test: $(VENV)/test.stamp           ## everything: lint, types, import contract, all tests
	$(MAKE) --no-print-directory lint types
	$(BIN)/python -m pytest

check: $(VENV)/test.stamp          ## the fast part: lint, types, import contract, unit tests
	$(MAKE) --no-print-directory lint types unit

lint: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(VENV)/test.stamp
	$(BIN)/mypy

unit: $(VENV)/test.stamp
	$(BIN)/python -m pytest -m "not slow and not browser" -q

browser:                           ## a system Chromium for the browser tests (apt, needs root)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; }

bench: bench-delivery $(if $(DATA),bench-newsroom) ## all that is measured side by side; DATA=FOLDER for the newsroom too

bench-delivery: $(VENV)/test.stamp ## delivery side by side with other senders: CPU and speed; ARGS="--quick", ARGS=memory
	$(BIN)/python -m benchmarks.delivery.run $(ARGS)

soak-delivery: $(VENV)/test.stamp ## 200 editions through kills and faults: losses, duplicates, doubts; ARGS="--seeds 40"
	$(BIN)/python -m benchmarks.soak_delivery $(ARGS)

bench-newsroom: $(VENV)/test.stamp ## grouping, study types, telling, gathering beside their bars; DATA=FOLDER, ARGS="--only grouping"
	$(BIN)/python -m benchmarks.newsroom.run "$(DATA)" $(ARGS)

peers: $(VENV)/test.stamp          ## real peers: Postfix, smtp-sink, OpenDKIM, where they are installed
	$(BIN)/python -m benchmarks.peers $(ARGS)

lock: $(VENV)/venv.stamp           ## pins every dependency with its hashes, from the floors in pyproject.toml
	$(PIP) uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-find-links --no-header --python-version 3.11 \
	  pyproject.toml --extra speed --group build -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-find-links --no-header --python-version 3.11 \
	  pyproject.toml --extra speed --extra embeddings -c requirements/run.txt -o requirements/embeddings.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-find-links --no-header --python-version 3.11 \
	  pyproject.toml --extra speed --extra pages -c requirements/run.txt -o requirements/pages.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-find-links --no-header --python-version 3.11 \
	  pyproject.toml --extra speed --extra embeddings --extra pages --group test \
	  -c requirements/run.txt -c requirements/embeddings.txt -c requirements/pages.txt -o requirements/test.txt

clean:                             ## removes what the targets above made
	rm -rf $(VENV) demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/venv.stamp:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/run.stamp: $(VENV)/venv.stamp requirements/run.txt pyproject.toml
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements/test.txt
	$(PIP) --require-hashes -r requirements/test.txt
	touch $@
