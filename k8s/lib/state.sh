# Sourced: deploy.state, a file of NAME=value lines that says what a deployment is called and what of it was made.
# It is read, never run as a script, and replaced as a whole, so that no crash leaves half a line.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

state_file='' # set by state_open

# state_lines FILE: its lines, checked. Prints a sentence and returns 1 where one is not NAME=value.
state_lines() {
  local line number=0
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    line=${line%$'\r'}
    case $line in '' | '#'*) continue ;; esac
    if ! [[ $line =~ ^[A-Z][A-Z0-9_]*=[]A-Za-z0-9_.,:/@%+=\ ~[-]*$ ]]; then
      printf 'line %d of %s is not NAME=value: mend it, or restore the file\n' "$number" "$1"
      return 1
    fi
    printf '%s\n' "$line"
  done <"$1"
}

# state_open FILE: take its values. A value that the environment says differently is a contradiction, not a preference.
state_open() {
  local line name lines
  state_file=$1
  forget_notes
  [ -e "$state_file" ] || return 0
  [ -r "$state_file" ] || fail "$state_file cannot be read: give yourself the right to, or name another file by --state."
  lines=$(state_lines "$state_file") || fail "${lines##*$'\n'}."
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    name=${line%%=*}
    if [ -n "${!name:-}" ] && [ "${!name}" != "${line#*=}" ]; then
      fail "$state_file says $name=${line#*=}, and the environment says ${!name}: unset $name to go on with that deployment, or name another file by --state for a new one."
    fi
    export "${line?}"
  done <<<"$lines"
}

# forget_notes: what was made is what the file says, never what a shell has left in the environment.
forget_notes() { unset EDW_MADE EDW_MAKING EDW_RELEASE EDW_PROVEN EDW_HELM_KEDA EDW_HELM_KARPENTER; }

# state_lock: two runs at once would make everything twice.
state_lock() {
  [ -z "${dry_run:-}" ] || return 0
  mkdir -p "$(dirname "$state_file")" || fail "the folder of $state_file cannot be made."
  : 2>/dev/null >>"$state_file.lock" || fail "$state_file cannot be written: give yourself the right to, or name another file by --state."
  exec 9>"$state_file.lock"
  flock -n 9 || fail "another run holds $state_file: wait until it ends."
}

# state_set NAME VALUE: here, in the environment and in the file.
state_set() {
  local name=$1 value=$2 new
  [ "${!name:-}" = "$value" ] && state_has "$name" && return 0
  export "$name=$value"
  [ -z "${dry_run:-}" ] || return 0
  new=$(mktemp "$state_file.XXXXXX") || fail "$state_file cannot be written."
  { [ ! -e "$state_file" ] || grep -v "^$name=" "$state_file" || true; } >"$new"
  { { [ -z "$value" ] || printf '%s=%s\n' "$name" "$value" >>"$new"; } && mv "$new" "$state_file"; } || fail "$state_file cannot be written: is the disk full?"
}

state_has() { [ -e "$state_file" ] && grep -q "^$1=" "$state_file"; }

# EDW_MADE names what this deployment made; EDW_MAKING what it was about to make when it was last heard of.
was_made() { [[ " ${EDW_MADE:-} " == *" $1 "* ]]; }
making() {
  was_made "$1" || [[ " ${EDW_MAKING:-} " == *" $1 "* ]] || state_set EDW_MAKING "$(trimmed "${EDW_MAKING:-} $1")"
}
was_begun() { was_made "$1" || [[ " ${EDW_MAKING:-} " == *" $1 "* ]]; }
made() {
  was_made "$1" || state_set EDW_MADE "$(trimmed "${EDW_MADE:-} $1")"
  without EDW_MAKING "$1"
}
unmade() {
  without EDW_MADE "$1"
  without EDW_MAKING "$1"
}
without() { [[ " ${!1:-} " != *" $2 "* ]] || state_set "$1" "$(trimmed "$(printf ' %s ' "${!1}" | sed "s| $2 | |")")"; }
trimmed() { printf '%s' "$1" | sed -E 's/^ +//; s/ +$//; s/ +/ /g'; }

# remember NAME DEFAULT: the state's value, else the environment's, else DEFAULT; fixed from here on.
remember() {
  local name=$1
  state_set "$name" "${!name:-$2}"
}

# new_suffix: six characters that make names unique.
new_suffix() {
  local all
  all=$(head -c 512 /dev/urandom | LC_ALL=C tr -dc 'a-z0-9')
  printf 'e%s' "${all:0:5}"
}
