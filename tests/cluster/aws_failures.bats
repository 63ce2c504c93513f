#!/usr/bin/env bats
# k8s/aws/deploy.sh where things go wrong: one sentence, the state kept, and safe to run again.
load common

setup_file() { start_moto; }
teardown_file() { stop_moto; }
setup() { set_up_aws; }

refused() {
  ends 1
  is "$(sentence | wc -l)" 1
  for pattern in "$@"; do has "$(sentence)" "$pattern"; done
}

@test "a quota that is used up half-way is said so" {
  export EDW_AWS_FAULT='ec2 create-vpc:before:An error occurred (VpcLimitExceeded) when calling the CreateVpc operation: The maximum number of VPCs has been reached.'
  run deploy
  refused 'quota' 'Service Quotas'
  has "$(cat "$state")" 'EDW_MADE=dead_letter queue table repository'
  run cleanup
  ends 0
  is "$(aws sqs list-queues --query QueueUrls --output text)" None
}

@test "a region without what is needed is said half-way" {
  export EDW_AWS_FAULT="eks create-cluster:before:An error occurred (UnsupportedAvailabilityZoneException) when calling the CreateCluster operation: Cannot create cluster because eu-west-1a does not currently have sufficient capacity."
  run deploy
  refused 'region eu-west-1 lacks' 'AWS_REGION'
  has "$(cat "$state")" 'cluster_role node_role'
}

@test "a queue of someone else's is left alone" {
  export SQS_QUEUE_NAME=theirs
  aws sqs create-queue --queue-name theirs --tags team=b >/dev/null
  run deploy
  refused 'the queue theirs exists and is not of this deployment'
  run cleanup
  ends 0
  has "$(aws sqs list-queues --query QueueUrls --output text)" /theirs
}

@test "a role of another deployment is left alone" {
  export IAM_CLUSTER_ROLE=theirs
  aws iam create-role --role-name theirs --assume-role-policy-document '{}' --tags Key=edw-deployment,Value=other1 >/dev/null
  run deploy
  refused 'the role theirs exists and is not of this deployment'
}

@test "without credentials, aws configure is the next step" {
  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
  export AWS_EC2_METADATA_DISABLED=true
  run deploy
  refused 'aws configure'
}

@test "another account than the state's is refused" {
  printf 'SUFFIX=abcdef\nACCOUNT_ID=999999999999\n' >"$state"
  run deploy
  refused '999999999999' '123456789012' 'AWS_PROFILE'
}

@test "an outage is not mistaken for absence" {
  export AWS_ENDPOINT_URL_SQS=http://127.0.0.1:9
  run deploy
  refused 'out of reach'
  lacks "$(calls)" 'create-queue'
}

@test "a missing tool and a bad setting are named" {
  mkdir -p "$BATS_TEST_TMPDIR/bin"
  ln -s "$EDW_ROOT/tests/cluster/standins/bin/kubectl" "$BATS_TEST_TMPDIR/bin"
  run env PATH="$BATS_TEST_TMPDIR/aws:$BATS_TEST_TMPDIR/bin:/usr/bin:/bin" bash -c "$(declare -f deploy); cloud=aws; deploy"
  refused 'helm is missing'
  run env AWS_REGION=nowhere bash -c "$(declare -f deploy); cloud=aws; deploy"
  ends 2
  has "$output" 'AWS_REGION=nowhere'
}

@test "a dry run prints every command, runs none, and writes nothing" {
  run deploy --dry-run
  ends 0
  [ ! -e "$EDW_WORLD/calls.jsonl" ]
  [ ! -e "$state" ]
  has "$output" 'aws eks create-cluster'
}
