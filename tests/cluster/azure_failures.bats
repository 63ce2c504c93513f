#!/usr/bin/env bats
# k8s/azure/deploy.sh where things go wrong: one sentence, the state kept, and safe to run again.
load common

setup() { set_up azure; }

# refused PATTERN...: the last run ended with 1, with one sentence of the script that has all PATTERNs.
refused() {
  ends 1
  is "$(sentence | wc -l)" 1
  for pattern in "$@"; do has "$(sentence)" "$pattern"; done
}

@test "a failure at each step keeps the state, and the next run goes on without making anything twice" {
  deploy 2>/dev/null
  steps=$(known .mutations)
  rm -rf "$EDW_WORLD" "$state"
  set_up azure
  # Each step fails twice: first without its effect, then with it, as when the answer is lost. One that is done anew by
  # nature (a restart) then gets its turn, and the next step fails.
  runs=0 offset=1
  while :; do
    runs=$((runs + 1))
    [ $runs -le $((steps * 3)) ] || { echo "no end after $runs runs" && false; }
    export EDW_FAULT="$(($(known .mutations) + offset)):$([ $((runs % 2)) -eq 1 ] && echo before || echo after):ERROR: (InternalServerError) step $runs broke"
    run deploy
    [ "$status" -ne 0 ] || break
    has "$output" "step $runs broke"
    is "$(sentence | wc -l)" 1
    is "$(from_state SUFFIX)" "${suffix:=$(from_state SUFFIX)}"
    failed=$(calls | tail -n 1)
    if [ "$failed" = "${once:-}" ] && [ "$failed" = "${twice:-}" ]; then offset=2; else offset=1; fi
    twice=${once:-} once=$failed
  done
  is "$(known '.violations | join("; ")')" ''
  [ $runs -gt $((steps * 2)) ]
  forget_calls
  unset EDW_FAULT
  run deploy
  ends 0
  is "$(known .mutations)" 0
}

@test "a cluster that never came up for want of quota is made again, not left" {
  world '.settings.aks_ends = "Failed"'
  run deploy
  refused 'quota in westeurope is used up' 'az vm list-usage'
  run deploy
  ends 0
  has "$(calls)" 'az aks delete'
  is "$(known '.violations | length')" 0
}

@test "a cluster that has worked is never removed because it is in a bad state" {
  run deploy
  world '.resources |= with_entries(if .key | test("managedclusters/[^/]+$") then .value.provisioningState = "Failed" else . end)'
  run deploy
  refused 'is in state Failed' 'az aks show'
  lacks "$(calls)" 'az aks delete'
}

@test "a missing tool is named, with how to get it" {
  PATH=$BATS_TEST_TMPDIR/bin:/usr/bin:/bin
  mkdir -p "$BATS_TEST_TMPDIR/bin"
  ln -s "$EDW_ROOT"/tests/cluster/standins/bin/{az,kubectl} "$BATS_TEST_TMPDIR/bin"
  run deploy
  refused 'helm is missing' 'helm.sh/docs'
}

@test "an old Azure CLI is named" {
  world '.settings.az = "2.75.0"'
  run deploy
  refused '2.75.0' 'az upgrade'
}

@test "without a login, az login is the next step" {
  world '.settings.logged_out = true'
  run deploy
  refused 'az login'
  is "$(known '.created | length')" 0
}

@test "another subscription than the state's is refused" {
  run deploy
  world '.settings.subscription = "11111111-0000-0000-0000-000000000000"'
  forget_calls
  run deploy
  refused 'az account set --subscription 00000000-0000-0000-0000-0000000000aa'
  is "$(known .mutations)" 0
}

@test "an unknown region is refused before anything is made" {
  export LOCATION=westatlantis
  run deploy
  refused 'no region westatlantis' 'az account list-locations'
  is "$(known '.created | length')" 0
}

@test "a region without what is needed is said half-way, and cleanup then removes that half" {
  world '.settings.region_lacks = "resource type Microsoft.ContainerService/managedClusters"'
  run deploy
  refused 'region westeurope lacks' 'AKS_NODE_VM_SIZE' 'LOCATION'
  has "$(cat "$state")" 'EDW_MADE=group network storage registry'
  run deploy
  refused 'region westeurope lacks'
  is "$(known '.violations | length')" 0
  run cleanup
  ends 0
  is "$(known '.resources | keys | join(" ")')" ''
}

@test "a name that is taken is named, with how to choose another" {
  export AZURE_STORAGE_ACCOUNT_NAME=everybodys
  world '.settings.taken = ["everybodys"]'
  run deploy
  refused 'storage account name everybodys' 'export another'
  sed -i '/^AZURE_STORAGE_ACCOUNT_NAME=/d' "$state"
  export AZURE_STORAGE_ACCOUNT_NAME=onlymine
  run deploy
  ends 0
}

