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

config/scripts/browser.sh
say "Python: tests"
exec .venv/bin/python -m pytest
