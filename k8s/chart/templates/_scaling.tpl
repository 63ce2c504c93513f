{{- define "edw.queueLength" -}}
{{- $given := .Values.autoscaling.queueLength -}}
{{- if kindIs "invalid" $given -}}
{{- mul 2 (int (default "64" (include "edw.option" (dict "root" . "name" "EDW_CONCURRENCY")))) -}}
{{- else -}}{{ int64 $given }}{{- end -}}
{{- end -}}

{{/* One queue as a KEDA trigger: root, name, queue (Azure) or queueUrl (AWS), queueLength. */}}
{{- define "edw.trigger" -}}
{{- $root := .root -}}
{{- $scaling := $root.Values.autoscaling -}}
{{- if eq (include "edw.queueCloud" $root) "azure" }}
- type: azure-queue
  name: {{ .name }}
  metadata:
    accountName: {{ include "edw.storageAccount" $root | quote }}
    queueName: {{ .queue | quote }}
    queueLength: {{ .queueLength | quote }}
    activationQueueLength: "0"
    queueLengthStrategy: {{ $scaling.queueLengthStrategy | quote }}
    {{- if ne $root.Values.azure.environment "AzurePublicCloud" }}
    cloud: {{ $root.Values.azure.environment | quote }}
    {{- end }}
{{- else }}
- type: aws-sqs-queue
  name: {{ .name }}
  metadata:
    queueURL: {{ .queueUrl | quote }}
    awsRegion: {{ include "edw.region" $root | quote }}
    queueLength: {{ .queueLength | quote }}
    activationQueueLength: "0"
    scaleOnInFlight: {{ $scaling.scaleOnInFlight | quote }}
    scaleOnDelayed: {{ $scaling.scaleOnDelayed | quote }}
{{- end }}
  authenticationRef:
    name: {{ include "edw.fullname" $root }}
{{- end -}}

{{- define "edw.triggers" -}}
{{- $azure := eq (include "edw.queueCloud" .) "azure" -}}
{{- $main := dict "root" . "name" "work" "queueLength" (include "edw.queueLength" .) -}}
{{- if $azure -}}{{- $_ := set $main "queue" (include "edw.azureQueue" .) -}}
{{- else -}}{{- $_ := set $main "queueUrl" (include "edw.queueUrl" .) -}}{{- end -}}
{{- include "edw.trigger" $main -}}
{{- range .Values.autoscaling.additionalQueues }}
{{- $more := dict "root" $ "name" .name "queueLength" (default (include "edw.queueLength" $) (include "edw.scalar" .queueLength)) -}}
{{- if $azure -}}
{{- $_ := set $more "queue" (required (printf "autoscaling.additionalQueues[%s].queue is missing: the queue's name." .name) .queue) -}}
{{- else -}}
{{- $_ := set $more "queueUrl" (required (printf "autoscaling.additionalQueues[%s].queueUrl is missing: the queue's URL." .name) .queueUrl) -}}
{{- end -}}
{{- include "edw.trigger" $more -}}
{{- end -}}
{{- end -}}
