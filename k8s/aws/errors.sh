# Sourced: what the AWS CLI's words mean, as one sentence with the next step.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

# known_error TEXT
known_error() {
  case $1 in
    *"Unable to locate credentials"* | *ExpiredToken* | *InvalidClientTokenId* | *UnrecognizedClientException* | *"SSO session"* | *"Token has expired"*)
      echo 'The AWS CLI has no valid credentials: aws configure, or aws sso login.' ;;
    *"Could not connect to the endpoint URL"* | *EndpointConnectionError* | *"Connect timeout"* | *"Could not resolve host"*)
      echo 'AWS was out of reach: is this machine on the network, and is AWS_REGION a region?' ;;
    *LimitExceeded* | *QuotaExceeded*)
      echo "A quota of the account in ${AWS_REGION:-the region} is used up: the log names it; ask for more in Service Quotas, or remove what is no longer used." ;;
    *UnsupportedAvailabilityZone* | *InstanceTypeNotSupported* | *"is not supported in"*"vailability"* | *InvalidParameterException*"not supported in this region"*)
      echo "The region ${AWS_REGION:-} lacks what was asked for: choose another NODE_TYPE, or clean up and deploy with another AWS_REGION." ;;
    *QueueDeletedRecently*)
      echo 'A queue of this name was deleted less than a minute ago: wait a minute.' ;;
    *QueueAlreadyExists* | *QueueNameExists* | *RepositoryAlreadyExists* | *EntityAlreadyExists* | *ResourceInUseException*"lready exists"*)
      echo "Something of this name exists already and is not of this deployment: take its line out of ${state_file:-deploy.state} and export another name." ;;
    *AccessDenied* | *UnauthorizedOperation* | *"not authorized to perform"*)
      echo 'Your login lacks a right: the log names the action; it needs to administer EKS, EC2, IAM, SQS, DynamoDB, ECR and EventBridge.' ;;
    *"another operation (install/upgrade/rollback) is in progress"*)
      echo "An earlier installation was cut off: helm --kube-context ${context:-} rollback RELEASE (or uninstall, where it is the first) settles it." ;;
    *) return 1 ;;
  esac
}

# is_absent STATUS TEXT: does the command say that the thing is not there?
is_absent() {
  grep -qE "NoSuchEntity|ResourceNotFoundException|NonExistentQueue|QueueDoesNotExist|RepositoryNotFoundException|ImageNotFoundException|$absent_in_cluster" <<<"$2"
}
