{{/*
Parts of the policies on who may give a workspace more. They judge the change that a request makes, as
src/main/java/dev/workspaceoperator/workspace/Loosening.java does, and a test holds them against that.
*/}}

{{/* Head of a policy, up to its variables. Takes a dict of root, name and operations. */}}
{{- define "wo.permissions.policy" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ .name }}
  labels:
    {{- include "wo.labels" .root | nindent 4 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
      - apiGroups: [workspace-operator.dev]
        apiVersions: ["*"]
        operations: [{{ join ", " .operations }}]
        resources: [workspaces]
        scope: "*"
{{- end -}}

{{/* The same dict. */}}
{{- define "wo.permissions.binding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .name }}
  labels:
    {{- include "wo.labels" .root | nindent 4 }}
spec:
  policyName: {{ .name }}
  validationActions: [Deny]
{{- end -}}

{{/* A ready role, which nothing aggregates. Takes a dict of root, name, verb, resource and names. */}}
{{- define "wo.permissions.role" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .name }}
  labels:
    {{- include "wo.labels" .root | nindent 4 }}
rules:
  - apiGroups: [workspace-operator.dev]
    resources: [{{ .resource }}]
    resourceNames: [{{ join ", " .names }}]
    verbs: [{{ .verb }}]
{{- end -}}

{{/* Whether the requester has it, in CEL. Takes a dict of verb, resource and name. */}}
{{- define "wo.permissions.has" -}}
authorizer.group('workspace-operator.dev').resource('{{ .resource }}').name('{{ .name }}').check('{{ .verb }}').allowed()
{{- end -}}

{{/* What is missing and how to get it, in CEL. Takes a dict of what (CEL: what was tried), verb, resource, name and role. */}}
{{- define "wo.permissions.message" -}}
'user ' + request.userInfo.username + ' may not ' + {{ .what }}
+ ': it needs the verb {{ .verb }} on {{ .resource }}.workspace-operator.dev named {{ .name }}'
+ ', such as by a ClusterRoleBinding to the ClusterRole {{ .role }}'
{{- end -}}

{{/* In CEL: the resource goes because its namespace goes, which is for whoever may delete namespaces. */}}
{{- define "wo.permissions.namespaceGoes" -}}
request.operation == 'DELETE' && namespaceObject != null && has(namespaceObject.metadata.deletionTimestamp)
{{- end -}}
