# What a newcomer needs: `make run`, `make test`. The steps are small scripts in config/scripts/.

.DEFAULT_GOAL := help
.PHONY: help run test lint bench chaos build lock clean

help:
	@echo "make run    start Aican on this machine (installs what is missing first)"
	@echo "make test   everything that must hold: lint, types, contracts, tests, size budgets"
	@echo "make bench  figures beside Socket.IO and python-socketio, in build/bench.json (20 minutes; QUICK=1: two)"
	@echo "make chaos  the promise of delivery under every fault, in build/chaos.json (30 minutes; SEED=, SCENARIO=, MESSAGES=)"
	@echo "make lint   format, lint, types and import contracts only"
	@echo "make build  install the locked packages and build the front end"
	@echo "make lock   bring the lock files up to date with pyproject.toml and package.json"
	@echo "make clean  remove what these made; var/ with your data stays"

# The tether ends `aican up` with make, even when make is killed; it then stops its children in order.
run: build
	@exec .venv/bin/python -I -S config/local/tether.py --parent $$PPID -- .venv/bin/aican up

test:
	@config/scripts/test.sh

lint:
	@config/scripts/python.sh dev
	@config/scripts/packages.sh
	@config/scripts/lint.sh

bench:
	@config/scripts/python.sh dev
	@.venv/bin/python -m tests.bench $(if $(QUICK),--quick)

chaos:
	@config/scripts/python.sh dev
	@config/scripts/packages.sh
	@.venv/bin/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(SCENARIO),--scenario "$(SCENARIO)") \
		$(if $(MESSAGES),--messages $(MESSAGES))

build:
	@config/scripts/python.sh runtime
	@config/scripts/frontend.sh

lock:
	@config/scripts/lock.sh

clean:
	rm -rf .venv build aican.egg-info widget/node_modules widget/dist .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis
