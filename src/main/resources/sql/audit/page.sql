SELECT seq, "time", actor, layer, field, before::text, after::text, reason, request_id, encode(hash, 'hex') AS hash
FROM audit
WHERE workspace_id = :workspace_id AND (:before_seq::bigint IS NULL OR seq < :before_seq::bigint)
ORDER BY seq DESC
LIMIT :rows
