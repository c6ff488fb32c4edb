-- In the order of their deaths; the runs' own workspaces judge anew, under their locks. The clock is read once, in a
-- subquery: the index cannot be asked about a value that may differ from row to row.
SELECT DISTINCT workspace_id FROM (
    SELECT workspace_id FROM run
    WHERE status = 'running' AND lease_expires_at <= (SELECT operator_clock())
    ORDER BY lease_expires_at LIMIT :rows) dead
