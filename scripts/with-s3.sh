#!/usr/bin/env bash
# Runs a command beside a fresh S3 server on the loopback interface, and stops the server again:
# MinIO if it is there or can be built, else moto. The command finds the server in
# H5SCOUT_TEST_S3, S3_ACCESS_KEY and S3_SECRET_KEY, and its name in H5SCOUT_TEST_S3_NAME.
set -euo pipefail
source "$(dirname "$0")/common.sh"

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

port=$(free_port)
export H5SCOUT_TEST_S3=http://127.0.0.1:$port
export H5SCOUT_REQUIRE_S3=1
export S3_ACCESS_KEY=h5scout-test
export S3_SECRET_KEY=h5scout-test-secret

if binary=$(minio); then
    name="MinIO $minio_version"
    MINIO_ROOT_USER=$S3_ACCESS_KEY MINIO_ROOT_PASSWORD=$S3_SECRET_KEY MINIO_BROWSER=off \
        MINIO_UPDATE=off "$binary" server --quiet --address "127.0.0.1:$port" "$folder/data" \
        >"$folder/log" 2>&1 &
else
    name=moto
    "$(dirname "$(python_with_requirements)")/moto_server" -H 127.0.0.1 -p "$port" \
        >"$folder/log" 2>&1 &
fi
server=$!
if ! wait_for "$H5SCOUT_TEST_S3/" "$server"; then
    cat "$folder/log" >&2
    exit 1
fi
export H5SCOUT_TEST_S3_NAME=$name
say "S3 server for the tests: $name at $H5SCOUT_TEST_S3"
"$@"
