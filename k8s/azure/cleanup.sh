#!/usr/bin/env bash
# Remove what deploy.sh made on Azure, and nothing else.
# shellcheck disable=SC2034,SC2154 # shared with what is sourced
set -euo pipefail

usage() {
  cat <<'EOT'
Usage: k8s/azure/cleanup.sh [--dry-run] [--yes] [--state FILE]

Removes what deploy.state says was made, and the messages and rows in it: the cluster, the identities, the registry, the
storage account and the network; then the resource group, unless something of yours is in it. What does not carry
this deployment's tag stays. A run that was cut off can be started again. When all is gone, deploy.state goes too.

  --dry-run     print the commands, and run none
  --yes         don't ask
  --state FILE  the deployment to remove (default k8s/azure/deploy.state)
EOT
}

arguments=$*
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=k8s/lib/say.sh
. "$here/../lib/say.sh"
# shellcheck source=k8s/lib/state.sh
. "$here/../lib/state.sh"
# shellcheck source=k8s/lib/run.sh
. "$here/../lib/run.sh"
# shellcheck source=k8s/lib/release.sh
. "$here/../lib/release.sh"
# shellcheck source=k8s/azure/errors.sh
. "$here/errors.sh"
# shellcheck source=k8s/azure/resources.sh
. "$here/resources.sh"

assume_yes=''
while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) dry_run=yes ;;
    --yes) assume_yes=yes ;;
    --state) [ $# -ge 2 ] || misuse '--state needs a file.' && EDW_STATE=$2 && shift ;;
    --help | -h) usage && exit 0 ;;
    *) misuse "unknown option $1; see --help." ;;
  esac
  shift
done

EDW_STATE=${EDW_STATE:-$here/deploy.state}
[ -e "$EDW_STATE" ] || { say "$EDW_STATE is not there: nothing of this deployment is left to remove." && exit 0; }
state_open "$EDW_STATE"
for name in SUFFIX SUBSCRIPTION_ID RESOURCE_GROUP; do
  [ -n "${!name:-}" ] || fail "$EDW_STATE lacks $name, so it does not say what to remove: is it the file that k8s/azure/deploy.sh wrote?"
done
LOCATION=${LOCATION:-}
[ -n "$dry_run" ] || log_open "${EDW_LOG:-$root/logs/install.log}"
state_lock
find_account
context=edw-$SUFFIX

# remove KIND WORDS NOUN... --name NAME: if it was made, is there, and carries our tag.
remove() {
  local kind=$1 words=$2 found
  shift 2
  was_begun "$kind" || return 0
  if [ -z "$dry_run" ]; then
    look found "$words" in_group "${@:1:$#-2}" show "${@: -2}" --query "join(' ', [id, tags.\"edw-deployment\" || '-'])" --output tsv
    if [ -n "$found" ] && [ "${found##* }" != "$SUFFIX" ]; then
      say "    $words does not carry this deployment's tag: it stays"
      found=''
    fi
    [ -n "$found" ] || { unmade "$kind" && return 0; }
  fi
  step "$words"
  act "removing $words" in_group "${@:1:$#-2}" delete "${@: -2}" "${confirmed[@]}"
  unmade "$kind"
}

remove_context() {
  local known
  command -v kubectl >/dev/null || return 0
  look known "the context $context" kubectl config get-contexts "$context" --output name
  [ -z "$known" ] || act "forgetting the context $context" kubectl config delete-context "$context"
}

remove_group() {
  local found others
  was_begun group || return 0
  step "the resource group $RESOURCE_GROUP"
  if [ -z "$dry_run" ]; then
    look found "the resource group $RESOURCE_GROUP" on group show --name "$RESOURCE_GROUP" --query "join(' ', [id, tags.\"edw-deployment\" || '-'])" --output tsv
    [ -n "$found" ] || { unmade group && return 0; }
    look others "what is left in $RESOURCE_GROUP" in_group resource list --query "[?(tags.\"edw-deployment\" || '-') != '$SUFFIX'].name" --output tsv
    if [ -n "$others" ] || [ "${found##* }" != "$SUFFIX" ]; then
      say "    it stays, with what this deployment did not make: ${others//$'\n'/, }"
      unmade group
      return 0
    fi
  fi
  act "removing the resource group $RESOURCE_GROUP" on group delete --name "$RESOURCE_GROUP" --yes
  unmade group
}

say "This removes, in subscription $SUBSCRIPTION_ID, from $RESOURCE_GROUP: ${EDW_MADE:-nothing yet}${EDW_MAKING:+, and what was begun: $EDW_MAKING}"
[ -n "$dry_run" ] || confirm 'Remove it, with every message and row in it?' || { say 'Nothing was removed.' && exit 1; }

confirmed=(--yes)
remove cluster "the cluster ${AKS_CLUSTER_NAME:-}" aks --name "${AKS_CLUSTER_NAME:-}"
remove_context
remove registry "the registry ${AZURE_CONTAINER_REGISTRY_NAME:-}" acr --name "${AZURE_CONTAINER_REGISTRY_NAME:-}"
remove storage "the storage account ${AZURE_STORAGE_ACCOUNT_NAME:-}" storage account --name "${AZURE_STORAGE_ACCOUNT_NAME:-}"
confirmed=()
remove workload_identity "the identity ${WORKLOAD_MANAGED_IDENTITY_NAME:-}" identity --name "${WORKLOAD_MANAGED_IDENTITY_NAME:-}"
remove cluster_identity "the identity ${AKS_MANAGED_IDENTITY_NAME:-}" identity --name "${AKS_MANAGED_IDENTITY_NAME:-}"
remove network "the network ${VNET_NAME:-}" network vnet --name "${VNET_NAME:-}"
remove_group
[ -z "$dry_run" ] || exit 0
rm -f "$state_file" "${state_file%.state}.values.yaml" "$state_file.lock"
say 'Removed. The log is kept.'
