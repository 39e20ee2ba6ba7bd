{{- define "broker.identitySecret" -}}
{{- .Values.identity.existingSecret | default (printf "%s-identity" (include "catalog.fullname" .)) -}}
{{- end -}}

{{/* Where clusters reach it: as said, or as published. */}}
{{- define "broker.publicUrl" -}}
{{- if .Values.publicUrl -}}
{{- .Values.publicUrl -}}
{{- else if and .Values.ingress.enabled .Values.ingress.host -}}
https://{{ .Values.ingress.host }}
{{- else if and .Values.gateway.enabled .Values.gateway.host -}}
https://{{ .Values.gateway.host }}
{{- else -}}
{{ include "catalog.scheme" . }}://{{ include "catalog.fullname" . }}.{{ include "catalog.namespace" . }}.svc:{{ .Values.service.port }}
{{- end -}}
{{- end -}}

{{/* What contradicts itself is refused before anything is made. */}}
{{- define "broker.check" -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling: minReplicas must not be more than maxReplicas" -}}
{{- end -}}
{{- if and (eq .Values.tls.mode "off") (hasPrefix "https://" (include "broker.publicUrl" .)) (not (or .Values.ingress.enabled .Values.gateway.enabled)) (eq .Values.service.type "LoadBalancer") -}}
{{- fail "tls.mode is off, but publicUrl says https and a load balancer publishes the Service as it is: set tls.mode to self-signed, secret or cert-manager" -}}
{{- end -}}
{{- end -}}