for_each_foreign_kind() {
  world "$2"
  run deploy
  refused "$1" 'is not of this deployment'
  is "$(known '.resources | keys | map(select(test("foreign"))) | length')" 1
}

@test "a resource group of someone else's is left alone" {
  export RESOURCE_GROUP=foreign
  for_each_foreign_kind 'resource group foreign' '.resources["/subscriptions/00000000-0000-0000-0000-0000000000aa/resourcegroups/foreign"] = {id: "x", tags: {team: "b"}}'
  is "$(known '.created | length')" 0
}

@test "a resource of another deployment is left alone" {
  run deploy
  name=$(from_state AZURE_CONTAINER_REGISTRY_NAME)
  world '.resources |= with_entries(if .key | test("/registries/") then .value.tags = {"edw-deployment": "other1"} else . end)'
  run deploy
  refused "the registry $name exists and is not of this deployment"
}

@test "an outage is not mistaken for absence" {
  run deploy
  forget_calls
  mkdir -p "$BATS_TEST_TMPDIR/bin"
  cat >"$BATS_TEST_TMPDIR/bin/az" <<'OUT'
#!/bin/bash
case "$*" in *'acr show'*) echo 'ERROR: HTTPSConnectionPool: Max retries exceeded with url: /x' >&2 && exit 1 ;; esac
exec "$EDW_ROOT/tests/cluster/standins/bin/az" "$@"
OUT
  chmod +x "$BATS_TEST_TMPDIR/bin/az"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
  run deploy
  refused 'out of reach'
  is "$(known .mutations)" 0
}

@test "NotRegistered is not Registered" {
  world '.settings.providers = {"Microsoft.Storage": "NotRegistered", "Microsoft.Network": "Registered", "Microsoft.ContainerService": "Registering"}'
  run deploy
  ends 0
  registered=$(calls | grep 'provider register')
  has "$registered" Microsoft.Storage
  has "$registered" Microsoft.ContainerService
  lacks "$registered" Microsoft.Network
}

@test "a state that the environment contradicts is refused, naming both" {
  run deploy
  name=$(from_state AZURE_STORAGE_ACCOUNT_NAME)
  export AZURE_STORAGE_ACCOUNT_NAME='<storage account name>'
  run deploy
  refused "says AZURE_STORAGE_ACCOUNT_NAME=$name" '<storage account name>'
}

@test "a state that is no state is refused by its line, and nothing in it is run" {
  printf 'SUFFIX=abc\nRESOURCE_GROUP=$(touch %s/ran)\n' "$BATS_TEST_TMPDIR" >"$state"
  run deploy
  refused 'line 2 of'
  [ ! -e "$BATS_TEST_TMPDIR/ran" ]
}

@test "two runs at once on one state: the second one is refused" {
  exec 5>"$state.lock"
  flock 5
  run deploy
  refused 'another run holds'
}

@test "a bad setting or option ends with code 2 and its name" {
  run env LOCAL_NAME='Upper-Case' bash -c "$(declare -f deploy); cloud=azure state='$state'; deploy"
  ends 2
  has "$output" 'LOCAL_NAME=Upper-Case'
  run deploy --nonsense
  ends 2
  has "$output" 'unknown option --nonsense; see --help'
  run deploy --state
  ends 2
  [ ! -e "$state" ]
}

@test "a question that nobody answers is a no" {
  run "$EDW_ROOT/k8s/azure/deploy.sh" --state "$state"
  ends 1
  has "$output" 'Nothing was made'
  is "$(known '.created | length')" 0
}

@test "what looks like a secret is kept out of the log" {
  mkdir -p "$BATS_TEST_TMPDIR/bin"
  cat >"$BATS_TEST_TMPDIR/bin/az" <<'OUT'
#!/bin/bash
case "$*" in *'acr show'*) echo 'ERROR: AccountKey=c2VjcmV0c2VjcmV0;x "password": "hunter2hunter2" ?sig=abcdefabcdef&y Authorization: Bearer aaaa.bbbb' >&2 && exit 1 ;; esac
exec "$EDW_ROOT/tests/cluster/standins/bin/az" "$@"
OUT
  chmod +x "$BATS_TEST_TMPDIR/bin/az"
  PATH=$BATS_TEST_TMPDIR/bin:$PATH
  run deploy
  ends 1
  for secret in c2VjcmV0c2VjcmV0 hunter2hunter2 abcdefabcdef aaaa.bbbb; do
    lacks "$output" "$secret"
    lacks "$(cat "$EDW_LOG")" "$secret"
  done
}
