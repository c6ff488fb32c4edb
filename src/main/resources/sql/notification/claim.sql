UPDATE notification_lane SET due_at = operator_clock() + :claim_millis * interval '1 millisecond'
WHERE (receiver, workspace_id) IN (
    SELECT receiver, workspace_id FROM notification_lane
    WHERE due_at <= operator_clock() AND receiver = :receiver
    ORDER BY due_at
    LIMIT :lanes
    FOR UPDATE SKIP LOCKED)
RETURNING workspace_id, failures
