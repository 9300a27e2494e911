#!/usr/bin/env bash
# Fuzzes the target that is named, or all of them, for FUZZ_SECONDS each (10 by default): first what
# was found before (fuzz/regressions), then what coverage leads to from the fixtures.
#
# The corpora that grow by this are kept in the cache folder; what makes a target fail is put beside
# them, and its path printed.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$repository"

seconds=${FUZZ_SECONDS:-10}
corpora=$cache/fuzz

# Coverage is an unstable option of the compiler; this lets the stable one have it.
export RUSTC_BOOTSTRAP=1
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-target}/fuzz
PATH=$(dirname "$(cargo_fuzz)"):$PATH

if ! command -v c++ >/dev/null; then
    say "libFuzzer is written in C++, and there is no compiler for it (c++)"
    exit 1
fi
say "build of the fuzz targets"
cargo fuzz build ${1:-} >&2
binaries=$CARGO_TARGET_DIR/$(rustc -vV | sed -n 's/^host: //p')/release

seeds=$(mktemp -d)
trap 'rm -rf "$seeds"' EXIT
python3 scripts/fuzz_seeds.py fixtures "$seeds"

for target in ${1:-$(cargo fuzz list)}; do
    mkdir -p "$corpora/$target" "$corpora/failures/$target" "$seeds/$target"
    # A structure of 64 KiB that takes ten seconds or 1 GiB is as bad as one that panics. The
    # sanitizer and a busy machine take their part of both.
    options=(-timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=128 -max_len=65536
        "-artifact_prefix=$corpora/failures/$target/")
    if [ -d "fuzz/regressions/$target" ]; then
        "$binaries/$target" "${options[@]}" "fuzz/regressions/$target"/* >"$seeds/log" 2>&1 || {
            tail -n 40 "$seeds/log" >&2
            exit 1
        }
        # They are good seeds as well.
        cp "fuzz/regressions/$target"/* "$seeds/$target"
    fi
    "$binaries/$target" "${options[@]}" -max_total_time="$seconds" -print_final_stats=1 \
        "$corpora/$target" "$seeds/$target" >"$seeds/log" 2>&1 || {
        tail -n 40 "$seeds/log" >&2
        exit 1
    }
    coverage=$(grep -o 'cov: [0-9]*' "$seeds/log" | tail -n 1)
    say "$target: $(sed -n 's/^Done //p' "$seeds/log"), $coverage"
done
