#!/usr/bin/env bash
# Builds .venv from the hashed lock file, inside the checkout only; `make setup` calls it when something changed.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"

export PIP_CACHE_DIR="$PWD/var/pip" PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_QUIET=1 PIP_NO_INPUT=1

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed; '$python' is older or absent. Name another one: make setup PYTHON=python3.12" >&2
    exit 1
fi

install_venv_module() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        DEBIAN_FRONTEND=noninteractive apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv
    else
        echo "Python's venv module is missing: install it (on Debian: apt-get install python3-venv) and try again" >&2
        exit 1
    fi
}

install_printing() {
    local packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk fontconfig"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        DEBIAN_FRONTEND=noninteractive apt-get update -qq
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends $packages
    else
        echo "Contracts are printed with Pango and a Chinese font: install them (on Debian: apt-get install $packages)" >&2
        exit 1
    fi
}

has_font() {
    fc-list 2>/dev/null | grep -q 'Noto Serif CJK' || compgen -G '/usr/share/fonts/*/noto/NotoSerifCJK*' >/dev/null
}

if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    "$python" -c 'import ensurepip, venv' 2>/dev/null || install_venv_module
    rm -rf .venv
    "$python" -m venv .venv
fi

echo "Installing what Xuzu needs into .venv (once; a minute or two)"
.venv/bin/python -m pip install --require-hashes --requirement requirements-dev.lock
.venv/bin/python -m pip install --no-deps --no-build-isolation --editable .

if ! .venv/bin/python -c 'import weasyprint' 2>/dev/null || ! has_font; then
    install_printing
fi
