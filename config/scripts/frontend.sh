#!/usr/bin/env bash
# widget/dist, built again when a source changed.
. "$(dirname "$0")/common.sh"

config/scripts/packages.sh
mapfile -d '' sources < <(find widget \( -name node_modules -o -name dist \) -prune -o -type f -print0 | sort -z)
wanted=$(digest "${sources[@]}")
[ -f widget/dist/manifest.json ] && fresh frontend "$wanted" && exit 0

say "Building the front end"
quietly "Correct what it complains about." npm --prefix widget run build
stamp frontend "$wanted"
