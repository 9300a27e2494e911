#!/usr/bin/env bash
# Measures ours beside its peers, and writes the tables and plots of docs/performance.md.
#
# ONLY=cold,warm measures these parts only; QUICK=1 measures everything once and writes nothing.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$repository"

say "build"
binaries=$(benchmarks)
python=$(python_with_requirements benches/requirements.txt)
files=$(bench_files "$python")

arguments=(--h5scout "$binaries/h5scout" --files "$files" --python "$python" --repository .)
if [ -n "${ONLY:-}" ]; then
    arguments+=(--only "$ONLY")
fi
if [ -n "${QUICK:-}" ]; then
    arguments+=(--quick)
fi
scripts/with-s3.sh "$binaries/h5scout-benches" run "${arguments[@]}"
