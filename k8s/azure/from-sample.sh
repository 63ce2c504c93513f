#!/usr/bin/env bash
# Put our consumer into a deployment of the reference sample (aks-event-driven-replicate-from-aws).
# shellcheck disable=SC2034,SC2154 # shared with what is sourced
set -euo pipefail

usage() {
  cat <<'EOT'
Usage: k8s/azure/from-sample.sh [--state FILE] [--image IMAGE] [--dry-run] [--yes]

Adopts a deployment that the sample's scripts made, by its own names and its deploy.state, which is only read:
  1. builds the consumer's image in the sample's registry, unless --image names one that exists;
  2. mends what the sample leaves undone: KEDA's service account gets its federated credential, annotation and restart;
  3. swaps the image of the Deployment, and names the table in its environment where the sample's does not;
  4. shows the change to the ScaledObject, asks, and lets it activate at the first message: at the sample's 20, up to 20
     messages wait until they expire.
Replicas, queue, table and rows stay as they are. `kubectl rollout undo` takes the image back; the ScaledObject as it was
is kept beside the state file.

  --state FILE   the sample's state (default deployment/deploy.state)
  --image IMAGE  an image that the cluster can pull
  --dry-run      print what would be changed, and change nothing
  --yes          don't ask

AQS_TARGET_NAMESPACE, AQS_TARGET_DEPLOYMENT, SERVICE_ACCOUNT and SCALED_OBJECT hold the sample's names unless you set them.
EOT
}

arguments=$*
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=k8s/lib/begin.sh
. "$here/../lib/begin.sh"
parts errors resources workload

state_file=deployment/deploy.state image='' only_show=''
own_option() {
  case $1 in
    --dry-run) only_show=yes ;; # it looks around all the same
    --state) [ $# -ge 2 ] || misuse '--state needs a file.' && state_file=$2 && taken=2 ;;
    --image) [ $# -ge 2 ] || misuse '--image needs an image.' && image=$2 && taken=2 ;;
    *) return 1 ;;
  esac
}
read_options "$@"

# What was deployed is what the state says, whatever the sample's defaults have left in this shell.
adopt() {
  local line lines name
  forget_notes
  [ -r "$state_file" ] || misuse "$state_file cannot be read: name the deploy.state of the sample by --state."
  lines=$(state_lines "$state_file") || fail "${lines##*$'\n'}."
  while IFS= read -r line; do export "${line?}"; done <<<"$lines"
  AZURE_QUEUE_NAME=${AZURE_QUEUE_NAME:-aws2azmsgs}
  AZURE_TABLE_NAME=${AZURE_TABLE_NAME:-${AZURE_COSMOSDB_TABLE:-aws2azpmts}}
  SERVICE_ACCOUNT=${SERVICE_ACCOUNT:-aqs-app-service-account}
  namespace=${AQS_TARGET_NAMESPACE:-aqs-demo}
  deployment=${AQS_TARGET_DEPLOYMENT:-aqs-app}
  IMAGE_BUILDER=${IMAGE_BUILDER:-acr}
  scaled_object=${SCALED_OBJECT:-aws2az-queue-scaleobj}
  for name in RESOURCE_GROUP AZURE_STORAGE_ACCOUNT_NAME AZURE_CONTAINER_REGISTRY_NAME AKS_CLUSTER_NAME WORKLOAD_MANAGED_IDENTITY_NAME; do
    [ -n "${!name:-}" ] || fail "$state_file lacks $name: the sample's deployment did not get that far; finish it, or use k8s/azure/deploy.sh for a new one."
  done
  [ "${EDW_MADE:-}" = '' ] || fail "$state_file is of k8s/azure/deploy.sh, not of the sample: there is nothing to adopt."
  context=$AKS_CLUSTER_NAME
}

# changes COMMAND...: act, unless the changes are only to be shown.
changes() { if [ -n "$only_show" ]; then plan "${@:2}"; else act "$@"; fi; }

find_sample() {
  local names types one
  act "getting access to $AKS_CLUSTER_NAME" in_group aks get-credentials --name "$AKS_CLUSTER_NAME" --context "$context" --overwrite-existing
  learn containers "the Deployment $namespace/$deployment" kube get deployment "$deployment" --namespace "$namespace" --output 'jsonpath={.spec.template.spec.containers[*].name}'
  container=${containers%% *}
  learn old_image 'the image' kube get deployment "$deployment" --namespace "$namespace" --output 'jsonpath={.spec.template.spec.containers[0].image}'
  look variables 'the environment' kube get deployment "$deployment" --namespace "$namespace" --output 'jsonpath={.spec.template.spec.containers[0].env[*].name}'
  learn types "the ScaledObject $namespace/$scaled_object" kube get scaledobject "$scaled_object" --namespace "$namespace" --output 'jsonpath={.spec.triggers[*].type}'
  trigger=0
  for one in $types; do
    [ "$one" != azure-queue ] || break
    trigger=$((trigger + 1))
  done
  look activation 'its activation' kube get scaledobject "$scaled_object" --namespace "$namespace" --output "jsonpath={.spec.triggers[$trigger].metadata.activationQueueLength}"
  learn workload_client "client id of $WORKLOAD_MANAGED_IDENTITY_NAME" in_group identity show --name "$WORKLOAD_MANAGED_IDENTITY_NAME" --query clientId --output tsv
}

