# Sourced first by the scripts of both clouds, which set `arguments` and `here`: their parts, options, settings, log and lock.
# A script that sources this defines usage, and own_option where it has options of its own.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

root=$(cd "$here/../.." && pwd)
# shellcheck source=k8s/lib/say.sh
. "$here/../lib/say.sh"
# shellcheck source=k8s/lib/state.sh
. "$here/../lib/state.sh"
# shellcheck source=k8s/lib/run.sh
. "$here/../lib/run.sh"
# shellcheck source=k8s/lib/release.sh
. "$here/../lib/release.sh"
# shellcheck source=k8s/lib/drift.sh
. "$here/../lib/drift.sh"

# parts NAME...: the cloud's own files.
parts() {
  local part
  for part; do
    # shellcheck disable=SC1090 # each is checked by itself
    . "$here/$part.sh"
  done
}

# own_option WORD...: takes the option at the front, sets taken to how many words it has; or returns 1.
own_option() { return 1; }

# read_options WORD...
read_options() {
  local taken
  assume_yes=''
  while [ $# -gt 0 ]; do
    taken=1
    if ! own_option "$@"; then
      case $1 in
        --dry-run) dry_run=yes ;;
        --yes) assume_yes=yes ;;
        --state) [ $# -ge 2 ] || misuse '--state needs a file.' && EDW_STATE=$2 && taken=2 ;;
        --help | -h) usage && exit 0 ;;
        *) misuse "unknown option $1; see --help." ;;
      esac
    fi
    shift "$taken"
  done
}

# begin_log: a dry run leaves none.
begin_log() { [ -n "$dry_run" ] || log_open "${EDW_LOG:-$root/logs/install.log}"; }

# open_deployment: what is to be made, by deploy.state and then by the settings.
open_deployment() {
  export EDW_STATE=${EDW_STATE:-$here/deploy.state}
  state_open "$EDW_STATE"
  # shellcheck source=k8s/azure/environment.sh
  . "$here/environment.sh"
  check_settings
  begin_log
  state_lock
}

# open_remains NAME...: what is to be removed, by deploy.state alone, which must have each NAME.
open_remains() {
  local name
  EDW_STATE=${EDW_STATE:-$here/deploy.state}
  [ -e "$EDW_STATE" ] || { say "$EDW_STATE is not there: nothing of this deployment is left to remove." && exit 0; }
  state_open "$EDW_STATE"
  for name; do
    [ -n "${!name:-}" ] || fail "$EDW_STATE lacks $name, so it does not say what to remove: is it the file that k8s/${here##*/}/deploy.sh wrote?"
  done
  begin_log
  state_lock
  context=edw-$SUFFIX
}

# ask_to_deploy KIND WHERE: before the first thing of all, which is KIND.
ask_to_deploy() {
  [ -n "$dry_run" ] || was_begun "$1" || confirm "Deploy to $2? It costs money until cleanup.sh is run." || { say 'Nothing was made.' && exit 1; }
}

# ask_to_remove WHERE CONTENT
ask_to_remove() {
  say "This removes, $1: ${EDW_MADE:-nothing yet}${EDW_MAKING:+, and what was begun: $EDW_MAKING}"
  [ -n "$dry_run" ] || confirm "Remove it, with every $2 in it?" || { say 'Nothing was removed.' && exit 1; }
}

remove_context() {
  local known
  command -v kubectl >/dev/null || return 0
  look known "the context $context" kubectl config get-contexts "$context" --output name
  [ -z "$known" ] || act "forgetting the context $context" kubectl config delete-context "$context"
}

# end_removal: all of it is gone, and so is its state.
end_removal() {
  [ -z "$dry_run" ] || exit 0
  rm -f "$state_file" "${state_file%.state}.values.yaml" "$state_file.lock"
  say 'Removed. The log is kept.'
}
