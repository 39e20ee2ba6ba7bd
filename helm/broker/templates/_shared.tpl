{{/* What both charts build their objects from. */}}

{{- define "catalog.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "catalog.namespace" -}}
{{- .Values.namespace | default .Release.Namespace -}}
{{- end -}}

{{- define "catalog.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "catalog.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "catalog.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: the-catalog
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* metadata of an object: dict "root" $ "name" … ["component" …] ["annotations" …] */}}
{{- define "catalog.metadata" -}}
name: {{ .name }}
namespace: {{ include "catalog.namespace" .root }}
labels:
  {{- include "catalog.labels" .root | nindent 2 }}
  {{- with .component }}
  app.kubernetes.io/component: {{ . }}
  {{- end }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $annotations := merge (dict) (.annotations | default dict) (.root.Values.commonAnnotations | default dict) }}
{{- with $annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "catalog.image" -}}
{{- $image := .Values.image -}}
{{- $name := ternary (printf "%s/%s" $image.registry $image.repository) $image.repository (ne $image.registry "") -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name ($image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* Pod Security "restricted". */}}
{{- define "catalog.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "catalog.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Where a chosen way of TLS makes the process read or make its certificate. */}}
{{- define "catalog.tlsSecret" -}}
{{- if eq .Values.tls.mode "secret" -}}
{{- required "tls.existingSecret: name the Secret of type kubernetes.io/tls, since tls.mode is secret" .Values.tls.existingSecret -}}
{{- else if eq .Values.tls.mode "cert-manager" -}}
{{- printf "%s-tls" (include "catalog.fullname" .) -}}
{{- end -}}
{{- end -}}

{{- define "catalog.scheme" -}}
{{- ternary "http" "https" (eq .Values.tls.mode "off") -}}
{{- end -}}

{{- define "catalog.tlsEnv" -}}
{{- if eq .Values.tls.mode "self-signed" }}
- name: TLS
  value: self-signed
{{- else if ne .Values.tls.mode "off" }}
- name: TLS
  value: files
- name: TLS_CERT_FILE
  value: /tls/tls.crt
- name: TLS_KEY_FILE
  value: /tls/tls.key
{{- end }}
{{- end -}}

{{- define "catalog.adminTokenEnv" -}}
{{- if or .Values.adminToken.existingSecret .Values.adminToken.value }}
- name: ADMIN_TOKEN
  valueFrom:
    secretKeyRef:
      name: {{ .Values.adminToken.existingSecret | default (printf "%s-admin-token" (include "catalog.fullname" .)) }}
      key: {{ .Values.adminToken.key }}
{{- end }}
{{- end -}}

{{/* Every other setting of the part, as written in `settings`. */}}
{{- define "catalog.settingsEnv" -}}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ include "catalog.text" $value | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* A number without the exponent that Helm gives to large ones. */}}
{{- define "catalog.text" -}}
{{- if kindIs "slice" . -}}
{{- join "," . -}}
{{- else if kindIs "float64" . -}}
{{- if eq (floor .) . }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- else -}}
{{- toString . -}}
{{- end -}}
{{- end -}}

{{- define "catalog.commonVolumes" -}}
- name: data
  emptyDir:
    medium: Memory
    sizeLimit: 4Mi
- name: tmp
  emptyDir:
    sizeLimit: 64Mi
{{- with include "catalog.tlsSecret" . }}
- name: tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "catalog.commonMounts" -}}
- name: data
  mountPath: /data
- name: tmp
  mountPath: /tmp
{{- if include "catalog.tlsSecret" . }}
- name: tls
  mountPath: /tls
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "catalog.probes" -}}
startupProbe:
  httpGet: {path: /healthz, port: ops}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 90
livenessProbe:
  httpGet: {path: /healthz, port: ops}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /readyz, port: ops}
  periodSeconds: 3
  timeoutSeconds: 5
  failureThreshold: 2
{{- end -}}

{{/* Where pods run, as people expect to say it. */}}
{{- define "catalog.scheduling" -}}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A Role on the Secret with the keys: dict "root" $ "secret" … */}}
{{- define "catalog.certificate" -}}
{{- if eq .root.Values.tls.mode "cert-manager" }}
{{- $issuer := .root.Values.tls.certManager.issuerRef }}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  {{- include "catalog.metadata" (dict "root" .root "name" (include "catalog.tlsSecret" .root)) | nindent 2 }}
spec:
  secretName: {{ include "catalog.tlsSecret" .root }}
  dnsNames:
    {{- toYaml (uniq .names) | nindent 4 }}
  privateKey:
    algorithm: ECDSA
    size: 256
    rotationPolicy: Always
  issuerRef:
    name: {{ required "tls.certManager.issuerRef.name: name the issuer, since tls.mode is cert-manager" $issuer.name }}
    kind: {{ $issuer.kind }}
    group: {{ $issuer.group }}
{{- end }}
{{- end -}}

