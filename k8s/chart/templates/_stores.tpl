{{/* Which cloud the cluster, the queue and the table are on. */}}
{{- define "edw.cloud" -}}
{{- required "cloud is missing: azure where the cluster is AKS, aws where it is EKS." .Values.cloud -}}
{{- end -}}
{{- define "edw.queueCloud" -}}{{- default (include "edw.cloud" .) .Values.queueCloud -}}{{- end -}}
{{- define "edw.tableCloud" -}}{{- default (include "edw.cloud" .) .Values.tableCloud -}}{{- end -}}

{{/* "true" where the pods need that cloud's identity. */}}
{{- define "edw.usesAzure" -}}
{{- if has "azure" (list (include "edw.queueCloud" .) (include "edw.tableCloud" .)) -}}true{{- end -}}
{{- end -}}
{{- define "edw.usesAws" -}}
{{- if has "aws" (list (include "edw.queueCloud" .) (include "edw.tableCloud" .)) -}}true{{- end -}}
{{- end -}}

{{- define "edw.storageAccount" -}}
{{- required "azure.storageAccount is missing: the storage account that holds the queue or the table." .Values.azure.storageAccount -}}
{{- end -}}
{{- define "edw.region" -}}
{{- required "aws.region is missing: the region of the queue or the table, e.g. eu-west-1." .Values.aws.region -}}
{{- end -}}
{{- define "edw.azureQueue" -}}
{{- required "azure.queue is missing: the queue's name." .Values.azure.queue -}}
{{- end -}}
{{- define "edw.queueUrl" -}}
{{- required "aws.queueUrl is missing: the queue's URL, https://sqs.REGION.amazonaws.com/ACCOUNT/NAME." .Values.aws.queueUrl -}}
{{- end -}}

{{- define "edw.queueUri" -}}
{{- if .Values.consumer.queue -}}
{{- .Values.consumer.queue -}}
{{- else if eq (include "edw.queueCloud" .) "azure" -}}
{{- $account := include "edw.storageAccount" . -}}
{{- printf "azure://%s/%s" $account (include "edw.azureQueue" .) -}}
{{- else -}}
{{- include "edw.queueUrl" . -}}
{{- end -}}
{{- end -}}

{{- define "edw.tableUri" -}}
{{- if .Values.consumer.table -}}
{{- .Values.consumer.table -}}
{{- else if eq (include "edw.tableCloud" .) "azure" -}}
{{- $account := include "edw.storageAccount" . -}}
{{- printf "azure://%s/%s" $account (required "azure.table is missing: the table's name." .Values.azure.table) -}}
{{- else -}}
{{- $region := include "edw.region" . -}}
{{- printf "aws://%s/%s" $region (required "aws.table is missing: the DynamoDB table's name." .Values.aws.table) -}}
{{- end -}}
{{- end -}}

{{/* Identities: "webhook" and "binding" where AKS puts a token into the pod, "projected" where this chart mounts one. */}}
{{- define "edw.azureIdentity" -}}
{{- if include "edw.usesAzure" . -}}
{{- if eq (include "edw.cloud" .) "aws" -}}projected
{{- else -}}{{ .Values.azure.identity | replace "workload" "webhook" }}{{- end -}}
{{- end -}}
{{- end -}}
{{- define "edw.awsIdentity" -}}
{{- if include "edw.usesAws" . -}}
{{- if eq (include "edw.cloud" .) "azure" -}}projected{{- else -}}{{ .Values.aws.identity }}{{- end -}}
{{- end -}}
{{- end -}}
{{- define "edw.clientId" -}}
{{- required "azure.clientId is missing: the client id of the managed identity that the pods act as." .Values.azure.clientId -}}
{{- end -}}
{{- define "edw.roleArn" -}}
{{- required "aws.roleArn is missing: the IAM role that the pods act as (aws.identity podIdentity or node needs none on EKS)." .Values.aws.roleArn -}}
{{- end -}}
{{- define "edw.authorityHost" -}}
{{- get (dict "AzurePublicCloud" "https://login.microsoftonline.com/" "AzureUSGovernmentCloud" "https://login.microsoftonline.us/" "AzureChinaCloud" "https://login.partner.microsoftonline.cn/") .Values.azure.environment -}}
{{- end -}}
