#!/usr/bin/env bash
# Remove what deploy.sh made on AWS, and nothing else.
# shellcheck disable=SC2034,SC2154 # shared with what is sourced
set -euo pipefail

usage() {
  cat <<'EOT'
Usage: k8s/aws/cleanup.sh [--dry-run] [--yes] [--state FILE]

Removes what deploy.state says was made, and the messages and items in it: the release and the nodes that Karpenter started
for it, the cluster, the rules of EventBridge, the roles, the repository with its images, the table, the queues and the VPC.
What does not carry this deployment's tag stays. A run that was cut off can be started again. When all is gone, deploy.state goes too.

  --dry-run     print the commands, and run none
  --yes         don't ask
  --state FILE  the deployment to remove (default k8s/aws/deploy.state)
EOT
}

arguments=$*
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=k8s/lib/begin.sh
. "$here/../lib/begin.sh"
parts errors resources interruptions

read_options "$@"
open_remains SUFFIX ACCOUNT_ID AWS_REGION CLUSTER_NAME
[ -n "$dry_run" ] || find_login

# gone KIND WORDS [COMMAND...]: is there nothing to remove? COMMAND prints the tag edw-deployment of what is there.
gone() {
  local tag
  was_begun "$1" || return 0
  [ -z "$dry_run" ] && [ $# -gt 2 ] || return 1
  look tag "$2" "${@:3}"
  if [ -n "$tag" ] && [ "$tag" != "$SUFFIX" ]; then say "    $2 does not carry this deployment's tag: it stays"; fi
  if [ "$tag" = "$SUFFIX" ]; then return 1; fi
  unmade "$1"
}

# While Karpenter still runs: without it, nobody would end the instances that it started.
remove_release() {
  local there='' known nodes
  was_begun release || return 0
  look known "the context $context" kubectl config get-contexts "$context" --output name
  look there "the cluster $CLUSTER_NAME" in_region eks describe-cluster --name "$CLUSTER_NAME" --query cluster.status --output text
  if [ -n "$dry_run" ] || { [ -n "$known" ] && [ -n "$there" ]; }; then
    step 'the release, and the nodes that were started for it'
    look known 'the release edw' helm_in status edw --namespace "${SQS_TARGET_NAMESPACE:-keda-test}" --output json
    [ -z "$known$dry_run" ] || act 'removing the release' helm_in uninstall edw --namespace "${SQS_TARGET_NAMESPACE:-keda-test}" --wait --timeout 10m
    look nodes "Karpenter's nodes" kube get nodeclaims --output name
    [ -z "$nodes" ] || act "waiting until Karpenter has ended its nodes" kube wait nodeclaims --all --for=delete --timeout=15m
  fi
  unmade release
}

remove_nodes() {
  local found
  was_begun nodes || return 0
  look found 'the node group system' in_region eks describe-nodegroup --cluster-name "$CLUSTER_NAME" --nodegroup-name system --query nodegroup.status --output text
  if [ -n "$found$dry_run" ]; then
    step 'the node group system'
    [ "$found" = DELETING ] || act 'removing the node group system' in_region eks delete-nodegroup --cluster-name "$CLUSTER_NAME" --nodegroup-name system
    act 'waiting for it to end' in_region eks wait nodegroup-deleted --cluster-name "$CLUSTER_NAME" --nodegroup-name system
  fi
  unmade nodes
}

remove_cluster() {
  gone cluster "the cluster $CLUSTER_NAME" in_region eks describe-cluster --name "$CLUSTER_NAME" --query "cluster.tags.\"edw-deployment\" || '-'" --output text && return
  step "the cluster $CLUSTER_NAME"
  act "removing the cluster $CLUSTER_NAME" in_region eks delete-cluster --name "$CLUSTER_NAME"
  act 'waiting for it to end' in_region eks wait cluster-deleted --name "$CLUSTER_NAME"
  unmade cluster
}

remove_issuer() {
  gone issuer 'the identity provider' aws iam list-open-id-connect-provider-tags --open-id-connect-provider-arn "${OIDC_PROVIDER_ARN:-}" --query "Tags[?Key=='edw-deployment'].Value | [0]" --output text && return
  act 'removing the identity provider' aws iam delete-open-id-connect-provider --open-id-connect-provider-arn "${OIDC_PROVIDER_ARN:-}"
  unmade issuer
}

# remove_role KIND NAME
remove_role() {
  local attached policy own
  gone "$1" "the role $2" aws iam list-role-tags --role-name "$2" --query "Tags[?Key=='edw-deployment'].Value | [0]" --output text && return
  step "the role $2"
  look attached "the policies of $2" aws iam list-attached-role-policies --role-name "$2" --query 'AttachedPolicies[].PolicyArn' --output text
  for policy in $attached; do act "taking $policy" aws iam detach-role-policy --role-name "$2" --policy-arn "$policy"; done
  look own "the policy of $2" aws iam list-role-policies --role-name "$2" --query 'PolicyNames' --output text
  for policy in $own; do act 'removing its policy' aws iam delete-role-policy --role-name "$2" --policy-name "$policy"; done
  act "removing the role $2" aws iam delete-role --role-name "$2"
  unmade "$1"
}

remove_stores() {
  if ! gone repository "the repository ${ECR_REPOSITORY:-}" in_region ecr list-tags-for-resource --resource-arn "arn:aws:ecr:$AWS_REGION:$ACCOUNT_ID:repository/${ECR_REPOSITORY:-}" --query "tags[?Key=='edw-deployment'].Value | [0] || '-'" --output text; then
    step "the repository $ECR_REPOSITORY"
    act 'removing the repository and its images' in_region ecr delete-repository --repository-name "$ECR_REPOSITORY" --force
    unmade repository
  fi
  if ! gone table "the table ${DYNAMODB_TABLE:-}" in_region dynamodb list-tags-of-resource --resource-arn "arn:aws:dynamodb:$AWS_REGION:$ACCOUNT_ID:table/${DYNAMODB_TABLE:-}" --query "Tags[?Key=='edw-deployment'].Value | [0] || '-'" --output text; then
    step "the table $DYNAMODB_TABLE"
    act 'removing the table' in_region dynamodb delete-table --table-name "$DYNAMODB_TABLE"
    unmade table
  fi
  remove_queue queue "${SQS_QUEUE_NAME:-}"
  case ${SQS_QUEUE_NAME:-} in
    *.fifo) remove_queue dead_letter "${SQS_QUEUE_NAME%.fifo}-poison.fifo" ;;
    *) remove_queue dead_letter "${SQS_QUEUE_NAME:-}-poison" ;;
  esac
}

