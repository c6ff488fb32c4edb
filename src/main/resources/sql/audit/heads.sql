SELECT workspace_id, audit_seq, audit_hash
FROM (
    SELECT workspace_id, audit_seq, audit_hash FROM workspace
    UNION ALL
    SELECT '00000000-0000-0000-0000-000000000000', audit_seq, audit_hash FROM platform) head
WHERE :workspace_id::uuid IS NULL OR workspace_id = :workspace_id
ORDER BY workspace_id
