SELECT workspace_id, 0::bigint AS spent_micro_usd
FROM workspace
WHERE (cluster, namespace, resource_name) > (:cluster, :namespace, :resource_name)
ORDER BY cluster, namespace, resource_name
LIMIT :rows
