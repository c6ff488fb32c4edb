{{/* What the controller does with Workspaces: reads manifests, writes status, sets the finalizer of deletionPolicy Delete,
and tells of transitions. Each verb is one that the tests see in use. */}}
{{- define "wo.workspaceRules" -}}
- apiGroups: [workspace-operator.dev]
  resources: [workspaces]
  verbs: [get, list, watch, patch]
- apiGroups: [workspace-operator.dev]
  resources: [workspaces/status]
  verbs: [patch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end -}}

{{- define "wo.controllerSubject" -}}
- kind: ServiceAccount
  name: {{ include "wo.fullname" . }}-controller
  namespace: {{ .Release.Namespace | quote }}
{{- end -}}
