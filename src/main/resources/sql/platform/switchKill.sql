UPDATE platform
SET kill_switch_since = :since,
    kill_switch_reason = :reason,
    kill_switch_actor = :actor,
    audit_seq = :audit_seq,
    audit_hash = :audit_hash
WHERE singleton
