-- The oldest deaths, and where there are many the newest in turn with them: a backlog of one workspace keeps no other
-- waiting. The runs' own workspaces judge anew, under their locks. The clock is read once, in a subquery: the index cannot
-- be asked about a value that may differ from row to row.
WITH oldest AS MATERIALIZED (
    SELECT workspace_id, row_number() OVER () AS place FROM (
        SELECT workspace_id FROM run
        WHERE status = 'running' AND lease_expires_at <= (SELECT operator_clock())
        ORDER BY lease_expires_at LIMIT :rows) dead),
newest AS MATERIALIZED (
    SELECT workspace_id, row_number() OVER () AS place FROM (
        SELECT workspace_id FROM run
        WHERE status = 'running' AND lease_expires_at <= (SELECT operator_clock())
          AND (SELECT count(*) FROM oldest) >= :rows
        ORDER BY lease_expires_at DESC LIMIT :rows) dead)
SELECT workspace_id FROM (SELECT * FROM oldest UNION ALL SELECT * FROM newest) both_ends
GROUP BY workspace_id
ORDER BY min(place)
