# Each target prepares by itself what it needs: a Python 3.11+ is found, .venv is made from PyPI, and renewed only when requirements change.
# The work is done by the programs in tools/.
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
ready = $(if $(PYTHON),$(PYTHON),$(error Python 3.11 or later was not found; name one with: make $@ PYTHON=/path/to/python)) tools/prepare.py
run = .venv/bin/python -m tools

.PHONY: demo check test compat bench lint generate docs build clean

demo: ## Start the lab, run a playbook twice against it, end the lab
	@$(ready) demo
	@$(run).demo

check: ## The fast part of the tests, for every edit
	@$(ready) test
	@$(run).check --fast

test: ## Everything; what CI calls
	@$(ready) test
	@$(run).check

compat: ## The oldest and the newest ansible-core for which a Python is here
	@$(ready) test
	@$(run).compat

bench: ## Measure, and write build/bench.json
	@$(ready) test
	@$(run).bench

lint: ## Only the linters and type checks
	@$(ready) test
	@$(run).check --only ruff format mypy

generate: ## Write the generated files anew
	@$(ready) test
	@$(run).generate

docs: ## Make the documentation site in build/docs/html
	@$(ready) test
	@$(run).docs

build: ## Build the collection's tarball into build/package
	@$(ready) demo
	@$(run).package

clean: ## Remove everything that the targets made
	rm -rf build .venv .cache .ansible
