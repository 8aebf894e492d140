#!/usr/bin/env bash
# A Chromium for the browser tests, from the system's packages.
. "$(dirname "$0")/common.sh"

have() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
have && exit 0

by_hand="Install it yourself: sudo apt-get install chromium"
command -v apt-get >/dev/null || fail "the browser tests need Chromium, and there is none." "Install it from your system's packages."
root=()
if [ "$(id -u)" -ne 0 ]; then
  sudo -n true 2>/dev/null || fail "the browser tests need Chromium, and this user may not install it." "$by_hand"
  root=(sudo -n)
fi

say "Installing Chromium from the system's packages"
quietly "$by_hand" "${root[@]}" apt-get -q update
quietly "$by_hand" "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends chromium
have || fail "Chromium was installed but is not on PATH." "$by_hand"
