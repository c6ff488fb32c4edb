-- From one workspace with running runs to the next, over however many runs each has: the first of each in the index is the
-- one whose lease ends first, and tells whether any is dead. Ends after so many workspaces, or so many with a dead run.
WITH RECURSIVE now AS MATERIALIZED (SELECT operator_clock() AS clock),
next AS (
    (SELECT workspace_id, lease_expires_at <= (SELECT clock FROM now) AS is_dead, 1 AS place,
        (lease_expires_at <= (SELECT clock FROM now))::int AS dead
     FROM run
     WHERE status = 'running' AND workspace_id > :after
     ORDER BY workspace_id, lease_expires_at LIMIT 1)
    UNION ALL
    SELECT following.workspace_id, following.lease_expires_at <= (SELECT clock FROM now), place + 1,
        dead + (following.lease_expires_at <= (SELECT clock FROM now))::int
    FROM next CROSS JOIN LATERAL (
        SELECT workspace_id, lease_expires_at FROM run
        WHERE status = 'running' AND workspace_id > next.workspace_id
        ORDER BY workspace_id, lease_expires_at LIMIT 1) following
    WHERE place < :steps AND dead < :rows)
SELECT workspace_id, is_dead FROM next ORDER BY place
