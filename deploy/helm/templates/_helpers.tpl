{{- define "modelkeep.labels" -}}
app.kubernetes.io/name: modelkeep
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "modelkeep.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "modelkeep.config" -}}
{{- $place := dict "state" "/var/lib/modelkeep" "gateway" (dict "host" "0.0.0.0" "port" (int .Values.port)) -}}
{{- if .Values.models.existingClaim -}}
{{- $_ := set $place "models" (dict "serve" (list "/models")) -}}
{{- end -}}
{{- mustMergeOverwrite (dict) (.Values.config | default dict | deepCopy) $place | toYaml -}}
{{- end -}}

{{- define "modelkeep.admit.labels" -}}
app.kubernetes.io/name: modelkeep-admit
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}
