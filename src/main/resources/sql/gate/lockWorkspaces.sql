-- In one order, so that batches never wait for each other in a circle; and for each row no longer than another batch
-- takes, which holds for these rows alone: the last line, which comes after all of them, puts it as the session has it.
WITH row_patience AS MATERIALIZED (SELECT set_config('lock_timeout', :row_lock_timeout, true)),
held AS MATERIALIZED (
    SELECT FROM row_patience CROSS JOIN workspace
    WHERE workspace_id = ANY (:waited_for_ids::uuid[])
    ORDER BY workspace_id FOR NO KEY UPDATE OF workspace)
SELECT set_config('lock_timeout', :lock_timeout, true) FROM (SELECT count(*) FROM held) all_held
