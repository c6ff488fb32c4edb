-- The oldest deaths, from a time on before which none runs. The runs' own workspaces judge anew, under their locks. The clock is read once, in a subquery: the
-- index cannot be asked about a value that may differ from row to row.
SELECT workspace_id, count(*) AS runs, min(lease_expires_at) AS first_lease FROM (
    SELECT workspace_id, lease_expires_at, row_number() OVER () AS place FROM (
        SELECT workspace_id, lease_expires_at FROM run
        WHERE status = 'running' AND lease_expires_at <= (SELECT operator_clock())
            AND lease_expires_at >= :from_time
        ORDER BY lease_expires_at LIMIT :rows) dead) oldest
GROUP BY workspace_id
ORDER BY min(place)
