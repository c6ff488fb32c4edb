-- Lanes in which nothing waits, those of slow receivers after ten minutes; and those that have been due for a day: whoever
-- knew their receiver would have tried them. What stands in them goes with its events.
WITH emptied AS MATERIALIZED (
    SELECT receiver, workspace_id FROM notification_lane
    WHERE due_at IS NULL AND idle_since IS NULL
    LIMIT :lanes),
idle AS MATERIALIZED (
    SELECT receiver, workspace_id FROM notification_lane
    WHERE due_at IS NULL AND idle_since < (SELECT operator_clock() - interval '10 minutes')
    ORDER BY idle_since
    LIMIT :lanes),
abandoned AS MATERIALIZED (
    SELECT receiver, workspace_id FROM notification_lane
    WHERE due_at < (SELECT operator_clock() - interval '1 day')
      AND NOT receiver = ANY (:receivers::text[]) AND receiver NOT LIKE 'workspace/%'
    ORDER BY due_at
    LIMIT :lanes)
DELETE FROM notification_lane lane
USING (SELECT * FROM emptied UNION SELECT * FROM idle UNION SELECT * FROM abandoned) gone
WHERE lane.receiver = gone.receiver AND lane.workspace_id = gone.workspace_id
  AND (lane.due_at IS NULL OR lane.due_at < operator_clock() - interval '1 day')
