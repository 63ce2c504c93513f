# Sourced by deploy.sh: the resources, each found or made. Made ones carry the tag edw-deployment=SUFFIX.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

# expand_cloud COMMAND...: on is az for the deployment's subscription, in_group also for its resource group.
expand_cloud() {
  case $1 in
    on) command=(az "${@:2}" --subscription "$SUBSCRIPTION_ID") ;;
    in_group) command=(az "${@:2}" --resource-group "$RESOURCE_GROUP" --subscription "$SUBSCRIPTION_ID") ;;
    *) command=("$@") ;;
  esac
}
tags() { printf 'edw-deployment=%s' "$SUFFIX"; }

# ours KIND WORDS COMMAND...: is it there? One of someone else's ends the script. KIND - records nothing.
ours() {
  local found
  look found "$2" "${@:3}" --query "join(' ', [id, tags.\"edw-deployment\" || '-'])" --output tsv
  [ -n "$found" ] || return 1
  [ "${found##* }" = "$SUFFIX" ] || fail "$2 exists and is not of this deployment (its tag edw-deployment is not $SUFFIX): nothing was changed in it; take its line out of $state_file and export another name."
  [ "$1" = - ] || made "$1"
}

# find_login: the tools, and the subscription that az is set to, which must be the deployment's where that is known.
find_login() {
  local logged_in version
  needs az 'https://learn.microsoft.com/cli/azure/install-azure-cli tells how to install the Azure CLI'
  needs kubectl 'az aks install-cli installs it'
  learn version "the Azure CLI's version" az version --query '"azure-cli"' --output tsv
  at_least "$version" 2.76.0 || fail "the Azure CLI is version $version, and node auto-provisioning needs 2.76.0: az upgrade, and run again."
  learn logged_in 'the subscription' az account show --query id --output tsv
  if [ -n "${SUBSCRIPTION_ID:-}" ] && [ "$SUBSCRIPTION_ID" != "$logged_in" ]; then
    fail "this deployment belongs to the subscription $SUBSCRIPTION_ID, and az is set to $logged_in: az account set --subscription $SUBSCRIPTION_ID, and run again."
  fi
  SUBSCRIPTION_ID=$logged_in
}

find_account() {
  [ -z "$dry_run" ] || { SUBSCRIPTION_ID=${SUBSCRIPTION_ID:-'<subscription>'} && return; }
  needs helm 'https://helm.sh/docs/intro/install tells how to install it'
  find_login
  state_set SUBSCRIPTION_ID "$SUBSCRIPTION_ID"
}

check_region() {
  local known
  look known "the region $LOCATION" az account list-locations --query "[?name=='$LOCATION'].name | [0]" --output tsv
  [ -n "$known$dry_run" ] || fail "Azure has no region $LOCATION for this subscription: az account list-locations --output table shows them; set LOCATION."
}

register_providers() {
  local provider registered
  for provider in Microsoft.ContainerService Microsoft.ContainerRegistry Microsoft.Storage Microsoft.ManagedIdentity Microsoft.Network; do
    look registered "the provider $provider" on provider show --namespace "$provider" --query registrationState --output tsv
    [ "$registered" = Registered ] || act "registering $provider" on provider register --namespace "$provider" --wait
  done
}

make_group() {
  ours group "the resource group $RESOURCE_GROUP" on group show --name "$RESOURCE_GROUP" && return
  making group
  act "making the resource group $RESOURCE_GROUP" on group create --name "$RESOURCE_GROUP" --location "$LOCATION" --tags "$(tags)" --output none
  made group
}

