#!/usr/bin/env bash
# Tries the served OpenAPI document on the built server with made-up questions: no answer may be a
# server error or contradict the document. The number of questions is bounded and the seed fixed.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$repository"

folder=$(mktemp -d)
server=
stop() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap stop EXIT

cargo build --quiet --locked --package h5scout
python=$(python_with_requirements)
port=$(free_port)
"${CARGO_TARGET_DIR:-target}/debug/h5scout" serve fixtures --listen "127.0.0.1:$port" \
    >"$folder/log" 2>&1 &
server=$!
wait_for "http://127.0.0.1:$port/health" "$server"

# Not checked: that all valid questions are answered. OpenAPI cannot say "path or address", nor which
# keys are HDF5 files.
if ! (cd "$folder" && "$(dirname "$python")/schemathesis" run \
    "http://127.0.0.1:$port/openapi.json" --max-examples 40 --seed 1 --workers 1 \
    --generation-database none --no-color \
    --exclude-checks positive_data_acceptance); then
    tail -n 20 "$folder/log" >&2
    exit 1
fi
