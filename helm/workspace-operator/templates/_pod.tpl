{{/* What both roles are told; the names are the program's own, see "workspace-operator help". */}}
{{- define "wo.settings" -}}
WORKSPACE_OPERATOR_DATABASE_POOL_SIZE: {{ .Values.database.poolSize | int | quote }}
{{- if .Values.database.allowLostCommits }}
WORKSPACE_OPERATOR_DATABASE_ALLOW_LOST_COMMITS: "true"
{{- end }}
{{- if include "wo.database.passwordSecret" . }}
WORKSPACE_OPERATOR_DATABASE_PASSWORD_FILE: /etc/workspace-operator/database/password
{{- end }}
{{- if .Values.audit.keySecret }}
WORKSPACE_OPERATOR_AUDIT_KEY_FILE: /etc/workspace-operator/audit/key
{{- end }}
WORKSPACE_OPERATOR_DEFAULT_MAX_CONCURRENT_RUNS_PRO: {{ .Values.planDefaults.pro | int | quote }}
WORKSPACE_OPERATOR_DEFAULT_MAX_CONCURRENT_RUNS_SCALE: {{ .Values.planDefaults.scale | int | quote }}
WORKSPACE_OPERATOR_DEFAULT_MAX_CONCURRENT_RUNS_ENTERPRISE: {{ .Values.planDefaults.enterprise | int | quote }}
WORKSPACE_OPERATOR_DEFAULT_DAILY_BUDGET_USD: {{ include "wo.usd" .Values.defaults.dailyBudgetUsd | quote }}
WORKSPACE_OPERATOR_DEFAULT_USER_DAILY_BUDGET_USD: {{ include "wo.usd" .Values.defaults.userDailyBudgetUsd | quote }}
WORKSPACE_OPERATOR_LOG_FORMAT: {{ .Values.logging.format | quote }}
WORKSPACE_OPERATOR_LOG_LEVEL: {{ .Values.logging.level | quote }}
WORKSPACE_OPERATOR_MANAGEMENT_ADDRESS: 0.0.0.0:9090
{{- with .Values.tracing }}
{{- if .endpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ .endpoint | quote }}
OTEL_TRACES_SAMPLER: {{ .sampler | quote }}
OTEL_TRACES_SAMPLER_ARG: {{ .samplerArg | quote }}
OTEL_RESOURCE_ATTRIBUTES: {{ printf "k8s.namespace.name=%s" $.Release.Namespace | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The port of the collector. */}}
{{- define "wo.tracing.port" -}}
{{- $url := urlParse .Values.tracing.endpoint -}}
{{- regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (ternary "443" "80" (eq $url.scheme "https")) -}}
{{- end -}}

{{/* An amount as text. Helm reads a number as a float, and would write a large one with an exponent. */}}
{{- define "wo.usd" -}}
{{- if kindIs "string" . }}{{ . }}{{ else }}{{ . | int64 }}{{ end -}}
{{- end -}}

{{- define "wo.settings.notifications" }}
{{- if include "wo.notifies" . }}
WORKSPACE_OPERATOR_NOTIFICATIONS_FILE: /etc/workspace-operator/notifications/notifications.yaml
{{- end }}
{{- end -}}

{{- define "wo.settings.controller" -}}
{{ include "wo.settings" . }}
{{- if .Values.database.listenUrl }}
WORKSPACE_OPERATOR_DATABASE_URL: {{ include "wo.database.listenUrl" . | quote }}
{{- else if not (include "wo.database.hasPasswordInUrl" .) }}
WORKSPACE_OPERATOR_DATABASE_URL: {{ include "wo.database.url" . | quote }}
{{- end }}
WORKSPACE_OPERATOR_CLUSTER_NAME: {{ .Values.cluster.name | quote }}
WORKSPACE_OPERATOR_ADOPT_CLUSTER: {{ .Values.cluster.adopt | quote }}
WORKSPACE_OPERATOR_NAMESPACES: {{ join "," .Values.watchNamespaces | quote }}
WORKSPACE_OPERATOR_RECONCILE_THREADS: {{ .Values.controller.reconcileThreads | int | quote }}
WORKSPACE_OPERATOR_WORKSPACE_METRICS: {{ .Values.metrics.workspaceLabel | quote }}
{{- include "wo.settings.notifications" . }}
{{- end -}}

