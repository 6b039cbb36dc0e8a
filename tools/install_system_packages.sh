#!/usr/bin/env bash
# Install the Debian packages that the tests, Podman and the built-in plugin need. Quick when all are there.
# It must not change the configuration of anything that is installed already.
set -euo pipefail

packages=(
    podman runc uidmap catatonit  # containers; runc because crun refuses hybrid cgroups
    containernetworking-plugins iptables  # Podman's bridge networks
    docker-registry             # images for the tests, on loopback
    e2fsprogs xfsprogs          # filesystems of the built-in plugin
    util-linux mount            # losetup, mount, unshare
    procps iproute2             # ps and network namespaces, for the end-to-end tests
    postgresql                  # the registry of several orchestrators
    ca-certificates
)
# Debian splits venv off its Python; other Pythons bring it along.
if command -v python3 >/dev/null && ! python3 -c 'import ensurepip' 2>/dev/null; then
    packages+=(python3-venv)
elif ! command -v python3 >/dev/null; then
    packages+=(python3 python3-venv)
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    echo "system packages: all there (${packages[*]})"
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "This is not a Debian or Ubuntu system. Install by hand: ${missing[*]}" >&2
    exit 1
fi
if ((EUID != 0)); then
    echo "Missing: ${missing[*]}. Run as root: sudo make system-deps" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
options=(--yes --quiet=2 --no-install-recommends -o DPkg::Lock::Timeout=300)
echo "system packages: installing ${missing[*]}"
apt-get "${options[@]}" update </dev/null
apt-get "${options[@]}" install "${missing[@]}" </dev/null
