{{/* The options of the consumer as a dictionary from EDW_NAME to text. Both max-receives and maxReceives name --max-receives. */}}
{{- define "edw.options" -}}
{{- $options := dict -}}
{{- range $key, $value := .Values.consumer -}}
{{- if not (kindIs "invalid" $value) -}}
{{- $name := printf "EDW_%s" (kebabcase $key | replace "-" "_" | upper) -}}
{{- if hasKey $options $name -}}
{{- fail (printf "consumer.%s is given twice, under two spellings: keep consumer.%s." $key (kebabcase $key)) -}}
{{- end -}}
{{- $_ := set $options $name (include "edw.scalar" $value) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $options "EDW_QUEUE" (include "edw.queueUri" .) -}}
{{- $_ := set $options "EDW_TABLE" (include "edw.tableUri" .) -}}
{{- if eq (include "edw.mode" .) "job" -}}{{- $_ := set $options "EDW_DRAIN" "true" -}}{{- end -}}
{{- toJson $options -}}
{{- end -}}

{{- define "edw.option" -}}
{{- get (fromJson (include "edw.options" .root)) .name -}}
{{- end -}}
{{- define "edw.metricsPort" -}}
{{- include "edw.option" (dict "root" . "name" "EDW_METRICS_PORT") -}}
{{- end -}}
{{- define "edw.grace" -}}
{{- include "edw.seconds" (default "25" (include "edw.option" (dict "root" . "name" "EDW_GRACE"))) -}}
{{- end -}}

{{- define "edw.env" -}}
{{- $options := fromJson (include "edw.options" .) -}}
{{- range $name := keys $options | sortAlpha }}
- name: {{ $name }}
  value: {{ get $options $name | quote }}
{{- end }}
{{- if include "edw.usesAws" . }}
- name: AWS_REGION
  value: {{ include "edw.region" . | quote }}
{{- end }}
{{- if eq (include "edw.awsIdentity" .) "projected" }}
- name: AWS_ROLE_ARN
  value: {{ include "edw.roleArn" . | quote }}
- name: AWS_WEB_IDENTITY_TOKEN_FILE
  value: /var/run/secrets/edw/aws/token
{{- end }}
{{- if eq (include "edw.azureIdentity" .) "projected" }}
- name: AZURE_CLIENT_ID
  value: {{ include "edw.clientId" . | quote }}
- name: AZURE_TENANT_ID
  value: {{ required "azure.tenantId is missing: pods on EKS that reach Azure name their tenant themselves." .Values.azure.tenantId | quote }}
- name: AZURE_FEDERATED_TOKEN_FILE
  value: /var/run/secrets/edw/azure/token
- name: AZURE_AUTHORITY_HOST
  value: {{ include "edw.authorityHost" . | quote }}
{{- else if eq (include "edw.azureIdentity" .) "managed" }}
{{- with .Values.azure.clientId }}
- name: AZURE_CLIENT_ID
  value: {{ . | quote }}
{{- end }}
- name: AZURE_TOKEN_CREDENTIALS
  value: ManagedIdentityCredential
- name: AZURE_AUTHORITY_HOST
  value: {{ include "edw.authorityHost" . | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "edw.volumes" -}}
{{- if eq (include "edw.awsIdentity" .) "projected" }}
- name: aws-token
  projected:
    sources:
      - serviceAccountToken:
          audience: sts.amazonaws.com
          expirationSeconds: 3600
          path: token
{{- end }}
{{- if eq (include "edw.azureIdentity" .) "projected" }}
- name: azure-token
  projected:
    sources:
      - serviceAccountToken:
          audience: api://AzureADTokenExchange
          expirationSeconds: 3600
          path: token
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "edw.volumeMounts" -}}
{{- if eq (include "edw.awsIdentity" .) "projected" }}
- name: aws-token
  mountPath: /var/run/secrets/edw/aws
  readOnly: true
{{- end }}
{{- if eq (include "edw.azureIdentity" .) "projected" }}
- name: azure-token
  mountPath: /var/run/secrets/edw/azure
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}
