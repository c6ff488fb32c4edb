-- With the lane's lock, in a statement after the one that took it: what was spread meanwhile is seen.
DELETE FROM notification_lane lane
WHERE lane.receiver = :receiver AND lane.workspace_id = :workspace_id AND lane.due_at = :held_until
  AND :failures = 0
  AND NOT EXISTS (
      SELECT FROM notification_delivery d
      WHERE d.receiver = :receiver AND d.workspace_id = :workspace_id)
