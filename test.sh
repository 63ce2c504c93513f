#!/usr/bin/env bash
# Install what the tests need, build, and run the tests.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: ./test.sh [--all] [-R REGEX] [--help]

Installs what the tests need (Debian 12, as root or with sudo; only what is missing), builds build/dev, starts the
emulators of both clouds on free loopback ports, runs the tests, which takes up to 10 minutes, and stops the emulators.

  -R REGEX  only the tests whose names match, as in ctest
  --all     also the format, clang-tidy and shell checks, the count of instructions, the container images, the deployment scripts, every fuzz target
            for 10 s, chaos, then the programs under clang, and the tests under g++ with AddressSanitizer and
            UndefinedBehaviorSanitizer: the better part of an hour on 2 cores
EOF
}

all=''
narrow=()
while [ $# -gt 0 ]; do
  case $1 in
    --all) all=yes ;;
    -R)
      [ $# -ge 2 ] || { printf 'test.sh: -R needs a regular expression.\n' >&2 && exit 2; }
      narrow=(-R "$2")
      shift
      ;;
    --help | -h) usage && exit 0 ;;
    *) printf 'test.sh: unknown option %s; see --help.\n' "$1" >&2 && exit 2 ;;
  esac
  shift
done

exec </dev/null # no step waits for an answer
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/steps.sh
. scripts/steps.sh

# stage NAME COMMAND...: say how long it took; the first one that fails ends the run with its name.
stage() {
  local name=$1 start=$SECONDS
  shift
  say "$name"
  "$@" || {
    printf 'test.sh: stage "%s" failed after %d s.\n' "$name" $((SECONDS - start)) >&2
    exit 1
  }
  took="$name: $((SECONDS - start)) s"
  [ "${1}" = suite ] || printf '    %s\n' "$took" >&2 # a suite closes with ctest's own lines
}

emulators=$(mktemp -u)
stop_emulators() { tests/emulators/down --env "$emulators" || true; }
start_emulators() {
  tests/emulators/up --env "$emulators" --with-parent $$ || return
  # shellcheck disable=SC1090 # written by tests/emulators/up
  . "$emulators"
}
trap stop_emulators EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Twice the cores: most tests wait for a peer most of the time.
suite() { ctest --test-dir "build/$1" --output-on-failure --no-tests=error --parallel $(($(nproc) * 2)) "${narrow[@]}"; }

# The programs as clang compiles them, driven end to end and in the simulation. Whoever asks for tests by name gets those.
clang_targets=(--target producer consumer simulate simulate_planted)
clang_tests=(-R '^(EndToEnd|Simulation)[.]')
if [ "${#narrow[@]}" -gt 0 ]; then
  clang_targets=()
  clang_tests=("${narrow[@]}")
fi
under_clang() {
  local narrow=("${clang_tests[@]}")
  suite clang
}

# The images of build/release, as root: podman without a daemon or systemd.
containers() {
  local as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo --preserve-env)
  "${as_root[@]}" ctest --test-dir build/dev -C container -L container --output-on-failure --parallel 2 "${narrow[@]}"
}

# The deployment scripts, by stand-ins and moto.
scripts() { ctest --test-dir build/dev -C cluster -L cluster --output-on-failure --no-tests=error --parallel 3; }

# Not side by side: each takes both cores.
chaos() { ctest --test-dir build/dev -C chaos -L chaos --output-on-failure --no-tests=error; }

stage 'install' scripts/install-test.sh ${all:+--all}
if [ -n "$all" ]; then
  stage 'format' tests/checks/format
  stage 'shell' tests/checks/shell
fi
stage 'emulators' start_emulators
stage 'build, g++' build dev
stage 'tests, g++' suite dev
if [ -n "$all" ]; then
  stage 'build, release' build release
  stage 'instructions' bench/gate
  stage 'containers' containers
  stage 'deployment scripts' scripts
  stage 'commands for Azure' tests/cluster/run az_parser.bats
  # One way for one code: what fails here came with the change. Looking for what nobody knows yet takes hours.
  stage 'fuzz' tests/fuzz/run --seed 1 10
  stage 'chaos' chaos
  stage 'build, clang' build clang "${clang_targets[@]}"
  stage 'clang-tidy' tests/checks/lint build/clang
  stage 'tests, clang' under_clang
  stage 'build, g++ with sanitizers' build asan
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=print_stacktrace=1
  stage 'tests, g++ with sanitizers' suite asan
fi
