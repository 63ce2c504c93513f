{{- define "edw.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* At most 53 characters: KEDA puts keda-hpa- before it, and Karpenter and labels take no more than 63. */}}
{{- define "edw.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 53 | trimSuffix "-" -}}
{{- else if contains (include "edw.name" .) .Release.Name -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "edw.name" .) | trunc 53 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "edw.selectorLabels" -}}
app.kubernetes.io/name: {{ include "edw.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Every manifest begins with these, so what contradicts itself is said before what is missing. */}}
{{- define "edw.labels" -}}
{{- include "edw.check" . -}}
{{ include "edw.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "edw.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "edw.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name is missing: serviceAccount.create is false, so name the service account that the pods use." .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "edw.image" -}}
{{- $repository := required "image.repository is missing: the image of the consumer without its tag, e.g. myregistry.azurecr.io/edw/consumer." .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* A number without an exponent: YAML's numbers come as floats. */}}
{{- define "edw.scalar" -}}
{{- if kindIs "invalid" . -}}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}
{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{/* Whole seconds, rounded up, of a duration as the consumer's options take it: 25, 25s, 500ms, 2m. */}}
{{- define "edw.seconds" -}}
{{- $text := include "edw.scalar" . -}}
{{- $scale := get (dict "" 1.0 "us" 0.000001 "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 "d" 86400.0) (regexFind "[a-z]+$" $text) -}}
{{- ceil (mulf (float64 (regexFind "^[0-9]+([.][0-9]+)?" $text)) $scale) | int64 -}}
{{- end -}}
