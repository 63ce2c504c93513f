#!/usr/bin/env bats
# k8s/azure/cleanup.sh removes what was made, and nothing else.
load common

setup() { set_up azure; }

group() { printf '/subscriptions/00000000-0000-0000-0000-0000000000aa/resourcegroups/%s' "$(from_state RESOURCE_GROUP)"; }

@test "everything that was made is removed, and the state with it" {
  run deploy
  run cleanup
  ends 0
  is "$(known '.resources | keys | join(" ")')" ''
  [ ! -e "$state" ]
  run cleanup
  ends 0
  has "$output" 'nothing of this deployment is left'
}

@test "a deployment that broke half-way is removed as far as it got" {
  export EDW_FAULT='15:after:ERROR: (InternalServerError) gone'
  run deploy
  ends 1
  unset EDW_FAULT
  run cleanup
  ends 0
  is "$(known '.resources | keys | join(" ")')" ''
}

@test "a cleanup that broke at any step is finished by the next" {
  run deploy
  runs=0
  while :; do
    runs=$((runs + 1))
    [ $runs -lt 20 ] || { echo 'no end' && false; }
    forget_calls
    export EDW_FAULT="1:$([ $((runs % 2)) -eq 1 ] && echo before || echo after):ERROR: (InternalServerError) gone"
    run cleanup
    [ "$status" -ne 0 ] || break
    [ -e "$state" ]
  done
  is "$(known '.resources | keys | join(" ")')" ''
  [ $runs -gt 7 ]
}

@test "what somebody put into the group stays, and so does the group" {
  run deploy
  world ".resources[\"$(group)/providers/microsoft.keyvault/vaults/theirs\"] = {id: \"x\", name: \"theirs\"}"
  group=$(group)
  run cleanup
  ends 0
  has "$output" 'theirs'
  is "$(known '.resources | keys | join(" ")')" "$group $group/providers/microsoft.keyvault/vaults/theirs"
}

@test "what lost this deployment's tag stays" {
  run deploy
  world '.resources |= with_entries(if .key | test("storageaccounts/[^/]+$") then .value.tags = null else . end)'
  run cleanup
  ends 0
  has "$output" 'it stays'
  is "$(known '.resources | keys | map(select(test("storageaccounts/[^/]+$"))) | length')" 1
}

@test "it asks first, and a no removes nothing" {
  run deploy
  forget_calls
  run "$EDW_ROOT/k8s/azure/cleanup.sh" --state "$state"
  ends 1
  has "$output" 'Nothing was removed'
  is "$(known .mutations)" 0
  run bash -c "echo yes | '$EDW_ROOT/k8s/azure/cleanup.sh' --state '$state'"
  ends 0
}

@test "a dry run prints the commands and removes nothing" {
  run deploy
  forget_calls
  run cleanup --dry-run
  ends 0
  has "$output" 'az aks delete'
  is "$(known .mutations)" 0
  [ -e "$state" ]
}

@test "another subscription than the state's is refused" {
  run deploy
  world '.settings.subscription = "11111111-0000-0000-0000-000000000000"'
  forget_calls
  run cleanup
  ends 1
  has "$output" 'az account set --subscription'
  is "$(known .mutations)" 0
}

@test "a state that does not say what to remove is refused" {
  printf 'SUFFIX=abcdef\n' >"$state"
  run cleanup
  ends 1
  has "$output" 'lacks SUBSCRIPTION_ID'
}
