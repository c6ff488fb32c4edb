-- What these workspaces have spent on each of the days that they decided something about lately, and in its month.
SELECT
    d.workspace_id, d.day, d.spent_micro_usd,
    (SELECT sum(m.spent_micro_usd)::bigint FROM workspace_day m
     WHERE m.workspace_id = d.workspace_id
       AND m.day >= date_trunc('month', d.day::timestamp)::date
       AND m.day < (date_trunc('month', d.day::timestamp) + interval '1 month')::date) AS month_spent_micro_usd
FROM workspace_day d
WHERE d.workspace_id = ANY (:workspace_ids::uuid[])
  AND d.day > (SELECT (operator_clock() AT TIME ZONE 'UTC')::date - :days::integer)
  AND d.last_decision_at >= (SELECT operator_clock() - :seconds * interval '1 second')
ORDER BY d.workspace_id, d.day
