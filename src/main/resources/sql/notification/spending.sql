-- Workspaces that decided something lately, a part of them by their ids.
SELECT d.workspace_id
FROM (
    SELECT workspace_id FROM workspace WHERE workspace_id > :after ORDER BY workspace_id) w
JOIN workspace_day d
    ON d.workspace_id = w.workspace_id AND d.day = (operator_clock() AT TIME ZONE 'UTC')::date
WHERE d.last_decision_at >= operator_clock() - :seconds * interval '1 second'
ORDER BY d.workspace_id
LIMIT :rows
