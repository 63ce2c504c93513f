# Sourced: the chart's release, which is the same on both clouds.
# Uses: context, namespace, deployment, values_file, root, VALUES_FILE, EDW_RELEASE, EDW_PROVEN.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

# expand COMMAND...: kube and helm_in stand for the two programs on the deployment's own cluster, whichever is current.
expand() {
  case $1 in
    kube) command=(kubectl --context "$context" "${@:2}") ;;
    helm_in) command=(helm --kube-context "$context" "${@:2}") ;;
    *) expand_cloud "$@" ;;
  esac
}

# image_tag: names the sources that the image is made of.
image_tag() {
  local dirty
  if ! git -C "$root" rev-parse --git-dir >/dev/null 2>&1; then
    sed -nE 's/^project\(.* VERSION ([0-9.]+).*/\1/p' "$root/CMakeLists.txt"
    return
  fi
  dirty=$(git -C "$root" status --porcelain --untracked-files=no 2>/dev/null | sha256sum | cut -c 1-8)
  [ -n "$(git -C "$root" status --porcelain --untracked-files=no)" ] || dirty=''
  printf '%s%s' "$(git -C "$root" rev-parse --short=12 HEAD)" "${dirty:+-$dirty}"
}

# release_fingerprint: changes when the values or the chart do.
release_fingerprint() {
  { cat "$values_file" ${VALUES_FILE:+"$VALUES_FILE"} && find "$root/k8s/chart" -type f | LC_ALL=C sort | xargs cat; } | sha256sum | cut -c 1-16
}

# values VALUES: what the chart is installed with; a file, so that one can read it.
values() {
  [ -n "$dry_run" ] || printf '%s\n' "$1" >"$values_file" || fail "$values_file cannot be written."
}

# install_release: the chart, unless just this is installed already.
install_release() {
  local print='' status=''
  if [ -n "${VALUES_FILE:-}" ]; then
    [ -r "$VALUES_FILE" ] || fail "VALUES_FILE=$VALUES_FILE cannot be read."
    VALUES_FILE=$(realpath "$VALUES_FILE")
  fi
  if [ -z "$dry_run" ]; then
    print=$(release_fingerprint)
    look status 'the release edw' helm_in status edw --namespace "$namespace" --output json
    if [ "${EDW_RELEASE:-}" = "$print" ] && grep -qE '"status": ?"deployed"' <<<"$status"; then
      return 0
    fi
  fi
  making release
  # The Deployment carries no replicas while KEDA scales it, so installing again never resets them.
  act 'installing the chart' helm_in upgrade --install edw "$root/k8s/chart" --namespace "$namespace" --create-namespace \
    --values "$values_file" ${VALUES_FILE:+--values "$VALUES_FILE"} --wait --timeout 15m
  made release
  state_set EDW_RELEASE "$print"
}

# prove_release: the scaler and the pods can do what they must, found out by trying: a new role takes minutes to be known.
prove_release() {
  [ -n "$dry_run" ] || [ "${EDW_PROVEN:-}" != "$EDW_RELEASE" ] || return 0
  act_until '.' 'waiting until KEDA can read the queue' kube wait --namespace "$namespace" \
    --for=condition=Ready --timeout=30s "scaledobject/$deployment"
  act_until '.' 'trying what the consumer may do (helm test)' helm_in test edw --namespace "$namespace" --timeout 5m
  state_set EDW_PROVEN "${EDW_RELEASE:-}"
}
