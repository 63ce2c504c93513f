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
# shellcheck source=k8s/lib/begin.sh
. "$here/../lib/begin.sh"
parts errors resources

read_options "$@"
open_remains SUFFIX SUBSCRIPTION_ID RESOURCE_GROUP
find_account

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

ask_to_remove "in subscription $SUBSCRIPTION_ID, from $RESOURCE_GROUP" "message and row"

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
end_removal
