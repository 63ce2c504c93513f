#!/usr/bin/env bats
# Every command block of docs/walkthrough-eks.md is run, in order, in one shell, as a reader would type it.
load common

setup_file() { start_moto; }
teardown_file() { stop_moto; }

@test "docs/walkthrough-eks.md" {
  set_up_aws
  a_project
  world '.settings.walkthrough = true'
  export state=$BATS_TEST_TMPDIR/project/k8s/aws/deploy.state
  unset EDW_LOG AWS_REGION
  typed walkthrough-eks.md >"$BATS_TEST_TMPDIR/typed"
  [ "$(grep -c . "$BATS_TEST_TMPDIR/typed")" -ge 12 ]
  run bash "$BATS_TEST_TMPDIR/typed"
  ends 0
  has "$(cat "$EDW_WORLD/producer")" "--table aws://eu-west-1/payments-"
  is "$(known .cluster.releases.edw)" null
  [ ! -e "$state" ]
}
