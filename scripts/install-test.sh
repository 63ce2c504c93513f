#!/usr/bin/env bash
# Install what the tests need on Debian 12, over what the build needs; --all: also what ./test.sh --all needs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scripts/packages.sh
. "$here/packages.sh"

packages=(chromium chromium-driver gdb/gcore golang-go/go libgmock-dev libgtest-dev nodejs/node npm/npm openssl prometheus/promtool python3 python3-venv strace tmux wrk)
case ${1:-} in
  '') ;;
  --all) packages+=(bats clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev git jq shellcheck
    debootstrap iproute2/ip libbenchmark-dev podman runc valgrind) ;;
  *) printf 'Usage: scripts/install-test.sh [--all]\n' >&2 && exit 2 ;;
esac

"$here/install-build.sh"
packages_install 'the tests' "${packages[@]}"
"$here/../tests/k8s/install"
if [ "${1:-}" = --all ]; then
  "$here/../tests/cluster/install" aws
  "$here/../tests/cluster/install" az
fi
