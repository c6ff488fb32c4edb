-- Rare, so that a look through one workspace's rows is good enough.
SELECT EXISTS (
    SELECT FROM audit
    WHERE workspace_id = :workspace_id AND layer = :layer AND field = :field AND before::text = :before) AS told
