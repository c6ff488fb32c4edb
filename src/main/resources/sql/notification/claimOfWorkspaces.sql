-- Lanes of workspaces' own receivers: those that get what they are sent, or those that do not. See due.
WITH due AS MATERIALIZED (
    SELECT receiver, workspace_id FROM notification_lane
    WHERE receiver LIKE 'workspace/%' AND (failures > 0) = :failing AND due_at <= (SELECT operator_clock())
    ORDER BY due_at
    LIMIT :lanes
    FOR UPDATE SKIP LOCKED)
UPDATE notification_lane lane SET due_at = operator_clock() + :claim_millis * interval '1 millisecond'
FROM due
JOIN workspace w ON w.workspace_id = due.workspace_id
WHERE lane.receiver = due.receiver AND lane.workspace_id = due.workspace_id
RETURNING
    lane.receiver, lane.workspace_id, lane.failures, lane.due_at,
    w.cluster, w.namespace, w.resource_name, w.declared_notifications::text AS declared_notifications
