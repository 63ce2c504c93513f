# Sourced by begin.sh: what somebody changed behind deploy.sh's back. What is gone, deploy.sh makes again; what is there, but not
# as it was made, may be meant so: it is reported, and --repair sets it back.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

drifted=0
repair=''
repair_option() { [ "$1" = --repair ] && repair=yes; }

# expect WORDS WANTED FOUND COMMAND...: COMMAND sets it back.
expect() {
  [ -z "$dry_run" ] && [ "$3" != "$2" ] || return 0
  say "    $1: ${3:-none}, and was made: $2"
  if [ -n "$repair" ]; then
    act "setting back: $1" "${@:4}"
  else
    drifted=$((drifted + 1))
  fi
}

# release_diff: prints "changed" and how, where the cluster's objects are not what the release made of them.
release_diff() {
  local manifest code=0
  manifest=$(helm --kube-context "$context" get manifest edw --namespace "$namespace") || return 2
  kubectl --context "$context" diff --server-side --force-conflicts --field-manager helm --filename - <<<"$manifest" || code=$?
  case $code in
    0) ;;
    1) echo changed ;;
    *) return "$code" ;;
  esac
}
release_again() {
  local manifest
  manifest=$(helm --kube-context "$context" get manifest edw --namespace "$namespace") || return
  kubectl --context "$context" apply --server-side --force-conflicts --field-manager helm --filename - <<<"$manifest"
}

# compare_release: after install_release. The Deployment's replicas are KEDA's and in no manifest.
compare_release() {
  local found
  look found 'changes to the release' release_diff
  [ -z "$found" ] || found='changed since'
  expect 'objects of the release edw (the log has the difference)' 'by the chart' "${found:-by the chart}" release_again
}

# report_drift: the last word.
report_drift() {
  case $drifted in
    0) ;;
    1) say "${0##*/}: one setting is not as it was made, as said above, and stays so: ${0##*/} --repair sets it back." ;;
    *) say "${0##*/}: $drifted settings are not as they were made, as said above, and stay so: ${0##*/} --repair sets them back." ;;
  esac
}
