#!/usr/bin/env bats
# k8s/azure/deploy.sh on a subscription where everything goes well.
load common

setup() { set_up azure; }

@test "a deployment makes each resource once and in an order that works" {
  run deploy
  ends 0
  is "$(known '.violations | length')" 0
  names=$(known '.created | map(gsub(".*/providers/"; "")) | join("\n")')
  for kind in microsoft.network/virtualnetworks microsoft.storage/storageaccounts queueservices/default/queues/aws2azmsgs-poison \
    tableservices/default/tables/aws2azpmts microsoft.containerregistry/registries microsoft.managedidentity/userassignedidentities \
    microsoft.containerservice/managedclusters federatedidentitycredentials/fed-cred-aksdemo-kedasvc; do
    has "$names" "$kind"
  done
}

@test "deploy.state holds the sample's names" {
  run deploy
  ends 0
  for name in SUFFIX RESOURCE_GROUP AZURE_STORAGE_ACCOUNT_NAME AZURE_QUEUE_NAME AZURE_COSMOSDB_TABLE AZURE_TABLE_NAME AZURE_CONTAINER_REGISTRY_NAME \
    AKS_MANAGED_IDENTITY_NAME AKS_CLUSTER_NAME WORKLOAD_MANAGED_IDENTITY_NAME SERVICE_ACCOUNT FEDERATED_IDENTITY_CREDENTIAL_NAME KEDA_SERVICE_ACCT_CRED_NAME; do
    [ -n "$(from_state $name)" ] || { echo "$name is missing" && false; }
  done
}

@test "a second run changes nothing and keeps the names" {
  run deploy
  ends 0
  before=$(cat "$state")
  forget_calls
  run deploy
  ends 0
  is "$(known .mutations)" 0
  is "$(cat "$state")" "$before"
}

@test "a second run with another default keeps what the state says" {
  run deploy
  ends 0
  before=$(cat "$state")
  run env LOCAL_NAME=other bash -c "$(declare -f deploy); cloud=azure state='$state'; deploy"
  ends 0
  is "$(cat "$state")" "$before"
}

@test "the cluster has node auto-provisioning without preview, KEDA, workload identity, and a tainted system pool" {
  run deploy
  ends 0
  create=$(calls | grep '^az aks create')
  for wanted in '--node-provisioning-mode Auto' --enable-keda --enable-workload-identity --enable-oidc-issuer '--nodepool-taints CriticalAddonsOnly=true:NoSchedule'; do
    has "$create" "$wanted"
  done
  lacks "$(calls)" 'az feature'
  lacks "$(calls)" 'az extension'
}

@test "the account is closed after its queue is made and its nodes are let in" {
  run deploy
  ends 0
  order=$(calls | grep -nE 'queues/aws2azmsgs\?.*--body|network-rule add|default-action Deny' | sed -E 's/:.*(queues|network-rule|default-action).*/ \1/' | sort -n | cut -d' ' -f2 | tr '\n' ' ')
  is "$order" 'queues network-rule default-action '
}

@test "no key of the storage account or the registry is ever asked for" {
  run deploy
  ends 0
  lacks "$(calls)" 'keys list'
  lacks "$(calls)" 'connection-string'
  has "$(calls | grep 'storage account create')" '--allow-shared-key-access false'
  has "$(calls | grep 'acr create')" '--admin-enabled false'
}

@test "KEDA's service account is federated, annotated and restarted, in this order" {
  run deploy
  ends 0
  order=$(calls | grep -oE 'federated-credential create .*keda-operator|annotate serviceaccount keda-operator|rollout restart deployment/keda-operator|rollout status' | cut -d' ' -f1,2 | tr '\n' ',')
  is "$order" 'federated-credential create,annotate serviceaccount,rollout restart,rollout status,'
}

@test "a restart of KEDA that was cut off is made up for" {
  run deploy
  ends 0
  sed -i -E 's/ keda_operator//' "$state"
  world '.cluster.restarted = false'
  run deploy
  ends 0
  is "$(known .cluster.restarted)" true
}

@test "the workload gets roles on its own queue, poison queue and table alone" {
  run deploy
  ends 0
  roles=$(calls | grep 'role assignment create' | grep 'Storage' | grep -oE '(Queue|Table) Data Contributor.*/(queues|tables)/[a-z0-9-]+' | sed -E "s|^([A-Z][a-z]+) .*/|\1 |" | sort | tr '\n' ',')
  is "$roles" 'Queue aws2azmsgs,Queue aws2azmsgs-poison,Table aws2azpmts,'
}

@test "roles that are not known at once are waited for by trying" {
  world '.lag = {PrincipalNotFound: 2, LinkedAuthorizationFailed: 2, ScaledObject: 3, "helm test": 2}'
  run deploy
  ends 0
  has "$output" 'not yet; trying again'
  is "$(known '.lag | add')" 0
}

@test "kubectl and helm name their cluster in every call" {
  run deploy
  ends 0
  is "$(calls | grep -E '^(kubectl|helm) ' | grep -vE 'config get-contexts' | grep -cvE -- '--(kube-)?context edw-')" 0
}

