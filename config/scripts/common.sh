# Sourced by the scripts beside it: they run from the repository's root and speak in short lines.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { printf '%s\n' "$*"; }

# fail PROBLEM REMEDY: one clear line, and out.
fail() {
  printf 'aican: %s %s\n' "$1" "$2" >&2
  exit 1
}

# quietly REMEDY COMMAND…: run it without its chatter; when it fails, show how what it said begins and ends.
quietly() {
  local remedy=$1 said
  shift
  said=$(mktemp)
  if ! "$@" >"$said" 2>&1 </dev/null; then
    awk '{ line[NR] = $0 } END { for (i = 1; i <= NR; i++) if (i <= 15 || i > NR - 10) print line[i] }' "$said" >&2
    rm -f "$said"
    fail "\`$*\` failed." "$remedy"
  fi
  rm -f "$said"
}

# shown TEXT: what a program said, short and in one line.
shown() { printf '%s' "${1:-nothing}" | tr -s '[:space:]' ' ' | cut -c1-80; }

# digest FILE…: one hash of these files' contents and names.
digest() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }

# fresh STAMP VALUE: whether a step that left VALUE in build/STAMP need not run again.
fresh() { [ "$(cat "build/$1" 2>/dev/null)" = "$2" ]; }

stamp() {
  mkdir -p build
  printf '%s\n' "$2" >"build/$1"
}
