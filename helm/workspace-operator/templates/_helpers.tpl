{{- define "wo.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* The prefix of every object's name; leaves room for suffixes such as -controller. */}}
{{- define "wo.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "wo.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "wo.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The prefix of objects that have no namespace: two releases of one name may live in two namespaces. */}}
{{- define "wo.clusterWideName" -}}
{{- $fullname := include "wo.fullname" . -}}
{{- if eq $fullname .Release.Namespace -}}
{{- $fullname -}}
{{- else -}}
{{- printf "%s-%s" .Release.Namespace $fullname -}}
{{- end -}}
{{- end -}}

{{- define "wo.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: workspace-operator
{{ include "wo.selectorLabels" . }}
{{- end -}}

{{- define "wo.selectorLabels" -}}
app.kubernetes.io/name: {{ include "wo.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* Of the pod of "helm test", which no Service of the operator must find. */}}
{{- define "wo.testLabels" -}}
app.kubernetes.io/name: {{ include "wo.name" . }}-test
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{/* A peer of network policies: "helm test" asks for what they protect. */}}
{{- define "wo.testPeer" -}}
- podSelector:
    matchLabels:
      {{- include "wo.testLabels" . | nindent 6 }}
{{- end -}}

{{- define "wo.pullSecrets" -}}
{{- with .Values.image.pullSecrets -}}
imagePullSecrets:
  {{- range . }}
  - name: {{ . | quote }}
  {{- end }}
{{- end -}}
{{- end -}}

{{- define "wo.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* Pod Security "restricted", and a read-only root besides. Takes the numbers; one that is null is the cluster's to give. */}}
{{- define "wo.podSecurityContext" -}}
runAsNonRoot: true
{{- range $field := list "runAsUser" "runAsGroup" "fsGroup" }}
{{- with index $ $field }}
{{ $field }}: {{ . | int64 }}
{{- end }}
{{- end }}
{{- if .fsGroup }}
fsGroupChangePolicy: OnRootMismatch
{{- end }}
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Of mounted files with secrets: 0440 for the pod's group. Without one they are root's, and whoever the pod runs as must read them: 0444. */}}
{{- define "wo.fileMode" -}}
{{ ternary "288" "292" (not (not .fsGroup)) }}
{{- end -}}

{{/* A map in YAML without what is null in it, by which Helm lets users take a key away; nothing if nothing is left. */}}
{{- define "wo.map" -}}
{{- $kept := dict -}}
{{- range $key, $value := . -}}
{{- if kindIs "map" $value -}}
{{- with include "wo.map" $value | fromYaml }}{{ $_ := set $kept $key . }}{{ end -}}
{{- else if not (kindIs "invalid" $value) -}}
{{- $_ := set $kept $key $value -}}
{{- end -}}
{{- end -}}
{{- with $kept }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{/* The roles that are installed, as a JSON array; the values of one are under its name in camel case. */}}
{{- define "wo.components" -}}
{{- $components := list "controller" "api" -}}
{{- if .Values.extAuthz.enabled -}}
{{- $components = append $components "ext-authz" -}}
{{- end -}}
{{ $components | toJson }}
{{- end -}}

{{/* How many replicas a role has; nothing where an autoscaler says so. Takes a dict of root and component. */}}
{{- define "wo.replicas" -}}
{{- $role := index .root.Values (.component | camelcase | untitle) -}}
{{- if not (or (dig "autoscaling" "enabled" false $role) (kindIs "invalid" $role.replicas)) -}}
{{ $role.replicas | int }}
{{- end -}}
{{- end -}}

{{- define "wo.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - ALL
{{- end -}}

{{/* Where to reach the API server's public keys from within. */}}
{{- define "wo.kubernetesIssuer" -}}
kind: kubernetes
issuer: {{ .Values.auth.kubernetes.issuer | quote }}
cluster: {{ .Values.cluster.name | quote }}
audience: {{ .Values.auth.kubernetes.audience | quote }}
jwksUri: https://kubernetes.default.svc/openid/v1/jwks
caFile: /etc/workspace-operator/kubernetes/ca.crt
tokenFile: /etc/workspace-operator/kubernetes/token
defaultScopes:
  {{- toYaml .Values.auth.kubernetes.scopes | nindent 2 }}
{{- with .Values.auth.kubernetes.fleetAccounts }}
fleetAccounts:
  {{- toYaml . | nindent 2 }}
fleetScopes:
  {{- toYaml $.Values.auth.kubernetes.fleetScopes | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The file of issuers: what values name as a Secret or ConfigMap is a mounted file there. */}}
{{- define "wo.issuers" -}}
issuers:
{{- range $i, $issuer := .Values.auth.issuers }}
{{- $max := default (default (list "workspace:read" "runs:write") $issuer.defaultScopes) $issuer.maxScopes }}
{{- range $issuer.defaultScopes }}
{{- if not (has . $max) }}
{{- fail (printf "auth.issuers[%d].defaultScopes has %s, which its maxScopes has not." $i .) }}
{{- end }}
{{- end }}
{{- $entry := omit $issuer "caConfigMap" "caSecret" "tokenSecret" }}
{{- if or $issuer.caConfigMap $issuer.caSecret }}
{{- $_ := set $entry "caFile" (printf "/etc/workspace-operator/issuer-files/%d/ca.crt" $i) }}
{{- end }}
{{- if $issuer.tokenSecret }}
{{- $_ := set $entry "tokenFile" (printf "/etc/workspace-operator/issuer-files/%d/token" $i) }}
{{- end }}
  - {{ toYaml $entry | nindent 4 | trim }}
{{- end }}
{{- if .Values.auth.kubernetes.enabled }}
  - {{ include "wo.kubernetesIssuer" . | nindent 4 | trim }}
{{- end }}
{{- end -}}

{{- define "wo.hasIssuers" -}}
{{- if or .Values.auth.issuers .Values.auth.kubernetes.enabled }}true{{ end -}}
{{- end -}}

{{- define "wo.hasIssuerFiles" -}}
{{- range .Values.auth.issuers }}{{ if or .caConfigMap .caSecret .tokenSecret }}true{{ end }}{{ end -}}
{{- end -}}

{{/* The file of receivers: each key is a mounted file there. */}}
{{- define "wo.notifications" -}}
receivers:
{{- range $i, $receiver := .Values.notifications.receivers }}
{{- $entry := omit $receiver "keySecret" }}
{{- $_ := set $entry "keyFile" (printf "/etc/workspace-operator/notification-keys/%d" $i) }}
  - {{ toYaml $entry | nindent 4 | trim }}
{{- else }} []
{{- end }}
{{- with .Values.notifications.allowedNetworks }}
allowedNetworks:
  {{- toYaml . | nindent 2 }}
{{- end }}
workspaces:
  keys:
  {{- range $i, $key := .Values.notifications.workspaces.keys }}
  {{- $entry := merge (omit $key "keySecret") (dict "cluster" $.Values.cluster.name) }}
  {{- $_ := set $entry "keyFile" (printf "/etc/workspace-operator/notification-keys/workspaces-%d" $i) }}
    - {{ toYaml $entry | nindent 6 | trim }}
  {{- else }} []
  {{- end }}
  {{- with .Values.notifications.workspaces.allowedNetworks }}
  allowedNetworks:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Whether anybody is told, or may be named by a Workspace. */}}
{{- define "wo.notifies" -}}
{{- if or .Values.notifications.receivers .Values.notifications.workspaces.keys }}true{{ end -}}
{{- end -}}

{{/* Matchers of this release's series: as its ServiceMonitor labels them, unless values say otherwise. */}}
{{- define "wo.metricsSelector" -}}
{{- .Values.metrics.selector | default (printf "namespace=%q, job=%q" .Release.Namespace (printf "%s-metrics" (include "wo.fullname" .))) -}}
{{- end -}}

{{/* Groups of alerts out of a file of files/alerts, which Prometheus's own braces keep from being a template. */}}
{{- define "wo.alerts" -}}
{{- .root.Files.Get (printf "files/alerts/%s.yaml" .file) | replace "SELECTOR" (include "wo.metricsSelector" .root) | replace "RUNBOOKS" (.root.Values.metrics.prometheusRule.runbookBaseUrl | trimSuffix "/") | trim -}}
{{- end -}}
