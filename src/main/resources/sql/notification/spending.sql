-- Workspaces that decided something lately about one of so many days, a part of them by their ids: also of a day that
-- is over, since what is settled belongs to the day on which it was reserved.
SELECT w.workspace_id
FROM workspace w
WHERE w.workspace_id > :after AND EXISTS (
    SELECT FROM workspace_day d
    WHERE d.workspace_id = w.workspace_id
      AND d.day > (SELECT (operator_clock() AT TIME ZONE 'UTC')::date - :days::integer)
      AND d.last_decision_at >= (SELECT operator_clock() - :seconds * interval '1 second'))
ORDER BY w.workspace_id
LIMIT :rows
