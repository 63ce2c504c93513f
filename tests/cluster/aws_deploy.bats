#!/usr/bin/env bats
# k8s/aws/deploy.sh and cleanup.sh: the real aws against moto, stand-ins for kubectl, helm and docker.
load common

setup_file() { start_moto; }
teardown_file() { stop_moto; }
setup() { set_up_aws; }

# made_by_aws: the calls that make or change something on AWS.
made_by_aws() { calls | grep -E '^aws [a-z0-9]+ (create|put|attach|delete|modify|associate|update-assume|detach)' || true; }
aws_says() { aws "$@" --output text; }

@test "a deployment makes everything, a second run changes nothing, and cleanup leaves nothing" {
  run deploy
  ends 0
  lacks "$(cat "$state")" EDW_MAKING
  is "$(known '.violations | join("; ")')" ''
  is "$(made_by_aws | grep -E ' create-' | sort | uniq -d)" ''

  # the queue, with its dead-letter queue
  redrive=$(aws_says sqs get-queue-attributes --queue-url "$(from_state SQS_QUEUE_URL)" --attribute-names RedrivePolicy --query Attributes.RedrivePolicy)
  has "$redrive" "$(from_state SQS_QUEUE_NAME)-poison"
  is "$(jq -r .maxReceiveCount <<<"$redrive")" 5
  # the table, on demand
  is "$(aws_says dynamodb describe-table --table-name "$(from_state DYNAMODB_TABLE)" --query 'Table.BillingModeSummary.BillingMode')" PAY_PER_REQUEST
  # the roles: each trusts one service account, and may do what it needs
  trust=$(aws iam get-role --role-name "$(from_state IAM_CONSUMER_ROLE)" --query Role.AssumeRolePolicyDocument)
  has "$trust" 'system:serviceaccount:keda-test:keda-service-account'
  has "$trust" 'sts.amazonaws.com'
  has "$(aws iam get-role --role-name "$(from_state IAM_KEDA_ROLE)" --query Role.AssumeRolePolicyDocument)" 'system:serviceaccount:keda:keda-operator'
  may=$(aws iam get-role-policy --role-name "$(from_state IAM_CONSUMER_ROLE)" --policy-name edw --query PolicyDocument)
  is "$(jq -r '[.Statement[].Action[]] | unique | join(" ")' <<<"$may")" \
    'dynamodb:BatchWriteItem dynamodb:DescribeTable sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage sqs:SendMessage'
  is "$(jq -r '[.Statement[].Resource | select(test("\\*"))] | length' <<<"$may")" 0
  is "$(aws iam get-role-policy --role-name "$(from_state IAM_KEDA_ROLE)" --policy-name edw --query PolicyDocument | jq -r '[.Statement[].Action[]] | join(" ")')" sqs:GetQueueAttributes
  karpenter=$(aws iam get-role-policy --role-name "$(from_state IAM_KARPENTER_ROLE)" --policy-name edw --query PolicyDocument)
  is "$(jq -r '[.Statement[] | select([.Action] | flatten | any(test("Terminate|Delete|PassRole|RunInstances"))) | select(.Resource == "*")] | length' <<<"$karpenter")" 0
  # warnings: four rules lead into a queue that only they may fill, and Karpenter reads it
  warnings=$(from_state KARPENTER_QUEUE_NAME)
  is "$(aws_says events list-rules --name-prefix "$warnings-" --query 'Rules[?State==`ENABLED`].Name' | tr '\t' '\n' | sort | tr '\n' ' ')" \
    "$warnings-health $warnings-rebalance $warnings-spot $warnings-state "
  has "$(aws_says events describe-rule --name "$warnings-spot" --query EventPattern)" 'EC2 Spot Instance Interruption Warning'
  is "$(aws_says events list-targets-by-rule --rule "$warnings-spot" --query 'Targets[].Arn')" "arn:aws:sqs:eu-west-1:123456789012:$warnings"
  may_fill=$(aws_says sqs get-queue-attributes --queue-url "https://sqs.eu-west-1.amazonaws.com/123456789012/$warnings" --attribute-names Policy --query Attributes.Policy)
  is "$(jq -r '.Statement[] | select(.Effect == "Allow") | "\(.Principal.Service) \(.Action) \(.Condition.ArnLike["aws:SourceArn"])"' <<<"$may_fill")" \
    "events.amazonaws.com sqs:SendMessage arn:aws:events:eu-west-1:123456789012:rule/$warnings-*"
  is "$(jq -r '.Statement[] | select([.Resource] | flatten | any(endswith("karpenter-'"$(from_state SUFFIX)"'"))) | .Action | join(" ")' <<<"$karpenter")" \
    'sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueUrl'
  has "$(calls | grep 'helm .*upgrade.*karpenter')" "settings.interruptionQueue=$warnings"
  # the cluster
  has "$(calls | grep 'eks create-nodegroup')" 'key=CriticalAddonsOnly'
  has "$(known .cluster.values.edw)" "roleArn: \"arn:aws:iam::123456789012:role/$(from_state IAM_CONSUMER_ROLE)\""
  is "$(known '.cluster.releases | keys | join(" ")')" 'edw karpenter keda'
  has "$(calls | grep 'helm .*upgrade.*keda')" "podIdentity.aws.irsa.roleArn=arn:aws:iam::123456789012:role/$(from_state IAM_KEDA_ROLE)"
  # no secret in an argument
  lacks "$(calls)" '--password '

  before=$(cat "$state")
  forget_calls
  run deploy
  ends 0
  is "$(made_by_aws)" ''
  is "$(known .mutations)" 0
  is "$(cat "$state")" "$before"

  run cleanup
  ends 0
  [ ! -e "$state" ]
  is "$(aws_says sqs list-queues --query 'QueueUrls')" None
  is "$(aws_says events list-rules --query 'Rules')" ''
  is "$(aws_says dynamodb list-tables --query 'TableNames')" ''
  is "$(aws_says eks list-clusters --query clusters)" ''
  is "$(aws_says iam list-roles --query 'Roles[].RoleName')" ''
  is "$(aws_says iam list-open-id-connect-providers --query 'OpenIDConnectProviderList')" ''
  is "$(aws_says ecr describe-repositories --query repositories)" ''
  is "$(aws_says ec2 describe-vpcs --filters Name=is-default,Values=false --query Vpcs)" ''
  # Karpenter ended its nodes before the cluster went
  order=$(calls | grep -oE 'uninstall edw|delete-nodegroup|delete-cluster' | tr '\n' ' ')
  is "$order" 'uninstall edw delete-nodegroup delete-cluster '
}

