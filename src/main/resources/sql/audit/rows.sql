SELECT seq, "time", actor, layer, field, before::text, after::text, reason, request_id, previous_hash, hash
FROM audit
WHERE workspace_id = :workspace_id
ORDER BY seq