make_network() {
  if ! ours network "the network $VNET_NAME" in_group network vnet show --name "$VNET_NAME"; then
    making network
    act "making the network $VNET_NAME" in_group network vnet create --name "$VNET_NAME" --location "$LOCATION" \
      --address-prefixes 10.224.0.0/12 --tags "$(tags)" --output none
    made network
  fi
  look subnet_id 'the subnet nodes' in_group network vnet subnet show --vnet-name "$VNET_NAME" --name nodes --query id --output tsv
  if [ -z "$subnet_id" ]; then
    # The service endpoint lets the storage account know the nodes from the rest of the internet.
    act 'making the subnet nodes' in_group network vnet subnet create --vnet-name "$VNET_NAME" --name nodes \
      --address-prefixes 10.224.0.0/16 --service-endpoints Microsoft.Storage --output none
    learn subnet_id 'id of the subnet' in_group network vnet subnet show --vnet-name "$VNET_NAME" --name nodes --query id --output tsv
  fi
}

make_storage() {
  if ! ours storage "the storage account $AZURE_STORAGE_ACCOUNT_NAME" in_group storage account show --name "$AZURE_STORAGE_ACCOUNT_NAME"; then
    making storage
    act "making the storage account $AZURE_STORAGE_ACCOUNT_NAME" in_group storage account create --name "$AZURE_STORAGE_ACCOUNT_NAME" \
      --location "$LOCATION" --sku "$STORAGE_ACCOUNT_SKU" --kind StorageV2 --min-tls-version TLS1_2 --https-only true \
      --allow-blob-public-access false --allow-shared-key-access false --tags "$(tags)" --output none
    made storage
  fi
  storage_id="/subscriptions/$SUBSCRIPTION_ID/resourceGroups/$RESOURCE_GROUP/providers/Microsoft.Storage/storageAccounts/$AZURE_STORAGE_ACCOUNT_NAME"
  queue_id="$storage_id/queueServices/default/queues/$AZURE_QUEUE_NAME"
  table_id="$storage_id/tableServices/default/tables/$AZURE_TABLE_NAME"
}

# Queues and the table are made through the resource manager: that needs no key, no data role that has to be waited for,
# and still works when the network rules keep this machine out.
make_stores() {
  local id found
  for id in "$queue_id" "$queue_id-poison" "$table_id"; do
    look found "${id##*/}" az rest --method get --url "$id?api-version=2023-05-01" --query name --output tsv
    [ -n "$found" ] || act "making ${id##*/}" az rest --method put --url "$id?api-version=2023-05-01" --body '{"properties":{}}' --output none
  done
}

make_registry() {
  if ! ours registry "the registry $AZURE_CONTAINER_REGISTRY_NAME" in_group acr show --name "$AZURE_CONTAINER_REGISTRY_NAME"; then
    making registry
    act "making the registry $AZURE_CONTAINER_REGISTRY_NAME" in_group acr create --name "$AZURE_CONTAINER_REGISTRY_NAME" \
      --location "$LOCATION" --sku "$ACR_SKU" --admin-enabled false --tags "$(tags)" --output none
    made registry
  fi
  registry_id="/subscriptions/$SUBSCRIPTION_ID/resourceGroups/$RESOURCE_GROUP/providers/Microsoft.ContainerRegistry/registries/$AZURE_CONTAINER_REGISTRY_NAME"
}