@test "a failure at chosen steps, before and after its effect, is gone on from, and nothing is made twice" {
  for fault in 'sqs create-queue:after' 'dynamodb create-table:after' 'ec2 create-vpc:after' 'ec2 attach-internet-gateway:after' 'iam create-role:after' \
    'eks create-cluster:before' 'eks create-nodegroup:after' 'iam create-open-id:after' 'iam put-role-policy:after'; do
    rm -f "$EDW_WORLD/failed"
    export EDW_AWS_FAULT="$fault:An error occurred (InternalFailure) in $fault"
    run deploy
    ends 1
    has "$(sentence)" 'InternalFailure'
    is "$(sentence | wc -l)" 1
    is "$(from_state SUFFIX)" "${suffix:=$(from_state SUFFIX)}"
  done
  unset EDW_AWS_FAULT
  run deploy
  ends 0
  is "$(calls | grep -E '^aws [a-z0-9]+ create-' | sort | uniq -c | awk '$1 > 1 && !/create-cluster/' | grep -v 'create-tags' || true)" ''
  is "$(aws_says ec2 describe-vpcs --filters Name=is-default,Values=false --query 'length(Vpcs)')" 1
}

@test "what was changed since is set back where it is the scripts' own, and else reported and set back by --repair" {
  run deploy
  ends 0
  lacks "$output" 'as it was made'
  warnings=$(from_state KARPENTER_QUEUE_NAME)
  aws events disable-rule --name "$warnings-spot"
  aws events remove-targets --rule "$warnings-state" --ids karpenter >/dev/null
  aws sqs set-queue-attributes --queue-url "$(from_state SQS_QUEUE_URL)" --attributes RedrivePolicy=
  aws dynamodb update-table --table-name "$(from_state DYNAMODB_TABLE)" --billing-mode PROVISIONED --provisioned-throughput ReadCapacityUnits=1,WriteCapacityUnits=1 >/dev/null
  aws ecr put-image-scanning-configuration --repository-name "$(from_state ECR_REPOSITORY)" --image-scanning-configuration scanOnPush=false >/dev/null
  world '.settings.edited = true'
  run deploy
  ends 0
  has "$output" "(where dead letters go): none, and was made: arn:aws:sqs:eu-west-1:123456789012:$(from_state SQS_QUEUE_NAME)-poison"
  has "$(sentence)" '4 settings are not as they were made'
  is "$(aws_says events describe-rule --name "$warnings-spot" --query State)" ENABLED
  is "$(aws_says events list-targets-by-rule --rule "$warnings-state" --query 'length(Targets)')" 1
  run deploy --repair
  ends 0
  run deploy
  ends 0
  lacks "$output" 'made:'
}
