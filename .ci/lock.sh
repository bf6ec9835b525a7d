#!/usr/bin/env bash
# Resolves pyproject.toml into the two hashed lock files; what is pinned there stays, unless called with --upgrade.
set -euo pipefail
cd "$(dirname "$0")/.."
place="$PWD/var/lock"
export PIP_CACHE_DIR="$PWD/var/pip" UV_CACHE_DIR="$PWD/var/uv" PIP_DISABLE_PIP_VERSION_CHECK=1

mkdir -p "$place"
[ -x "$place/bin/python" ] || "${PYTHON:-python3}" -m venv "$place"
"$place/bin/python" -m pip install --quiet 'uv>=0.9'

# The build backend is pinned with the rest: the package itself is installed without build isolation.
"$place/bin/python" - >"$place/build.in" <<'PYTHON'
import tomllib

with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["build-system"]["requires"], sep="\n")
PYTHON

resolve() {
    "$place/bin/python" -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" \
        "$@" pyproject.toml var/lock/build.in
}

resolve --output-file requirements.lock "$@" >/dev/null
resolve --extra dev --constraint requirements.lock --output-file requirements-dev.lock "$@" >/dev/null
