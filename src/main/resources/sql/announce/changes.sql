SELECT pg_notify('workspace_operator_changed', json_build_object(
    'cluster', changed.cluster, 'namespace', changed.namespace, 'name', changed.resource_name,
    'revision', changed.revision)::text)
FROM unnest(:clusters::text[], :namespaces::text[], :resource_names::text[], :revisions::bigint[])
    AS changed (cluster, namespace, resource_name, revision)
