#!/usr/bin/env bash
# Builds the server and serves the shipped fixtures at http://127.0.0.1:8080, or at $H5SCOUT_LISTEN.
# The server prints the address. Without Node it has no page, and says so.
set -euo pipefail
cd "$(dirname "$0")/.."

if command -v npm >/dev/null; then
    scripts/web.sh
else
    echo "Node is not here: built without the page" >&2
fi
cargo build --release --locked --package h5scout
exec "${CARGO_TARGET_DIR:-target}/release/h5scout" serve fixtures
