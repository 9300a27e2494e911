#!/usr/bin/env bash
# Asks a server with small caches random questions from 64 clients for SOAK_SECONDS (600 by
# default), over an S3 bucket with faults on the line to it and a writer that overwrites objects.
# Fails where an answer is wrong, an error is not the store's, or the memory goes over its bound or
# grows. The files are those of H5SCOUT_CORPUS, else the fixtures.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$repository"

say "build"
binaries=$(benchmarks)
scripts/with-s3.sh "$binaries/h5scout-benches" soak --h5scout "$binaries/h5scout" \
    --corpus "${H5SCOUT_CORPUS:-fixtures}" --twin fixtures/ordinary/earliest.h5 \
    --seconds "${SOAK_SECONDS:-600}"
