#!/usr/bin/env bash
# From a clone to messages produced, processed, persisted and audited, on this machine alone.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: ./quickstart.sh [--help]

On Debian 12, as root or as a user with sudo, this
  1. installs the packages that the build needs, where they are missing,
  2. builds the release at build/release, where it is not up to date,
  3. sends 1,000 messages with producer, handles them with consumer until none is left, and has producer audit
     check that each of them was persisted once, on the embedded default: a database in build/quickstart/.
Run again, it only does the third. It starts nothing that stays, and needs no account with any cloud.
EOF
}

case ${1:-} in
  '') ;;
  --help | -h) usage && exit 0 ;;
  *) printf 'quickstart.sh: unknown option %s; see --help.\n' "$1" >&2 && exit 2 ;;
esac

cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/steps.sh
. scripts/steps.sh
scripts/install-build.sh
[ -x build/release/bin/producer ] || say 'Building the release, which takes some minutes'
build release

# The embedded default is what the programs take when nothing else is said: say nothing, whatever this shell has set.
unset "${!EDW_@}" AZURE_STORAGE_ACCOUNT_NAME AZURE_STORAGE_CONNECTION_STRING AZURE_QUEUE_NAME AZURE_TABLE_NAME SQS_QUEUE_URL DYNAMODB_TABLE
bin=../release/bin
mkdir -p build/quickstart
cd build/quickstart
run="quickstart-$(date -u +%Y%m%d-%H%M%S)"

show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

say "Running in $PWD"
show "$bin/producer" --count 1000 --run "$run"
show "$bin/consumer" --drain
show "$bin/producer" audit --run "$run"

cat <<EOF

The 1,000 messages of run $run went through a queue to a table, both in $PWD/edw.db,
and the audit found each of them there once, whole. To try next:
  cd $PWD
  $bin/producer --rate 200 --duration 30s    a steady load, while in another terminal
  $bin/consumer                              handles it: stop it with Ctrl-C or kill -9, start it again, and audit
  $bin/consumer --help                       every option, and how to point the same commands at Azure or AWS
EOF