{{- define "wo.settings.api" -}}
{{ include "wo.settings" . }}
{{- if not (include "wo.database.hasPasswordInUrl" .) }}
WORKSPACE_OPERATOR_DATABASE_URL: {{ include "wo.database.url" . | quote }}
{{- end }}
{{- if .Values.database.listenUrl }}
WORKSPACE_OPERATOR_DATABASE_LISTEN_URL: {{ include "wo.database.listenUrl" . | quote }}
{{- end }}
WORKSPACE_OPERATOR_ADDRESS: 0.0.0.0:8080
WORKSPACE_OPERATOR_DATABASE_PATIENCE_SECONDS: {{ .Values.api.databasePatienceSeconds | int | quote }}
WORKSPACE_OPERATOR_MAX_CONNECTIONS: {{ .Values.api.maxConnections | int | quote }}
WORKSPACE_OPERATOR_MAX_EVENT_STREAMS: {{ .Values.api.maxEventStreams | int | quote }}
WORKSPACE_OPERATOR_CONSOLE: {{ .Values.api.console | quote }}
WORKSPACE_OPERATOR_DEFAULT_STEP_COST_USD: {{ .Values.api.defaultStepCostUsd | quote }}
WORKSPACE_OPERATOR_MAX_REQUESTS: {{ .Values.api.maxRequests | int | quote }}
WORKSPACE_OPERATOR_TRUSTED_PROXIES: {{ join "," .Values.api.trustedProxies | quote }}
WORKSPACE_OPERATOR_IDLE_TIMEOUT_SECONDS: {{ .Values.api.idleTimeoutSeconds | int | quote }}
WORKSPACE_OPERATOR_DRAIN_DELAY_SECONDS: {{ .Values.api.drainSeconds | int | quote }}
{{- include "wo.settings.notifications" . }}
{{- include "wo.settings.signIn" . }}
{{- end -}}

{{- define "wo.settings.ext-authz" -}}
{{ include "wo.settings" . }}
{{- if not (include "wo.database.hasPasswordInUrl" .) }}
WORKSPACE_OPERATOR_DATABASE_URL: {{ include "wo.database.url" . | quote }}
{{- end }}
{{- if .Values.database.listenUrl }}
WORKSPACE_OPERATOR_DATABASE_LISTEN_URL: {{ include "wo.database.listenUrl" . | quote }}
{{- end }}
WORKSPACE_OPERATOR_ADDRESS: 0.0.0.0:9191
WORKSPACE_OPERATOR_DEFAULT_STEP_COST_USD: {{ .Values.api.defaultStepCostUsd | quote }}
{{- with .Values.extAuthz }}
WORKSPACE_OPERATOR_UNPRICED: {{ .unpriced | quote }}
WORKSPACE_OPERATOR_USER_HEADER: {{ .userHeader | quote }}
WORKSPACE_OPERATOR_CLIENT_SAYS: {{ join "," (default (list "none") .clientSays) | quote }}
WORKSPACE_OPERATOR_CALL_LEASE_SECONDS: {{ .callLeaseSeconds | int | quote }}
WORKSPACE_OPERATOR_COST_METADATA: {{ join "," .costMetadata | quote }}
WORKSPACE_OPERATOR_FREE_UPSTREAM_STATUSES: {{ join "," (default (list "none") .freeUpstreamStatuses) | quote }}
WORKSPACE_OPERATOR_MAX_REQUESTS: {{ .maxRequests | int | quote }}
WORKSPACE_OPERATOR_DRAIN_DELAY_SECONDS: {{ .drainSeconds | int | quote }}
{{- if .priceConfigMap }}
WORKSPACE_OPERATOR_PRICE_FILE: /etc/workspace-operator/prices/prices.json
{{- end }}
{{- if .tlsSecret }}
WORKSPACE_OPERATOR_TLS_CERTIFICATE_FILE: /etc/workspace-operator/tls/tls.crt
WORKSPACE_OPERATOR_TLS_KEY_FILE: /etc/workspace-operator/tls/tls.key
{{- end }}
{{- if .clientCaSecret }}
WORKSPACE_OPERATOR_TLS_CLIENT_CA_FILE: /etc/workspace-operator/client-ca/ca.crt
{{- end }}
{{- end }}
{{- include "wo.settings.signIn" . }}
{{- end -}}

