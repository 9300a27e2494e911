#!/usr/bin/env bash
# Takes the pictures of the page that the README shows, of the shipped fixtures, into docs/images.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$repository"

node_on_path
H5SCOUT_CHROMIUM=$(chromium "the page")
export H5SCOUT_CHROMIUM
binary=$(binary_with_page)
port=$(free_port)
"$binary" serve fixtures --listen "127.0.0.1:$port" 2>/dev/null &
server=$!
trap 'kill "$server"' EXIT
wait_for "http://127.0.0.1:$port/health" "$server"
mkdir -p docs/images
cd web
node scripts/screenshots.mjs "http://127.0.0.1:$port" ../docs/images
