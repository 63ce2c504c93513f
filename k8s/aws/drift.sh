# Sourced by deploy.sh: settings of the resources that it made, which somebody may have changed since. Roles, routes and the rules
# of EventBridge are not here: those are set back at each run.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

compare_resources() {
  local found arn name url
  look found 'where dead letters go' in_region sqs get-queue-attributes --queue-url "$queue_url" --attribute-names RedrivePolicy --query "Attributes.RedrivePolicy || '{}'" --output text
  arn=$([ -z "$found" ] || jq -r '.deadLetterTargetArn // ""' <<<"$found")
  expect "$SQS_QUEUE_NAME (where dead letters go)" "$dead_letter_arn" "$arn" \
    in_region sqs set-queue-attributes --queue-url "$queue_url" --attributes "$(jq -cn --arg policy "$(redrive_policy)" '{RedrivePolicy: $policy}')"
  for name in "$SQS_QUEUE_NAME" "$dead_letter"; do
    look url "the queue $name" in_region sqs get-queue-url --queue-name "$name" --query QueueUrl --output text
    look found "the encryption of $name" in_region sqs get-queue-attributes --queue-url "$url" --attribute-names SqsManagedSseEnabled KmsMasterKeyId \
      --query "Attributes.KmsMasterKeyId || Attributes.SqsManagedSseEnabled || 'false'" --output text
    [ "$found" != false ] || expect "$name (encrypted at rest)" true "$found" in_region sqs set-queue-attributes --queue-url "$url" --attributes SqsManagedSseEnabled=true
  done
  look found 'how the table is paid for' in_region dynamodb describe-table --table-name "$DYNAMODB_TABLE" --query 'Table.BillingModeSummary.BillingMode' --output text
  expect "$DYNAMODB_TABLE (paid for)" PAY_PER_REQUEST "$found" in_region dynamodb update-table --table-name "$DYNAMODB_TABLE" --billing-mode PAY_PER_REQUEST
  look found 'settings of the repository' in_region ecr describe-repositories --repository-names "$ECR_REPOSITORY" --query 'repositories[0].imageScanningConfiguration.scanOnPush' --output text
  expect "$ECR_REPOSITORY (images scanned)" True "$found" in_region ecr put-image-scanning-configuration --repository-name "$ECR_REPOSITORY" --image-scanning-configuration scanOnPush=true
  look found 'the taint of the system nodes' in_region eks describe-nodegroup --cluster-name "$CLUSTER_NAME" --nodegroup-name system --query "nodegroup.taints[?key=='CriticalAddonsOnly'].effect | [0]" --output text
  expect "$CLUSTER_NAME (taint CriticalAddonsOnly of the node group system)" NO_SCHEDULE "$found" \
    in_region eks update-nodegroup-config --cluster-name "$CLUSTER_NAME" --nodegroup-name system --taints 'addOrUpdateTaints=[{key=CriticalAddonsOnly,value=true,effect=NO_SCHEDULE}]'
}
