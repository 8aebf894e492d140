#!/usr/bin/env bash
# The front end's locked packages, in widget/node_modules.
. "$(dirname "$0")/common.sh"

install="Install Node 20 or newer with npm."
command -v node >/dev/null || fail "there is no node on PATH." "$install"
command -v npm >/dev/null || fail "there is no npm on PATH." "$install"
node -e 'process.exit(parseInt(process.versions.node, 10) < 20 ? 1 : 0)' || fail "Node $(node --version) is too old." "$install"

wanted="$(digest widget/package-lock.json) $(node --version)"
[ -d widget/node_modules ] && fresh packages "$wanted" && exit 0

say "Installing the front end's locked packages"
# No package's own install script has a say here.
quietly "Check the network, and try again." npm --prefix widget ci --ignore-scripts --no-audit --no-fund
stamp packages "$wanted"
