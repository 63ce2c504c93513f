#!/usr/bin/env bash
# Deploy the workload on AKS: from nothing, or from where an earlier run ended.
# shellcheck disable=SC2034,SC2154 # shared with what is sourced
set -euo pipefail

usage() {
  cat <<'EOT'
Usage: k8s/azure/deploy.sh [--dry-run] [--yes] [--repair] [--state FILE]

Makes, in the subscription that az is set to: a resource group, a network, a storage account with queue, poison queue and
table, a registry, an AKS cluster with KEDA, node auto-provisioning and workload identity on a tainted system pool, two
managed identities with two federated credentials and their roles; then builds the consumer's image, closes the storage
account to the rest of the internet, and installs the chart. It takes about 20 minutes and costs money until
k8s/azure/cleanup.sh has removed it again.

Each thing is looked for first: a second run changes nothing, and goes on where a broken one ended. What is gone is made
again; what somebody has changed since is reported, and stays so unless --repair sets it back.

  --dry-run     print the commands that would make everything, and run none
  --yes         don't ask before beginning
  --repair      set back what is not as it was made
  --state FILE  where names and progress are kept (default k8s/azure/deploy.state)

Settings: k8s/azure/environment.sh. Log: logs/install.log.
EOT
}

arguments=$*
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=k8s/lib/begin.sh
. "$here/../lib/begin.sh"
parts errors resources drift workload

own_option() { repair_option "$@"; }
read_options "$@"
open_deployment
find_account
choose_names
context=edw-$SUFFIX
namespace=$AQS_TARGET_NAMESPACE
deployment=$AQS_TARGET_DEPLOYMENT
values_file=${state_file%.state}.values.yaml
ask_to_deploy group "the subscription $SUBSCRIPTION_ID, region $LOCATION, as $RESOURCE_GROUP"

step "region and resource providers" && check_region && register_providers
step "resource group $RESOURCE_GROUP" && make_group
step "network $VNET_NAME" && make_network
step "storage account $AZURE_STORAGE_ACCOUNT_NAME, queue and table" && make_storage && make_stores
step "registry $AZURE_CONTAINER_REGISTRY_NAME" && make_registry
step "identity of the cluster, $AKS_MANAGED_IDENTITY_NAME" && make_identity cluster_identity "$AKS_MANAGED_IDENTITY_NAME" cluster
grant "$cluster_principal" ServicePrincipal 'Network Contributor' "$subnet_id"
step "cluster $AKS_CLUSTER_NAME" && make_cluster && let_cluster_pull
step "identity of the workload, $WORKLOAD_MANAGED_IDENTITY_NAME" && make_identity workload_identity "$WORKLOAD_MANAGED_IDENTITY_NAME" workload && federate
step 'roles' && grant_roles
step "access to the cluster, as context $context" && get_credentials
step 'KEDA acts as the workload' && let_keda_in
step 'image' && make_image
step "network rules of $AZURE_STORAGE_ACCOUNT_NAME" && close_storage
step 'settings' && compare_resources
step 'release' && describe_release && install_release && compare_release
step 'proof' && prove_release
[ -z "$dry_run" ] || exit 0
say "Deployed: $deployment in namespace $namespace of $AKS_CLUSTER_NAME, fed by $AZURE_QUEUE_NAME on $AZURE_STORAGE_ACCOUNT_NAME."
say "Next: . k8s/azure/environment.sh brings the names into your shell; docs/walkthrough-aks.md goes on; k8s/azure/cleanup.sh removes everything."
report_drift
