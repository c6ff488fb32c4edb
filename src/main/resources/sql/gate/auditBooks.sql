-- Every sum of the books against the steps that it stands for. A step without a cost is open while its run is
-- running, and charged its reservation after. The steps of days before the first may be dropped: of those days
-- what is spent is held against the users' sums. What is reserved is held against the steps of every day, since
-- no day with a running run is dropped. One statement, which locks its tables before it reads the clock: no
-- partition is dropped between the two.
WITH bounds AS MATERIALIZED (
    SELECT (operator_clock() AT TIME ZONE 'UTC')::date - :retention_days::integer AS first_day),
counted AS MATERIALIZED (
    SELECT
        s.workspace_id, s.run_id, COALESCE(r.user_id, '(no such run)') AS user_id,
        (s.admitted_at AT TIME ZONE 'UTC')::date AS day,
        count(*) AS steps,
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
    FULL JOIN counted c USING (workspace_id, run_id, day)),
found AS MATERIALIZED (
    SELECT
        'I1' AS invariant, workspace_id, place,
        COALESCE(spent_booked, 0)::text AS booked, COALESCE(spent, 0)::text AS counted
    FROM compared
    WHERE day >= (SELECT first_day FROM bounds) AND COALESCE(spent_booked, 0) <> COALESCE(spent, 0)
    UNION ALL
    SELECT
        'I1', workspace_id, format('workspace on %s, by its users', day),
        COALESCE(b.spent_micro_usd, 0)::text, COALESCE(u.spent, 0)::text
    FROM workspace_day b
    FULL JOIN (
        SELECT workspace_id, day, sum(spent_micro_usd) AS spent
        FROM user_day GROUP BY 1, 2) u USING (workspace_id, day)
    WHERE day < (SELECT first_day FROM bounds) AND COALESCE(b.spent_micro_usd, 0) <> COALESCE(u.spent, 0)
    UNION ALL
    SELECT 'I1', workspace_id, format('user %s on %s', user_id, day), spent_micro_usd::text, '0 or more'
    FROM user_day
    WHERE day < (SELECT first_day FROM bounds) AND spent_micro_usd < 0
    UNION ALL
    SELECT 'I2', workspace_id, place, COALESCE(reserved_booked, 0)::text, COALESCE(reserved, 0)::text
    FROM compared
    WHERE COALESCE(reserved_booked, 0) <> COALESCE(reserved, 0)
    UNION ALL
    SELECT 'I4', workspace_id, 'running runs', COALESCE(w.active_runs, 0)::text, COALESCE(r.running, 0)::text
    FROM workspace w
    FULL JOIN (SELECT workspace_id, count(*) AS running FROM run WHERE status = 'running' GROUP BY 1) r
        USING (workspace_id)
    WHERE COALESCE(w.active_runs, 0) <> COALESCE(r.running, 0))
SELECT
    bounds.first_day,
    (SELECT count(*) FROM workspace) AS workspaces,
    (SELECT count(*) FROM run) AS runs,
    (SELECT COALESCE(sum(steps), 0)::bigint FROM counted) AS steps,
    (SELECT count(*) FROM found) AS disagreements,
    shown.*
FROM bounds
LEFT JOIN (SELECT * FROM found ORDER BY workspace_id, invariant, place LIMIT :shown) shown ON true
ORDER BY shown.workspace_id, shown.invariant, shown.place
