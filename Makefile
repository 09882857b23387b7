# Everything here works from a bare checkout with only Python (3.11 or newer) and make.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY := $(VENV)/ready
# The build backend is a program in the same environment.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test slow check bench lock clean

demo: $(READY)
	$(BIN)/taama demo

test: $(READY)
	$(BIN)/python -m pytest

slow: $(READY)
	$(BIN)/python -m pytest -m "(slow or postgres) and not nightly"

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python benchmarks/building.py
	$(BIN)/python benchmarks/sealing.py
	$(BIN)/python benchmarks/arrivals.py
	$(BIN)/python benchmarks/disclosure.py
	$(BIN)/python benchmarks/ingest.py
	$(BIN)/python benchmarks/checks.py
	$(BIN)/python benchmarks/odata.py
	$(BIN)/python benchmarks/export.py
	$(BIN)/python benchmarks/meeting.py

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	$(BIN)/python -c "import pathlib; pathlib.Path('$(READY)').touch()"

lock:
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra dev --extra analysis --extra postgres -o requirements.lock pyproject.toml

clean:
	$(PYTHON) -c "import shutil; shutil.rmtree('$(VENV)', ignore_errors=True)"
