-- After every row that is waited for: so nobody waits for whoever holds these and waits.
SELECT workspace_id FROM workspace
WHERE workspace_id = ANY (:only_if_free_ids::uuid[])
ORDER BY workspace_id FOR NO KEY UPDATE SKIP LOCKED
