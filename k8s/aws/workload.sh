# Sourced by deploy.sh: names, queues and table, the identities, KEDA and Karpenter, the image and the release.
# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # shared with the script that sources this

check_settings() {
  [[ $LOCAL_NAME =~ ^[a-z][a-z0-9-]{1,15}$ ]] || misuse "LOCAL_NAME=$LOCAL_NAME must be 2 to 16 small letters, digits and hyphens."
  [[ $AWS_REGION =~ ^[a-z]{2}(-[a-z]+)+-[0-9]$ ]] || misuse "AWS_REGION=$AWS_REGION is no region, such as eu-west-1."
  [[ $NODE_COUNT =~ ^[1-9][0-9]*$ ]] || misuse "NODE_COUNT=$NODE_COUNT must be a number of nodes."
  [[ $MAX_RECEIVE_COUNT =~ ^([1-9][0-9]{0,2}|1000)$ ]] || misuse "MAX_RECEIVE_COUNT=$MAX_RECEIVE_COUNT must be 1 to 1000."
  case $FIFO in '' | yes) ;; *) misuse "FIFO=$FIFO must be yes or empty." ;; esac
  case $IMAGE_BUILDER in docker | podman) ;; *) misuse "IMAGE_BUILDER=$IMAGE_BUILDER must be docker or podman." ;; esac
}

# choose_names: once; from then on deploy.state has them.
choose_names() {
  remember SUFFIX "$(new_suffix)"
  remember AWS_REGION eu-west-1
  remember CLUSTER_NAME "eks-$LOCAL_NAME-$SUFFIX"
  remember SQS_QUEUE_NAME "$LOCAL_NAME-queue-$SUFFIX${FIFO:+.fifo}"
  remember DYNAMODB_TABLE "payments-$SUFFIX"
  remember ECR_REPOSITORY "$LOCAL_NAME-$SUFFIX/consumer"
  remember KARPENTER_QUEUE_NAME "$LOCAL_NAME-karpenter-$SUFFIX"
  remember IAM_CLUSTER_ROLE "$LOCAL_NAME-cluster-$SUFFIX"
  remember IAM_NODE_ROLE "$LOCAL_NAME-node-$SUFFIX"
  remember IAM_KARPENTER_ROLE "$LOCAL_NAME-karpenter-$SUFFIX"
  remember IAM_KEDA_ROLE "$LOCAL_NAME-keda-$SUFFIX"
  remember IAM_CONSUMER_ROLE "$LOCAL_NAME-consumer-$SUFFIX"
  remember SERVICE_ACCOUNT keda-service-account
  remember SQS_TARGET_NAMESPACE keda-test
  remember SQS_TARGET_DEPLOYMENT sqs-app
}

# make_queue KIND NAME ATTRIBUTES VARIABLE: VARIABLE becomes the URL. An account may hold a queue of this name already.
make_queue() {
  local owner
  look "$4" "the queue $2" in_region sqs get-queue-url --queue-name "$2" --query QueueUrl --output text
  if [ -n "${!4}" ]; then
    learn owner "the tags of $2" in_region sqs list-queue-tags --queue-url "${!4}" --query "Tags.\"edw-deployment\" || '-'" --output text
    mine "the queue $2" "$owner"
  else
    making "$1"
    act "making the queue $2" in_region sqs create-queue --queue-name "$2" --attributes "$3" --tags "edw-deployment=$SUFFIX"
    learn "$4" "URL of $2" in_region sqs get-queue-url --queue-name "$2" --query QueueUrl --output text
  fi
  made "$1"
}

redrive_policy() { printf '{"deadLetterTargetArn":"%s","maxReceiveCount":"%s"}' "$dead_letter_arn" "$MAX_RECEIVE_COUNT"; }

make_stores() {
  local fifo='' base=$SQS_QUEUE_NAME owner dead_letter_url redrive
  case $SQS_QUEUE_NAME in *.fifo) fifo=',"FifoQueue":"true"' base=${SQS_QUEUE_NAME%.fifo} ;; esac
  dead_letter=$base-poison${fifo:+.fifo}
  queue_arn=arn:aws:sqs:$AWS_REGION:$ACCOUNT_ID:$SQS_QUEUE_NAME
  dead_letter_arn=arn:aws:sqs:$AWS_REGION:$ACCOUNT_ID:$dead_letter
  table_arn=arn:aws:dynamodb:$AWS_REGION:$ACCOUNT_ID:table/$DYNAMODB_TABLE
  make_queue dead_letter "$dead_letter" "{\"MessageRetentionPeriod\":\"1209600\",\"SqsManagedSseEnabled\":\"true\"$fifo}" dead_letter_url
  redrive=$(redrive_policy)
  make_queue queue "$SQS_QUEUE_NAME" "{\"VisibilityTimeout\":\"60\",\"SqsManagedSseEnabled\":\"true\",\"RedrivePolicy\":\"${redrive//\"/\\\"}\"$fifo}" queue_url
  state_set SQS_QUEUE_URL "$queue_url"
  look owner "the table $DYNAMODB_TABLE" in_region dynamodb list-tags-of-resource --resource-arn "$table_arn" --query "Tags[?Key=='edw-deployment'].Value | [0] || '-'" --output text
  if [ -n "$owner" ]; then
    mine "the table $DYNAMODB_TABLE" "$owner"
  else
    making table
    act "making the table $DYNAMODB_TABLE" in_region dynamodb create-table --table-name "$DYNAMODB_TABLE" --billing-mode PAY_PER_REQUEST \
      --attribute-definitions AttributeName=PartitionKey,AttributeType=S AttributeName=RowKey,AttributeType=S \
      --key-schema AttributeName=PartitionKey,KeyType=HASH AttributeName=RowKey,KeyType=RANGE --tags "Key=edw-deployment,Value=$SUFFIX"
  fi
  was_made table || act "waiting for the table $DYNAMODB_TABLE" in_region dynamodb wait table-exists --table-name "$DYNAMODB_TABLE"
  made table
}

