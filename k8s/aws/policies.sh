# Sourced: who may do what, as JSON. Each names its own resources; where AWS offers none, a condition stands in.
# shellcheck shell=bash disable=SC2034,SC2154 # shared with the script that sources this

# trusts_service SERVICE; trusts_account NAMESPACE SERVICE-ACCOUNT: who may take the role on.
trusts_service() { printf '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"%s"},"Action":"sts:AssumeRole"}]}' "$1"; }
trusts_account() {
  printf '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"%s"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"%s:aud":"sts.amazonaws.com","%s:sub":"system:serviceaccount:%s:%s"}}}]}' \
    "$provider_arn" "$issuer" "$issuer" "$1" "$2"
}

consumer_policy() {
  tr -d '\n' <<EOT
{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Resource":"$queue_arn","Action":["sqs:ReceiveMessage","sqs:DeleteMessage","sqs:ChangeMessageVisibility","sqs:GetQueueUrl","sqs:GetQueueAttributes"]},
{"Effect":"Allow","Resource":"$dead_letter_arn","Action":["sqs:SendMessage","sqs:GetQueueUrl","sqs:GetQueueAttributes"]},
{"Effect":"Allow","Resource":"$table_arn","Action":["dynamodb:DescribeTable","dynamodb:BatchWriteItem"]}]}
EOT
}

# KEDA looks at the queue's length, and at nothing else.
keda_policy() { printf '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"%s","Action":["sqs:GetQueueAttributes"]}]}' "$queue_arn"; }

# Karpenter may start and end instances that carry this cluster's tag, pass them this deployment's node role, take its
# warnings, and look.
karpenter_policy() {
  local ec2=arn:aws:ec2:$AWS_REGION owned="\"aws:RequestTag/kubernetes.io/cluster/$CLUSTER_NAME\":\"owned\"" is_owned="\"aws:ResourceTag/kubernetes.io/cluster/$CLUSTER_NAME\":\"owned\""
  local profiles="arn:aws:iam::$ACCOUNT_ID:instance-profile/*"
  tr -d '\n' <<EOT
{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Action":["ec2:RunInstances","ec2:CreateFleet"],"Resource":["$ec2::image/*","$ec2::snapshot/*","$ec2:$ACCOUNT_ID:security-group/*","$ec2:$ACCOUNT_ID:subnet/*","$ec2:$ACCOUNT_ID:spot-instances-request/*"]},
{"Effect":"Allow","Action":["ec2:RunInstances","ec2:CreateFleet"],"Resource":"$ec2:$ACCOUNT_ID:launch-template/*","Condition":{"StringEquals":{$is_owned}}},
{"Effect":"Allow","Action":["ec2:RunInstances","ec2:CreateFleet","ec2:CreateLaunchTemplate"],"Resource":["$ec2:$ACCOUNT_ID:fleet/*","$ec2:$ACCOUNT_ID:instance/*","$ec2:$ACCOUNT_ID:volume/*","$ec2:$ACCOUNT_ID:network-interface/*","$ec2:$ACCOUNT_ID:launch-template/*"],"Condition":{"StringEquals":{$owned},"StringLike":{"aws:RequestTag/karpenter.sh/nodepool":"*"}}},
{"Effect":"Allow","Action":"ec2:CreateTags","Resource":["$ec2:$ACCOUNT_ID:fleet/*","$ec2:$ACCOUNT_ID:instance/*","$ec2:$ACCOUNT_ID:volume/*","$ec2:$ACCOUNT_ID:network-interface/*","$ec2:$ACCOUNT_ID:launch-template/*","$ec2:$ACCOUNT_ID:spot-instances-request/*"],"Condition":{"StringEquals":{$owned,"ec2:CreateAction":["RunInstances","CreateFleet","CreateLaunchTemplate"]}}},
{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"$ec2:$ACCOUNT_ID:instance/*","Condition":{"StringEquals":{$is_owned},"ForAllValues:StringEquals":{"aws:TagKeys":["eks:eks-cluster-name","karpenter.sh/nodeclaim","Name"]}}},
{"Effect":"Allow","Action":["ec2:TerminateInstances","ec2:DeleteLaunchTemplate"],"Resource":["$ec2:$ACCOUNT_ID:instance/*","$ec2:$ACCOUNT_ID:launch-template/*"],"Condition":{"StringEquals":{$is_owned}}},
{"Effect":"Allow","Action":["ec2:DescribeCapacityReservations","ec2:DescribeImages","ec2:DescribeInstances","ec2:DescribeInstanceStatus","ec2:DescribeInstanceTypeOfferings","ec2:DescribeInstanceTypes","ec2:DescribeLaunchTemplates","ec2:DescribePlacementGroups","ec2:DescribeSecurityGroups","ec2:DescribeSpotPriceHistory","ec2:DescribeSubnets"],"Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"$AWS_REGION"}}},
{"Effect":"Allow","Action":"ssm:GetParameter","Resource":"arn:aws:ssm:$AWS_REGION::parameter/aws/service/*"},
{"Effect":"Allow","Action":["pricing:GetProducts","iam:ListInstanceProfiles"],"Resource":"*"},
{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::$ACCOUNT_ID:role/$IAM_NODE_ROLE","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}},
{"Effect":"Allow","Action":["iam:CreateInstanceProfile","iam:TagInstanceProfile"],"Resource":"$profiles","Condition":{"StringEquals":{$owned}}},
{"Effect":"Allow","Action":["iam:AddRoleToInstanceProfile","iam:RemoveRoleFromInstanceProfile","iam:DeleteInstanceProfile"],"Resource":"$profiles","Condition":{"StringEquals":{$is_owned}}},
{"Effect":"Allow","Action":"iam:GetInstanceProfile","Resource":"$profiles"},
{"Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:DeleteMessage","sqs:GetQueueUrl"],"Resource":"$interruption_arn"},
{"Effect":"Allow","Action":"eks:DescribeCluster","Resource":"arn:aws:eks:$AWS_REGION:$ACCOUNT_ID:cluster/$CLUSTER_NAME"}]}
EOT
}
