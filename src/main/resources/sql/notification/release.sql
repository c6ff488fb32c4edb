UPDATE notification_lane SET
    failures = :failures,
    due_at = operator_clock() + :wait_millis * interval '1 millisecond'
WHERE receiver = :receiver AND workspace_id = :workspace_id AND due_at = :held_until
