-- A new revision, with the head of the audit rows that tell of it.
UPDATE workspace
SET revision = revision + 1,
    declared_revision = declared_revision + :declared_steps,
    audit_seq = :audit_seq,
    audit_hash = :audit_hash,
    updated_at = :now
WHERE workspace_id = :workspace_id
