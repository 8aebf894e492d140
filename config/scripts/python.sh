#!/usr/bin/env bash
# python.sh runtime|dev: .venv with the locked packages (dev holds the runtime's too) and this checkout in it.
. "$(dirname "$0")/common.sh"

kind=$1
lock() { [ "$1" = dev ] && echo config/requirements-dev.lock || echo config/requirements.lock; }

# A program that answers nothing of the kind is no Python, whatever its exit code.
new_enough() { [ "$("$1" -c 'import sys; print(sys.version_info >= (3, 11))' 2>/dev/null </dev/null)" = True ]; }

find_python() {
  local name
  for name in python3 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && new_enough "$name"; then
      printf '%s\n' "$name"
      return
    fi
  done
  command -v python3 >/dev/null ||
    fail "there is no python3 on PATH." "Install Python 3.11 or newer: sudo apt-get install python3 python3-venv"
  local said
  said=$(python3 --version 2>&1 </dev/null) || true
  [[ $said == "Python "[0-9]* ]] ||
    fail "$(command -v python3) is no Python: asked for its version it said '$(shown "$said")'." "Install Python 3.11 or newer."
  fail "$said ($(command -v python3)) is too old." "Install Python 3.11 or newer."
}

make_venv() {
  local python version
  python=$(find_python)
  version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    fail "$python cannot make virtual environments." "Install that part of it: sudo apt-get install python$version-venv"
  say "Making .venv with $("$python" --version)"
  rm -rf .venv
  quietly "Make this directory writable." "$python" -m venv .venv
}

# An interpreter that was updated or removed leaves a .venv that does not start.
new_enough .venv/bin/python || make_venv

# What an installed .venv is made of. The place counts: console scripts hold absolute paths, so a moved checkout installs again.
contents() { printf '%s %s %s\n' "$PWD" "$(digest "$(lock "$1")" pyproject.toml)" "$(.venv/bin/python --version)"; }
current() { [ "$(cat ".venv/.$1" 2>/dev/null)" = "$(contents "$1")" ]; }

current "$kind" && exit 0
# The developers' packages include the runtime's, at the same versions.
[ "$kind" = runtime ] && current dev && exit 0

say "Installing the locked Python packages (a minute the first time)"
rm -f .venv/.runtime .venv/.dev
quietly "Check the network, and try again." \
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r "$(lock "$kind")"
quietly "Check that this directory is writable, and try again." \
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .
contents "$kind" >".venv/.$kind"
