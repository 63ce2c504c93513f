# Sourced by deploy.sh: settings of the resources that it made, which somebody may have changed since.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

compare_resources() {
  local found features
  look found 'settings of the storage account' in_group storage account show --name "$AZURE_STORAGE_ACCOUNT_NAME" \
    --query "join(' ', [to_string(allowSharedKeyAccess), to_string(allowBlobPublicAccess), minimumTlsVersion, to_string(enableHttpsTrafficOnly)])" --output tsv
  expect "$AZURE_STORAGE_ACCOUNT_NAME (account keys, public blobs, least TLS, https alone)" 'false false TLS1_2 true' "$found" \
    in_group storage account update --name "$AZURE_STORAGE_ACCOUNT_NAME" --allow-shared-key-access false --allow-blob-public-access false \
    --min-tls-version TLS1_2 --https-only true --output none
  look found 'the service endpoint of the nodes' in_group network vnet subnet show --vnet-name "$VNET_NAME" --name nodes \
    --query "length(serviceEndpoints[?service=='Microsoft.Storage'] || \`[]\`)" --output tsv
  expect "$VNET_NAME (endpoints for storage on the subnet nodes)" 1 "$found" \
    in_group network vnet subnet update --vnet-name "$VNET_NAME" --name nodes --service-endpoints Microsoft.Storage --output none
  look found 'settings of the registry' in_group acr show --name "$AZURE_CONTAINER_REGISTRY_NAME" --query 'to_string(adminUserEnabled)' --output tsv
  expect "$AZURE_CONTAINER_REGISTRY_NAME (a password for its administrator)" false "$found" \
    in_group acr update --name "$AZURE_CONTAINER_REGISTRY_NAME" --admin-enabled false --output none
  features='oidcIssuerProfile.enabled, securityProfile.workloadIdentity.enabled, workloadAutoScalerProfile.keda.enabled, nodeProvisioningProfile.mode'
  look found 'settings of the cluster' in_group aks show --name "$AKS_CLUSTER_NAME" --query "join(' ', [$features][].to_string(@))" --output tsv
  expect "$AKS_CLUSTER_NAME (issuer, workload identity, KEDA, node provisioning)" 'true true true Auto' "$found" \
    in_group aks update --name "$AKS_CLUSTER_NAME" --enable-oidc-issuer --enable-workload-identity --enable-keda --node-provisioning-mode Auto --yes --output none
  look found 'the taint of the system pool' in_group aks show --name "$AKS_CLUSTER_NAME" --query "join(' ', agentPoolProfiles[?name=='systempool'].nodeTaints[])" --output tsv
  expect "$AKS_CLUSTER_NAME (taints of the system pool)" CriticalAddonsOnly=true:NoSchedule "$found" \
    in_group aks nodepool update --cluster-name "$AKS_CLUSTER_NAME" --name systempool --node-taints CriticalAddonsOnly=true:NoSchedule --output none
}
