# Settings of the Azure deployment. Two uses:
#   change a default here, or export it before k8s/azure/deploy.sh;
#   . k8s/azure/environment.sh    brings the names of your deployment, from deploy.state, into this shell.
# deploy.state comes first: a default here never replaces the name of something that was made.
# shellcheck shell=bash

edw_home=$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")" && pwd)
# shellcheck source=k8s/lib/names.sh
. "$edw_home/../lib/names.sh"

# Where, and the first part of each name. Names that are not set here get a suffix and are kept in deploy.state.
export LOCATION="${LOCATION:-westeurope}"
export LOCAL_NAME="${LOCAL_NAME:-aksdemo}"

# The workload, by the names of the reference sample.
export AZURE_QUEUE_NAME="${AZURE_QUEUE_NAME:-aws2azmsgs}"
export AZURE_TABLE_NAME="${AZURE_TABLE_NAME:-aws2azpmts}"
export AQS_TARGET_NAMESPACE="${AQS_TARGET_NAMESPACE:-aqs-demo}"
export AQS_TARGET_DEPLOYMENT="${AQS_TARGET_DEPLOYMENT:-aqs-app}"
export SERVICE_ACCOUNT="${SERVICE_ACCOUNT:-aqs-app-service-account}"

# Sizes. The system pool runs AKS's own pods and KEDA; the consumer's nodes come and go with the load.
export AKS_NODE_COUNT="${AKS_NODE_COUNT:-2}"
export AKS_NODE_VM_SIZE="${AKS_NODE_VM_SIZE:-}" # empty: AKS's default
export K8S_VERSION="${K8S_VERSION:-}"           # empty: AKS's default
export STORAGE_ACCOUNT_SKU="${STORAGE_ACCOUNT_SKU:-Standard_LRS}"
export ACR_SKU="${ACR_SKU:-Basic}"

# Who else than the cluster reaches the storage account: public addresses or ranges, separated by commas.
export CLIENT_IPS="${CLIENT_IPS:-}"
# yes: the account you are logged in with may send to the queue and read the table, for `producer` at your terminal.
export GRANT_ME="${GRANT_ME:-}"

# The image: acr builds it in the registry; docker or podman on this machine; IMAGE=NAME:TAG takes one that exists.
export IMAGE_BUILDER="${IMAGE_BUILDER:-acr}"
export IMAGE="${IMAGE:-}"
# More values for the chart: a file that wins over what deploy.sh sets.
export VALUES_FILE="${VALUES_FILE:-}"
