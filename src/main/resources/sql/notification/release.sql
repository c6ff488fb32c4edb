-- With the lane's lock, in a statement after the one that took it: what was spread meanwhile is seen.
UPDATE notification_lane lane SET
    failures = :failures,
    due_at = CASE WHEN EXISTS (
        SELECT FROM notification_delivery d
        WHERE d.receiver = :receiver AND d.workspace_id = :workspace_id)
        THEN operator_clock() + :wait_millis * interval '1 millisecond' END
WHERE lane.receiver = :receiver AND lane.workspace_id = :workspace_id
