#!/usr/bin/env bash
# Builds the server and serves the shipped fixtures.
set -euo pipefail
cd "$(dirname "$0")/.."

address=${H5SCOUT_LISTEN:-127.0.0.1:8080}
cargo build --release --locked --package h5scout
echo "h5scout serves fixtures/ at http://$address"
exec "${CARGO_TARGET_DIR:-target}/release/h5scout" serve fixtures --listen "$address"