# remove_queue KIND NAME
remove_queue() {
  local url=''
  ! was_begun "$1" || look url "the queue $2" in_region sqs get-queue-url --queue-name "$2" --query QueueUrl --output text
  [ -n "$url$dry_run" ] || { unmade "$1" && return; }
  gone "$1" "the queue $2" in_region sqs list-queue-tags --queue-url "$url" --query "Tags.\"edw-deployment\" || '-'" --output text && return
  step "the queue $2"
  act "removing the queue $2" in_region sqs delete-queue --queue-url "${url:-<url>}"
  unmade "$1"
}

remove_network() {
  local vpc subnets subnet table gateway attached associations association
  was_begun network || return 0
  step 'the network'
  tagged associations describe-route-tables 'RouteTables[0].Associations[].RouteTableAssociationId'
  for association in $associations; do act "unrouting $association" in_region ec2 disassociate-route-table --association-id "$association"; done
  tagged subnets describe-subnets 'Subnets[].SubnetId'
  for subnet in $subnets; do act "removing $subnet" in_region ec2 delete-subnet --subnet-id "$subnet"; done
  tagged table describe-route-tables 'RouteTables[0].RouteTableId'
  [ -z "$table" ] || act 'removing the route table' in_region ec2 delete-route-table --route-table-id "$table"
  tagged gateway describe-internet-gateways 'InternetGateways[0].InternetGatewayId'
  tagged attached describe-internet-gateways 'InternetGateways[0].Attachments[0].VpcId'
  [ -z "$attached" ] || act 'detaching the internet gateway' in_region ec2 detach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$attached"
  [ -z "$gateway" ] || act 'removing the internet gateway' in_region ec2 delete-internet-gateway --internet-gateway-id "$gateway"
  tagged vpc describe-vpcs 'Vpcs[0].VpcId'
  [ -z "$vpc" ] || act 'removing the VPC' in_region ec2 delete-vpc --vpc-id "$vpc"
  unmade network
}

ask_to_remove "in account $ACCOUNT_ID, region $AWS_REGION" "message and item"

remove_release
remove_nodes
remove_cluster
remove_context
remove_issuer
remove_interruptions
remove_role karpenter_role "${IAM_KARPENTER_ROLE:-}"
remove_role keda_role "${IAM_KEDA_ROLE:-}"
remove_role consumer_role "${IAM_CONSUMER_ROLE:-}"
remove_role node_role "${IAM_NODE_ROLE:-}"
remove_role cluster_role "${IAM_CLUSTER_ROLE:-}"
remove_stores
remove_network
end_removal
