#!/usr/bin/env bash
# Make the virtual environment VENV when it is missing and install REQUIREMENT (a path of pip's) into it.
# It must not touch anything outside VENV. Usage: create_environment.sh VENV REQUIREMENT
set -euo pipefail

venv=$1
requirement=$2

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    if ! python=$(find_python); then
        echo "No Python 3.11 or newer was found (tried python3, python3.11 to python3.14)." >&2
        echo "Install one, for example: apt-get install python3 python3-venv; or name it: make PYTHON=/path/to/python3" >&2
        exit 1
    fi
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$("$python" --version) has no venv module. Install it as root: apt-get install python3-venv" >&2
        exit 1
    fi
    echo "Making $venv with $("$python" --version)" >&2
    "$python" -m venv --clear "$venv"
fi

echo "Installing $requirement into $venv" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --editable "$requirement" </dev/null
