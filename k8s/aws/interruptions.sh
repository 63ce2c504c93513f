# Sourced: what tells Karpenter that an instance is about to go. Rules of EventBridge put the events of EC2 and AWS Health
# into a queue of their own (https://karpenter.sh/docs/concepts/disruption/#interruption), and nobody else may.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

# interruption_rules: the last word of each rule's name, and the events that it takes.
interruption_rules() {
  cat <<'EOT'
spot {"source":["aws.ec2"],"detail-type":["EC2 Spot Instance Interruption Warning"]}
rebalance {"source":["aws.ec2"],"detail-type":["EC2 Instance Rebalance Recommendation"]}
state {"source":["aws.ec2"],"detail-type":["EC2 Instance State-change Notification"]}
health {"source":["aws.health"],"detail-type":["AWS Health Event"]}
EOT
}

# owner_of_rule VARIABLE NAME: VARIABLE becomes its tag edw-deployment, - without one, or empty where there is no such rule.
owner_of_rule() {
  look "$1" "the rule $2" in_region events list-tags-for-resource --resource-arn "$(rule_arn "$2")" --query "Tags[?Key=='edw-deployment'].Value | [0] || '-'" --output text
}
rule_arn() { printf 'arn:aws:events:%s:%s:rule/%s' "$AWS_REGION" "$ACCOUNT_ID" "$1"; }

interruption_queue_policy() {
  printf '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"%s","Condition":{"ArnLike":{"aws:SourceArn":"%s"}}},{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"%s","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}' \
    "$interruption_arn" "$(rule_arn "$KARPENTER_QUEUE_NAME-*")" "$interruption_arn"
}

make_interruptions() {
  local interruption_url found name pattern
  interruption_arn=arn:aws:sqs:$AWS_REGION:$ACCOUNT_ID:$KARPENTER_QUEUE_NAME
  # What is older than five minutes is no warning any more.
  make_queue interruption_queue "$KARPENTER_QUEUE_NAME" '{"MessageRetentionPeriod":"300","SqsManagedSseEnabled":"true"}' interruption_url
  look found 'who may fill it' in_region sqs get-queue-attributes --queue-url "$interruption_url" --attribute-names Policy --query "Attributes.Policy || '{}'" --output text
  same_json "$found" "$(interruption_queue_policy)" || act "letting EventBridge fill $KARPENTER_QUEUE_NAME" in_region sqs set-queue-attributes --queue-url "$interruption_url" \
    --attributes "$(jq -cn --arg policy "$(interruption_queue_policy)" '{Policy: $policy}')"
  while read -r name pattern; do
    make_rule "$KARPENTER_QUEUE_NAME-$name" "$pattern"
  done < <(interruption_rules)
  made interruption_rules
}

# make_rule NAME PATTERN: enabled, and into the queue.
make_rule() {
  local owner found='' target
  owner_of_rule owner "$1"
  if [ -n "$owner" ]; then
    mine "the rule $1" "$owner"
    learn found "the rule $1" in_region events describe-rule --name "$1" --query '{State: State, EventPattern: EventPattern}' --output json
    if [ "$(jq -r .State <<<"$found")" != ENABLED ] || ! same_json "$(jq -r .EventPattern <<<"$found")" "$2"; then
      act "renewing the rule $1" in_region events put-rule --name "$1" --event-pattern "$2" --state ENABLED
    fi
  else
    making interruption_rules
    act "making the rule $1" in_region events put-rule --name "$1" --event-pattern "$2" --state ENABLED --tags "Key=edw-deployment,Value=$SUFFIX"
  fi
  look target "the target of $1" in_region events list-targets-by-rule --rule "$1" --query "Targets[?Arn=='$interruption_arn'].Id | [0]" --output text
  case $target in
    '' | None)
      act "leading $1 into $KARPENTER_QUEUE_NAME" in_region events put-targets --rule "$1" --targets "Id=karpenter,Arn=$interruption_arn"
      # It succeeds also where a target was refused, so look.
      learn target "the target of $1" in_region events list-targets-by-rule --rule "$1" --query "Targets[?Arn=='$interruption_arn'].Id | [0]" --output text
      ;;
  esac
}

remove_interruptions() {
  local name pattern owner targets queue=${KARPENTER_QUEUE_NAME:-}
  if was_begun interruption_rules; then
    step "the rules of $queue"
    while read -r name pattern; do
      owner_of_rule owner "$queue-$name"
      if [ -n "$owner" ] && [ "$owner" != "$SUFFIX" ]; then say "    the rule $queue-$name does not carry this deployment's tag: it stays"; fi
      [ "$owner" = "$SUFFIX" ] || [ -n "$dry_run" ] || continue
      look targets "the targets of $queue-$name" in_region events list-targets-by-rule --rule "$queue-$name" --query 'Targets[].Id' --output text
      # shellcheck disable=SC2086 # ids have no blanks
      case $targets in '' | None) ;; *) act "taking the targets off $queue-$name" in_region events remove-targets --rule "$queue-$name" --ids $targets ;; esac
      act "removing the rule $queue-$name" in_region events delete-rule --name "$queue-$name"
    done < <(interruption_rules)
    unmade interruption_rules
  fi
  remove_queue interruption_queue "$queue"
}
