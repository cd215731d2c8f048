# Everything runs in one environment, .venv, made from the lock at the first target that needs it.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SERVE ?= 1
PORT ?= 8866
RESIDENTS ?= 60
# bench_kills (root, Postfix) and bench_scale (ten million entries) are started by hand: see docs/measured.md
BENCHES ?= reading papers documents compose smtp journal lanes pace bounces

.PHONY: demo test lint format catalog lock dashboard bench samples clean

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=..." if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)  # another Python over an old environment breaks it
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# The demo leaves a remainder on purpose (a refused address, a deceased resident): exit 3 is a success here.
demo: $(VENV)/.ready
	$(BIN)/elite demo --residents $(RESIDENTS) --port $(PORT) $(if $(filter 0,$(SERVE)),,--serve) || test $$? -eq 3

test: $(VENV)/.ready
	$(BIN)/python -m pytest

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/nbstripout --keep-id --verify notebooks/*.ipynb

format: $(VENV)/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/nbstripout --keep-id notebooks/*.ipynb

# Extract the sentences, merge them into the French catalogue, compile it. Untranslated ones fail the tests.
# The template has no header and the catalogue keeps its own: no date changes from one run to the next.
catalog: $(VENV)/.ready
	$(BIN)/pybabel -q extract -k _ -k N_ -k ngettext:1,2 --no-location --sort-output --omit-header --no-wrap \
		-o elite_lib/locale/elite.pot elite_lib
	$(BIN)/pybabel -q update -N --no-wrap --ignore-obsolete --ignore-pot-creation-date \
		-D elite -i elite_lib/locale/elite.pot -d elite_lib/locale -l fr
	$(BIN)/pybabel -q compile -D elite -d elite_lib/locale -l fr

# Hashes and no addresses: the same lock serves any index.
lock: $(VENV)/.ready
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --extra dev -o requirements.lock pyproject.toml

dashboard: $(VENV)/.ready
	$(BIN)/elite dashboard --port $(PORT)

bench: $(VENV)/.ready
	for name in $(BENCHES); do echo "== $$name"; $(BIN)/python benchmarks/bench_$$name.py || exit 1; done

samples: $(VENV)/.ready
	$(BIN)/python -m elite_lib.demo.sample

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis data/demo
