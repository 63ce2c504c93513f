# Sourced by deploy.sh: the resources, each found or made. Made ones carry the tag edw-deployment=SUFFIX.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

# expand_cloud COMMAND...: in_region is aws in the deployment's region, never through a pager.
expand_cloud() {
  case $1 in
    in_region) command=(aws "${@:2}" --region "$AWS_REGION") ;;
    *) command=("$@") ;;
  esac
}

find_login() {
  local account
  needs aws 'https://docs.aws.amazon.com/cli tells how to install the AWS CLI'
  needs jq 'it is in the package jq'
  needs kubectl 'https://kubernetes.io/docs/tasks/tools tells how to install it'
  needs helm 'https://helm.sh/docs/intro/install tells how to install it'
  export AWS_PAGER='' AWS_DEFAULT_REGION=$AWS_REGION # IAM has no region, and the CLI wants one
  learn account 'the account' in_region sts get-caller-identity --query Account --output text
  if [ -n "${ACCOUNT_ID:-}" ] && [ "$ACCOUNT_ID" != "$account" ]; then
    fail "this deployment belongs to the account $ACCOUNT_ID, and the AWS CLI is logged in to $account: choose the right AWS_PROFILE, and run again."
  fi
  ACCOUNT_ID=$account
}

# mine WORDS FOUND: FOUND is the value of the tag edw-deployment on something that is there.
mine() { [ "$2" = "$SUFFIX" ] || fail "$1 exists and is not of this deployment (its tag edw-deployment is not $SUFFIX): nothing was changed in it; take its line out of $state_file and export another name."; }

# tagged VARIABLE DESCRIBE QUERY: the id of the one EC2 thing with our tag and, where given, that name.
tagged() {
  local words=$2
  look "$1" "$words" in_region ec2 "$2" --filters "Name=tag:edw-deployment,Values=$SUFFIX" "${@:4}" --query "$3" --output text
  # The CLI asks a query of each page of an answer: pages without a match say None.
  printf -v "$1" '%s' "$(tr '\t' '\n' <<<"${!1}" | grep -vxE 'None|null|' | paste -sd ' ' -)"
}

tag_list() { printf 'ResourceType=%s,Tags=[{Key=edw-deployment,Value=%s},{Key=Name,Value=%s}%s]' "$1" "$SUFFIX" "$CLUSTER_NAME" "${2:-}"; }

