-- In one order, so that two manifests never wait for each other's holders in a circle.
SELECT DISTINCT k.workspace_id
FROM api_key k
JOIN workspace w ON w.workspace_id = k.workspace_id
WHERE k.digest = ANY (:key_digests::bytea[]) AND w.state = 'ARCHIVED' AND k.workspace_id <> :workspace_id
ORDER BY k.workspace_id
