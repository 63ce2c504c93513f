#!/usr/bin/env bash
# Install what the tests need on Debian 12, over what the build needs; --all: also what ./test.sh --all needs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/packages.sh
. "$here/packages.sh"

packages=(bats chromium chromium-driver gdb/gcore golang-go/go jq libgmock-dev libgtest-dev nodejs/node npm/npm openssl python3 python3-venv tmux)
case ${1:-} in
  '') ;;
  --all) packages+=(clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev git shellcheck
    debootstrap iproute2/ip podman runc) ;;
  *) printf 'Usage: scripts/install-test.sh [--all]\n' >&2 && exit 2 ;;
esac

"$here/install-build.sh"
packages_install 'the tests' "${packages[@]}"
"$here/../tests/k8s/install"
"$here/../tests/cluster/install" aws
[ "${1:-}" != --all ] || "$here/../tests/cluster/install" az
