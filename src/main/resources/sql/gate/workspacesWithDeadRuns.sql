-- In the order of their deaths; the runs' own workspaces judge anew, under their locks.
SELECT DISTINCT workspace_id FROM (
    SELECT workspace_id FROM run
    WHERE status = 'running' AND lease_expires_at <= operator_clock()
    ORDER BY lease_expires_at LIMIT :rows) dead
