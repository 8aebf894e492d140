#!/usr/bin/env bash
# Everything that must hold. Stops at the first thing that does not; quick checks go first.
. "$(dirname "$0")/common.sh"

config/scripts/python.sh dev
config/scripts/packages.sh
config/scripts/lint.sh

say "TypeScript: tests"
npm --prefix widget run --silent test
config/scripts/frontend.sh
say "Front end: size budgets"
npm --prefix widget run --silent size

# By file: what a file's tests share is made once. Each worker starts stores of its own, so more of them need more memory.
say "Python: tests"
.venv/bin/python -m pytest --ignore=tests/product --numprocesses=auto --maxprocesses=4 --dist=loadfile

# In a run of its own: Playwright keeps an event loop in the main thread, beside which no asynchronous test can run.
config/scripts/browser.sh
say "The running product: tests in a browser"
exec .venv/bin/python -m pytest tests/product