make_network() {
  local zones zone number gateway table attached route found open
  tagged vpc_id describe-vpcs 'Vpcs[0].VpcId'
  if [ -z "$vpc_id" ]; then
    making network
    act 'making the VPC' in_region ec2 create-vpc --cidr-block 10.64.0.0/16 --tag-specifications "$(tag_list vpc)"
    if [ -n "$dry_run" ]; then vpc_id='<vpc>'; else tagged vpc_id describe-vpcs 'Vpcs[0].VpcId'; fi
  fi
  made network
  look found 'how the VPC names its hosts' in_region ec2 describe-vpc-attribute --vpc-id "$vpc_id" --attribute enableDnsHostnames --query EnableDnsHostnames.Value --output text
  [ "$found" = True ] || act 'letting the VPC name its hosts' in_region ec2 modify-vpc-attribute --vpc-id "$vpc_id" --enable-dns-hostnames
  tagged gateway describe-internet-gateways 'InternetGateways[0].InternetGatewayId'
  if [ -z "$gateway" ]; then
    act 'making the internet gateway' in_region ec2 create-internet-gateway --tag-specifications "$(tag_list internet-gateway)"
    if [ -n "$dry_run" ]; then gateway='<gateway>'; else tagged gateway describe-internet-gateways 'InternetGateways[0].InternetGatewayId'; fi
  fi
  tagged attached describe-internet-gateways 'InternetGateways[0].Attachments[0].VpcId'
  [ -n "$attached" ] || act 'attaching the internet gateway' in_region ec2 attach-internet-gateway --internet-gateway-id "$gateway" --vpc-id "$vpc_id"
  tagged table describe-route-tables 'RouteTables[0].RouteTableId'
  if [ -z "$table" ]; then
    act 'making the route table' in_region ec2 create-route-table --vpc-id "$vpc_id" --tag-specifications "$(tag_list route-table)"
    if [ -n "$dry_run" ]; then table='<route table>'; else tagged table describe-route-tables 'RouteTables[0].RouteTableId'; fi
  fi
  tagged route describe-route-tables "RouteTables[0].Routes[?DestinationCidrBlock=='0.0.0.0/0'] | [0].GatewayId"
  [ -n "$route" ] || act 'making the route to the internet' in_region ec2 create-route --route-table-id "$table" --destination-cidr-block 0.0.0.0/0 --gateway-id "$gateway"
  learn zones 'zones' in_region ec2 describe-availability-zones --filters Name=zone-type,Values=availability-zone --query 'AvailabilityZones[:2].ZoneName' --output text
  subnet_ids='' number=0
  [ -z "$dry_run" ] || zones='<zone-1> <zone-2>'
  for zone in $zones; do
    number=$((number + 1))
    tagged found describe-subnets 'Subnets[0].SubnetId' "Name=cidr-block,Values=10.64.$((number * 32)).0/19"
    if [ -z "$found" ]; then
      act "making the subnet in $zone" in_region ec2 create-subnet --vpc-id "$vpc_id" --availability-zone "$zone" --cidr-block "10.64.$((number * 32)).0/19" \
        --tag-specifications "$(tag_list subnet ",{Key=karpenter.sh/discovery,Value=$CLUSTER_NAME}")"
      if [ -n "$dry_run" ]; then found="<subnet-$number>"; else tagged found describe-subnets 'Subnets[0].SubnetId' "Name=cidr-block,Values=10.64.$((number * 32)).0/19"; fi
    fi
    look open "the subnet in $zone" in_region ec2 describe-subnets --subnet-ids "$found" --query 'Subnets[0].MapPublicIpOnLaunch' --output text
    [ "$open" = True ] || act "giving nodes in $zone an address" in_region ec2 modify-subnet-attribute --subnet-id "$found" --map-public-ip-on-launch
    tagged attached describe-route-tables "RouteTables[0].Associations[?SubnetId=='$found'] | [0].RouteTableAssociationId"
    [ -n "$attached" ] || act "routing $zone" in_region ec2 associate-route-table --route-table-id "$table" --subnet-id "$found"
    subnet_ids+=${subnet_ids:+,}$found
  done
}

same_json() { [ "$(jq -cS . <<<"$1")" = "$(jq -cS . <<<"$2")" ]; }

# make_role KIND NAME TRUST: a role with the trust policy TRUST.
make_role() {
  local found trust
  look found "the role $2" aws iam list-role-tags --role-name "$2" --query "Tags[?Key=='edw-deployment'].Value | [0]" --output text
  if [ -n "$found" ]; then
    mine "the role $2" "$found"
    learn trust "the trust of $2" aws iam get-role --role-name "$2" --query 'Role.AssumeRolePolicyDocument' --output json
    same_json "$trust" "$3" || act "renewing the trust of $2" aws iam update-assume-role-policy --role-name "$2" --policy-document "$3"
  else
    making "$1"
    act "making the role $2" aws iam create-role --role-name "$2" --assume-role-policy-document "$3" --tags "Key=edw-deployment,Value=$SUFFIX"
  fi
  made "$1"
}

# may ROLE POLICY: the role's own policy, which says all that it may do.
may() {
  local found
  look found "the policy of $1" aws iam get-role-policy --role-name "$1" --policy-name edw --query PolicyDocument --output json
  if [ -z "$found" ] || ! same_json "$found" "$2"; then
    act "saying what $1 may do" aws iam put-role-policy --role-name "$1" --policy-name edw --policy-document "$2"
  fi
}

# has_policy ROLE NAME...: AWS's own policies.
has_policy() {
  local role=$1 found name
  shift
  look found "the policies of $role" aws iam list-attached-role-policies --role-name "$role" --query 'AttachedPolicies[].PolicyName' --output text
  for name in "$@"; do
    [[ $'\t'$found$'\t' == *$'\t'$name$'\t'* ]] || act "giving $role $name" aws iam attach-role-policy --role-name "$role" --policy-arn "arn:aws:iam::aws:policy/$name"
  done
}