{{/*
An Ingress with time-outs that WebSockets survive: dict "root" $ "name" … "ingress" values "service" … "port" … "host" … "key" path of the values
*/}}
{{- define "catalog.ingress" -}}
{{- $host := required (printf "%s.host: name the host under which it is published" .key) .host }}
{{- $tls := .ingress.tls }}
{{- if not (or $tls.existingSecret $tls.clusterIssuer $tls.issuer) }}
{{- fail (printf "%s.tls: TLS is required; set existingSecret (a Secret of type kubernetes.io/tls), or clusterIssuer or issuer of cert-manager" .key) }}
{{- end }}
{{- if and (eq .root.Values.tls.mode "self-signed") (not .isTlsOfNoConcern) }}
{{- fail (printf "%s: the pinned certificate of tls.mode self-signed must reach its clients, and an Ingress ends TLS itself; set tls.mode off, or publish the Service by LoadBalancer or a gateway with passthrough" .key) }}
{{- end }}
{{- $annotations := dict "nginx.ingress.kubernetes.io/proxy-read-timeout" "3600" "nginx.ingress.kubernetes.io/proxy-send-timeout" "3600" "nginx.ingress.kubernetes.io/proxy-buffering" "off" "haproxy.org/timeout-tunnel" "3600s" }}
{{- if ne .root.Values.tls.mode "off" }}
{{- $_ := set $annotations "nginx.ingress.kubernetes.io/backend-protocol" "HTTPS" }}
{{- $_ := set $annotations "haproxy.org/server-ssl" "true" }}
{{- end }}
{{- with $tls.clusterIssuer }}{{ $_ := set $annotations "cert-manager.io/cluster-issuer" . }}{{ end }}
{{- with $tls.issuer }}{{ $_ := set $annotations "cert-manager.io/issuer" . }}{{ end }}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  {{- include "catalog.metadata" (dict "root" .root "name" .name "annotations" (merge (dict) (.ingress.annotations | default dict) $annotations)) | nindent 2 }}
spec:
  {{- with .ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  tls:
    - hosts: [{{ $host | quote }}]
      secretName: {{ $tls.existingSecret | default (printf "%s-tls" .name) }}
  rules:
    - host: {{ $host | quote }}
      http:
        paths:
          - path: {{ .path | default "/" }}
            pathType: Prefix
            backend:
              service:
                name: {{ .service }}
                port:
                  name: {{ .port }}
{{- end -}}

{{/* A route of the Gateway API; TLS that the process serves itself is passed through: dict as for catalog.ingress, "gateway" and "number" */}}
{{- define "catalog.route" -}}
{{- $isPlain := eq .root.Values.tls.mode "off" }}
{{- if not .gateway.parentRefs }}
{{- fail (printf "%s.parentRefs: name the Gateway that the route belongs to" .key) }}
{{- end }}
{{- $host := required (printf "%s.host: name the host under which it is published" .key) .host }}
apiVersion: gateway.networking.k8s.io/{{ ternary "v1" "v1alpha2" $isPlain }}
kind: {{ ternary "HTTPRoute" "TLSRoute" $isPlain }}
metadata:
  {{- include "catalog.metadata" (dict "root" .root "name" .name "annotations" .gateway.annotations) | nindent 2 }}
spec:
  parentRefs:
    {{- toYaml .gateway.parentRefs | nindent 4 }}
  hostnames: [{{ $host | quote }}]
  rules:
    - backendRefs:
        - name: {{ .service }}
          port: {{ .number }}
      {{- if $isPlain }}
      matches:
        - path:
            type: PathPrefix
            value: {{ .path | default "/" }}
      # WebSockets stay open for a day; 0s takes the bound away.
      timeouts:
        request: 0s
        backendRequest: 0s
      {{- end }}
{{- end -}}

{{/* What every pod of these charts may reach: names, the database, and the world without link-local addresses. */}}
{{- define "catalog.egress" -}}
- ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
{{- if ne .Values.postgresql.mode "external" }}
- to:
    - podSelector:
        matchLabels:
          {{- include "catalog.databaseSelector" . | nindent 10 }}
  ports:
    - {port: 5432, protocol: TCP}
{{- end }}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except:
          - 169.254.0.0/16
          {{- range .Values.networkPolicy.egressExcept }}
          {{- if not (contains ":" .) }}
          - {{ . }}
          {{- end }}
          {{- end }}
    - ipBlock:
        cidr: ::/0
        except:
          - fe80::/10
          {{- range .Values.networkPolicy.egressExcept }}
          {{- if contains ":" . }}
          - {{ . | quote }}
          {{- end }}
          {{- end }}
  ports:
    - {port: 1, endPort: 65535, protocol: TCP}
{{- with .Values.networkPolicy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Ingress of the metrics port: probes come from the node and need no rule. */}}
{{- define "catalog.monitoringIngress" -}}
{{- with .Values.networkPolicy.monitoringNamespaces }}
- from:
    - namespaceSelector:
        matchExpressions:
          - key: kubernetes.io/metadata.name
            operator: In
            values:
              {{- toYaml . | nindent 14 }}
  ports:
    - {port: ops, protocol: TCP}
{{- end }}
{{- end -}}

{{- define "catalog.fromNamespaces" -}}
- namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values:
          {{- toYaml . | nindent 10 }}
{{- end -}}

{{- define "catalog.disruptionBudget" -}}
{{- if .Values.podDisruptionBudget.enabled }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "catalog.metadata" (dict "root" . "name" (include "catalog.fullname" .)) | nindent 2 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "catalog.selectorLabels" . | nindent 6 }}
      app.kubernetes.io/component: server
{{- end }}
{{- end -}}

{{- define "catalog.serviceMonitor" -}}
{{- with .Values.metrics.serviceMonitor }}
{{- if .enabled }}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  {{- include "catalog.metadata" (dict "root" $ "name" (include "catalog.fullname" $) "labels" .labels) | nindent 2 }}
spec:
  jobLabel: app.kubernetes.io/name
  selector:
    matchLabels:
      {{- include "catalog.selectorLabels" $ | nindent 6 }}
      app.kubernetes.io/component: metrics
  endpoints:
    - port: ops
      path: /metrics
      interval: {{ .interval }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "catalog.metricsService" -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "catalog.metadata" (dict "root" . "name" (printf "%s-metrics" (include "catalog.fullname" .)) "component" "metrics") | nindent 2 }}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  selector:
    {{- include "catalog.selectorLabels" . | nindent 4 }}
    app.kubernetes.io/component: server
  ports:
    - {name: ops, port: {{ .Values.metrics.port }}, targetPort: ops, protocol: TCP}
{{- end -}}

