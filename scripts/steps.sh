# Sourced by quickstart.sh and test.sh: say what is done, stay quiet about how, unless it fails.
# shellcheck shell=bash

# say WORDS: a heading on stderr.
say() { printf '==> %s\n' "$*" >&2; }

# logged COMMAND...: run it; on a terminal show its progress, else show its words only where it fails.
logged() {
  local log status=0
  if [ -t 2 ]; then
    "$@" >&2
    return
  fi
  log=$(mktemp)
  "$@" >"$log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || tail -n 300 "$log" >&2
  rm -f "$log"
  return "$status"
}

# build PRESET [--target …]: configure where it never was, and build what is out of date.
build() {
  { [ -e "build/$1/build.ninja" ] || logged cmake --preset "$1"; } && logged cmake --build --preset "$@"
}
