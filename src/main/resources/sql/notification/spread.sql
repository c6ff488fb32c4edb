-- One at a time does this: else a later event of a workspace could be delivered before an earlier one has its delivery.
WITH event AS MATERIALIZED (
    SELECT seq, workspace_id, type FROM notification WHERE NOT spread ORDER BY seq LIMIT :events),
own AS MATERIALIZED (
    SELECT w.workspace_id, 'workspace/' || (told.receiver ->> 'name') AS receiver, told.receiver -> 'types' AS types
    FROM (SELECT DISTINCT workspace_id FROM event) e
    JOIN workspace w ON w.workspace_id = e.workspace_id
    CROSS JOIN LATERAL jsonb_array_elements(w.declared_notifications) AS told (receiver)
    WHERE w.state <> 'ARCHIVED' AND EXISTS (
        SELECT FROM unnest(:keys::text[], :clusters::text[], :namespaces::text[]) AS allowed (key, cluster, namespace)
        WHERE allowed.key = told.receiver ->> 'key' AND allowed.cluster = w.cluster AND allowed.namespace = w.namespace)),
-- A workspace's own receiver that takes nothing has a bounded part of the outbox.
own_lane AS MATERIALIZED (
    SELECT own.workspace_id, own.receiver, (
        SELECT count(*) FROM (
            SELECT FROM notification_delivery d
            WHERE d.receiver = own.receiver AND d.workspace_id = own.workspace_id
            LIMIT :own_most) counted) AS waiting
    FROM own),
wanted AS MATERIALIZED (
    SELECT r.receiver, e.workspace_id, e.seq, false AS is_full
    FROM event e
    JOIN unnest(:receivers::text[], :kinds::text[]) AS r (receiver, kind) ON e.type LIKE r.kind
    UNION ALL
    SELECT own.receiver, e.workspace_id, e.seq,
        lane.waiting + row_number() OVER (PARTITION BY own.receiver, e.workspace_id ORDER BY e.seq) > :own_most
    FROM event e
    JOIN own ON own.workspace_id = e.workspace_id
    JOIN own_lane lane ON lane.workspace_id = own.workspace_id AND lane.receiver = own.receiver
    WHERE jsonb_typeof(own.types) IS DISTINCT FROM 'array' OR own.types @> to_jsonb(split_part(e.type, '.', 1))),
written AS (
    INSERT INTO notification_delivery (receiver, workspace_id, seq)
    SELECT DISTINCT receiver, workspace_id, seq FROM wanted WHERE NOT is_full
    ON CONFLICT DO NOTHING),
lane AS (
    INSERT INTO notification_lane AS lane (receiver, workspace_id, due_at)
    SELECT receiver, workspace_id, operator_clock() FROM wanted WHERE NOT is_full GROUP BY receiver, workspace_id
    ON CONFLICT (receiver, workspace_id) DO UPDATE SET due_at = COALESCE(lane.due_at, EXCLUDED.due_at), idle_since = NULL),
done AS (
    UPDATE notification n SET spread = true FROM event WHERE n.seq = event.seq RETURNING 1)
SELECT (SELECT count(*) FROM done) AS events, (SELECT count(*) FROM wanted WHERE is_full) AS dropped
