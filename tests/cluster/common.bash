# Loaded by the tests of the deployment scripts: a world and a state of their own, with stand-ins in PATH.
# shellcheck shell=bash

set_up() {
  cloud=$1
  export EDW_WORLD=$BATS_TEST_TMPDIR/world EDW_LOG=$BATS_TEST_TMPDIR/install.log RETRY_PAUSE=0 HOME=$BATS_TEST_TMPDIR/home
  state=$BATS_TEST_TMPDIR/deploy.state
  PATH=$EDW_ROOT/tests/cluster/standins/bin:/usr/local/bin:/usr/bin:/bin
  unset EDW_STATE EDW_FAULT
  mkdir -p "$EDW_WORLD" "$HOME"
  world "{settings: {cloud: \"$cloud\"}}"
}

deploy() { "$EDW_ROOT/k8s/$cloud/deploy.sh" --yes --state "$state" "$@"; }
cleanup() { "$EDW_ROOT/k8s/$cloud/cleanup.sh" --yes --state "$state" "$@"; }

# world JQ: change the world. known JQ: ask it.
world() {
  local file=$EDW_WORLD/world.json new
  [ -e "$file" ] || printf '{}' >"$file"
  new=$(jq "$1" "$file") && printf '%s\n' "$new" >"$file"
}
known() { jq -r "$1" "$EDW_WORLD/world.json"; }

# forget_calls: from here on, calls and changes count anew. calls: what was called since, a line each.
forget_calls() {
  : >"$EDW_WORLD/calls.jsonl"
  world '.mutations = 0'
}
calls() { jq -r 'map(if test("[ {]") then "\u0027\(.)\u0027" else . end) | join(" ")' "$EDW_WORLD/calls.jsonl"; }
from_state() { sed -n "s/^$1=//p" "$state"; }

# The last lines of $output that the script itself says.
sentence() { printf '%s\n' "$output" | grep -E '^(deploy|cleanup|from-sample)\.sh: '; }

is() { [ "$1" = "$2" ] || { printf 'is:     %s\nshould: %s\n' "$1" "$2" && return 1; }; }
has() { [[ $1 == *"$2"* ]] || { printf 'lacks: %s\nin:    %s\n' "$2" "$1" && return 1; }; }
lacks() { [[ $1 != *"$2"* ]] || { printf 'has: %s\nin:  %s\n' "$2" "$1" && return 1; }; }
# ends CODE: the exit code of the last run, or its words.
ends() { [ "$status" -eq "$1" ] || { printf 'exit code %s\n%s\n' "$status" "$output" && return 1; }; }
