#!/usr/bin/env bash
# Builds the page and the server, and serves the shipped fixtures at http://127.0.0.1:8080, or at
# $H5SCOUT_LISTEN. The server prints the address.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/web.sh || echo "The page could not be built: the server is built without it, and answers the API." >&2
cargo build --release --locked --package h5scout
exec "${CARGO_TARGET_DIR:-target}/release/h5scout" serve fixtures
