-- In one order, so that batches never wait for each other in a circle.
SELECT count(*) FROM (
    SELECT FROM workspace WHERE workspace_id = ANY (:waited_for_ids::uuid[])
    ORDER BY workspace_id FOR NO KEY UPDATE) locked
