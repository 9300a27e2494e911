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
all=token-for-all-of-it-$RANDOM$RANDOM
some=token-for-a-part-$RANDOM$RANDOM
(umask 077; printf '%s\n%s ordinary/\n' "$all" "$some" >"$folder/tokens")
"${CARGO_TARGET_DIR:-target}/debug/h5scout" serve fixtures --listen "127.0.0.1:$port" \
    --auth-token-file "$folder/tokens" --events-token-file "$folder/tokens" >"$folder/log" 2>&1 &
server=$!
wait_for "http://127.0.0.1:$port/health" "$server"

# Asks at most $1 questions of each kind about each route, with a header $2 if it is given.
#
# Not checked: that all valid questions are answered. OpenAPI cannot say "path or address", nor which
# keys are HDF5 files.
ask() {
    local examples=$1
    shift
    if ! (cd "$folder" && "$(dirname "$python")/schemathesis" run \
        "http://127.0.0.1:$port/openapi.json" "${@/#/--header=}" --max-examples "$examples" \
        --seed 1 --workers 1 --generation-database none --no-color \
        --exclude-checks positive_data_acceptance); then
        tail -n 20 "$folder/log" >&2
        exit 1
    fi
}

say "with a token for everything"
ask 100 "Authorization: Bearer $all"
say "with a token for some keys"
ask 5 "Authorization: Bearer $some"
say "with none"
ask 5

answers=$(grep -c 'request_id=' "$folder/log")
say "$answers answers, by status:"
grep -o ' status=[0-9]*' "$folder/log" | sort | uniq -c >&2
if [ "$answers" -lt 2000 ]; then
    say "fewer than 2,000: schemathesis asks less than it did, raise --max-examples"
    exit 1
fi
