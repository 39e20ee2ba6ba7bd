{{/* Where other Connectors reach it: as said, or as published; empty until initCatalog says it. */}}
{{- define "connector.contractEndpoint" -}}
{{- if .Values.contractEndpoint -}}
{{- .Values.contractEndpoint -}}
{{- else if and .Values.contract.ingress.enabled .Values.contract.ingress.host -}}
https://{{ .Values.contract.ingress.host }}/graphql
{{- else if and .Values.contract.gateway.enabled .Values.contract.gateway.host -}}
https://{{ .Values.contract.gateway.host }}/graphql
{{- end -}}
{{- end -}}

{{/* Whether the policies of Liqo 1.x are part of this release. */}}
{{- define "connector.hasPolicies" -}}
{{- $isNew := semverCompare ">=1.30-0" .Capabilities.KubeVersion.Version -}}
{{- if and .Values.liqo.policies.create (has .Values.liqo.mode (list "auto" "v1")) -}}
{{- if $isNew -}}
true
{{- else if and (eq .Values.liqo.mode "v1") .Values.liqo.requirePolicies -}}
{{- fail (printf "liqo.mode v1 sells only behind admission policies, which need Kubernetes 1.30, and this is %s: upgrade it, or set liqo.requirePolicies to false and sell only to clusters that you trust" .Capabilities.KubeVersion.Version) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Values of the prototype that have no meaning any more, and what contradicts itself. */}}
{{- define "connector.check" -}}
{{- range $name, $_ := .Values -}}
{{- if hasPrefix "mongo" $name -}}
{{- fail (printf "%s: there is no MongoDB any more. Set postgresql.mode and what belongs to it (postgresql.external.existingSecret for a PostgreSQL of your own); data is not taken over, offers are saved anew" $name) -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := .Values.connector -}}
{{- if hasPrefix "mongo" $name -}}
{{- fail (printf "connector.%s: there is no MongoDB any more. Set postgresql.mode and what belongs to it (postgresql.external.existingSecret for a PostgreSQL of your own)" $name) -}}
{{- end -}}
{{- end -}}
{{- range $name, $_ := .Values.connector.config -}}
{{- if hasPrefix "mongo" $name -}}
{{- fail (printf "connector.config.%s: there is no MongoDB any more. Set postgresql.mode and what belongs to it (postgresql.external.existingSecret for a PostgreSQL of your own)" $name) -}}
{{- end -}}
{{- end -}}
{{- $config := .Values.connector.config -}}
{{- $ports := list (int $config.grpcPort) (int $config.httpPort) (int $config.contractPort) (int .Values.metrics.port) -}}
{{- if lt (len (uniq $ports)) 4 -}}
{{- fail "connector.config.grpcPort, httpPort, contractPort and metrics.port must all differ" -}}
{{- end -}}
{{- $names := list .Values.serviceGrpc.name .Values.serviceHttp.name .Values.serviceContract.name .Values.connectorUi.service.name -}}
{{- if lt (len (uniq $names)) 4 -}}
{{- fail "serviceGrpc.name, serviceHttp.name, serviceContract.name and connectorUi.service.name must all differ" -}}
{{- end -}}
{{- range .Values.declarations.brokers -}}
{{- if and .join .joinSecretRef -}}
{{- fail (printf "declarations.brokers: %s has both join and joinSecretRef" (.name | default .brokerID | default "one")) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Names of the certificate: where others reach it, and the Services. A JSON list. */}}
{{- define "connector.certificateNames" -}}
{{- $names := list -}}
{{- with include "connector.contractEndpoint" . -}}
{{- $names = append $names (urlParse .).hostname -}}
{{- end -}}
{{- with .Values.host -}}
{{- $names = append $names . -}}
{{- end -}}
{{- $namespace := include "catalog.namespace" . -}}
{{- range list .Values.serviceContract.name .Values.serviceHttp.name .Values.connectorUi.service.name -}}
{{- $names = append $names (printf "%s.%s.svc" . $namespace) -}}
{{- end -}}
{{- $names = concat $names .Values.tls.names -}}
{{- if eq .Values.tls.mode "self-signed" -}}
{{- $names = append $names "localhost" -}}
{{- end -}}
{{- uniq $names | toJson -}}
{{- end -}}
