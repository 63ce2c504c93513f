# Sourced by deploy.sh: names, the workload's identity and what it may do, the image, the network rules and the release.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

check_settings() {
  [[ $LOCAL_NAME =~ ^[a-z][a-z0-9]{1,11}$ ]] || misuse "LOCAL_NAME=$LOCAL_NAME must be 2 to 12 small letters and digits, as storage accounts and registries are named after it."
  [[ $AKS_NODE_COUNT =~ ^[1-9][0-9]*$ ]] || misuse "AKS_NODE_COUNT=$AKS_NODE_COUNT must be a number of nodes."
  [[ $AZURE_QUEUE_NAME =~ ^[a-z0-9]([a-z0-9]|-[a-z0-9]){2,55}$ ]] || misuse "AZURE_QUEUE_NAME=$AZURE_QUEUE_NAME must be 3 to 56 small letters, digits and single hyphens, so that its poison queue's name is valid too."
  [[ $AZURE_TABLE_NAME =~ ^[A-Za-z][A-Za-z0-9]{2,62}$ ]] || misuse "AZURE_TABLE_NAME=$AZURE_TABLE_NAME must be 3 to 63 letters and digits."
  [[ $CLIENT_IPS =~ ^([0-9./]+(,[0-9./]+)*)?$ ]] || misuse "CLIENT_IPS=$CLIENT_IPS must be public IPv4 addresses or ranges, separated by commas."
  case $IMAGE_BUILDER in acr | docker | podman) ;; *) misuse "IMAGE_BUILDER=$IMAGE_BUILDER must be acr, docker or podman." ;; esac
  case $GRANT_ME in '' | yes) ;; *) misuse "GRANT_ME=$GRANT_ME must be yes or empty." ;; esac
}

# choose_names: once; from then on deploy.state has them.
choose_names() {
  remember SUFFIX "$(new_suffix)"
  remember LOCATION westeurope
  remember RESOURCE_GROUP "rg-$LOCAL_NAME-$SUFFIX"
  remember VNET_NAME "vnet-$LOCAL_NAME-$SUFFIX"
  remember AZURE_STORAGE_ACCOUNT_NAME "stor$LOCAL_NAME$SUFFIX"
  remember AZURE_QUEUE_NAME aws2azmsgs
  remember AZURE_TABLE_NAME aws2azpmts
  remember AZURE_COSMOSDB_TABLE "$AZURE_TABLE_NAME" # what older scripts of the sample call it
  remember AZURE_CONTAINER_REGISTRY_NAME "acr$LOCAL_NAME$SUFFIX"
  remember AKS_MANAGED_IDENTITY_NAME "mi-$LOCAL_NAME-$SUFFIX"
  remember AKS_CLUSTER_NAME "aks-$LOCAL_NAME-$SUFFIX"
  remember WORKLOAD_MANAGED_IDENTITY_NAME "mi-aks-workload-identity-$SUFFIX"
  remember SERVICE_ACCOUNT aqs-app-service-account
  remember AQS_TARGET_NAMESPACE aqs-demo
  remember AQS_TARGET_DEPLOYMENT aqs-app
  remember FEDERATED_IDENTITY_CREDENTIAL_NAME "federated-credential-$SUFFIX"
  remember KEDA_SERVICE_ACCT_CRED_NAME "fed-cred-$LOCAL_NAME-kedasvc-$SUFFIX"
}

let_cluster_pull() {
  local kubelet
  learn kubelet "principal of the cluster's nodes" in_group aks show --name "$AKS_CLUSTER_NAME" --query identityProfile.kubeletidentity.objectId --output tsv
  grant "$kubelet" ServicePrincipal AcrPull "$registry_id"
}

federate() {
  learn issuer "the cluster's issuer" in_group aks show --name "$AKS_CLUSTER_NAME" --query oidcIssuerProfile.issuerUrl --output tsv
  make_federation "$FEDERATED_IDENTITY_CREDENTIAL_NAME" "system:serviceaccount:$namespace:$SERVICE_ACCOUNT"
  make_federation "$KEDA_SERVICE_ACCT_CRED_NAME" system:serviceaccount:kube-system:keda-operator
}

# The workload may use its queue, its poison queue and its table, and nothing else on the account.
grant_roles() {
  local me kind
  grant "$workload_principal" ServicePrincipal 'Storage Queue Data Contributor' "$queue_id"
  grant "$workload_principal" ServicePrincipal 'Storage Queue Data Contributor' "$queue_id-poison"
  grant "$workload_principal" ServicePrincipal 'Storage Table Data Contributor' "$table_id"
  [ -n "$GRANT_ME" ] || return 0
  learn kind 'kind of login' az account show --query user.type --output tsv
  if [ "$kind" = servicePrincipal ]; then
    learn me 'principal of the login' az ad sp show --id "$(az account show --query user.name --output tsv)" --query id --output tsv
    kind=ServicePrincipal
  else
    learn me 'principal of the login' az ad signed-in-user show --query id --output tsv
    kind=User
  fi
  grant "$me" "$kind" 'Storage Queue Data Message Sender' "$queue_id"
  grant "$me" "$kind" 'Storage Queue Data Reader' "$queue_id"
  grant "$me" "$kind" 'Storage Table Data Reader' "$table_id"
}

