#!/usr/bin/env bats
# Every command block of docs/walkthrough-aks.md is run, in order, in one shell, as a reader would type it; and
# from-sample.sh, which it ends with.
load common

@test "docs/walkthrough-aks.md" {
  set_up azure
  a_project
  world '.settings.walkthrough = true'
  export SUBSCRIPTION_ID=00000000-0000-0000-0000-0000000000aa MY_PUBLIC_ADDRESS=203.0.113.7 SAMPLE=$BATS_TEST_TMPDIR/sample
  unset EDW_LOG
  a_sample
  typed walkthrough-aks.md >"$BATS_TEST_TMPDIR/typed"
  [ "$(grep -c . "$BATS_TEST_TMPDIR/typed")" -ge 18 ]
  run bash "$BATS_TEST_TMPDIR/typed"
  ends 0
  has "$(cat "$EDW_WORLD/producer")" '--count 5000 --run walkthrough'
  has "$(cat "$EDW_WORLD/producer")" '--table azure://storaksdemo'
  is "$(known .cluster.releases.edw)" 2
  [ -s "$BATS_TEST_TMPDIR/project/logs/install.log" ]
  [ ! -e "$BATS_TEST_TMPDIR/project/k8s/azure/deploy.state" ]
  is "$(known '.cluster.objects["deployment/aqs-app"].spec.replicas')" 4
  is "$(known '.violations | join("; ")')" ''
}

@test "from-sample.sh swaps image and activation, keeps replicas, mends KEDA, and a second run changes nothing" {
  set_up azure
  export SAMPLE=$BATS_TEST_TMPDIR/sample AZURE_STORAGE_ACCOUNT_NAME='<storage account name>'
  a_sample
  before=$(cat "$SAMPLE/deployment/deploy.state")
  adopt() { "$EDW_ROOT/k8s/azure/from-sample.sh" --state "$SAMPLE/deployment/deploy.state" "$@"; }
  run adopt --dry-run
  ends 0
  has "$output" '"activationQueueLength": "0"'
  is "$(known '.cluster.objects["scaledobject/aws2az-queue-scaleobj"].spec.triggers[0].metadata.activationQueueLength')" 20
  run bash -c "printf 'yes\nno\n' | '$EDW_ROOT/k8s/azure/from-sample.sh' --state '$SAMPLE/deployment/deploy.state'"
  ends 1
  has "$output" 'The ScaledObject stays'
  is "$(known '.cluster.objects["scaledobject/aws2az-queue-scaleobj"].spec.triggers[0].metadata.activationQueueLength')" 20
  run adopt --yes
  ends 0
  has "$output" 'k8s/lint --live -'
  is "$(known '.cluster.objects["scaledobject/aws2az-queue-scaleobj"].spec.triggers[0].metadata.activationQueueLength')" 0
  has "$(known '.cluster.objects["deployment/aqs-app"].spec.template.spec.containers[0].image')" acraksdemoabcd1f.azurecr.io/edw/consumer:
  is "$(known '.cluster.objects["deployment/aqs-app"].spec.template.spec.containers[0].env[-1].name')" AZURE_TABLE_NAME
  is "$(known '.cluster.objects["deployment/aqs-app"].spec.replicas')" 4
  is "$(known .cluster.annotation)" the-client
  is "$(known .cluster.restarted)" true
  has "$(cat "$SAMPLE/deployment/deploy.scaledobject.yaml")" '"20"'
  is "$(cat "$SAMPLE/deployment/deploy.state")" "$before"
  forget_calls
  run adopt --yes
  ends 0
  is "$(calls | grep -cE ' (set|patch|annotate|create|run|restart) ')" 0
}

@test "from-sample.sh says what a state lacks" {
  set_up azure
  printf 'SUFFIX=aBcD1f\nRESOURCE_GROUP=rg\n' >"$state"
  run "$EDW_ROOT/k8s/azure/from-sample.sh" --state "$state" --yes
  ends 1
  has "$(sentence)" 'lacks AZURE_STORAGE_ACCOUNT_NAME'
  run "$EDW_ROOT/k8s/azure/from-sample.sh" --state "$BATS_TEST_TMPDIR/none" --yes
  ends 2
}