make_cluster() {
  local found tag group labelled
  look found "the cluster $CLUSTER_NAME" in_region eks describe-cluster --name "$CLUSTER_NAME" --query "cluster.[status, tags.\"edw-deployment\" || '-'] | join(' ', @)" --output text
  if [ -n "$found" ]; then
    mine "the cluster $CLUSTER_NAME" "${found##* }"
    [ "${found%% *}" != FAILED ] || fail "the cluster $CLUSTER_NAME is in state FAILED: aws eks describe-cluster tells why; cleanup.sh removes it."
  else
    making cluster
    # IAM takes some seconds to let EKS know the role.
    act_until 'cannot be assumed|not be assumed|Role with arn.*(does not exist|could not be)' "making the cluster $CLUSTER_NAME (some ten minutes)" in_region eks create-cluster --name "$CLUSTER_NAME" \
      --role-arn "arn:aws:iam::$ACCOUNT_ID:role/$IAM_CLUSTER_ROLE" --resources-vpc-config "subnetIds=$subnet_ids,endpointPublicAccess=true,endpointPrivateAccess=true" \
      --access-config authenticationMode=API_AND_CONFIG_MAP,bootstrapClusterCreatorAdminPermissions=true --tags "edw-deployment=$SUFFIX" ${K8S_VERSION:+--kubernetes-version "$K8S_VERSION"}
  fi
  was_made cluster || act "waiting for the cluster $CLUSTER_NAME" in_region eks wait cluster-active --name "$CLUSTER_NAME"
  made cluster
  # Karpenter finds the cluster's security group by the tag that it also finds the subnets by.
  look group 'the security group of the cluster' in_region eks describe-cluster --name "$CLUSTER_NAME" --query 'cluster.resourcesVpcConfig.clusterSecurityGroupId' --output text
  [ -z "$dry_run" ] || group='<security group>'
  case $group in
    '' | None) ;;
    *)
      look labelled 'the tags of the security group' in_region ec2 describe-tags --filters "Name=resource-id,Values=$group" Name=key,Values=karpenter.sh/discovery --query 'Tags[0].Value' --output text
      [ "$labelled" = "$CLUSTER_NAME" ] || act 'tagging the security group' in_region ec2 create-tags --resources "$group" --tags "Key=karpenter.sh/discovery,Value=$CLUSTER_NAME"
      ;;
  esac
}

make_nodes() {
  local found subnets
  IFS=, read -ra subnets <<<"$subnet_ids"
  look found 'the node group system' in_region eks describe-nodegroup --cluster-name "$CLUSTER_NAME" --nodegroup-name system --query nodegroup.status --output text
  [ "$found" != CREATE_FAILED ] || fail "the node group system of $CLUSTER_NAME could not be made: aws eks describe-nodegroup tells why; aws eks delete-nodegroup removes it, then run again."
  if [ -z "$found" ]; then
    making nodes
    act_until 'cannot be assumed|not be assumed' 'making the node group system (some minutes)' in_region eks create-nodegroup --cluster-name "$CLUSTER_NAME" --nodegroup-name system \
      --node-role "arn:aws:iam::$ACCOUNT_ID:role/$IAM_NODE_ROLE" --subnets "${subnets[@]}" --instance-types "$NODE_TYPE" \
      --scaling-config "minSize=$NODE_COUNT,maxSize=$NODE_COUNT,desiredSize=$NODE_COUNT" --taints key=CriticalAddonsOnly,value=true,effect=NO_SCHEDULE --tags "edw-deployment=$SUFFIX"
  fi
  was_made nodes || act 'waiting for the node group system' in_region eks wait nodegroup-active --cluster-name "$CLUSTER_NAME" --nodegroup-name system
  made nodes
}

# The cluster's issuer as an identity provider: what lets a role trust one service account.
make_issuer() {
  local found
  learn issuer "the cluster's issuer" in_region eks describe-cluster --name "$CLUSTER_NAME" --query cluster.identity.oidc.issuer --output text
  issuer=${issuer#https://}
  provider_arn=arn:aws:iam::$ACCOUNT_ID:oidc-provider/$issuer
  look found 'the identity provider' aws iam get-open-id-connect-provider --open-id-connect-provider-arn "$provider_arn" --query Url --output text
  if [ -z "$found" ]; then
    making issuer
    act 'making the identity provider' aws iam create-open-id-connect-provider --url "https://$issuer" --client-id-list sts.amazonaws.com --tags "Key=edw-deployment,Value=$SUFFIX"
  fi
  state_set OIDC_PROVIDER_ARN "$provider_arn"
  made issuer
}
