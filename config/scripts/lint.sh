#!/usr/bin/env bash
# Format, lint, types and import contracts, of Python and of TypeScript. Installs nothing.
. "$(dirname "$0")/common.sh"

bin=.venv/bin
say "Python: format, lint, types, import contracts"
$bin/ruff format --check --quiet . || fail "some Python files are not formatted." "Run .venv/bin/ruff format ."
$bin/ruff check --quiet .
$bin/mypy
$bin/lint-imports --no-logo

say "TypeScript: lint, types"
npm --prefix widget run --silent lint
npm --prefix widget run --silent check
