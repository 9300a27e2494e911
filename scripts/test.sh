#!/usr/bin/env bash
# Installs what the tests need and runs all of them.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$repository"

python=$(python_with_requirements)

say "fixtures and their scripts"
"$python" fixtures/make/all.py --check

say "build"
cargo build --workspace --all-targets --locked

say "the API against its own description"
scripts/schemathesis.sh

say "tests"
scripts/with-s3.sh cargo test --workspace --locked --no-fail-fast "$@"
