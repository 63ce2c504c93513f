# Settings of the AWS deployment. Two uses:
#   change a default here, or export it before k8s/aws/deploy.sh;
#   . k8s/aws/environment.sh    brings the names of your deployment, from deploy.state, into this shell.
# deploy.state comes first: a default here never replaces the name of something that was made.
# shellcheck shell=bash

edw_home=$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")" && pwd)
# shellcheck source=k8s/lib/names.sh
. "$edw_home/../lib/names.sh"

# Where, and the first part of each name. Names that are not set here get a suffix and are kept in deploy.state.
export AWS_REGION="${AWS_REGION:-eu-west-1}"
export LOCAL_NAME="${LOCAL_NAME:-edw}"

# The workload, by the names of the reference sample. A queue whose name ends in .fifo is made FIFO.
export SQS_TARGET_NAMESPACE="${SQS_TARGET_NAMESPACE:-keda-test}"
export SQS_TARGET_DEPLOYMENT="${SQS_TARGET_DEPLOYMENT:-sqs-app}"
export SERVICE_ACCOUNT="${SERVICE_ACCOUNT:-keda-service-account}"
export FIFO="${FIFO:-}"                         # yes: name the queue so
export MAX_RECEIVE_COUNT="${MAX_RECEIVE_COUNT:-5}" # then SQS moves a message to the dead-letter queue

# Sizes. The system nodes run CoreDNS, KEDA and Karpenter; the consumer's nodes come and go with the load.
export K8S_VERSION="${K8S_VERSION:-}" # empty: EKS's default
export NODE_TYPE="${NODE_TYPE:-t3.large}"
export NODE_COUNT="${NODE_COUNT:-2}"
export KEDA_VERSION="${KEDA_VERSION:-2.21.1}"
export KARPENTER_VERSION="${KARPENTER_VERSION:-1.14.0}"

# The image: docker or podman builds it on this machine; IMAGE=NAME:TAG takes one that exists.
export IMAGE_BUILDER="${IMAGE_BUILDER:-docker}"
export IMAGE="${IMAGE:-}"
# More values for the chart: a file that wins over what deploy.sh sets.
export VALUES_FILE="${VALUES_FILE:-}"