make_repository() {
  local owner arn=arn:aws:ecr:$AWS_REGION:$ACCOUNT_ID:repository/$ECR_REPOSITORY
  look owner "the repository $ECR_REPOSITORY" in_region ecr list-tags-for-resource --resource-arn "$arn" --query "tags[?Key=='edw-deployment'].Value | [0] || '-'" --output text
  if [ -n "$owner" ]; then
    mine "the repository $ECR_REPOSITORY" "$owner"
  else
    making repository
    act "making the repository $ECR_REPOSITORY" in_region ecr create-repository --repository-name "$ECR_REPOSITORY" --image-scanning-configuration scanOnPush=true --tags "Key=edw-deployment,Value=$SUFFIX"
  fi
  made repository
}

let_pods_act() {
  make_role consumer_role "$IAM_CONSUMER_ROLE" "$(trusts_account "$namespace" "$SERVICE_ACCOUNT")" && may "$IAM_CONSUMER_ROLE" "$(consumer_policy)"
  make_role keda_role "$IAM_KEDA_ROLE" "$(trusts_account keda keda-operator)" && may "$IAM_KEDA_ROLE" "$(keda_policy)"
  make_role karpenter_role "$IAM_KARPENTER_ROLE" "$(trusts_account kube-system karpenter)" && may "$IAM_KARPENTER_ROLE" "$(karpenter_policy)"
}

get_credentials() {
  local known
  look known "the context $context" kubectl config get-contexts "$context" --output name
  [ -n "$known" ] || act "getting access to $CLUSTER_NAME" in_region eks update-kubeconfig --name "$CLUSTER_NAME" --alias "$context"
}

# install_by_helm KIND RELEASE NAMESPACE CHART VERSION [OPTION...]: unless this version with these options is there.
install_by_helm() {
  local kind=$1 release=$2 space=$3 found='' print
  print=$(printf '%s\n' "${@:4}" | sha256sum | cut -c 1-16)
  local -n remembered=EDW_HELM_${kind^^}
  look found "the release $release" helm_in status "$release" --namespace "$space" --output json
  if [ "${remembered:-}" = "$print" ] && grep -qE '"status": ?"deployed"' <<<"$found"; then return 0; fi
  making "$kind"
  act "installing $release" helm_in upgrade --install "$release" "$4" --version "$5" --namespace "$space" --create-namespace --wait --timeout 10m "${@:6}"
  made "$kind"
  state_set "EDW_HELM_${kind^^}" "$print"
}

install_keda() {
  install_by_helm keda keda keda keda "$KEDA_VERSION" --repo https://kedacore.github.io/charts \
    --set podIdentity.aws.irsa.enabled=true --set-string "podIdentity.aws.irsa.roleArn=arn:aws:iam::$ACCOUNT_ID:role/$IAM_KEDA_ROLE" \
    --set 'tolerations[0].key=CriticalAddonsOnly' --set 'tolerations[0].operator=Exists'
}

install_karpenter() {
  install_by_helm karpenter karpenter kube-system oci://public.ecr.aws/karpenter/karpenter "$KARPENTER_VERSION" \
    --set-string "settings.clusterName=$CLUSTER_NAME" --set-string "settings.interruptionQueue=$KARPENTER_QUEUE_NAME" \
    --set-string "serviceAccount.annotations.eks\\.amazonaws\\.com/role-arn=arn:aws:iam::$ACCOUNT_ID:role/$IAM_KARPENTER_ROLE"
}

make_image() {
  local tag found server=$ACCOUNT_ID.dkr.ecr.$AWS_REGION.amazonaws.com
  image=${IMAGE:-}
  [ -z "$image" ] || return 0
  tag=$(image_tag)
  image=$server/$ECR_REPOSITORY:$tag
  look found "the image $image" in_region ecr describe-images --repository-name "$ECR_REPOSITORY" --image-ids "imageTag=$tag" --query 'imageDetails[0].imageDigest' --output text
  [ -z "$found" ] || return 0
  [ -n "$dry_run" ] || needs "$IMAGE_BUILDER" 'install it, or set IMAGE to an image that exists'
  act 'building the image' "$IMAGE_BUILDER" build --file "$root/docker/Dockerfile" --target consumer --tag "$image" "$root"
  act 'logging in to the registry' log_in_to "$server"
  act 'pushing the image' "$IMAGE_BUILDER" push "$image"
}

# The password goes from one program to the other, past the command line, the log and the screen.
log_in_to() { aws ecr get-login-password --region "$AWS_REGION" | "$IMAGE_BUILDER" login --username AWS --password-stdin "$1"; }

describe_release() {
  local repository=${image%:*} tag=${image##*:}
  values "# Written by k8s/aws/deploy.sh at each run; put changes into a file of your own, named by VALUES_FILE.
cloud: aws
fullnameOverride: \"$deployment\"
image: {repository: \"$repository\", tag: \"$tag\"}
aws:
  region: \"$AWS_REGION\"
  queueUrl: \"$queue_url\"
  table: \"$DYNAMODB_TABLE\"
  roleArn: \"arn:aws:iam::$ACCOUNT_ID:role/$IAM_CONSUMER_ROLE\"
serviceAccount: {name: \"$SERVICE_ACCOUNT\"}
nodePool:
  create: true
  nodeClass: {role: \"$IAM_NODE_ROLE\", clusterName: \"$CLUSTER_NAME\"}"
}
