{{- define "wo.database.clusterName" -}}
{{ include "wo.fullname" . }}-postgresql
{{- end -}}

{{- define "wo.database.hasPasswordInUrl" -}}
{{- $url := .Values.database.url | default "" -}}
{{- $query := regexReplaceAll "^[^?]*" $url "" -}}
{{- if or (regexMatch "^[^?]*//[^/?@]*:[^/?]*@" $url) (regexMatch "[?&]password=" $query) }}true{{ end -}}
{{- end -}}

{{/* What no schema can say: fields that need each other; and addresses, since a schema would print the password in them. */}}
{{- define "wo.database.check" -}}
{{- $database := .Values.database -}}
{{- $url := $database.url | default "" -}}
{{- $listenUrl := $database.listenUrl | default "" -}}
{{- $scheme := "(jdbc:postgresql|postgresql|postgres)://" -}}
{{- $port := "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])" -}}
{{- $host := printf `(\[[^\]/]+\]|[^:@/?,\s\[\]]+)(:%s)?` $port -}}
{{- $rest := printf `%s(,%s)*/[^/?@\s]+(\?\S*)?` $host $host -}}
{{- if not (regexMatch (printf `^(%s([^/?\s]*@)?%s)?$` $scheme $rest) $url) -}}
{{- fail "database.url must be postgresql://user@host:port/database, the port from 1 to 65535. In a user or a password write %2F for a slash, %40 for an at sign and %3F for a question mark." -}}
{{- end -}}
{{- if or (regexMatch "[?&]password=" $listenUrl) (not (regexMatch (printf `^(%s([^/?\s:@]+@)?%s)?$` $scheme $rest) $listenUrl)) -}}
{{- fail "database.listenUrl must be postgresql://user@host:port/database, the port from 1 to 65535, without a password: that of database.existingSecret is used." -}}
{{- end -}}
{{- if eq $database.mode "external" -}}
{{- if not $database.url -}}
{{- fail "database.url is required in mode external, as in --set database.url=postgresql://user@host:5432/database. To try the operator without a PostgreSQL of your own, set database.mode=standalone." -}}
{{- end -}}
{{- if and (not $database.existingSecret) (not (include "wo.database.hasPasswordInUrl" .)) -}}
{{- fail (printf "database.existingSecret is required in mode external: the name of a Secret whose key \"%s\" holds the password. Make one with: kubectl create secret generic workspace-operator-database -n %s --from-file=%s=FILE" $database.passwordKey .Release.Namespace $database.passwordKey) -}}
{{- end -}}
{{- else if $database.url -}}
{{- fail (printf "database.url is for database.mode=external; in mode %s the chart knows the address. Remove the one or change the other." $database.mode) -}}
{{- end -}}
{{- if and $database.existingSecret (include "wo.database.hasPasswordInUrl" .) -}}
{{- fail "database.url holds a password, and database.existingSecret names another: leave out one of the two." -}}
{{- end -}}
{{- $authority := ternary "caConfigMap" "caSecret" (not (not $database.caConfigMap)) -}}
{{- if and $database.caConfigMap $database.caSecret -}}
{{- fail "database.caConfigMap and database.caSecret both name the database's authority: leave out one of the two." -}}
{{- end -}}
{{- if and (index $database $authority) (regexMatch "[?&]ssl(mode|rootcert)=" (printf "%s %s" $url $listenUrl)) -}}
{{- fail (printf "database.%s sets sslmode=verify-full and sslrootcert: leave both out of database.url and database.listenUrl." $authority) -}}
{{- end -}}
{{- if and $database.listenUrl (or (ne $database.mode "external") (not $database.existingSecret)) -}}
{{- fail "database.listenUrl is for database.mode=external with database.existingSecret, whose password it uses. Remove it, or name the Secret." -}}
{{- end -}}
{{- if and (eq $database.mode "standalone") (not $database.existingSecret) -}}
{{- fail (printf "database.existingSecret is required in mode standalone: the name of a Secret whose key \"%s\" holds the password to be. Make one with: kubectl create secret generic workspace-operator-database -n %s --from-literal=%s=\"$(openssl rand -hex 24)\"" $database.passwordKey .Release.Namespace $database.passwordKey) -}}
{{- end -}}
{{- if and (eq $database.mode "cloudnative-pg") $database.existingSecret -}}
{{- fail "database.existingSecret is not used in mode cloudnative-pg, where the CloudNativePG operator makes the password. Remove it, or use another mode." -}}
{{- end -}}
{{- if and (index $database $authority) (ne $database.mode "external") -}}
{{- fail (printf "database.%s is for database.mode=external; in mode %s the chart knows the authority. Remove it." $authority $database.mode) -}}
{{- end -}}
{{- if ge (int $database.cloudnativePg.synchronousReplicas) (int $database.cloudnativePg.instances) -}}
{{- fail (printf "database.cloudnativePg.synchronousReplicas (%d) must be less than database.cloudnativePg.instances (%d): the primary is not a standby of its own." (int $database.cloudnativePg.synchronousReplicas) (int $database.cloudnativePg.instances)) -}}
{{- end -}}
{{- end -}}

