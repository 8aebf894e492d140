#!/usr/bin/env bash
# The front end's locked packages, in widget/node_modules.
. "$(dirname "$0")/common.sh"

install="Install Node 20 or newer with npm."
command -v node >/dev/null || fail "there is no node on PATH." "$install"
command -v npm >/dev/null || fail "there is no npm on PATH." "$install"
# The same question as `aican up` asks (config/local/mongodb/engine.py), so that both mean the same Node.
said=$(node -p "process.execPath + '\n' + process.version" 2>/dev/null </dev/null) || true
version=$(sed -n '$p' <<<"$said")
[[ $version =~ ^v([0-9]+)\. ]] ||
  fail "$(command -v node) is no Node: asked for its path and version it said '$(shown "$said")'." "$install"
[ "${BASH_REMATCH[1]}" -ge 20 ] || fail "Node $version ($(command -v node)) is too old." "$install"
[ -f "$(sed '$d' <<<"$said")" ] ||
  fail "$(command -v node) says that it is $version, but not where its program lies." "Put Node itself before it on PATH."

wanted="$(digest widget/package-lock.json) $version"
[ -d widget/node_modules ] && fresh packages "$wanted" && exit 0

said=$(npm --version 2>/dev/null </dev/null) || true
[[ $said =~ ^[0-9]+\. ]] || fail "$(command -v npm) is no npm: asked for its version it said '$(shown "$said")'." "$install"

say "Installing the front end's locked packages"
# No package's own install script has a say here.
quietly "Check the network, and try again." npm --prefix widget ci --ignore-scripts --no-audit --no-fund
stamp packages "$wanted"
