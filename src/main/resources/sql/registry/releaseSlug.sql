UPDATE workspace
SET slug = NULL,
    revision = revision + 1,
    declared_revision = declared_revision + 1,
    audit_seq = :audit_seq,
    audit_hash = :audit_hash,
    updated_at = :now
WHERE workspace_id = :workspace_id