# make_identity KIND NAME PREFIX: the variables PREFIX_id, PREFIX_principal and PREFIX_client say what it is.
make_identity() {
  local words
  if ! ours "$1" "the identity $2" in_group identity show --name "$2"; then
    making "$1"
    act "making the identity $2" in_group identity create --name "$2" --location "$LOCATION" --tags "$(tags)" --output none
    made "$1"
  fi
  learn words "$2" in_group identity show --name "$2" --query "join(' ', [id, principalId, clientId])" --output tsv
  [ -z "$dry_run" ] || words="<id of $2> <principal of $2> <client id of $2>" words=${words// of /-of-} words=${words//client id/client-id}
  read -r "$3_id" "$3_principal" "$3_client" <<<"$words"
}

# grant PRINCIPAL TYPE ROLE SCOPE: a principal that was just made is not known everywhere at once.
grant() {
  local found
  look found "the role $3" on role assignment list --assignee-object-id "$1" --scope "$4" --role "$3" --fill-principal-name false --query '[0].id' --output tsv
  [ -z "$found" ] || return 0
  act_until 'PrincipalNotFound|does not exist in the directory' "granting $3" on role assignment create --assignee-object-id "$1" \
    --assignee-principal-type "$2" --role "$3" --scope "$4" --output none
}

make_cluster() {
  local provisioned wanted
  if ours - "the cluster $AKS_CLUSTER_NAME" in_group aks show --name "$AKS_CLUSTER_NAME"; then
    learn provisioned "state of $AKS_CLUSTER_NAME" in_group aks show --name "$AKS_CLUSTER_NAME" --query provisioningState --output tsv
    case $provisioned in
      Succeeded) made cluster ;;
      Creating | Updating) act "waiting for $AKS_CLUSTER_NAME" in_group aks wait --name "$AKS_CLUSTER_NAME" --created --updated --timeout 1800 && made cluster ;;
      *)
        was_made cluster && fail "the cluster $AKS_CLUSTER_NAME is in state $provisioned: az aks show tells why; mend that, and run again."
        say "    the cluster $AKS_CLUSTER_NAME never came up ($provisioned): removing it and making it again"
        act "removing the broken cluster $AKS_CLUSTER_NAME" in_group aks delete --name "$AKS_CLUSTER_NAME" --yes
        ;;
    esac
  fi
  [ -n "$dry_run" ] || ! was_made cluster || return 0
  making cluster
  wanted=(aks create --name "$AKS_CLUSTER_NAME" --location "$LOCATION" --tags "$(tags)" --node-provisioning-mode Auto --enable-keda
    --enable-oidc-issuer --enable-workload-identity --network-plugin azure --network-plugin-mode overlay --network-dataplane cilium
    --pod-cidr 192.168.0.0/16 --service-cidr 10.0.0.0/16 --dns-service-ip 10.0.0.10 --vnet-subnet-id "$subnet_id" --skip-subnet-role-assignment
    --enable-managed-identity --assign-identity "$cluster_id"
    --nodepool-name systempool --nodepool-taints CriticalAddonsOnly=true:NoSchedule --node-count "$AKS_NODE_COUNT" --no-ssh-key --yes --output none)
  [ -z "$AKS_NODE_VM_SIZE" ] || wanted+=(--node-vm-size "$AKS_NODE_VM_SIZE")
  [ -z "$K8S_VERSION" ] || wanted+=(--kubernetes-version "$K8S_VERSION")
  # The cluster's identity was granted its subnet a moment ago.
  act_until 'LinkedAuthorizationFailed|InsufficientSubnetPermission|subnets/join/action|CustomRouteTableMissingPermission' \
    "making the cluster $AKS_CLUSTER_NAME (some ten minutes)" in_group "${wanted[@]}"
  made cluster
}

# make_federation NAME SUBJECT
make_federation() {
  local subject
  look subject "the federated credential $1" in_group identity federated-credential show --identity-name "$WORKLOAD_MANAGED_IDENTITY_NAME" --name "$1" --query "join(' ', [subject, issuer])" --output tsv
  [ "$subject" != "$2 $issuer" ] || return 0
  if [ -n "$subject" ]; then
    act "renewing the federated credential $1" in_group identity federated-credential update --identity-name "$WORKLOAD_MANAGED_IDENTITY_NAME" --name "$1" \
      --issuer "$issuer" --subject "$2" --audiences api://AzureADTokenExchange --output none
    return
  fi
  act "making the federated credential $1" in_group identity federated-credential create --identity-name "$WORKLOAD_MANAGED_IDENTITY_NAME" --name "$1" \
    --issuer "$issuer" --subject "$2" --audiences api://AzureADTokenExchange --output none
}
