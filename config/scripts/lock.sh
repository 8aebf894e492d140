#!/usr/bin/env bash
# The lock files, from pyproject.toml and the package.json files. Hashes stay, addresses of registries do not go in.
. "$(dirname "$0")/common.sh"

config/scripts/python.sh dev
options=(--quiet --allow-unsafe --generate-hashes --strip-extras
  --no-emit-find-links --no-emit-index-url --no-emit-trusted-host)
say "Python: config/requirements.lock, config/requirements-dev.lock"
.venv/bin/pip-compile "${options[@]}" --extra=local --output-file=config/requirements.lock pyproject.toml config/requirements.in
.venv/bin/pip-compile "${options[@]}" --constraint=config/requirements.lock --extra=dev --extra=local \
  --output-file=config/requirements-dev.lock pyproject.toml config/requirements.in
say "Python: config/requirements-bench.lock"
.venv/bin/pip-compile "${options[@]}" --constraint=config/requirements-dev.lock \
  --output-file=config/requirements-bench.lock config/requirements-bench.in

# In an empty directory: beside an installed node_modules npm leaves out what other systems need.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for directory in widget config/local/mongodb tests/bench/peers; do
  say "npm: $directory/package-lock.json"
  cp "$directory/package.json" "$scratch/"
  rm -f "$scratch/package-lock.json"
  (cd "$scratch" && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund)
  node config/scripts/complete-lock.mjs "$scratch/package-lock.json"
  cp "$scratch/package-lock.json" "$directory/"
done
