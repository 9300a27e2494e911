#!/usr/bin/env bash
# Tries the page of the built binary in a browser without a window: over the fixtures in a folder and
# on an S3 server. Arguments are those of `playwright test`; pictures are left in the folder
# $H5SCOUT_BROWSER_OUTPUT.
set -euo pipefail
source "$(dirname "$0")/common.sh"
cd "$repository"

node_on_path
H5SCOUT_CHROMIUM=$(chromium "the page") || exit "${H5SCOUT_BROWSER_MISSING:-0}"
# How soon rows are there is a part of the tests.
H5SCOUT_BINARY=$(binary_with_page)
H5SCOUT_TEST_PYTHON=$(python_with_requirements)
H5SCOUT_LARGE=$(large_files)
H5SCOUT_BROWSER_OUTPUT=${H5SCOUT_BROWSER_OUTPUT:-$cache/browser}
export H5SCOUT_BINARY H5SCOUT_TEST_PYTHON H5SCOUT_LARGE H5SCOUT_CHROMIUM H5SCOUT_BROWSER_OUTPUT
cd web
if [ $# -gt 0 ]; then
    ../scripts/with-s3.sh npx playwright test "$@"
else
    npx playwright test --project page
    ../scripts/with-s3.sh npx playwright test --project s3
    npx playwright test --project large
fi
