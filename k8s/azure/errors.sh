# Sourced: what the Azure CLI's words mean, as one sentence with the next step.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

# known_error TEXT
known_error() {
  case $1 in
    *"az login"* | *AADSTS* | *"token has expired"* | *InvalidAuthenticationToken*)
      echo 'The Azure CLI is not logged in: az login.' ;;
    *SubscriptionNotFound* | *"Subscription "*" not recognized"* | *"subscription"*"could not be found"*)
      echo "Your login does not see the subscription ${SUBSCRIPTION_ID:-}: az account list shows those that it does, az account set --subscription chooses one." ;;
    *QuotaExceeded* | *InsufficientVCPUQuota* | *"quota"*[Ee]xceed* | *[Ee]xceed*"quota"* | *"Insufficient regional vcpu quota"* | *MaxStorageAccountsCountPerSubscriptionExceeded*)
      echo "The subscription's quota in ${LOCATION:-the region} is used up: az vm list-usage --location ${LOCATION:-REGION} shows it; ask for more there, or set AKS_NODE_COUNT or AKS_NODE_VM_SIZE to need less." ;;
    *StorageAccountAlreadyTaken* | *StorageAccountAlreadyExists* | *AccountNameInvalid*)
      echo "Another customer of Azure has the storage account name ${AZURE_STORAGE_ACCOUNT_NAME:-}, or it is not 3 to 24 small letters and digits: take the line AZURE_STORAGE_ACCOUNT_NAME out of ${state_file:-deploy.state} and export another one." ;;
    *AlreadyInUse* | *"registry"*"already in use"* | *"registry DNS name"*"in use"*)
      echo "Another customer of Azure has the registry name ${AZURE_CONTAINER_REGISTRY_NAME:-}: take the line AZURE_CONTAINER_REGISTRY_NAME out of ${state_file:-deploy.state} and export another one." ;;
    *LocationNotAvailableForResourceType* | *NoRegisteredProviderFound* | *SkuNotAvailable* | *"not available in location"* | *"not supported in"*region* | *NotAvailableForSubscription* | *"VM size"*"not allowed"*)
      echo "The region ${LOCATION:-} lacks what was asked for: choose another AKS_NODE_VM_SIZE, or clean up and deploy with another LOCATION." ;;
    *AuthorizationFailed* | *"does not have authorization"*)
      echo 'Your login lacks a right: it needs Owner on the subscription, or Contributor and Role Based Access Control Administrator.' ;;
    *RequestDisallowedByPolicy*)
      echo 'A policy of your organisation forbids it: the log names the policy.' ;;
    *MissingSubscriptionRegistration*)
      echo 'A resource provider is not registered yet: the log names it, az provider register --wait --namespace NAME registers it.' ;;
    *ScopeLocked*)
      echo 'A lock forbids it: az lock list shows who set it.' ;;
    *"Could not resolve host"* | *"Max retries exceeded"* | *"Connection aborted"* | *"Failed to establish a new connection"* | *"Temporary failure in name resolution"*)
      echo 'Azure was out of reach: is this machine on the network, and does HTTPS_PROXY point where it should?' ;;
    *"another operation (install/upgrade/rollback) is in progress"*)
      echo "An earlier installation was cut off: helm --kube-context ${context:-} rollback edw --namespace ${namespace:-} (or uninstall, where it is the first) settles it." ;;
    *) return 1 ;;
  esac
}

# is_absent STATUS TEXT: does the command say that the thing is not there?
is_absent() {
  case $2 in
    *SubscriptionNotFound* | *"az login"*) return 1 ;;
  esac
  [ "$1" -eq 3 ] || grep -qE "ResourceGroupNotFound|ResourceNotFound|QueueNotFound|TableNotFound|\"NotFound\"|\(NotFound\)|MANIFEST_UNKNOWN|NAME_UNKNOWN|could not be found|$absent_in_cluster" <<<"$2"
}
