#!/usr/bin/env bats
# Every command that the Azure scripts give goes through the real Azure CLI, which takes it apart, checks each option and
# value, and then asks for a login: that is as far as one gets without a subscription.
load common

setup() { set_up azure; }

# parsed: each distinct command of calls.jsonl, at the real az. Prints those that it does not take.
parsed() {
  local line command answer
  export AZURE_CONFIG_DIR=$BATS_TEST_TMPDIR/azure AZURE_CORE_COLLECT_TELEMETRY=0
  jq -c 'select(.[0] == "az") | .[1:]' "$EDW_WORLD/calls.jsonl" | awk '{ shape = $0; gsub(/e[0-9a-z]{5}|[0-9]/, "", shape); if (!seen[shape]++) print }' >"$BATS_TEST_TMPDIR/commands"
  [ "$(wc -l <"$BATS_TEST_TMPDIR/commands")" -ge "$1" ] || { echo "only $(wc -l <"$BATS_TEST_TMPDIR/commands") commands" && return; }
  while IFS= read -r line; do
    mapfile -d '' -t command < <(jq -j '.[] | . + "\u0000"' <<<"$line")
    answer=$("$EDW_ROOT/build/tools/az/bin/az" "${command[@]}" 2>&1 </dev/null) && [ "${command[0]}" = version ] && continue
    [[ $answer == *"Please run 'az login'"* ]] || printf 'az %s\n   %s\n' "${command[*]}" "$answer"
  done <"$BATS_TEST_TMPDIR/commands"
}

@test "the real Azure CLI takes every command of deploy.sh and cleanup.sh" {
  "$EDW_ROOT/tests/cluster/install" az
  export GRANT_ME=yes CLIENT_IPS=203.0.113.7 AKS_NODE_VM_SIZE=Standard_D2s_v5 K8S_VERSION=1.34
  run deploy
  ends 0
  run cleanup
  ends 0
  is "$(parsed 40)" ''
}

@test "the real Azure CLI takes the rarer commands too" {
  "$EDW_ROOT/tests/cluster/install" az
  export IMAGE_BUILDER=docker
  world '.settings.aks_ends = "Failed"'
  run deploy
  run deploy
  ends 0
  world '.resources |= with_entries(if .key | test("federatedidentity") then .value.subject = "system:serviceaccount:old:old" else . end)'
  run deploy
  ends 0
  world '.resources |= with_entries(if .key | test("managedclusters/[^/]+$") then .value.provisioningState = "Updating" else . end)'
  run deploy
  ends 0
  world '.resources |= with_entries(if .key | test("storageaccounts/[^/]+$") then .value.allowSharedKeyAccess = true
    elif .key | test("registries/[^/]+$") then .value.adminUserEnabled = true
    elif .key | test("managedclusters/[^/]+$") then .value.agentPoolProfiles[0].nodeTaints = null | .value.nodeProvisioningProfile.mode = "Manual"
    elif .key | test("subnets/[^/]+$") then .value.serviceEndpoints = null else . end)'
  run deploy --repair
  ends 0
  export SAMPLE=$BATS_TEST_TMPDIR/sample
  a_sample
  run "$EDW_ROOT/k8s/azure/from-sample.sh" --state "$SAMPLE/deployment/deploy.state" --yes
  ends 0
  has "$(calls)" 'nodepool update'
  has "$(calls)" 'federated-credential list'
  has "$(calls)" 'federated-credential update'
  has "$(calls)" 'aks wait'
  has "$(calls)" 'acr login'
  is "$(parsed 30)" ''
}

@test "the real Azure CLI refuses what is misspelt" {
  "$EDW_ROOT/tests/cluster/install" az
  printf '["az", "aks", "create", "--name", "a", "--resource-group", "b", "--node-provisioning-mode", "Automatic"]\n' >"$EDW_WORLD/calls.jsonl"
  has "$(parsed 1)" 'Automatic'
}
