{{/* The database, in one of three ways. */}}

{{- define "catalog.postgresqlName" -}}
{{- printf "%s-postgresql" (include "catalog.fullname" .) -}}
{{- end -}}

{{- define "catalog.databaseSelector" -}}
{{- if eq .Values.postgresql.mode "cloudnative-pg" -}}
cnpg.io/cluster: {{ include "catalog.postgresqlName" . }}
{{- else -}}
{{ include "catalog.selectorLabels" . }}
app.kubernetes.io/component: postgresql
{{- end -}}
{{- end -}}

{{- define "catalog.databaseEnv" -}}
{{- $fullname := include "catalog.fullname" . -}}
{{- $external := .Values.postgresql.external -}}
{{- $name := "" -}}
{{- $key := "" -}}
{{- if eq .Values.postgresql.mode "external" -}}
{{- if not (or $external.existingSecret $external.url) -}}
{{- fail "postgresql: name your PostgreSQL (postgresql.external.existingSecret, a Secret whose key `uri` holds postgresql://user:password@host:5432/name, or postgresql.external.url), or set postgresql.mode to cloudnative-pg (a cluster run by that operator) or bundled (one pod, for trying out)" -}}
{{- end -}}
{{- $name = $external.existingSecret | default (printf "%s-database" $fullname) -}}
{{- $key = $external.key -}}
{{- else if eq .Values.postgresql.mode "cloudnative-pg" -}}
{{- $name = printf "%s-app" (include "catalog.postgresqlName" .) -}}
{{- $key = "uri" -}}
{{- else -}}
{{- $name = .Values.postgresql.bundled.existingSecret | default (include "catalog.postgresqlName" .) -}}
{{- $key = "uri" -}}
{{- end -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ $name }}
      key: {{ $key }}
{{- end -}}

{{- define "catalog.postgresql" -}}
{{- if eq .Values.postgresql.mode "cloudnative-pg" }}
{{- include "catalog.postgresqlCluster" . }}
{{- else if eq .Values.postgresql.mode "bundled" }}
{{- include "catalog.postgresqlBundled" . }}
{{- end }}
{{- end -}}

{{- define "catalog.postgresqlCluster" -}}
{{- $name := include "catalog.postgresqlName" . }}
{{- with .Values.postgresql.cloudnativePg }}
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  {{- include "catalog.metadata" (dict "root" $ "name" $name "component" "postgresql" "annotations" (dict "helm.sh/resource-policy" "keep")) | nindent 2 }}
spec:
  instances: {{ .instances }}
  {{- with .imageName }}
  imageName: {{ . }}
  {{- end }}
  bootstrap:
    initdb:
      database: catalog
      owner: catalog
  storage:
    size: {{ .storage.size }}
    {{- with .storage.storageClass }}
    storageClass: {{ . }}
    {{- end }}
  {{- with .resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .backup }}
  backup:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- if .scheduledBackup.enabled }}
{{- if not .backup }}
{{- fail "postgresql.cloudnativePg.scheduledBackup: say where backups go in postgresql.cloudnativePg.backup first" }}
{{- end }}
---
apiVersion: postgresql.cnpg.io/v1
kind: ScheduledBackup
metadata:
  {{- include "catalog.metadata" (dict "root" $ "name" $name "component" "postgresql") | nindent 2 }}
