# Sourced by the install scripts: install the Debian packages that are missing, and only those.
# shellcheck shell=bash

# packages_missing PACKAGE[/COMMAND]...: prints those not installed. With a COMMAND, any source of it will do.
packages_missing() {
  local entry
  for entry in "$@"; do
    case $entry in
      */*) command -v "${entry#*/}" >/dev/null && continue ;;
      *) dpkg-query -W -f '${db:Status-Status}' "$entry" 2>/dev/null | grep -qx installed && continue ;;
    esac
    printf '%s\n' "${entry%%/*}"
  done
}

# packages_install WHAT-FOR PACKAGE[/COMMAND]...
packages_install() {
  local what=$1 log missing as_root=()
  shift
  if ! command -v dpkg-query >/dev/null; then
    printf 'This is not a Debian system. Install what Debian 12 calls: %s\n' "${*%%/*}" >&2
    return 1
  fi
  mapfile -t missing < <(packages_missing "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      printf '%s needs these packages, and there is no sudo here to install them: %s\n' "$what" "${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  log=$(mktemp)
  printf 'Installing %d packages for %s, which may take some minutes: %s\n' "${#missing[@]}" "$what" "${missing[*]}" >&2
  if ! "${as_root[@]}" apt-get update >"$log" 2>&1 ||
    ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "${missing[@]}" </dev/null >>"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    printf 'Installing the packages for %s failed, as said above.\n' "$what" >&2
    return 1
  fi
  rm -f "$log"
}
