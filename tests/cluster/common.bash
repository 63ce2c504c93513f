# Loaded by the tests of the deployment scripts: a world and a state of their own, with stand-ins in PATH.
# shellcheck shell=bash disable=SC2154 # status and output are of bats

set_up() {
  cloud=$1
  export EDW_WORLD=$BATS_TEST_TMPDIR/world EDW_LOG=$BATS_TEST_TMPDIR/install.log RETRY_PAUSE=0 HOME=$BATS_TEST_TMPDIR/home
  export state=$BATS_TEST_TMPDIR/deploy.state
  PATH=$EDW_ROOT/tests/cluster/standins/bin:/usr/local/bin:/usr/bin:/bin
  unset EDW_STATE EDW_FAULT
  mkdir -p "$EDW_WORLD" "$HOME"
  world "{settings: {cloud: \"$cloud\"}}"
}

deploy() { "$EDW_ROOT/k8s/$cloud/deploy.sh" --yes --state "$state" "$@"; }
cleanup() { "$EDW_ROOT/k8s/$cloud/cleanup.sh" --yes --state "$state" "$@"; }

# world JQ: change the world. known JQ: ask it.
world() {
  local file=$EDW_WORLD/world.json new
  [ -e "$file" ] || printf '{}' >"$file"
  new=$(jq "$1" "$file") && printf '%s\n' "$new" >"$file"
}
known() { jq -r "$1" "$EDW_WORLD/world.json"; }

# forget_calls: from here on, calls and changes count anew. calls: what was called since, a line each.
forget_calls() {
  : >"$EDW_WORLD/calls.jsonl"
  world '.mutations = 0'
}
calls() { jq -r 'map(if test("[ {]") then "\u0027\(.)\u0027" else . end) | join(" ")' "$EDW_WORLD/calls.jsonl"; }
from_state() { sed -n "s/^$1=//p" "$state"; }

# The last lines of $output that the script itself says.
sentence() { printf '%s\n' "$output" | grep -E '^(deploy|cleanup|from-sample)\.sh: '; }

is() { [ "$1" = "$2" ] || { printf 'is:     %s\nshould: %s\n' "$1" "$2" && return 1; }; }
has() { [[ $1 == *"$2"* ]] || { printf 'lacks: %s\nin:    %s\n' "$2" "$1" && return 1; }; }
lacks() { [[ $1 != *"$2"* ]] || { printf 'has: %s\nin:  %s\n' "$2" "$1" && return 1; }; }
# ends CODE: the exit code of the last run, or its words.
ends() { [ "$status" -eq "$1" ] || { printf 'exit code %s\n%s\n' "$status" "$output" && return 1; }; }

# start_moto: a server of its own for the file, which ends with it. Real aws, real requests, nothing verified but the model.
start_moto() {
  local deadline=$((SECONDS + 90)) log=$BATS_FILE_TMPDIR/moto.log
  "$EDW_ROOT/tests/emulators/install" 3>&-
  MOTO_IAM_LOAD_MANAGED_POLICIES=true "$EDW_ROOT/build/emulators/python/bin/moto_server" -H 127.0.0.1 -p 0 >"$log" 2>&1 3>&- &
  echo $! >"$BATS_FILE_TMPDIR/moto.pid"
  until grep -q 'Running on' "$log"; do
    [ $SECONDS -lt $deadline ] || { cat "$log" && return 1; }
    sleep 0.1
  done
  export AWS_ENDPOINT_URL
  AWS_ENDPOINT_URL=$(grep -oE 'http://[0-9.:]+' "$log" | head -n 1)
}
stop_moto() { kill "$(cat "$BATS_FILE_TMPDIR/moto.pid")"; }

# set_up_aws: an empty account, the real aws before the stand-ins of the cluster's tools.
set_up_aws() {
  set_up aws
  mkdir -p "$BATS_TEST_TMPDIR/aws"
  ln -s "$EDW_ROOT/tests/cluster/standins/aws" "$BATS_TEST_TMPDIR/aws/aws"
  PATH=$BATS_TEST_TMPDIR/aws:$PATH
  export AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_REGION=eu-west-1 AWS_DEFAULT_REGION=eu-west-1 AWS_PAGER='' AWS_MAX_ATTEMPTS=1
  curl -fsS -X POST "$AWS_ENDPOINT_URL/moto-api/reset" >/dev/null
}

