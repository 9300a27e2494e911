#!/usr/bin/env bash
# Builds the page into web/dist, where the binary takes it in. With `check` as $1: its formatting,
# lints, types and tests before.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$repository/web"

node_packages "$PWD"
[ "${1:-}" != check ] || npm run --silent check
npm run --silent build
