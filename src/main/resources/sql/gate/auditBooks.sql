-- Every sum of the books against the steps that it stands for. A step without a cost is open while its run is
-- running, and charged its reservation after. Days before the first are not looked at: their steps may be dropped.
WITH counted AS MATERIALIZED (
    SELECT
        s.workspace_id, s.run_id, COALESCE(r.user_id, '(no such run)') AS user_id,
        (s.admitted_at AT TIME ZONE 'UTC')::date AS day,
        sum(CASE
            WHEN s.cost_micro_usd IS NOT NULL THEN s.cost_micro_usd
            WHEN r.status = 'running' THEN 0
            ELSE s.reserved_micro_usd END) AS spent,
        sum(CASE
            WHEN s.cost_micro_usd IS NULL AND r.status = 'running' THEN s.reserved_micro_usd
            ELSE 0 END) AS reserved
    FROM step s
    LEFT JOIN run r ON r.workspace_id = s.workspace_id AND r.run_id = s.run_id
    GROUP BY 1, 2, 3, 4),
compared AS (
    SELECT
        workspace_id, day, format('workspace on %s', day) AS place,
        b.spent_micro_usd AS spent_booked, c.spent, b.reserved_micro_usd AS reserved_booked, c.reserved
    FROM workspace_day b
    FULL JOIN (
        SELECT workspace_id, day, sum(spent) AS spent, sum(reserved) AS reserved
        FROM counted GROUP BY 1, 2) c USING (workspace_id, day)
    UNION ALL
    SELECT
        workspace_id, day, format('user %s on %s', user_id, day),
        b.spent_micro_usd, c.spent, b.reserved_micro_usd, c.reserved
    FROM user_day b
    FULL JOIN (
        SELECT workspace_id, user_id, day, sum(spent) AS spent, sum(reserved) AS reserved
        FROM counted GROUP BY 1, 2, 3) c USING (workspace_id, user_id, day)
    UNION ALL
    SELECT
        workspace_id, day, format('run %s on %s', run_id, day),
        b.spent_micro_usd, c.spent, b.reserved_micro_usd, c.reserved
    FROM run_day b
    FULL JOIN counted c USING (workspace_id, run_id, day))
SELECT 'I1' AS invariant, workspace_id, place, COALESCE(spent_booked, 0)::text AS booked, COALESCE(spent, 0)::text AS counted
FROM compared
WHERE day >= :first_day AND COALESCE(spent_booked, 0) <> COALESCE(spent, 0)
UNION ALL
SELECT 'I2', workspace_id, place, COALESCE(reserved_booked, 0)::text, COALESCE(reserved, 0)::text
FROM compared
WHERE day >= :first_day AND COALESCE(reserved_booked, 0) <> COALESCE(reserved, 0)
UNION ALL
SELECT 'I4', w.workspace_id, 'running runs', w.active_runs::text, COALESCE(r.running, 0)::text
FROM workspace w
LEFT JOIN (SELECT workspace_id, count(*) AS running FROM run WHERE status = 'running' GROUP BY 1) r
    USING (workspace_id)
WHERE w.active_runs <> COALESCE(r.running, 0)
ORDER BY 2, 1, 3