mend_keda() {
  local federated named subject=system:serviceaccount:kube-system:keda-operator
  look federated 'the federated credential of KEDA' in_group identity federated-credential list --identity-name "$WORKLOAD_MANAGED_IDENTITY_NAME" --query "[?subject=='$subject'].name | [0]" --output tsv
  if [ -z "$federated" ]; then
    learn issuer "the cluster's issuer" in_group aks show --name "$AKS_CLUSTER_NAME" --query oidcIssuerProfile.issuerUrl --output tsv
    changes 'making the federated credential of KEDA' in_group identity federated-credential create --identity-name "$WORKLOAD_MANAGED_IDENTITY_NAME" --name fed-cred-edw-kedasvc \
      --issuer "$issuer" --subject "$subject" --audiences api://AzureADTokenExchange --output none
  fi
  look named 'the service account of KEDA' kube get serviceaccount keda-operator --namespace kube-system --output 'jsonpath={.metadata.annotations.azure\.workload\.identity/client-id}'
  [ "$named" != "$workload_client" ] || return 0
  # The annotation comes last, as it is what says that all of this was done.
  changes 'annotating the service account of KEDA' kube annotate serviceaccount keda-operator --namespace kube-system --overwrite "azure.workload.identity/client-id=$workload_client"
  changes 'restarting KEDA' kube rollout restart deployment/keda-operator --namespace kube-system
  changes 'waiting for KEDA' kube rollout status deployment/keda-operator --namespace kube-system --timeout=5m
}

swap_image() {
  if [ "$old_image" != "$image" ]; then
    say "    image  $old_image"
    say "        -> $image"
    [ -n "$only_show" ] || confirm "Swap the image of $namespace/$deployment?" || { say 'Nothing was swapped.' && exit 1; }
  fi
  [[ " $variables " == *' AZURE_TABLE_NAME '* ]] ||
    changes 'naming the table' kube set env "deployment/$deployment" --namespace "$namespace" "AZURE_TABLE_NAME=$AZURE_TABLE_NAME"
  [ "$old_image" = "$image" ] || changes 'swapping the image' kube set image "deployment/$deployment" --namespace "$namespace" "$container=$image"
}

swap_scaled_object() {
  local before after kept=${state_file%.state}.scaledobject.yaml patch
  [ "${activation:-0}" != 0 ] || { say "    it activates at the first message already" && return 0; }
  patch="[{\"op\":\"replace\",\"path\":\"/spec/triggers/$trigger/metadata/activationQueueLength\",\"value\":\"0\"}]"
  learn before 'the ScaledObject' kube get scaledobject "$scaled_object" --namespace "$namespace" --output yaml
  learn after 'the change' kube patch scaledobject "$scaled_object" --namespace "$namespace" --type json --patch "$patch" --dry-run=server --output yaml
  diff --unified --label "$scaled_object" --label "$scaled_object, changed" <(printf '%s\n' "$before") <(printf '%s\n' "$after") >&2 || true
  [ -z "$only_show" ] || return 0
  confirm "Change the ScaledObject so that $activation messages or fewer no longer wait for ever?" || { say "The ScaledObject stays; up to $activation messages can wait for ever." && exit 1; }
  [ -e "$kept" ] || printf '%s\n' "$before" >"$kept" || fail "$kept cannot be written."
  act 'changing the ScaledObject' kube patch scaledobject "$scaled_object" --namespace "$namespace" --type json --patch "$patch"
  say "    as it was: $kept"
}

adopt
begin_log
SUBSCRIPTION_ID=${SUBSCRIPTION_ID:-}
find_login
step "the sample on $AKS_CLUSTER_NAME" && find_sample
step 'KEDA acts as the workload' && mend_keda
step 'image' && { [ -z "$only_show" ] || [ -n "$image" ] || image="$AZURE_CONTAINER_REGISTRY_NAME.azurecr.io/edw/consumer:$(image_tag)"; }
[ -n "$only_show" ] || { IMAGE=$image && make_image; }
step "Deployment $namespace/$deployment" && swap_image
step "ScaledObject $namespace/$scaled_object" && swap_scaled_object
[ -z "$only_show" ] || exit 0
act 'waiting for the new pods' kube rollout status "deployment/$deployment" --namespace "$namespace" --timeout=10m
say "Adopted: $namespace/$deployment runs $image."
say "Back: kubectl --context $context rollout undo deployment/$deployment --namespace $namespace, and kubectl apply of the ScaledObject as it was."
say "Next: kubectl --context $context get deployment,scaledobject,triggerauthentication,serviceaccount --namespace $namespace --output yaml | k8s/lint --live -   tells what else costs time, such as the sample's 5 messages a pod."