# Under a context of its own, and named in every call: whichever cluster the user looks at, it is left alone.
get_credentials() {
  local endpoint=''
  look endpoint "the context $context" kubectl config get-contexts "$context" --output name
  [ -z "$endpoint" ] || return 0
  act "getting access to $AKS_CLUSTER_NAME" in_group aks get-credentials --name "$AKS_CLUSTER_NAME" --context "$context" --overwrite-existing
}

# A federated credential alone gives KEDA nothing: its service account must name the identity, and its pods must start
# anew, since the webhook acts on new pods only.
let_keda_in() {
  local named
  look named 'the service account of KEDA' kube get serviceaccount keda-operator --namespace kube-system --output 'jsonpath={.metadata.annotations.azure\.workload\.identity/client-id}'
  if [ "$named" != "$workload_client" ]; then
    unmade keda_operator
    act 'annotating the service account of KEDA' kube annotate serviceaccount keda-operator --namespace kube-system --overwrite \
      "azure.workload.identity/client-id=$workload_client"
  fi
  if [ -n "$dry_run" ] || ! was_made keda_operator; then
    act 'restarting KEDA' kube rollout restart deployment/keda-operator --namespace kube-system
    act 'waiting for KEDA' kube rollout status deployment/keda-operator --namespace kube-system --timeout=5m
    made keda_operator
  fi
}

make_image() {
  local tag found server=$AZURE_CONTAINER_REGISTRY_NAME.azurecr.io
  image=${IMAGE:-}
  [ -z "$image" ] || return 0
  tag=$(image_tag)
  image=$server/edw/consumer:$tag
  look found "the image $image" on acr repository show --name "$AZURE_CONTAINER_REGISTRY_NAME" --image "edw/consumer:$tag" --query digest --output tsv
  [ -z "$found" ] || return 0
  if [ "$IMAGE_BUILDER" = acr ]; then
    act 'building the image in the registry (some ten minutes)' on acr run "$root" --registry "$AZURE_CONTAINER_REGISTRY_NAME" \
      --file k8s/azure/image.yaml --set "tag=$tag"
  else
    needs "$IMAGE_BUILDER" 'install it, or set IMAGE_BUILDER=acr to build in the registry'
    act 'building the image' "$IMAGE_BUILDER" build --file "$root/docker/Dockerfile" --target consumer --tag "$image" "$root"
    act 'logging in to the registry' on acr login --name "$AZURE_CONTAINER_REGISTRY_NAME"
    act 'pushing the image' "$IMAGE_BUILDER" push "$image"
  fi
}

# Last of what concerns the account: from here on only the nodes' subnet and CLIENT_IPS reach it.
close_storage() {
  local rules address
  look rules 'network rules' in_group storage account show --name "$AZURE_STORAGE_ACCOUNT_NAME" \
    --query "join(' ', [networkRuleSet.defaultAction, join(' ', networkRuleSet.virtualNetworkRules[].virtualNetworkResourceId), join(' ', networkRuleSet.ipRules[].ipAddressOrRange)])" --output tsv
  [[ " ${rules,,} " == *" ${subnet_id,,} "* ]] ||
    act 'letting the nodes reach the storage account' in_group storage account network-rule add --account-name "$AZURE_STORAGE_ACCOUNT_NAME" --subnet "$subnet_id" --output none
  for address in ${CLIENT_IPS//,/ }; do
    [[ " $rules " == *" $address "* ]] ||
      act "letting $address reach the storage account" in_group storage account network-rule add --account-name "$AZURE_STORAGE_ACCOUNT_NAME" --ip-address "$address" --output none
  done
  [[ $rules == Deny* ]] || act 'closing the storage account to all others' in_group storage account update --name "$AZURE_STORAGE_ACCOUNT_NAME" --default-action Deny --bypass None --output none
}

describe_release() {
  local repository=${image%:*} tag=${image##*:}
  values "# Written by k8s/azure/deploy.sh at each run; put changes into a file of your own, named by VALUES_FILE.
cloud: azure
fullnameOverride: \"$deployment\"
image: {repository: \"$repository\", tag: \"$tag\"}
azure:
  storageAccount: \"$AZURE_STORAGE_ACCOUNT_NAME\"
  queue: \"$AZURE_QUEUE_NAME\"
  table: \"$AZURE_TABLE_NAME\"
  clientId: \"$workload_client\"
serviceAccount: {name: \"$SERVICE_ACCOUNT\"}
nodePool: {create: true}"
}
