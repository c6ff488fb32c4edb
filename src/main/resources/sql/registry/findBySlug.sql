SELECT cluster, namespace, resource_name FROM workspace WHERE slug = :slug AND state <> 'ARCHIVED'
