-- (SELECT operator_clock()): see due.
WITH due AS MATERIALIZED (
    SELECT receiver, workspace_id FROM notification_lane
    WHERE due_at <= (SELECT operator_clock()) AND receiver = :receiver
    ORDER BY due_at
    LIMIT :lanes
    FOR UPDATE SKIP LOCKED)
UPDATE notification_lane lane SET due_at = operator_clock() + :claim_millis * interval '1 millisecond'
FROM due
WHERE lane.receiver = due.receiver AND lane.workspace_id = due.workspace_id
RETURNING lane.receiver, lane.workspace_id, lane.failures, lane.due_at
