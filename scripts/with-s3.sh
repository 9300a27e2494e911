#!/usr/bin/env bash
# Runs a command beside a fresh S3 server on the loopback interface, and stops the server again.
#
#     with-s3.sh COMMAND...                     MinIO if it is there or can be built, else moto
#     H5SCOUT_S3=moto with-s3.sh COMMAND...     this one: minio or moto
#
# The command finds the server in H5SCOUT_TEST_S3, S3_ACCESS_KEY and S3_SECRET_KEY, what it is in
# H5SCOUT_TEST_S3_KIND and H5SCOUT_TEST_S3_NAME, and its program, for servers of its own, in
# H5SCOUT_TEST_S3_PROGRAM.
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

kind=${H5SCOUT_S3:-}
if [ -z "$kind" ]; then
    kind=minio
    if ! minio >/dev/null; then
        say "no MinIO, which takes Go to build: moto in its place"
        kind=moto
    fi
fi

port=$(free_port)
export H5SCOUT_TEST_S3=http://127.0.0.1:$port
export H5SCOUT_REQUIRE_S3=1
export S3_ACCESS_KEY=h5scout-test
export S3_SECRET_KEY=h5scout-test-secret

case $kind in
minio)
    program=$(minio)
    name="MinIO $minio_version"
    # Buckets are named by paths, and below `localhost` by hosts.
    MINIO_ROOT_USER=$S3_ACCESS_KEY MINIO_ROOT_PASSWORD=$S3_SECRET_KEY MINIO_BROWSER=off \
        MINIO_UPDATE=off MINIO_DOMAIN=localhost \
        "$program" server --quiet --address "127.0.0.1:$port" "$folder/data" >"$folder/log" 2>&1 &
    ;;
moto)
    python=$(python_with_requirements)
    program=$(dirname "$python")/moto_server
    name="moto $("$python" -c 'from importlib.metadata import version; print(version("moto"))')"
    "$program" -H 127.0.0.1 -p "$port" >"$folder/log" 2>&1 &
    ;;
*)
    say "H5SCOUT_S3: minio or moto, not $kind"
    exit 2
    ;;
esac
server=$!
if ! wait_for "$H5SCOUT_TEST_S3/" "$server"; then
    cat "$folder/log" >&2
    exit 1
fi
export H5SCOUT_TEST_S3_KIND=$kind
export H5SCOUT_TEST_S3_PROGRAM=$program
export H5SCOUT_TEST_S3_NAME=$name
say "S3 server for the tests: $name at $H5SCOUT_TEST_S3"
"$@"
