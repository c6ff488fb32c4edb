SELECT workspace_id, cluster, namespace, resource_name
FROM workspace
WHERE (cluster, namespace, resource_name) > (:cluster, :namespace, :resource_name)
ORDER BY cluster, namespace, resource_name
LIMIT :rows
