#!/usr/bin/env bash
# Licences, bans and origins of all dependencies; known vulnerabilities too where the database of
# advisories can be fetched.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$repository"

deny=$(cargo_deny)
"$deny" --locked check --hide-inclusion-graph bans licenses sources
if "$deny" --locked fetch db >/dev/null 2>&1; then
    "$deny" --locked check --disable-fetch advisories
else
    say "advisories not checked: their database cannot be fetched from here"
fi
