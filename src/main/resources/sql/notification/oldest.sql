SELECT
    n.seq, n.event_id, n.type, n."time", n.data::text AS data,
    n."time" < operator_clock() - :keep_seconds * interval '1 second' AS too_old,
    w.cluster, w.namespace, w.resource_name, w.slug
FROM notification_delivery d
JOIN notification n ON n.seq = d.seq
LEFT JOIN workspace w ON w.workspace_id = d.workspace_id
WHERE d.receiver = :receiver AND d.workspace_id = :workspace_id
ORDER BY d.receiver, d.workspace_id, d.seq
LIMIT :events
