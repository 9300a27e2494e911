#!/usr/bin/env bash
# Asks a server with small caches random questions from 64 clients for SOAK_SECONDS (600 by
# default), and fails where its memory goes over its bound or it is at fault. The files are those of
# H5SCOUT_CORPUS, else the fixtures.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$repository"

say "build"
binaries=$(benchmarks)
"$binaries/h5scout-benches" soak --h5scout "$binaries/h5scout" \
    --corpus "${H5SCOUT_CORPUS:-fixtures}" --seconds "${SOAK_SECONDS:-600}"
