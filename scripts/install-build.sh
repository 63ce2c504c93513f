#!/usr/bin/env bash
# Install what building the programs needs on Debian 12: as root, or by sudo. Installs only what is missing; --list prints it.
set -euo pipefail
# shellcheck source=scripts/packages.sh
. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

packages=(ca-certificates cmake g++ ninja-build pkg-config
  libboost1.81-dev libcli11-dev libcurl4-openssl-dev libfmt-dev libmimalloc-dev libpugixml-dev libspdlog-dev libsqlite3-dev libssl-dev
  libtomlplusplus-dev nlohmann-json3-dev)
case ${1:-} in
  '') packages_install 'the build' "${packages[@]}" ;;
  --list) printf '%s\n' "${packages[@]}" ;;
  *) printf 'Usage: scripts/install-build.sh [--list]\n' >&2 && exit 2 ;;
esac