{{- define "wo.database.url" -}}
{{- include "wo.database.check" . -}}
{{- $host := printf "%s-rw.%s.svc:5432" (include "wo.database.clusterName" .) .Release.Namespace -}}
{{- if eq .Values.database.mode "cloudnative-pg" -}}
postgresql://workspace_operator@{{ $host }}/workspace_operator?sslmode=verify-full&sslrootcert=/etc/workspace-operator/database-ca/ca.crt
{{- else if eq .Values.database.mode "standalone" -}}
postgresql://workspace_operator@{{ $host }}/workspace_operator
{{- else -}}
{{- include "wo.database.withAuthority" (dict "root" . "url" .Values.database.url) -}}
{{- end -}}
{{- end -}}

{{- define "wo.database.withAuthority" -}}
{{- if or .root.Values.database.caConfigMap .root.Values.database.caSecret -}}
{{- printf "%s%ssslmode=verify-full&sslrootcert=/etc/workspace-operator/database-ca/ca.crt" .url (ternary "&" "?" (contains "?" .url)) -}}
{{- else -}}
{{- .url -}}
{{- end -}}
{{- end -}}

{{- define "wo.database.listenUrl" -}}
{{- include "wo.database.check" . -}}
{{- include "wo.database.withAuthority" (dict "root" . "url" .Values.database.listenUrl) -}}
{{- end -}}

{{/* The Secret with the password; empty where the address holds it. */}}
{{- define "wo.database.passwordSecret" -}}
{{- if eq .Values.database.mode "cloudnative-pg" -}}
{{ include "wo.database.clusterName" . }}-app
{{- else -}}
{{ .Values.database.existingSecret | default "" }}
{{- end -}}
{{- end -}}

{{/* The Secret with the authority; empty where it is in a ConfigMap, or none is asked for. */}}
{{- define "wo.database.caSecret" -}}
{{- if eq .Values.database.mode "cloudnative-pg" -}}
{{ include "wo.database.clusterName" . }}-ca
{{- else -}}
{{ .Values.database.caSecret }}
{{- end -}}
{{- end -}}

{{- define "wo.database.caKey" -}}
{{- ternary "ca.crt" .Values.database.caKey (eq .Values.database.mode "cloudnative-pg") -}}
{{- end -}}

{{- define "wo.database.passwordKey" -}}
{{- ternary "password" .Values.database.passwordKey (eq .Values.database.mode "cloudnative-pg") -}}
{{- end -}}

{{/* Not those of the operator's own pods, whose Services must not find it. */}}
{{- define "wo.database.selectorLabels" -}}
app.kubernetes.io/name: {{ include "wo.name" . }}-postgresql
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "wo.database.labels" -}}
{{ include "wo.database.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: workspace-operator
app.kubernetes.io/component: database
{{- end -}}
