-- Lanes that were left empty, and those that have been due for a day: whoever knew their receiver would have tried them.
-- What stands in them goes with its events.
WITH empty AS MATERIALIZED (
    SELECT receiver, workspace_id FROM notification_lane
    WHERE due_at IS NULL
    LIMIT :lanes),
abandoned AS MATERIALIZED (
    SELECT receiver, workspace_id FROM notification_lane
    WHERE due_at < (SELECT operator_clock() - interval '1 day')
      AND NOT receiver = ANY (:receivers::text[]) AND receiver NOT LIKE 'workspace/%'
    ORDER BY due_at
    LIMIT :lanes)
DELETE FROM notification_lane lane
USING (SELECT * FROM empty UNION SELECT * FROM abandoned) gone
WHERE lane.receiver = gone.receiver AND lane.workspace_id = gone.workspace_id
  AND (lane.due_at IS NULL OR lane.due_at < operator_clock() - interval '1 day')