{{- define "catalog.dashboard" -}}
{{- with .Values.metrics.dashboard }}
{{- if .enabled }}
apiVersion: v1
kind: ConfigMap
metadata:
  {{- include "catalog.metadata" (dict "root" $ "name" (printf "%s-dashboard" (include "catalog.fullname" $)) "labels" .labels) | nindent 2 }}
data:
  catalog-{{ $.Chart.Name }}.json: |
    {{- $.Files.Get "files/dashboard.json" | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Alerts: the rules of files/alerts.yaml, for this release alone. */}}
{{- define "catalog.rules" -}}
{{- with .Values.metrics.rules }}
{{- if .enabled }}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  {{- include "catalog.metadata" (dict "root" $ "name" (include "catalog.fullname" $) "labels" .labels) | nindent 2 }}
spec:
  groups:
    - name: {{ include "catalog.fullname" $ }}
      rules:
        {{- $selector := printf `job=%q,namespace=%q,service=%q` $.Chart.Name (include "catalog.namespace" $) (printf "%s-metrics" (include "catalog.fullname" $)) }}
        {{- $severities := .severities }}
        {{- range ($.Files.Get "files/alerts.yaml" | fromYamlArray) }}
        {{- if or (not .modes) (has $.Values.liqo.mode .modes) }}
        - alert: {{ .alert }}
          expr: {{ .expr | replace "SELECTOR" $selector | quote }}
          for: {{ .for }}
          labels:
            severity: {{ index $severities .severity | default .severity }}
          annotations:
            summary: {{ .summary | quote }}
            description: {{ .description | quote }}
            {{- with $.Values.metrics.rules.runbookUrl }}
            runbook_url: {{ . }}
            {{- end }}
        {{- end }}
        {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The ServiceAccount; its token is mounted by the pod that needs it, and by no other. */}}
{{- define "catalog.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "catalog.fullname" .) -}}
{{- else -}}
{{- required "serviceAccount.name: name the ServiceAccount to use, since serviceAccount.create is false" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "catalog.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "catalog.metadata" (dict "root" . "name" (include "catalog.serviceAccountName" .) "annotations" .Values.serviceAccount.annotations) | nindent 2 }}
automountServiceAccountToken: false
{{- end }}
{{- end -}}

{{/* Secrets made of values that stand in the release; with existingSecret none is made. */}}
{{- define "catalog.valueSecrets" -}}
{{- if and .Values.adminToken.value (not .Values.adminToken.existingSecret) }}
---
apiVersion: v1
kind: Secret
type: Opaque
metadata:
  {{- include "catalog.metadata" (dict "root" . "name" (printf "%s-admin-token" (include "catalog.fullname" .))) | nindent 2 }}
stringData:
  {{ .Values.adminToken.key }}: {{ .Values.adminToken.value | quote }}
{{- end }}
{{- if and (eq .Values.postgresql.mode "external") .Values.postgresql.external.url (not .Values.postgresql.external.existingSecret) }}
---
apiVersion: v1
kind: Secret
type: Opaque
metadata:
  {{- include "catalog.metadata" (dict "root" . "name" (printf "%s-database" (include "catalog.fullname" .))) | nindent 2 }}
stringData:
  {{ .Values.postgresql.external.key }}: {{ .Values.postgresql.external.url | quote }}
{{- end }}
{{- end -}}
