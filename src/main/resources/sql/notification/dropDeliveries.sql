DELETE FROM notification_delivery d
WHERE d.receiver = :receiver AND d.workspace_id = :workspace_id
  AND EXISTS (
      SELECT FROM notification_lane lane
      WHERE lane.receiver = :receiver AND lane.workspace_id = :workspace_id AND lane.due_at = :held_until)