# typed FILE: its bash blocks, with the repository's own paths.
typed() {
  printf 'set -euo pipefail\ncd "%s"\n' "$BATS_TEST_TMPDIR/project"
  sed -n '/^```bash$/,/^```$/{/^```/!p}' "$EDW_ROOT/docs/$1"
}

# a_project: what a reader has cloned, so that state and logs land there, and producer as the README builds it.
a_project() {
  mkdir -p "$BATS_TEST_TMPDIR/project" "$BATS_TEST_TMPDIR/programs"
  cp -r "$EDW_ROOT/k8s" "$EDW_ROOT/CMakeLists.txt" "$BATS_TEST_TMPDIR/project"
  rm -f "$BATS_TEST_TMPDIR"/project/k8s/*/deploy.*state* "$BATS_TEST_TMPDIR"/project/k8s/*/deploy.values.yaml
  printf '#!/bin/bash\nprintf "%%s\\n" "$*" >>"$EDW_WORLD/producer"\n' >"$BATS_TEST_TMPDIR/programs/producer"
  chmod +x "$BATS_TEST_TMPDIR/programs/producer"
  PATH=$BATS_TEST_TMPDIR/programs:$PATH
}

# a_sample: in $SAMPLE, a deployment that the reference sample's scripts have left, and the defaults that its documents have one source.
a_sample() {
  mkdir -p "$SAMPLE/deployment"
  cat >"$SAMPLE/deployment/deploy.state" <<'OUT'
SUFFIX=aBcD1f
RESOURCE_GROUP=rg-aksdemo-aBcD1f
AZURE_STORAGE_ACCOUNT_NAME=storaksdemoabcd1f
AZURE_QUEUE_NAME=aws2azmsgs
AZURE_COSMOSDB_TABLE=aws2azpmts
AZURE_CONTAINER_REGISTRY_NAME=acraksdemoabcd1f
AKS_MANAGED_IDENTITY_NAME=mi-aksdemo-aBcD1f
AKS_CLUSTER_NAME=aks-aksdemo-aBcD1f
WORKLOAD_MANAGED_IDENTITY_NAME=mi-aks-workload-identity-aBcD1f
SERVICE_ACCOUNT=aqs-app-service-account
FEDERATED_IDENTITY_CREDENTIAL_NAME=federated-credential-aBcD1f
OUT
  local group=/subscriptions/00000000-0000-0000-0000-0000000000aa/resourcegroups/rg-aksdemo-abcd1f/providers
  world ".resources[\"$group/microsoft.containerservice/managedclusters/aks-aksdemo-abcd1f\"] = {oidcIssuerProfile: {issuerUrl: \"https://issuer/\"}}
    | .resources[\"$group/microsoft.containerregistry/registries/acraksdemoabcd1f\"] = {}
    | .resources[\"$group/microsoft.managedidentity/userassignedidentities/mi-aks-workload-identity-abcd1f\"] = {clientId: \"the-client\"}
    | .resources[\"/subscriptions/00000000-0000-0000-0000-0000000000aa/resourcegroups/rg-aksdemo-abcd1f\"] = {}
    | .cluster.objects[\"deployment/aqs-app\"] = {spec: {replicas: 4, template: {spec: {containers: [{name: \"keda-queue-reader\",
        image: \"acraksdemoabcd1f.azurecr.io/aws2azure/aqs-consumer\", env: [{name: \"AZURE_QUEUE_NAME\", value: \"aws2azmsgs\"}]}]}}}}
    | .cluster.objects[\"scaledobject/aws2az-queue-scaleobj\"] = {spec: {minReplicaCount: 0, triggers: [{type: \"azure-queue\",
        metadata: {queueName: \"aws2azmsgs\", queueLength: \"5\", activationQueueLength: \"20\"}}]}}"
}
