SELECT pg_notify('workspace_operator_platform', '')
