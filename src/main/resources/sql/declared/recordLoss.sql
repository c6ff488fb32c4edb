-- A latch that is on stays as it is.
UPDATE workspace
SET runtime_kill_switch_reason =
        CASE WHEN runtime_kill_switch_since IS NULL THEN :kill_switch_reason ELSE runtime_kill_switch_reason END,
    runtime_kill_switch_since = COALESCE(runtime_kill_switch_since, :kill_switch_since::timestamptz),
    revision = revision + 1,
    audit_seq = :audit_seq,
    audit_hash = :audit_hash,
    updated_at = :now
WHERE workspace_id = :workspace_id
