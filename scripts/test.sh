#!/usr/bin/env bash
# Installs what the tests need and runs all of them; the S3 suite on MinIO and on moto.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$repository"

python=$(python_with_requirements)

export H5SCOUT_TEST_PYTHON=$python

say "fixtures and their scripts"
"$python" fixtures/make/all.py --check

say "large files"
H5SCOUT_LARGE=$(large_files)
export H5SCOUT_LARGE

say "H5Web and a browser"
node_on_path
if H5SCOUT_CHROMIUM=$(chromium H5Web); then
    H5SCOUT_H5WEB=$(h5web)
    export H5SCOUT_CHROMIUM H5SCOUT_H5WEB
elif [ "${H5SCOUT_BROWSER_MISSING:-0}" != 0 ]; then
    exit 1
fi

say "build"
cargo build --workspace --all-targets --locked

say "the API against its own description"
scripts/schemathesis.sh

say "tests"
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
failed=0

# Runs a command, and keeps what it says in the log $1.
logged() {
    local log=$logs/$1
    shift
    "$@" 2>&1 | tee "$log" || failed=1
}

# Prints what the test binaries say in the log $1, summed up.
summary() {
    awk '/^test result:/ { passed += $4; failed += $6; skipped += $8 }
         END { printf "%d passed, %d failed, %d skipped", passed, failed, skipped }' "$logs/$1"
}

# Prints on which server the S3 tests of the log $1 ran, and how.
s3_summary() {
    awk '/^== S3 server for the tests:/ { name = $7 " " $8 }
         /^test s3::.*\.\.\. ok$/ { passed++ }
         /^test s3::.*\.\.\. FAILED$/ { failed++ }
         END { printf "S3 suite on %s: %d passed, %d failed\n", name, passed, failed }' "$logs/$1"
}

logged documentation cargo test --workspace --locked --doc
logged first scripts/with-s3.sh cargo test --workspace --locked --tests --no-fail-fast "$@"
if grep -q '^== S3 server for the tests: MinIO' "$logs/first"; then
    logged second env H5SCOUT_S3=moto scripts/with-s3.sh \
        cargo test --package h5scout-tests --locked --test all --no-fail-fast s3::
fi

logged traces cargo test --package h5scout --features otel --locked --no-fail-fast \
    --bin h5scout --test traces

printf 'documentation: %s\ntests: %s\n' "$(summary documentation)" "$(summary first)"
printf 'traces (feature otel): %s\n' "$(summary traces)"
s3_summary first
if [ -e "$logs/second" ]; then
    s3_summary second
else
    echo "S3 suite on MinIO: not run, there is no Go to build it"
fi
exit "$failed"
