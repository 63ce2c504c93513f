{{/* deployment, job, or fixed where autoscaling is off. */}}
{{- define "edw.mode" -}}
{{- if .Values.autoscaling.enabled -}}{{ .Values.autoscaling.mode }}{{- else -}}fixed{{- end -}}
{{- end -}}

{{/* Values that contradict each other: one sentence each, naming both. */}}
{{- define "edw.check" -}}
{{- $options := fromJson (include "edw.options" .) -}}
{{- $scaling := .Values.autoscaling -}}
{{- if and (has (get $options "EDW_DRAIN") (list "true" "1" "yes" "on")) (ne (include "edw.mode" .) "job") -}}
{{- fail "consumer.drain ends the pod when the queue is empty, and a Deployment would start it again without end: set autoscaling.mode to job, or leave consumer.drain out." -}}
{{- end -}}
{{- if and (get $options "EDW_COUNT") (ne (include "edw.mode" .) "job") -}}
{{- fail "consumer.count ends the pod after so many messages, and a Deployment would start it again without end: set autoscaling.mode to job, or leave consumer.count out." -}}
{{- end -}}
{{- range $name, $given := dict "azure.queue" .Values.azure.queue "aws.queueUrl" .Values.aws.queueUrl -}}
{{- if and $given $.Values.consumer.queue -}}
{{- fail (printf "consumer.queue and %s both say where messages come from: keep one of them." $name) -}}
{{- end -}}
{{- end -}}
{{- range $name, $given := dict "azure.table" .Values.azure.table "aws.table" .Values.aws.table -}}
{{- if and $given $.Values.consumer.table -}}
{{- fail (printf "consumer.table and %s both say where results go: keep one of them." $name) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.consumer.queue $scaling.enabled -}}
{{- fail "consumer.queue hides the queue from the scaler: name it by azure.queue or aws.queueUrl, or set autoscaling.enabled to false." -}}
{{- end -}}
{{- if le (int (include "edw.terminationGrace" .)) (int (include "edw.grace" .)) -}}
{{- fail (printf "terminationGracePeriodSeconds (%s) must be more than consumer.grace (%s s): the pod would be killed before it has handed back what it holds." (include "edw.terminationGrace" .) (include "edw.grace" .)) -}}
{{- end -}}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) -}}
{{- fail "autoscaling.minReplicas is more than autoscaling.maxReplicas." -}}
{{- end -}}
{{- if and $scaling.keda.roleArn $scaling.keda.identityOwner -}}
{{- fail "autoscaling.keda.roleArn and autoscaling.keda.identityOwner exclude each other in KEDA: keep one of them." -}}
{{- end -}}
{{- if and $scaling.formula (not $scaling.additionalQueues) -}}
{{- fail "autoscaling.formula weighs several queues, and autoscaling.additionalQueues is empty." -}}
{{- end -}}
{{- if and $scaling.formula (eq (include "edw.mode" .) "job") -}}
{{- fail "autoscaling.formula does nothing for jobs, which KEDA scales by the greatest demand: leave it out, or set autoscaling.mode to deployment." -}}
{{- end -}}
{{- if and .Values.podMonitor.enabled (not (get $options "EDW_METRICS_PORT")) -}}
{{- fail "podMonitor.enabled needs consumer.metrics-port, which is missing: without it nothing serves metrics." -}}
{{- end -}}
{{- if and .Values.monitoring.alerts.enabled (not .Values.podMonitor.enabled) -}}
{{- fail "monitoring.alerts.enabled needs podMonitor.enabled: without scrapes no alert ever fires." -}}
{{- end -}}
{{- end -}}
