SELECT workspace_id, audit_seq, audit_hash
FROM (
    SELECT workspace_id, audit_seq, audit_hash FROM workspace
    UNION ALL
    SELECT '00000000-0000-0000-0000-000000000000', audit_seq, audit_hash FROM platform WHERE singleton) head
WHERE workspace_id BETWEEN COALESCE(:workspace_id::uuid, '00000000-0000-0000-0000-000000000000')
    AND COALESCE(:workspace_id::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY workspace_id
