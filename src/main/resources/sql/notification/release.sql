-- Of a lane in which nothing waits it is remembered that its receiver is slow; without that it is gone by now.
UPDATE notification_lane lane SET
    failures = :failures,
    due_at = CASE WHEN now.waits THEN operator_clock() + :wait_millis * interval '1 millisecond' END,
    idle_since = CASE WHEN NOT now.waits THEN operator_clock() END
FROM (
    SELECT EXISTS (
        SELECT FROM notification_delivery d
        WHERE d.receiver = :receiver AND d.workspace_id = :workspace_id) AS waits) now
WHERE lane.receiver = :receiver AND lane.workspace_id = :workspace_id AND lane.due_at = :held_until
