# Sourced: carry out commands so that each one is checked, logged, and explained where it fails.
# A script that sources this defines known_error TEXT (prints a sentence, or returns 1), is_absent STATUS TEXT and
# expand COMMAND... (the array command becomes what is run, where the first word is short for something).
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

dry_run=''
absent_in_cluster='release: not found|error: context .* not found|Error from server \(NotFound\)'
retry_pause=${RETRY_PAUSE:-5}         # seconds between two tries
patience=${ROLE_PROPAGATION_SECONDS:-600} # how long a new role may take to be known

# carry_out COMMAND...: run it, log it; its words end in $output and $errors, its code is returned.
carry_out() {
  local status=0 said command words
  expand "$@"
  words=$(quoted "${command[@]}")
  said=$(mktemp) || fail 'no temporary file can be written: is the disk full?'
  output=$("${command[@]}" 2>"$said" </dev/null) || status=$?
  errors=$(<"$said")
  rm -f "$said"
  log "\$ $words${output:+$'\n'$output}${errors:+$'\n'$errors}"$'\n'"exit code $status"
  return "$status"
}

# explain WHAT: end with one sentence on why WHAT failed.
explain() {
  local sentence last
  if ! sentence=$(known_error "$errors"$'\n'"$output"); then
    last=$(printf '%s\n%s\n' "$output" "$errors" | redacted | sed -nE '/[^[:space:]]/p' | sed -E 's/^(ERROR|error|Error): ?//' | grep -vE '^(WARNING|Examples|To learn|https:)' | tail -n 1)
    sentence="$1 failed: ${last:-the command said nothing}."
    sentence=${sentence/%../.}
  else
    sentence="$1 failed. $sentence"
  fi
  say "${0##*/}: $sentence"
  say "What was made so far stands in ${state_file:-deploy.state}; run again to go on from here.${log_file:+ All that was said is in $log_file.}"
  exit 1
}

# plan COMMAND...: what --dry-run prints.
plan() {
  local command
  expand "$@"
  printf '%s\n' "$(quoted "${command[@]}")"
}

# act WHAT COMMAND...: COMMAND changes something.
act() {
  local what=$1
  shift
  [ -z "$dry_run" ] || { plan "$@" && return; }
  carry_out "$@" || explain "$what"
}

# act_until PATTERN WHAT COMMAND...: as act; while its words match PATTERN, the cause passes by itself, so try again.
act_until() {
  local pattern=$1 what=$2 deadline=$((SECONDS + patience)) said=''
  shift 2
  [ -z "$dry_run" ] || { plan "$@" && return; }
  until carry_out "$@"; do
    { grep -qiE "$pattern" <<<"$errors$output" && [ $SECONDS -lt $deadline ]; } || explain "$what"
    [ -n "$said" ] || say "    not yet; trying again for up to $((patience / 60)) minutes, as new roles need some time to be known"
    said=yes
    sleep "$retry_pause"
  done
}

# look VARIABLE WHAT COMMAND...: VARIABLE becomes what COMMAND prints, or empty where the thing is not there.
# A failure for any other reason ends the script: an outage must not look like absence.
look() {
  local _code=0
  local -n _into=$1
  _into=''
  [ -z "$dry_run" ] || return 0
  carry_out "${@:3}" || _code=$?
  # shellcheck disable=SC2034 # a name reference
  if [ "$_code" -eq 0 ]; then _into=$output; else is_absent "$_code" "$errors$output" || explain "looking for $2"; fi
}

# learn VARIABLE WHAT COMMAND...: as look, for what must be there.
learn() {
  local -n _into=$1
  if [ -n "$dry_run" ]; then
    _into="<$2>"
    return 0
  fi
  carry_out "${@:3}" || explain "asking for $2"
  case $output in '' | None | null) errors='' && output='nothing was answered' && explain "asking for $2" ;; esac
  # shellcheck disable=SC2034 # a name reference
  _into=$output
}

# needs TOOL HOW-TO-GET-IT...
needs() { command -v "$1" >/dev/null || fail "$1 is missing: $2, and run again."; }

# at_least VERSION WANTED: is VERSION no older?
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

interrupted() {
  trap - INT TERM
  say "${0##*/}: interrupted; what was made so far stands in ${state_file:-deploy.state}, and another run goes on from here."
  exit 130
}
trap interrupted INT TERM
trap 'say "${0##*/}: stopped at line $LINENO, which is a mistake in this script; ${state_file:-deploy.state} is kept."' ERR
