SELECT failures FROM notification_lane
WHERE receiver = :receiver AND workspace_id = :workspace_id AND due_at = :held_until
FOR UPDATE