{{/* Whose tokens are accepted, by both roles that sign callers in. */}}
{{- define "wo.settings.signIn" -}}
{{- with .Values.auth.proxy }}
{{- if .url }}
HTTPS_PROXY: {{ .url | quote }}
NO_PROXY: {{ join "," (append (default list .noProxy) "kubernetes.default.svc") | quote }}
{{- end }}
{{- end }}
{{- if include "wo.hasIssuers" . }}
WORKSPACE_OPERATOR_JWT_ISSUERS_FILE: /etc/workspace-operator/issuers/issuers.yaml
{{- end }}
{{- end -}}

{{/* Configuration that pods read once, when they start: a change makes new pods. */}}
{{- define "wo.checksum" -}}
{{- $settings := include (printf "wo.settings.%s" .component) .root -}}
{{- $issuers := ternary "" (include "wo.issuers" .root) (eq .component "controller") -}}
{{- $notifications := ternary "" (include "wo.notifications" .root) (eq .component "ext-authz") -}}
{{- sha256sum (printf "%s\n%s\n%s\n%s" $settings $issuers $notifications .root.Values.database.url) -}}
{{- end -}}

{{- define "wo.topologySpread" -}}
{{- $root := .root -}}
{{- $component := .component -}}
{{- range $key, $whenUnsatisfiable := dict "kubernetes.io/hostname" "ScheduleAnyway" "topology.kubernetes.io/zone" "ScheduleAnyway" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: {{ $whenUnsatisfiable }}
  labelSelector:
    matchLabels:
      {{- include "wo.selectorLabels" $root | nindent 6 }}
      app.kubernetes.io/component: {{ $component }}
{{- end }}
{{- end -}}

{{/* The pod of a role. Takes a dict of root, component, role (its values), ports, volumes, mounts. */}}
{{- define "wo.podTemplate" -}}
{{- $root := .root -}}
{{- $role := .role -}}
{{- $component := .component -}}
{{- $fileMode := include "wo.fileMode" $root.Values.podSecurityContext -}}
metadata:
  labels:
    {{- with include "wo.map" $role.podLabels }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- include "wo.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ $component }}
  annotations:
    checksum/configuration: {{ include "wo.checksum" (dict "root" $root "component" $component) }}
    kubectl.kubernetes.io/default-container: {{ $component }}
    {{- with include "wo.map" $role.podAnnotations }}
    {{- . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "wo.fullname" $root }}-{{ $component }}
  automountServiceAccountToken: {{ eq $component "controller" }}
  # Variables of Services that happen to start as ours do would be read as settings.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $role.terminationGracePeriodSeconds | int }}
  securityContext:
    {{- include "wo.podSecurityContext" $root.Values.podSecurityContext | nindent 4 }}
  {{- with include "wo.pullSecrets" $root }}
  {{- . | nindent 2 }}
  {{- end }}
  {{- with $role.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  {{- with include "wo.map" $role.nodeSelector }}
  nodeSelector:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with $role.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with include "wo.map" $role.affinity }}
  affinity:
    {{- . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    {{- if $role.topologySpreadConstraints }}
    {{- toYaml $role.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    {{- include "wo.topologySpread" (dict "root" $root "component" $component) | nindent 4 }}
    {{- end }}
  containers:
    - name: {{ $component }}
      image: {{ include "wo.image" $root | quote }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args:
        - {{ $component }}
      envFrom:
        - configMapRef:
            name: {{ include "wo.fullname" $root }}-{{ $component }}
      env:
        {{- if eq $component "controller" }}
        - name: WORKSPACE_OPERATOR_LEADER_ELECTION_NAMESPACE
          valueFrom:
            fieldRef:
              fieldPath: metadata.namespace
        {{- end }}
        {{- if and (include "wo.database.hasPasswordInUrl" $root) (not (and (eq $component "controller") $root.Values.database.listenUrl)) }}
        - name: WORKSPACE_OPERATOR_DATABASE_URL
          valueFrom:
            secretKeyRef:
              name: {{ include "wo.fullname" $root }}-database-url
              key: url
        {{- end }}
        {{- with $role.javaOptions }}
        - name: JDK_JAVA_OPTIONS
          value: {{ . | quote }}
        {{- end }}
      ports:
        {{- if eq $component "api" }}
        - name: http
          containerPort: 8080
          protocol: TCP
        {{- else if eq $component "ext-authz" }}
        - name: grpc
          containerPort: 9191
          protocol: TCP
        {{- end }}
        - name: management
          containerPort: 9090
          protocol: TCP
      startupProbe:
        httpGet:
          path: /livez
          port: management
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet:
          path: /livez
          port: management
        periodSeconds: 10
        timeoutSeconds: 3
        failureThreshold: 6
      readinessProbe:
        httpGet:
          path: /readyz
          port: management
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 2
      securityContext:
        {{- include "wo.containerSecurityContext" $root | nindent 8 }}
      {{- with include "wo.map" $role.resources }}
      resources:
        {{- . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        {{- if include "wo.database.passwordSecret" $root }}
        - name: database
          mountPath: /etc/workspace-operator/database
          readOnly: true
        {{- end }}
        {{- if or $root.Values.database.caConfigMap (include "wo.database.caSecret" $root) }}
        - name: database-ca
          mountPath: /etc/workspace-operator/database-ca
          readOnly: true
        {{- end }}
        {{- if $root.Values.audit.keySecret }}
        - name: audit
          mountPath: /etc/workspace-operator/audit
          readOnly: true
        {{- end }}
        {{- if ne $component "controller" }}
        {{- include "wo.issuerMounts" $root | nindent 8 }}
        {{- end }}
        {{- if and (ne $component "ext-authz") (include "wo.notifies" $root) }}
        - name: notifications
          mountPath: /etc/workspace-operator/notifications
          readOnly: true
        {{- end }}
        {{- if and (eq $component "api") (include "wo.notifies" $root) }}
        - name: notification-keys
          mountPath: /etc/workspace-operator/notification-keys
          readOnly: true
        {{- end }}
        {{- if eq $component "ext-authz" }}
        {{- if $role.priceConfigMap }}
        - name: prices
          mountPath: /etc/workspace-operator/prices
          readOnly: true
        {{- end }}
        {{- if $role.tlsSecret }}
        - name: tls
          mountPath: /etc/workspace-operator/tls
          readOnly: true
        {{- end }}
        {{- if $role.clientCaSecret }}
        - name: client-ca
          mountPath: /etc/workspace-operator/client-ca
          readOnly: true
        {{- end }}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 64Mi
    {{- with include "wo.database.passwordSecret" $root }}
    - name: database
      secret:
        secretName: {{ . | quote }}
        defaultMode: {{ $fileMode }}
        items:
          - key: {{ include "wo.database.passwordKey" $root | quote }}
            path: password
    {{- end }}
    {{- with include "wo.database.caSecret" $root }}
    - name: database-ca
      secret:
        secretName: {{ . | quote }}
        defaultMode: {{ $fileMode }}
        items:
          - key: {{ include "wo.database.caKey" $root | quote }}
            path: ca.crt
    {{- end }}
    {{- with $root.Values.database.caConfigMap }}
    - name: database-ca
      configMap:
        name: {{ . | quote }}
        items:
          - key: {{ include "wo.database.caKey" $root | quote }}
            path: ca.crt
    {{- end }}
    {{- with $root.Values.audit.keySecret }}
    - name: audit
      secret:
        secretName: {{ . | quote }}
        defaultMode: {{ $fileMode }}
        items:
          - key: {{ $root.Values.audit.keySecretKey | quote }}
            path: key
    {{- end }}
    {{- if ne $component "controller" }}
    {{- include "wo.issuerVolumes" $root | nindent 4 }}
    {{- end }}
    {{- if and (ne $component "ext-authz") (include "wo.notifies" $root) }}
    - name: notifications
      configMap:
        name: {{ include "wo.fullname" $root }}-notifications
    {{- end }}
    {{- if and (eq $component "api") (include "wo.notifies" $root) }}
    - name: notification-keys
      projected:
        defaultMode: {{ $fileMode }}
        sources:
          {{- range $i, $receiver := $root.Values.notifications.receivers }}
          - secret:
              name: {{ $receiver.keySecret.name | quote }}
              items:
                - key: {{ $receiver.keySecret.key | quote }}
                  path: {{ $i | quote }}
          {{- end }}
          {{- range $i, $key := $root.Values.notifications.workspaces.keys }}
          - secret:
              name: {{ $key.keySecret.name | quote }}
              items:
                - key: {{ $key.keySecret.key | quote }}
                  path: {{ printf "workspaces-%d" $i | quote }}
          {{- end }}
    {{- end }}
    {{- if eq $component "ext-authz" }}
    {{- with $role.priceConfigMap }}
    - name: prices
      configMap:
        name: {{ . | quote }}
        items:
          - key: {{ $role.priceConfigMapKey | quote }}
            path: prices.json
    {{- end }}
    {{- with $role.tlsSecret }}
    - name: tls
      secret:
        secretName: {{ . | quote }}
        defaultMode: {{ $fileMode }}
        items:
          - key: tls.crt
            path: tls.crt
          - key: tls.key
            path: tls.key
    {{- end }}
    {{- with $role.clientCaSecret }}
    - name: client-ca
      secret:
        secretName: {{ . | quote }}
        defaultMode: {{ $fileMode }}
        items:
          - key: {{ $role.clientCaSecretKey | quote }}
            path: ca.crt
    {{- end }}
    {{- end }}
{{- end -}}

{{- define "wo.issuerMounts" -}}
{{- if include "wo.hasIssuers" . }}
- name: issuers
  mountPath: /etc/workspace-operator/issuers
  readOnly: true
{{- end }}
{{- if include "wo.hasIssuerFiles" . }}
- name: issuer-files
  mountPath: /etc/workspace-operator/issuer-files
  readOnly: true
{{- end }}
{{- if .Values.auth.kubernetes.enabled }}
- name: kubernetes
  mountPath: /etc/workspace-operator/kubernetes
  readOnly: true
{{- end }}
{{- end -}}

{{- define "wo.issuerVolumes" -}}
{{- if include "wo.hasIssuers" . }}
- name: issuers
  configMap:
    name: {{ include "wo.fullname" . }}-issuers
{{- end }}
{{- if include "wo.hasIssuerFiles" . }}
- name: issuer-files
  projected:
    defaultMode: {{ include "wo.fileMode" .Values.podSecurityContext }}
    sources:
      {{- range $i, $issuer := .Values.auth.issuers }}
      {{- with $issuer.caConfigMap }}
      - configMap:
          name: {{ .name | quote }}
          items:
            - key: {{ .key | quote }}
              path: {{ $i }}/ca.crt
      {{- end }}
      {{- with $issuer.caSecret }}
      - secret:
          name: {{ .name | quote }}
          items:
            - key: {{ .key | quote }}
              path: {{ $i }}/ca.crt
      {{- end }}
      {{- with $issuer.tokenSecret }}
      - secret:
          name: {{ .name | quote }}
          items:
            - key: {{ .key | quote }}
              path: {{ $i }}/token
      {{- end }}
      {{- end }}
{{- end }}
{{- if .Values.auth.kubernetes.enabled }}
- name: kubernetes
  projected:
    defaultMode: {{ include "wo.fileMode" .Values.podSecurityContext }}
    sources:
      - serviceAccountToken:
          path: token
          expirationSeconds: 3600
      - configMap:
          name: kube-root-ca.crt
          items:
            - key: ca.crt
              path: ca.crt
{{- end }}
{{- end -}}
