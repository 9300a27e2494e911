#!/usr/bin/env bash
# Installs what the tests need and runs all of them.
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

say "build"
cargo build --workspace --all-targets --locked

say "the API against its own description"
scripts/schemathesis.sh

say "tests"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo test --workspace --locked --doc 2>&1 | tee "$log"
scripts/with-s3.sh cargo test --workspace --locked --tests --no-fail-fast "$@" 2>&1 | tee -a "$log"

# The sum of what the test binaries say.
awk '/^test result:/ { passed += $4; failed += $6; skipped += $8 }
     END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }' "$log"