@test "the chart is installed with the deployment's values" {
  run deploy
  ends 0
  values=$(known .cluster.values.edw)
  has "$values" "storageAccount: \"$(from_state AZURE_STORAGE_ACCOUNT_NAME)\""
  has "$values" 'queue: "aws2azmsgs"'
  has "$values" 'fullnameOverride: "aqs-app"'
  has "$values" "repository: \"$(from_state AZURE_CONTAINER_REGISTRY_NAME).azurecr.io/edw/consumer\""
  lacks "$(calls)" 'replicas'
}

@test "changed values are installed, and nothing else is touched" {
  run deploy
  ends 0
  forget_calls
  printf 'autoscaling: {maxReplicas: 3}\n' >"$BATS_TEST_TMPDIR/mine.yaml"
  export VALUES_FILE=$BATS_TEST_TMPDIR/mine.yaml
  run deploy
  ends 0
  is "$(known .mutations)" 1
  is "$(known .cluster.releases.edw)" 2
}

@test "an account open to a client's address lets it in, once" {
  export CLIENT_IPS=203.0.113.7,203.0.113.64/26
  run deploy
  ends 0
  run deploy
  ends 0
  is "$(known '[.resources[] | select(.networkRuleSet) | .networkRuleSet.ipRules[].ipAddressOrRange] | join(" ")')" '203.0.113.7 203.0.113.64/26'
}

@test "GRANT_ME lets the login send and read, and no more" {
  export GRANT_ME=yes
  run deploy
  ends 0
  mine=$(known '[.created[] | select(startswith("00000000-0000-0000-0000-0000000000ee"))] | map(split(" /")[0] | .[37:]) | sort | join(",")')
  is "$mine" 'storage queue data message sender,storage queue data reader,storage table data reader'
}

@test "the image is built by docker or podman where asked for" {
  export IMAGE_BUILDER=podman
  run deploy
  ends 0
  has "$(calls)" 'podman push'
  lacks "$(calls)" 'az acr run'
}

@test "IMAGE takes an image that exists" {
  export IMAGE=ghcr.example/edw/consumer:1
  run deploy
  ends 0
  lacks "$(calls)" 'acr run'
  has "$(known .cluster.values.edw)" 'repository: "ghcr.example/edw/consumer", tag: "1"'
}

@test "a dry run prints every command, runs none, and writes nothing" {
  run deploy --dry-run
  ends 0
  [ ! -e "$EDW_WORLD/calls.jsonl" ]
  [ ! -e "$state" ]
  [ ! -e "$EDW_LOG" ]
  has "$output" 'az aks create'
  has "$output" 'helm --kube-context'
  run deploy
  ends 0
}

@test "a dry run plans exactly the changes that a run makes" {
  run deploy
  plan=$("$EDW_ROOT/k8s/azure/deploy.sh" --dry-run --state "$state" 2>/dev/null | grep -cE '^(az|helm .*upgrade|kubectl .*(annotate|restart))')
  is "$plan" "$(known .mutations)"
}

@test "the log has every command with its time, and the user's words" {
  run deploy
  ends 0
  is "$(grep -cE '^[0-9T:-]+Z \$ az ' "$EDW_LOG")" "$(calls | grep -c '^az ')"
  has "$(cat "$EDW_LOG")" '==> proof'
}

@test "sourcing environment.sh brings the deployment's names into a shell" {
  run deploy
  ends 0
  run bash -c "set -eu; EDW_STATE='$state'; . '$EDW_ROOT/k8s/azure/environment.sh'; printenv AZURE_STORAGE_ACCOUNT_NAME RESOURCE_GROUP AQS_TARGET_NAMESPACE"
  ends 0
  is "$output" "$(from_state AZURE_STORAGE_ACCOUNT_NAME)"$'\n'"$(from_state RESOURCE_GROUP)"$'\naqs-demo'
}

@test "what was changed since is reported and stays so, unless it is to be set back" {
  run deploy
  ends 0
  lacks "$output" 'as it was made'
  world '.resources |= with_entries(if .key | test("storageaccounts/[^/]+$") then .value.allowSharedKeyAccess = true
    elif .key | test("registries/[^/]+$") then .value.adminUserEnabled = true
    elif .key | test("managedclusters/[^/]+$") then .value.agentPoolProfiles[0].nodeTaints = null | .value.workloadAutoScalerProfile.keda.enabled = false
    elif .key | test("subnets/[^/]+$") then .value.serviceEndpoints = null else . end) | .settings.edited = true'
  forget_calls
  run deploy
  ends 0
  is "$(known .mutations)" 0
  has "$output" "$(from_state AZURE_STORAGE_ACCOUNT_NAME) (account keys, public blobs, least TLS, https alone): true false TLS1_2 true, and was made: false false TLS1_2 true"
  has "$output" "(taints of the system pool): none, and was made: CriticalAddonsOnly=true:NoSchedule"
  has "$(sentence)" '6 settings are not as they were made'
  has "$(sentence)" 'deploy.sh --repair sets them back'
  has "$(cat "$EDW_LOG")" '+  image: another'
  run deploy --repair
  ends 0
  is "$(known .mutations)" 6
  run deploy
  ends 0
  lacks "$output" 'as they were made'
  is "$(known .mutations)" 6
}
