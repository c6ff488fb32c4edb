-- One at a time does this: else a later event of a workspace could be delivered before an earlier one has its delivery.
WITH event AS MATERIALIZED (
    SELECT seq, workspace_id, type FROM notification WHERE NOT spread ORDER BY seq LIMIT :events),
delivery AS MATERIALIZED (
    SELECT r.receiver, e.workspace_id, e.seq
    FROM event e
    JOIN unnest(:receivers::text[], :kinds::text[]) AS r (receiver, kind) ON e.type LIKE r.kind),
written AS (
    INSERT INTO notification_delivery (receiver, workspace_id, seq)
    SELECT DISTINCT receiver, workspace_id, seq FROM delivery
    ON CONFLICT DO NOTHING),
lane AS (
    INSERT INTO notification_lane AS lane (receiver, workspace_id, due_at)
    SELECT receiver, workspace_id, operator_clock() FROM delivery GROUP BY receiver, workspace_id
    ON CONFLICT (receiver, workspace_id) DO UPDATE SET due_at = COALESCE(lane.due_at, EXCLUDED.due_at)),
done AS (
    UPDATE notification n SET spread = true FROM event WHERE n.seq = event.seq RETURNING 1)
SELECT count(*) AS events FROM done
