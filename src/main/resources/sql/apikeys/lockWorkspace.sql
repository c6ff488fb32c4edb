SELECT operator_clock() AS now, audit_seq, audit_hash FROM workspace WHERE workspace_id = :workspace_id FOR NO KEY UPDATE
