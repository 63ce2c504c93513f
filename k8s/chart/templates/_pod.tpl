{{- define "edw.terminationGrace" -}}
{{- $given := .Values.terminationGracePeriodSeconds -}}
{{- if kindIs "invalid" $given -}}{{ add (include "edw.grace" .) 15 }}{{- else -}}{{ int64 $given }}{{- end -}}
{{- end -}}

{{/* Labels of every pod; the webhook of AKS acts on the second one. */}}
{{- define "edw.podLabels" -}}
{{- if has (include "edw.azureIdentity" .) (list "webhook" "binding") }}
azure.workload.identity/use: "true"
{{- end }}
{{- with .Values.podLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "edw.podAnnotations" -}}
{{- if eq (include "edw.azureIdentity" .) "binding" }}
azure.workload.identity/use-identity-binding: "true"
{{- end }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "edw.nodePoolName" -}}{{- default (include "edw.fullname" .) .Values.nodePool.name -}}{{- end -}}
{{- define "edw.nodeClassName" -}}
{{- if .Values.nodePool.nodeClass.create -}}
{{- default (include "edw.nodePoolName" .) .Values.nodePool.nodeClass.name -}}
{{- else -}}
{{- required "nodePool.nodeClass.name is missing: nodePool.nodeClass.create is false, so name the node class to use, e.g. default." .Values.nodePool.nodeClass.name -}}
{{- end -}}
{{- end -}}
{{- define "edw.onSpot" -}}
{{- if or .Values.spot.enabled (and .Values.nodePool.create (has "spot" .Values.nodePool.capacityTypes)) -}}true{{- end -}}
{{- end -}}

{{- define "edw.scheduling" -}}
{{- $onAks := eq (include "edw.cloud" .) "azure" -}}
{{- if or .Values.nodeSelector .Values.nodePool.create }}
nodeSelector:
  {{- if .Values.nodePool.create }}
  karpenter.sh/nodepool: {{ include "edw.nodePoolName" . | quote }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- if or .Values.tolerations (and .Values.nodePool.create .Values.nodePool.taint) (and $onAks (include "edw.onSpot" .)) }}
tolerations:
  {{- if and .Values.nodePool.create .Values.nodePool.taint }}
  - key: edw/nodepool
    operator: Equal
    value: {{ include "edw.nodePoolName" . | quote }}
    effect: NoSchedule
  {{- end }}
  {{- if and $onAks (include "edw.onSpot" .) }}
  - key: kubernetes.azure.com/scalesetpriority
    operator: Equal
    value: spot
    effect: NoSchedule
  {{- end }}
  {{- with .Values.tolerations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- if .Values.affinity }}
affinity:
  {{- toYaml .Values.affinity | nindent 2 }}
{{- else if .Values.spot.enabled }}
affinity:
  nodeAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        preference:
          matchExpressions:
            - {key: karpenter.sh/capacity-type, operator: In, values: [spot]}
      - weight: 100
        preference:
          matchExpressions:
            {{- if $onAks }}
            - {key: kubernetes.azure.com/scalesetpriority, operator: In, values: [spot]}
            {{- else }}
            - {key: eks.amazonaws.com/capacityType, operator: In, values: [SPOT]}
            {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "edw.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "edw.containerSecurity" -}}
image: {{ include "edw.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
env:
  {{- include "edw.env" . | trim | nindent 2 }}
{{- with (include "edw.volumeMounts" . | trim) }}
volumeMounts:
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The pod of a Deployment or a job. */}}
{{- define "edw.podSpec" -}}
serviceAccountName: {{ include "edw.serviceAccountName" . | quote }}
{{ include "edw.podSecurity" . }}
terminationGracePeriodSeconds: {{ include "edw.terminationGrace" . }}
{{- include "edw.scheduling" . }}
containers:
  - name: consumer
    args: [run]
    {{- include "edw.containerSecurity" . | nindent 4 }}
    {{- with (include "edw.metricsPort" .) }}
    ports:
      - name: metrics
        containerPort: {{ . }}
        protocol: TCP
    {{- if ne (include "edw.mode" $) "job" }}
    startupProbe:
      httpGet: {path: /healthz, port: metrics}
      periodSeconds: 1
      failureThreshold: 60
    livenessProbe:
      httpGet: {path: /healthz, port: metrics}
      periodSeconds: 20
      timeoutSeconds: 5
      failureThreshold: 3
    readinessProbe:
      httpGet: {path: /readyz, port: metrics}
      periodSeconds: 10
      timeoutSeconds: 5
    {{- end }}
    {{- end }}
    resources:
      {{- toYaml .Values.resources | nindent 6 }}
{{- with (include "edw.volumes" . | trim) }}
volumes:
  {{- . | nindent 2 }}
{{- end }}
{{- end -}}
