#!/usr/bin/env bash
# Deploy the workload on EKS: from nothing, or from where an earlier run ended.
# shellcheck disable=SC2034,SC2153,SC2154 # shared with what is sourced
set -euo pipefail

usage() {
  cat <<'EOT'
Usage: k8s/aws/deploy.sh [--dry-run] [--yes] [--repair] [--state FILE]

Makes, in the account that the AWS CLI is logged in to: a VPC, an EKS cluster with a tainted node group for the system, its
OIDC identity provider, an SQS queue with its dead-letter queue, a DynamoDB table on demand, an ECR repository, and roles for
the consumer, KEDA and Karpenter that may do what each needs and no more; rules of EventBridge that warn Karpenter of
instances that are about to go; installs KEDA and Karpenter; then builds the consumer's image and installs the chart. It
takes about 25 minutes and costs money until k8s/aws/cleanup.sh has removed it again.

Each thing is looked for first: a second run changes nothing, and goes on where a broken one ended. What is gone is made
again; what somebody has changed since is reported, and stays so unless --repair sets it back.

  --dry-run     print the commands that would make everything, and run none
  --yes         don't ask before beginning
  --repair      set back what is not as it was made
  --state FILE  where names and progress are kept (default k8s/aws/deploy.state)

Settings: k8s/aws/environment.sh. Log: logs/install.log.
EOT
}

arguments=$*
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=k8s/lib/begin.sh
. "$here/../lib/begin.sh"
parts errors resources policies interruptions drift workload

own_option() { repair_option "$@"; }
read_options "$@"
open_deployment
if [ -n "$dry_run" ]; then ACCOUNT_ID=${ACCOUNT_ID:-'<account>'}; else find_login && state_set ACCOUNT_ID "$ACCOUNT_ID"; fi
choose_names
context=edw-$SUFFIX
namespace=$SQS_TARGET_NAMESPACE
deployment=$SQS_TARGET_DEPLOYMENT
values_file=${state_file%.state}.values.yaml
ask_to_deploy network "the account $ACCOUNT_ID, region $AWS_REGION, as $CLUSTER_NAME"

step "queue $SQS_QUEUE_NAME and table $DYNAMODB_TABLE" && make_stores
step "repository $ECR_REPOSITORY" && make_repository
step 'network' && make_network
step 'roles of the cluster and its nodes'
make_role cluster_role "$IAM_CLUSTER_ROLE" "$(trusts_service eks.amazonaws.com)" && has_policy "$IAM_CLUSTER_ROLE" AmazonEKSClusterPolicy
make_role node_role "$IAM_NODE_ROLE" "$(trusts_service ec2.amazonaws.com)" &&
  has_policy "$IAM_NODE_ROLE" AmazonEKSWorkerNodePolicy AmazonEKS_CNI_Policy AmazonEC2ContainerRegistryPullOnly
step "cluster $CLUSTER_NAME" && make_cluster && make_nodes && make_issuer
step "warnings for Karpenter, $KARPENTER_QUEUE_NAME" && make_interruptions
step 'roles of the consumer, KEDA and Karpenter' && let_pods_act
step "access to the cluster, as context $context" && get_credentials
step "KEDA $KEDA_VERSION" && install_keda
step "Karpenter $KARPENTER_VERSION" && install_karpenter
step 'image' && make_image
step 'settings' && compare_resources
step 'release' && describe_release && install_release && compare_release
step 'proof' && prove_release
[ -z "$dry_run" ] || exit 0
say "Deployed: $deployment in namespace $namespace of $CLUSTER_NAME, fed by $SQS_QUEUE_NAME."
say "Next: . k8s/aws/environment.sh brings the names into your shell; docs/walkthrough-eks.md goes on; k8s/aws/cleanup.sh removes everything."
report_drift