spec:
  schedule: {{ .scheduledBackup.schedule | quote }}
  backupOwnerReference: cluster
  cluster:
    name: {{ $name }}
{{- end }}
{{- end }}
{{- if .Values.networkPolicy.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "catalog.metadata" (dict "root" . "name" $name "component" "postgresql") | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "catalog.databaseSelector" . | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              {{- include "catalog.selectorLabels" . | nindent 14 }}
              app.kubernetes.io/component: server
        - podSelector:
            matchLabels:
              {{- include "catalog.databaseSelector" . | nindent 14 }}
      ports:
        - {port: 5432, protocol: TCP}
    - from:
        - podSelector:
            matchLabels:
              {{- include "catalog.databaseSelector" . | nindent 14 }}
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: {{ .Values.postgresql.cloudnativePg.operatorNamespace }}
      ports:
        - {port: 8000, protocol: TCP}
        - {port: 5432, protocol: TCP}
{{- end }}
{{- end -}}

{{- define "catalog.postgresqlBundled" -}}
{{- $name := include "catalog.postgresqlName" . }}
{{- $bundled := .Values.postgresql.bundled }}
{{- $secret := $bundled.existingSecret | default $name }}
{{- if not $bundled.existingSecret }}
{{- /* Kept from one upgrade to the next: the database takes a password only when it is made. */}}
{{- $known := (lookup "v1" "Secret" (include "catalog.namespace" .) $name).data | default dict }}
{{- $password := $bundled.password | default (randAlphaNum 32) }}
{{- if $known.password }}{{ $password = $known.password | b64dec }}{{ end }}
---
apiVersion: v1
kind: Secret
type: Opaque
metadata:
  {{- include "catalog.metadata" (dict "root" . "name" $name "component" "postgresql" "annotations" (dict "helm.sh/resource-policy" "keep")) | nindent 2 }}
stringData:
  password: {{ $password | quote }}
  uri: {{ printf "postgresql://catalog:%s@%s.%s.svc:5432/catalog" ($password | urlquery) $name (include "catalog.namespace" .) | quote }}
{{- end }}
---
apiVersion: v1
kind: Service
metadata:
  {{- include "catalog.metadata" (dict "root" . "name" $name "component" "postgresql") | nindent 2 }}
spec:
  clusterIP: None
  selector:
    {{- include "catalog.databaseSelector" . | nindent 4 }}
  ports:
    - {name: postgresql, port: 5432, targetPort: postgresql, protocol: TCP}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  {{- include "catalog.metadata" (dict "root" . "name" $name "component" "postgresql") | nindent 2 }}
spec:
  serviceName: {{ $name }}
  replicas: 1
  selector:
    matchLabels:
      {{- include "catalog.databaseSelector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "catalog.databaseSelector" . | nindent 8 }}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 60
      securityContext:
        {{- include "catalog.podSecurity" 999 | nindent 8 }}
      {{- include "catalog.scheduling" . | nindent 6 }}
      containers:
        - name: postgresql
          image: {{ $bundled.image }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          args: [postgres, -c, "listen_addresses=*"]
          securityContext:
            {{- include "catalog.containerSecurity" . | nindent 12 }}
          env:
            - {name: POSTGRES_USER, value: catalog}
            - {name: POSTGRES_DB, value: catalog}
            - {name: PGDATA, value: /var/lib/postgresql/18/docker}
            - name: POSTGRES_PASSWORD
              valueFrom:
                secretKeyRef:
                  name: {{ $secret }}
                  key: password
          ports:
            - {name: postgresql, containerPort: 5432, protocol: TCP}
          # Not every image of PostgreSQL has pg_isready in it.
          startupProbe:
            tcpSocket: {port: postgresql}
            periodSeconds: 1
            failureThreshold: 300
          readinessProbe:
            tcpSocket: {port: postgresql}
            periodSeconds: 3
          livenessProbe:
            tcpSocket: {port: postgresql}
            periodSeconds: 10
            failureThreshold: 6
          {{- with $bundled.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          volumeMounts:
            - {name: data, mountPath: /var/lib/postgresql}
            - {name: run, mountPath: /var/run/postgresql}
            - {name: tmp, mountPath: /tmp}
      volumes:
        - name: run
          emptyDir: {}
        - name: tmp
          emptyDir: {}
  volumeClaimTemplates:
    - metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        {{- with $bundled.storage.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources:
          requests:
            storage: {{ $bundled.storage.size }}
{{- if .Values.networkPolicy.enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  {{- include "catalog.metadata" (dict "root" . "name" $name "component" "postgresql") | nindent 2 }}
spec:
  podSelector:
    matchLabels:
      {{- include "catalog.databaseSelector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - podSelector:
            matchLabels:
              {{- include "catalog.selectorLabels" . | nindent 14 }}
              app.kubernetes.io/component: server
      ports:
        - {port: postgresql, protocol: TCP}
  egress: []
{{- end }}
{{- end -}}
