UPDATE workspace SET audit_seq = :audit_seq, audit_hash = :audit_hash WHERE workspace_id = :chain
