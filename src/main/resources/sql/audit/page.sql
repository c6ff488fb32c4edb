-- As gate/runPage.
SELECT seq, "time", actor, layer, field, before::text, after::text, reason, request_id, encode(hash, 'hex') AS hash
FROM audit
WHERE workspace_id >= :workspace_id
  AND (workspace_id, seq) < (:workspace_id, COALESCE(:before_seq::bigint, 9223372036854775807))
ORDER BY workspace_id DESC, seq DESC
LIMIT :rows
