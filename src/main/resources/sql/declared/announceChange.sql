SELECT pg_notify('workspace_operator_changed', json_build_object(
    'cluster', :cluster::text, 'namespace', :namespace::text, 'name', :resource_name::text, 'revision', :revision::bigint)::text)
