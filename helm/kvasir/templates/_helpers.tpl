{{- define "kvasir.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains "kvasir" .Release.Name -}}
{{- printf "%s-operator" .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s-operator" .Release.Name (default "kvasir" .Values.nameOverride) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "kvasir.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "kvasir.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name is needed where serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The NetworkPolicies that the operator makes know its pods by app.kubernetes.io/name. */}}
{{- define "kvasir.selector" -}}
app.kubernetes.io/name: kvasir-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "kvasir.labels" -}}
{{ include "kvasir.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "kvasir.gateway" -}}
{{- include "kvasir.fullname" . | trimSuffix "-operator" | printf "%s-gateway" -}}
{{- end -}}

{{- define "kvasir.gatewayServiceAccount" -}}
{{- default (include "kvasir.gateway" .) .Values.gateway.serviceAccount.name -}}
{{- end -}}

{{- define "kvasir.gatewaySelector" -}}
app.kubernetes.io/name: kvasir-gateway
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "kvasir.gatewayLabels" -}}
{{ include "kvasir.gatewaySelector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}
